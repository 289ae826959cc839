/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/hook.h"
#include "agent/log.h"
#include "lib/clock.h"
#include "lib/finding.h"
#include "lib/settings.h"
#include "lib/thread.h"

enum {
	LOOK_MS = 100,			/* without a descriptor, how often we look for an end */
	KILLED_MS = 2000,		/* who is killed may need so long, or hangs in the kernel */
	STOP_S = 2			/* and so may our thread, between fork and exec */
};

struct job {
	char program[PATH_LEN];
	struct alarm_record row;
};

static struct {
	pthread_t thread;
	uint32_t limit_ms;
	int wake;			/* eventfd: a new row, or the stop */
	pthread_mutex_t lock;		/* of what follows */
	char program[PATH_LEN];
	const struct alarm_log *log;	/* held; NULL: none yet */
	uint32_t run_to;		/* sequence of the row that was taken last */
	bool stopping;
} hook = { .lock = PTHREAD_MUTEX_INITIALIZER };

/*
 * --- the row as an environment -----------------------------------------------------------------
 */

enum {
	VARIABLES_MOST = 24,
	VARIABLE_LEN = 64,		/* a name, and a number or a word */
	SEARCH_PATH_LEN = 4096,		/* of PATH, which may be anything */
	TEXT_MOST = VARIABLES_MOST * VARIABLE_LEN + STORY_LEN + WAN_NAME_LEN + LABEL_LEN +
		    SEARCH_PATH_LEN
};

struct environment {
	char *variables[VARIABLES_MOST + 1];
	size_t count, used;
	const char *missing;		/* one that did not fit, or NULL */
	char text[TEXT_MOST];
};

__attribute__((format(printf, 3, 4))) static void put(struct environment *environment,
						      const char *name, const char *format, ...)
{
	char *to = environment->text + environment->used;
	size_t size = sizeof(environment->text) - environment->used;
	va_list args;
	int len;

	len = snprintf(to, size, "%s=", name);
	if ((size_t)len < size) {
		va_start(args, format);
		len += vsnprintf(to + len, size - (size_t)len, format, args);
		va_end(args);
	}
	if ((size_t)len >= size || environment->count == VARIABLES_MOST) {
		environment->missing = name;
		return;
	}
	environment->variables[environment->count++] = to;
	environment->variables[environment->count] = NULL;
	environment->used += (size_t)len + 1;
}

/* In percent, with two digits behind the point; empty when there is none. */
static void put_share(struct environment *environment, const char *name,
		      const struct maybe_u32 *share)
{
	if (share->known)
		put(environment, name, "%u.%02u", share->value / 100, share->value % 100);
	else
		put(environment, name, "%s", "");
}

static void fill(struct environment *environment, const struct alarm_record *row)
{
	const char *path = getenv("PATH");

	put(environment, "MPTCP_WAN_EPOCH", "%u", row->epoch);
	put(environment, "MPTCP_WAN_SEQUENCE", "%u", row->sequence);
	put(environment, "MPTCP_WAN_RAISED_BY", "%u", row->raised_by);
	put(environment, "MPTCP_WAN_TRANSITION", "%s", transition_words[row->transition]);
	put(environment, "MPTCP_WAN_TIME", "%" PRIu64, row->time_s);
	put(environment, "MPTCP_WAN_TYPE", "%s", alarm_type_words[row->type]);
	put(environment, "MPTCP_WAN_CAUSE", "%s", cause_words[row->cause]);
	put(environment, "MPTCP_WAN_SEVERITY", "%s", severity_words[row->severity]);
	put(environment, "MPTCP_WAN_WAN", "%s", row->wan_name);
	put(environment, "MPTCP_WAN_LABEL", "%s", row->wan_label);
	put(environment, "MPTCP_WAN_INDEX", "%u", row->wan_index);
	put(environment, "MPTCP_WAN_IFINDEX", "%u", row->ifindex);
	put(environment, "MPTCP_WAN_STATE", "%s", state_words[row->state]);
	put(environment, "MPTCP_WAN_SUBFLOWS", "%u", row->subflows);
	put_share(environment, "MPTCP_WAN_SHARE_IN", &row->share_in);
	put_share(environment, "MPTCP_WAN_SHARE_OUT", &row->share_out);
	put(environment, "MPTCP_WAN_CARRYING", "%u", row->wans_carrying);
	put(environment, "MPTCP_WAN_JOINED", "%u", row->wans_joined);
	put(environment, "MPTCP_WAN_CONFIGURED", "%u", row->wans_configured);
	put(environment, "MPTCP_WAN_TEXT", "%s", row->text);
	/* The last one: it is not ours, and may be so long that it does not fit. */
	put(environment, "PATH", "%s", path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
}

/*
 * --- one run -----------------------------------------------------------------------------------
 */

/* Signals as a fresh shell has them: ours are blocked, and SIGPIPE is ignored. */
static void prepare(posix_spawnattr_t *attributes, posix_spawn_file_actions_t *actions)
{
	sigset_t none, ignored;

	sigemptyset(&none);
	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	posix_spawnattr_init(attributes);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						     POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(attributes, 0);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &ignored);
	posix_spawn_file_actions_init(actions);
	posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
#ifdef HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
	/* net-snmp's sockets are inherited: the master would see them close with the program's end. */
	posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
#endif
}

