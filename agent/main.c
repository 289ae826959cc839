/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/daemon.h"
#include "agent/hook.h"
#include "agent/log.h"
#include "agent/options.h"
#include "agent/output.h"
#include "agent/privilege.h"
#include "agent/service.h"
#include "agent/session.h"
#include "lib/collector.h"
#include "lib/fixed.h"
#include "lib/state.h"

static const char PROGRAM[] = "mptcp-wan-agent";

enum { LARGE_BLOCK = 128 * 1024 };

/*
 * --- what is done and over ---------------------------------------------------------------------
 */

static int check_config(const struct options *options, const struct settings *settings)
{
	const char *file = options_config(options);

	if (!options->config && access(file, F_OK))
		printf("%s: not there; the defaults are ok\n", file);
	else
		printf("%s: ok (%zu WAN%s)\n", file, settings->wan_count,
		       settings->wan_count == 1 ? "" : "s");
	return 0;
}

static int forget(const struct settings *settings, const char *name)
{
	struct registry registry;
	char why[WHY_LEN];
	int error;

	registry_init(&registry);
	if (state_lock(settings->state_dir, why) < 0) {
		log_line(LOG_ERR, "%s", why);
		return 1;
	}
	error = state_load(settings->state_dir, &registry, why);
	if (error)
		log_line(LOG_ERR, "%s", why);
	if (error && error != -EBADMSG)	/* its good lines are worth keeping */
		return 1;
	if (!registry_forget(&registry, name)) {
		log_line(LOG_ERR, "no WAN '%s' is known in %s", name, settings->state_dir);
		return 1;
	}
	if (state_save(settings->state_dir, &registry, why)) {
		log_line(LOG_ERR, "%s", why);
		return 1;
	}
	return 0;
}

/*
 * --- running -----------------------------------------------------------------------------------
 */

static struct source *open_source(const char *record, bool traced)
{
	struct source *live = source_live_open(traced), *recorder;

	if (!live || !record)
		return live;
	recorder = source_record_open(live, record);
	if (!recorder)
		log_line(LOG_ERR, "%s: %s", record, strerror(errno));
	return recorder;
}

/* 0 or -errno; then nothing of it is left. */
static int start(struct monitor *monitor, const struct settings *settings, struct output *output,
		 struct collector **collector)
{
	struct alarms *alarms = monitor_alarms(monitor);
	int error = hook_start(HOOK_MS, output->told_to);

	if (error) {
		monitor_free(monitor);
		return error;
	}
	*collector = collector_start(monitor, settings->interval_ms, output_polled, output);
	error = *collector ? session_start(settings, *collector, alarms) : -errno;
	if (error) {
		collector_stop(*collector);
		hook_stop();
	}
	return error;
}

static void reload(struct options *options, struct settings *settings,
		   struct collector *collector)
{
	static struct settings fresh;
	char why[WHY_LEN], fixed[WHY_LEN];

	if (options_settings(options, &fresh, why)) {
		log_line(LOG_ERR, "%s; the old settings stay", why);
		return;
	}
	fixed_keep(&fresh, settings, fixed, sizeof(fixed));
	*settings = fresh;
	collector_configure(collector, settings);
	session_configure(settings);
	log_line(LOG_NOTICE, "%s: read again", options_config(options));
	if (*fixed)
		log_line(LOG_WARNING, "changed, and not taken before a restart: %s", fixed);
}

/* Until a signal says otherwise. Returns an exit status. */
static int serve(struct options *options, struct settings *settings, struct output *output,
		 const struct registry *registry)
{
	struct source *source = open_source(options->record, settings->bpf == BPF_TRACEPOINT);
	struct monitor *monitor = source ? monitor_new(source, settings, registry) : NULL;
	struct collector *collector;
	sigset_t signals;
	int error, signal = 0;

	if (!monitor) {
		log_line(LOG_ERR, "cannot start: %s", strerror(errno));
		return 1;
	}
	error = privilege_drop();
	if (error) {
		log_line(LOG_ERR, "capabilities: %s", strerror(-error));
		monitor_free(monitor);
		return 1;
	}
	output_begin(output, monitor);
	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	error = start(monitor, settings, output, &collector);
	if (error) {
		log_line(LOG_ERR, "cannot start: %s", strerror(-error));
		return 1;
	}
	daemon_ready();
	service_ready();
	while (sigwait(&signals, &signal) || signal == SIGHUP)
		if (signal == SIGHUP)
			reload(options, settings, collector);
	service_stopping();
	log_line(LOG_INFO, "ended by signal %d", signal);
	/* A master that hangs must not keep us: the kernel closes what it holds. */
	if (!session_stop()) {
		log_line(LOG_WARNING,
			 "the AgentX master does not answer; left without waiting for it");
		fflush(NULL);	/* a recording, perhaps */
		_exit(0);
	}
	collector_stop(collector);
	hook_stop();
	return 0;
}

/* The state first: it has one owner. */
static int run(struct options *options, struct settings *settings)
{
	static struct output output;
	static struct registry registry;
	char why[WHY_LEN];
	int lock, error;

	registry_init(&registry);
	lock = state_lock(settings->state_dir, why);	/* held until we end */
	if (lock == -EBUSY) {
		log_line(LOG_ERR, "%s", why);
		return 1;
	}
	if (lock < 0) {
		log_line(LOG_WARNING,
			 "%s; WANs keep their indexes, and alarms go on, only while we run", why);
		output.state_off = true;
	} else if ((error = state_load(settings->state_dir, &registry, why))) {
		log_line(LOG_WARNING, "%s", why);
		output.state_off = error != -EBADMSG;
	}
	return serve(options, settings, &output, &registry);
}

/* Else a pipe or a lock of ours might get the number of a stream that was closed. */
static void open_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	static struct settings settings;
	struct options options;
	char why[WHY_LEN];
	sigset_t hangup;
	int status, error;

	open_streams();
	log_open(PROGRAM, true);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);	/* who ignored it would hide how programs of ours end */
	/* From the first moment it is a question, and never the end. */
	sigemptyset(&hangup);
	sigaddset(&hangup, SIGHUP);
	sigprocmask(SIG_BLOCK, &hangup, NULL);
	/*
	 * Else net-snmp looks through every MIB file it can find, and parses it. Here, before there
	 * is a second thread.
	 */
	setenv("MIBS", "", 1);
	setenv("MIBDIRS", "/dev/null", 1);
#ifdef __GLIBC__
	/* Else a large block that is given back makes it keep all of that size from then on. */
	mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
#endif
	umask(022);
	status = options_parse(argc, argv, &options);
	if (status >= 0)
		return status;
	if (options_settings(&options, &settings, why)) {
		log_line(LOG_ERR, "%s", why);
		return 2;
	}
	if (options.check_config)
		return check_config(&options, &settings);
	if (options.user && privilege_become(options.user, &settings, why)) {
		log_line(LOG_ERR, "%s", why);
		return 1;
	}
	if (options.test_notification)
		return session_test(&settings) ? 0 : 1;
	if (options.forget)
		return forget(&settings, options.forget);
	error = options.foreground ? 0 : daemon_begin();
	if (error) {
		log_line(LOG_ERR, "cannot become a daemon: %s", strerror(-error));
		return 1;
	}
	log_open(PROGRAM, options.foreground);
	return run(&options, &settings);
}
