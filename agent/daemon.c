/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/daemon.h"

static int ready = -1;	/* a pipe to who started us */

/* Who started us: waits for a word, or for the end of a child that has none. */
__attribute__((noreturn)) static void wait_for(pid_t child, int fd)
{
	ssize_t got;
	char word;
	int status;

	while ((got = read(fd, &word, 1)) < 0 && errno == EINTR)
		continue;
	if (got == 1)
		_exit(0);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			_exit(1);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

int daemon_begin(void)
{
	int fds[2], error;
	pid_t child;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	child = fork();
	if (child > 0) {
		close(fds[1]);
		wait_for(child, fds[0]);
	}
	error = child < 0 ? -errno : 0;
	close(fds[0]);
	if (error) {
		close(fds[1]);
		return error;
	}
	ready = fds[1];
	setsid();
	return 0;
}

void daemon_ready(void)
{
	int null;

	if (ready < 0)
		return;
	null = open("/dev/null", O_RDWR);
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
	while (write(ready, "", 1) < 0 && errno == EINTR)
		continue;
	close(ready);
	ready = -1;
}
