/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/log.h"
#include "agent/session.h"
#include "lib/collector.h"
#include "lib/config.h"
#include "lib/state.h"
#include "lib/status.h"
#include "lib/version.h"

static const char PROGRAM[] = "mptcp-wan-agent";

struct options {
	bool foreground;
	const char *config;		/* NULL: the default, if it is there */
	const char *forget;
	const char *record;
};

/* What the collector's thread writes after each poll, and what it has said about that. */
struct output {
	struct settings settings;
	char why_state[WHY_LEN], why_status[WHY_LEN], why_disabled[WHY_LEN];
	bool state_off; /* the file could not be read: it is not ours to overwrite */
	uint32_t accounting;
	char accounting_reason[REASON_LEN], last_error[REASON_LEN];
};

/* Keys of the configuration that the command line has the last word on. */
static const struct { int option; const char *key; } overrides[] = {
	{ 'i', "interval" }, { 's', "state-dir" }, { 'x', "agentx-socket" }, { 'R', "run-dir" },
};

static const char short_options[] = "c:fhi:s:x:V";
static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "forget", required_argument, NULL, 'F' },
	{ "help", no_argument, NULL, 'h' },
	{ "interval", required_argument, NULL, 'i' },
	{ "record", required_argument, NULL, 'W' },
	{ "run-dir", required_argument, NULL, 'R' },
	{ "state-dir", required_argument, NULL, 's' },
	{ "agentx-socket", required_argument, NULL, 'x' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *out)
{
	fprintf(out,
		"usage: %s [-fhV] [-c FILE] [-i TIME] [-s DIR] [-x SOCKET] [--run-dir DIR]\n"
		"       %s [-c FILE] [-s DIR] --forget NAME\n"
		"\n"
		"Exposes the MPTCP state of this network namespace, per WAN line, over AgentX (MPTCP-WAN-MIB).\n"
		"\n"
		"  -c, --config FILE         configuration (%s, if it is there)\n"
		"  -f, --foreground          stay in the foreground, log to stderr\n"
		"  -i, --interval TIME       between polls: seconds, or 500ms, 5s, 2m (5s)\n"
		"  -s, --state-dir DIR       where the WANs' indexes are kept (/var/lib/mptcp-wan)\n"
		"  -x, --agentx-socket PATH  the AgentX master's Unix socket (net-snmp's default)\n"
		"      --run-dir DIR         where status.json is written (/run/mptcp-wan)\n"
		"      --record FILE         write what the kernel answers to FILE, for a bug report\n"
		"      --forget NAME         forget a WAN, then exit\n"
		"  -h, --help                this text\n"
		"  -V, --version             version\n",
		PROGRAM, PROGRAM, CONFIG_FILE);
}

/*
 * --- options and configuration -----------------------------------------------------------------
 */

/* What must be known before the configuration is read. Returns -1 to go on, or an exit status. */
static int first_look(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->config = optarg;
			break;
		case 'h':
			usage(stdout);
			return 0;
		case 'V':
			printf("%s %s\n", PROGRAM, MPTCP_WAN_VERSION);
			return 0;
		case '?':
			return 2;
		}
	}
	if (optind == argc)
		return -1;
	log_line(LOG_ERR, "unexpected argument '%s'", argv[optind]);
	return 2;
}

static bool override(struct settings *settings, int option, const char *value, char *why)
{
	for (size_t i = 0; i < sizeof(overrides) / sizeof(overrides[0]); i++)
		if (overrides[i].option == option)
			return !settings_set(settings, overrides[i].key, value, why);
	return true;
}

/*
 * The configuration, and the options over it. Returns -1 to go on, or an exit status with the
 * reason said.
 */
static int parse_options(int argc, char **argv, struct options *options, struct settings *settings)
{
	int option, error, status = first_look(argc, argv, options);
	char why[WHY_LEN];

	if (status >= 0)
		return status;
	settings_default(settings);
	error = config_read(options->config ? options->config : CONFIG_FILE, settings, why);
	if (error && (options->config || error != -ENOENT)) {
		log_line(LOG_ERR, "%s", why);
		return 2;
	}
	optind = 1;
	while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		if (!override(settings, option, optarg, why)) {
			log_line(LOG_ERR, "%s", why);
			return 2;
		}
		options->foreground |= option == 'f';
		if (option == 'F')
			options->forget = optarg;
		else if (option == 'W')
			options->record = optarg;
	}
	return -1;
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
 * --- after each poll, in the collector's thread ------------------------------------------------
 */

/* Says a thing when it is new, and that it is over. */
static void log_change(char *last, size_t size, const char *now, const char *what)
{
	if (!strcmp(last, now))
		return;
	if (*now)
		log_line(LOG_WARNING, "%s: %s", what, now);
	else
		log_line(LOG_NOTICE, "%s: all well again", what);
	snprintf(last, size, "%s", now);
}

static void write_state(struct output *output, struct monitor *monitor)
{
	struct registry *registry = monitor_registry(monitor);
	char why[WHY_LEN] = "";

	if (output->state_off || !registry->dirty)
		return;
	state_save(output->settings.state_dir, registry, why);
	log_change(output->why_state, sizeof(output->why_state), why, "state");
}