/* 0, or the error as posix_spawn() gives it. */
static int spawn(const struct job *job, pid_t *pid)
{
	struct environment environment = { .count = 0 };
	char *argv[] = { (char *)job->program, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error;

	fill(&environment, &job->row);
	if (environment.missing)
		log_line(LOG_WARNING, "%s: no room for %s in its environment", job->program,
			 environment.missing);
	prepare(&attributes, &actions);
	error = posix_spawn(pid, job->program, &actions, &attributes, argv, environment.variables);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return error;
}

static bool stopping(void)
{
	bool now;

	pthread_mutex_lock(&hook.lock);
	now = hook.stopping;
	pthread_mutex_unlock(&hook.lock);
	return now;
}

/* False when it has not ended: it takes longer than that, or we shall stop. */
static bool ended(pid_t pid, int *status, uint32_t limit_ms)
{
	struct pollfd fds[] = {
		{ .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN },
		{ .fd = hook.wake, .events = POLLIN },
	};
	uint64_t deadline_ms = clock_now_ms() + limit_ms, now;
	pid_t waited;

	while ((waited = waitpid(pid, status, WNOHANG)) == 0 && !stopping()) {
		now = clock_now_ms();
		if (now >= deadline_ms)
			break;
		now = deadline_ms - now;
		poll(fds, 2, fds[0].fd < 0 && now > LOOK_MS ? LOOK_MS : (int)now);
		/* It has told all it can: the end of one that is traced may not be for us yet. */
		if (fds[0].fd >= 0 && fds[0].revents) {
			close(fds[0].fd);
			fds[0].fd = -1;
		}
		/* A new row, perhaps: whoever takes rows looks for itself. */
		if (fds[1].revents)
			wake_taken(hook.wake);
	}
	if (fds[0].fd >= 0)
		close(fds[0].fd);
	return waited != 0;
}

static void tell(const struct job *job, int status)
{
	if (WIFSIGNALED(status))
		log_line(LOG_WARNING, "%s: ended by signal %d, for alarm record %u", job->program,
			 WTERMSIG(status), job->row.sequence);
	else if (WEXITSTATUS(status))
		log_line(LOG_WARNING, "%s: ended with status %d, for alarm record %u",
			 job->program, WEXITSTATUS(status), job->row.sequence);
}

static void run_program(const struct job *job)
{
	int status = 0, error;
	bool gone;
	pid_t pid;

	/* Those that were left behind; nothing else of us has children. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	error = spawn(job, &pid);
	if (error) {
		log_line(LOG_ERR, "%s: %s", job->program, strerror(error));
		return;
	}
	if (ended(pid, &status, hook.limit_ms)) {
		tell(job, status);
		return;
	}
	if (stopping())
		return;		/* it goes on, as init's child */
	kill(-pid, SIGKILL);
	gone = ended(pid, &status, KILLED_MS) || stopping();
	log_line(LOG_ERR, "%s: killed after %u s%s, for alarm record %u", job->program,
		 hook.limit_ms / 1000, gone ? "" : " and still there", job->row.sequence);
}

/*
 * --- the thread --------------------------------------------------------------------------------
 */

/* How many rows are waiting, those that the log has lost included. With the lock. */
static uint32_t waiting(void)
{
	const struct alarm_log *log = hook.log;

	return log && log->count && log->rows[log->count - 1].sequence > hook.run_to
		       ? log->rows[log->count - 1].sequence - hook.run_to
		       : 0;
}

/* The next one, in order; false when there is none. */
static bool next(struct job *job)
{
	uint32_t count, lost = 0;

	pthread_mutex_lock(&hook.lock);
	count = hook.stopping ? 0 : waiting();
	if (count) {
		if (count > hook.log->count)
			lost = count - (uint32_t)hook.log->count;
		job->row = hook.log->rows[hook.log->count - (count - lost)];
		memcpy(job->program, hook.program, sizeof(job->program));
		hook.run_to = job->row.sequence;
	}
	pthread_mutex_unlock(&hook.lock);
	if (lost)
		log_line(LOG_ERR,
			 "%s: not run for %u alarm record%s before %u: it takes too long, and the "
			 "alarm log has them no more",
			 job->program, lost, lost == 1 ? "" : "s", job->row.sequence);
	return count;
}

static void *run(void *arg)
{
	struct pollfd fd = { .fd = hook.wake, .events = POLLIN };
	struct job job;

	(void)arg;
	while (!stopping()) {
		while (next(&job))
			run_program(&job);
		if (stopping())
			break;
		poll(&fd, 1, -1);
		wake_taken(hook.wake);
	}
	return NULL;
}

int hook_start(uint32_t limit_ms, uint32_t told_to)
{
	int error;

	hook.limit_ms = limit_ms;
	hook.run_to = told_to;
	hook.stopping = false;
	hook.wake = wake_new();
	if (hook.wake < 0)
		return hook.wake;
	error = thread_start(&hook.thread, "mptcp-alarm", run, NULL);
	if (error)
		close(hook.wake);
	return error;
}

void hook_run(const char *program, const struct alarm_log *log)
{
	const struct alarm_log *before;
	bool more;

	pthread_mutex_lock(&hook.lock);
	before = hook.log;
	hook.log = alarm_log_hold(log);
	snprintf(hook.program, sizeof(hook.program), "%s", program);
	if (!*program)
		hook.run_to += waiting();
	more = waiting();
	pthread_mutex_unlock(&hook.lock);
	if (more && log != before)
		wake_up(hook.wake);
	alarm_log_release(before);
}

void hook_stop(void)
{
	pthread_mutex_lock(&hook.lock);
	hook.stopping = true;
	pthread_mutex_unlock(&hook.lock);
	wake_up(hook.wake);
	if (!thread_joined(hook.thread, STOP_S)) {
		log_line(LOG_WARNING, "on-alarm: a program does not begin; left alone with it");
		return;
	}
	if (waiting())
		log_line(LOG_WARNING, "on-alarm: ended before %u waiting run%s", waiting(),
			 waiting() == 1 ? "" : "s");
	alarm_log_release(hook.log);
	hook.log = NULL;
	close(hook.wake);
}
