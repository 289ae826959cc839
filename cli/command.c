/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cli/command.h"

static int is_command(const char *path)
{
	struct stat stat_of;

	if (stat(path, &stat_of))
		return -errno;
	return S_ISREG(stat_of.st_mode) && !access(path, X_OK) ? 0 : -EACCES;
}

int command_find(const char *name)
{
	const char *folders = getenv("PATH");
	char path[PATH_MAX];
	int found = -ENOENT;

	if (strchr(name, '/'))
		return is_command(name);
	/* Without PATH, exec has a default of its own: it will tell. */
	if (!folders)
		return 0;
	for (size_t len; found; folders += len + 1) {
		int error;

		len = strcspn(folders, ":");
		snprintf(path, sizeof(path), "%.*s%s%s", (int)len, folders, len ? "/" : "", name);
		error = is_command(path);
		if (!error || error == -EACCES)
			found = error;
		if (!folders[len])
			break;
	}
	return found;
}

int command_start(char *const *words, bool to_stderr, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return -error;
	if (to_stderr)
		error = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	fflush(NULL);
	if (!error)
		error = posix_spawnp(pid, words[0], &actions, NULL, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

bool command_ended(pid_t pid, int *wait_status)
{
	return waitpid(pid, wait_status, WNOHANG) == pid;
}

const char *command_text(char *const *words, char text[COMMAND_LEN])
{
	size_t len = 0;

	*text = '\0';
	for (size_t i = 0; words[i] && len < COMMAND_LEN; i++)
		len += (size_t)snprintf(text + len, COMMAND_LEN - len, "%s%s", i ? " " : "",
					words[i]);
	return text;
}