/* 0 or -errno. The folder may have to be made; on many systems it goes with each boot. */
static int replace_status(const char *dir, const char *text, size_t len)
{
	int error = file_replace(dir, "status.json", text, len, 0640, false);

	if (error != -ENOENT)
		return error;
	error = folder_make(dir);
	return error ? error : file_replace(dir, "status.json", text, len, 0640, false);
}

static void write_status(struct output *output, const struct snapshot *snapshot)
{
	char what[PATH_LEN + sizeof("/status.json")];
	char *text = status_json(snapshot);
	int error = -ENOMEM;
	size_t len;

	if (text) {
		len = strlen(text);
		text[len++] = '\n';	/* in place of its end: a text file ends with a newline */
		error = replace_status(output->settings.run_dir, text, len);
	}
	free(text);
	snprintf(what, sizeof(what), "%s/status.json", output->settings.run_dir);
	log_change(output->why_status, sizeof(output->why_status), error ? strerror(-error) : "",
		   what);
}

/* Not a fault of ours, but nothing else would say why all is quiet. */
static void log_enabled(struct output *output, const struct maybe_bool *enabled)
{
	const char *now = enabled->known && !enabled->value ? "is 0: no connection uses MPTCP" : "";

	log_change(output->why_disabled, sizeof(output->why_disabled), now, "net.mptcp.enabled");
}

static void log_accounting(struct output *output, const struct host *host)
{
	static const char *const words[] = { "", "unavailable", "sampled", "events", "exact" };

	if (host->accounting == output->accounting &&
	    !strcmp(host->accounting_reason, output->accounting_reason))
		return;
	output->accounting = host->accounting;
	snprintf(output->accounting_reason, sizeof(output->accounting_reason), "%s",
		 host->accounting_reason);
	log_line(host->accounting == ACCOUNTING_EXACT ? LOG_INFO : LOG_WARNING,
		 "accounting: %s%s%s%s", words[host->accounting],
		 *host->accounting_reason ? " (" : "", host->accounting_reason,
		 *host->accounting_reason ? ")" : "");
}

static void polled(void *arg, struct monitor *monitor, const struct snapshot *snapshot)
{
	struct output *output = arg;

	log_accounting(output, &snapshot->host);
	log_change(output->last_error, sizeof(output->last_error), snapshot->host.last_error,
		   "kernel");
	log_enabled(output, &snapshot->host.enabled);
	write_state(output, monitor);
	write_status(output, snapshot);
}

/*
 * --- running -----------------------------------------------------------------------------------
 */

static struct source *open_source(const char *record)
{
	struct source *live = source_live_open(), *recorder;

	if (!live || !record)
		return live;
	recorder = source_record_open(live, record);
	if (!recorder)
		log_line(LOG_ERR, "%s: %s", record, strerror(errno));
	return recorder;
}

/* Until a signal says otherwise. Returns an exit status. */
static int serve(const struct options *options, struct output *output,
		 const struct registry *registry)
{
	const struct settings *settings = &output->settings;
	struct source *source = open_source(options->record);
	struct monitor *monitor = source ? monitor_new(source, settings, registry) : NULL;
	struct collector *collector;
	sigset_t signals;
	int error, signal;

	if (!monitor) {
		log_line(LOG_ERR, "cannot start: %s", strerror(errno));
		return 1;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	collector = collector_start(monitor, settings->interval_ms, polled, output);
	error = collector ? session_start(settings->agentx_socket, collector) : -errno;
	if (error) {
		log_line(LOG_ERR, "cannot start: %s", strerror(-error));
		collector_stop(collector);
		return 1;
	}
	while (sigwait(&signals, &signal) != 0)
		continue;
	log_line(LOG_INFO, "ended by signal %d", signal);
	/* A master that hangs must not keep us: the kernel closes what it holds. */
	if (!session_stop()) {
		log_line(LOG_WARNING,
			 "the AgentX master does not answer; left without saying goodbye");
		fflush(NULL);	/* a recording, perhaps */
		_exit(0);
	}
	collector_stop(collector);
	return 0;
}

int main(int argc, char **argv)
{
	static struct output output;
	static struct registry registry;
	struct options options = { 0 };
	char why[WHY_LEN];
	int status, lock, error;

	log_open(PROGRAM, true);
	signal(SIGPIPE, SIG_IGN);
	/*
	 * Else net-snmp parses every MIB file it can find. Here, before there is a second thread.
	 */
	setenv("MIBS", "", 1);
	umask(022);
	status = parse_options(argc, argv, &options, &output.settings);
	if (status >= 0)
		return status;
	if (options.forget)
		return forget(&output.settings, options.forget);
	if (!options.foreground && daemon(1, 0)) {
		log_line(LOG_ERR, "cannot become a daemon: %s", strerror(errno));
		return 1;
	}
	log_open(PROGRAM, options.foreground);
	registry_init(&registry);
	lock = state_lock(output.settings.state_dir, why);	/* held until we end */
	if (lock == -EBUSY) {
		log_line(LOG_ERR, "%s", why);
		return 1;
	}
	if (lock < 0) {
		log_line(LOG_WARNING, "%s; WANs keep their indexes only while we run", why);
		output.state_off = true;
	} else if ((error = state_load(output.settings.state_dir, &registry, why))) {
		log_line(LOG_WARNING, "%s", why);
		output.state_off = error != -EBADMSG;
	}
	return serve(&options, &output, &registry);
}
