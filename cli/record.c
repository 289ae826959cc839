/* SPDX-License-Identifier: MIT */
/*
 * The live source, perhaps seen with other addresses, with a recorder around it and a monitor on
 * top: what the monitor saw is written down beside what it was told.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "cli/capture.h"
#include "cli/complain.h"
#include "cli/look.h"
#include "cli/table.h"
#include "cli/units.h"
#include "cli/view.h"
#include "cli/waiting.h"
#include "lib/anonymize.h"
#include "lib/clock.h"
#include "lib/status.h"
#include "lib/version.h"

enum { BATCH_MS = 50, PROGRESS_MS = 1000, LINE_LEN = 256, ABOUT_LEN = 2048 };

struct record_options {
	struct common_options common;
	uint32_t for_ms;
	bool anonymize;
};

/* One recording. */
struct recording {
	const struct record_options *options;
	const char *folder;
	struct source *recorder;	/* the monitor's */
	struct monitor *monitor;
	const struct snapshot *last;	/* whose poll is written down whole */
	uint64_t begun_ms, begun_s, ended_ms;
	uint64_t polls, octets;
	int error;			/* -errno: nothing more can be written */
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

/* They come through in ppoll() only, with the mask of before. What was ignored (nohup) stays so. */
static void catch_signals(sigset_t *before)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction catching = { .sa_handler = stop };
	struct sigaction was;
	sigset_t ours;

	sigemptyset(&ours);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (sigaction(numbers[i], NULL, &was) || was.sa_handler == SIG_IGN)
			continue;
		sigaction(numbers[i], &catching, NULL);
		sigaddset(&ours, numbers[i]);
	}
	sigprocmask(SIG_BLOCK, &ours, before);
	/* A file that may not grow is as good as a full disk. */
	signal(SIGXFSZ, SIG_IGN);
}

/*
 * --- while it runs -----------------------------------------------------------------------------
 */

static void tell_progress(const struct recording *recording)
{
	waiting_tell("recording: %" PRIu64 " of %u s, %" PRIu64 " poll%s, %" PRIu64
		     " KiB; Ctrl-C ends it",
		     (clock_now_ms() - recording->begun_ms) / 1000, recording->options->for_ms / 1000,
		     recording->polls, recording->polls == 1 ? "" : "s", recording->octets / 1024);
}

/* False when the file could not take it: then the poll before was the last. */
static bool poll_once(struct recording *recording)
{
	const struct snapshot *fresh = monitor_poll(recording->monitor);

	recording->error = source_record_flush(recording->recorder, &recording->octets);
	if (!recording->error && !fresh)
		recording->error = -ENOMEM;
	if (recording->error) {
		snapshot_release(fresh);
		return false;
	}
	snapshot_release(recording->last);
	recording->last = fresh;
	recording->polls++;
	recording->ended_ms = clock_now_ms();
	return true;
}

static void wait_for(const struct pollfd *fds, size_t count, uint64_t ms, const sigset_t *mask)
{
	const struct timespec time = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };
	struct pollfd waited[STREAMS];

	memcpy(waited, fds, count * sizeof(*fds));
	if (ppoll(waited, count, &time, mask) > 0)
		(void)ppoll(NULL, 0, &(struct timespec){ .tv_nsec = BATCH_MS * 1000000L }, mask);
}

/* Pumps the streams that fill. */
static void wait_until(struct recording *recording, uint64_t due_ms, const sigset_t *mask)
{
	uint64_t now;

	while (!stopped && (now = clock_now_ms()) < due_ms) {
		struct pollfd fds[STREAMS];
		int streams[STREAMS];
		size_t count = monitor_fds(recording->monitor, streams);

		for (size_t i = 0; i < count; i++)
			fds[i] = (struct pollfd){ .fd = streams[i], .events = POLLIN };
		tell_progress(recording);
		wait_for(fds, count, due_ms - now < PROGRESS_MS ? due_ms - now : PROGRESS_MS, mask);
		for (size_t i = 0; i < count; i++) {
			if (poll(&fds[i], 1, 0) > 0) {
				monitor_pump(recording->monitor);
				break;
			}
		}
	}
}

/* Polls at the interval, and once more at the end, however it comes. */
static void run(struct recording *recording)
{
	uint32_t interval_ms = monitor_settings(recording->monitor)->interval_ms;
	uint64_t end_ms, due_ms;
	sigset_t before;
	bool over;

	catch_signals(&before);
	recording->begun_s = (uint64_t)time(NULL);
	recording->begun_ms = due_ms = clock_now_ms();
	end_ms = recording->begun_ms + recording->options->for_ms;
	do {
		over = stopped || clock_now_ms() >= end_ms;
		if (!poll_once(recording) || over)
			break;
		due_ms += interval_ms;
		/* Polls that are missed are not made up for. */
		due_ms = due_ms < clock_now_ms() ? clock_now_ms() : due_ms;
		wait_until(recording, due_ms < end_ms ? due_ms : end_ms, &before);
	} while (true);
	waiting_over();
}

/*
 * --- what is written beside it -----------------------------------------------------------------
 */

/* What /proc/self/status calls CapEff, or "?". */
static void capabilities(char text[24])
{
	char line[LINE_LEN];
	FILE *file = fopen("/proc/self/status", "re");

	strcpy(text, "?");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "CapEff: %16s", text) == 1)
			break;
	if (file)
		fclose(file);
}

static const char *addresses_are(const struct recording *recording)
{
	return recording->options->anonymize
		       ? "replaced by others; names of interfaces and WANs are not, nor ports"
		       : "the true ones (--anonymize replaces them)";
}

static int write_about(const struct recording *recording)
{
	const struct host *host = &recording->last->host;
	time_t begun = (time_t)recording->begun_s;
	char about[ABOUT_LEN], when[40] = "?", caps[24], mode[32];
	struct utsname kernel = { 0 };
	struct tm utc;

	if (gmtime_r(&begun, &utc))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &utc);
	uname(&kernel);
	capabilities(caps);
	metric_text(&metric_tables[TABLE_HOST], "accounting", host, mode, sizeof(mode));
	snprintf(about, sizeof(about),
		 "version: %s\n"
		 "kernel: %s %s, %s\n"
		 "begun: %s\n"
		 "lasted: %" PRIu64 " ms\n"
		 "polls: %" PRIu64 "\n"
		 "user: %u, effective capabilities %s\n"
		 "accounting: %s%s%s\n"
		 "not read: %s\n"
		 "addresses: %s\n",
		 MPTCP_WAN_VERSION, kernel.sysname, kernel.release, kernel.machine, when,
		 recording->ended_ms - recording->begun_ms, recording->polls,
		 (unsigned int)geteuid(), caps, mode, *host->accounting_reason ? "; " : "",
		 host->accounting_reason, *host->last_error ? host->last_error : "-",
		 addresses_are(recording));
	return capture_write(recording->folder, CAPTURE_ABOUT, about);
}

/* With a newline, as the subcommands print it. */
static int write_status(const struct recording *recording)
{
	char *json = status_json(recording->last), *text = NULL;
	int error = json && asprintf(&text, "%s\n", json) >= 0 ? 0 : -ENOMEM;

	if (error)
		complain("%s", strerror(-error));
	else
		error = capture_write(recording->folder, CAPTURE_STATUS, text);
	free(json);
	free(text);
	return error;
}

static int write_settings(const struct recording *recording)
{
	char *text = settings_print(monitor_settings(recording->monitor));
	int error = text ? 0 : -ENOMEM;

	if (error)
		complain("%s", strerror(-error));
	else
		error = capture_write(recording->folder, CAPTURE_SETTINGS, text);
	free(text);
	return error;
}

static void print_end(const struct recording *recording)
{
	const struct screen screen = screen_of(stdout, recording->options->common.color);
	const char *folder = recording->folder;
	char line[LINE_LEN];
	int len = (int)strlen(folder);

	while (len > 1 && folder[len - 1] == '/')
		len--;
	text_put(stdout, folder, (size_t)len, (size_t)len);
	printf(": %" PRIu64 " poll%s in %" PRIu64 " s, %" PRIu64 " KiB\n", recording->polls,
	       recording->polls == 1 ? "" : "s",
	       (recording->ended_ms - recording->begun_ms + 500) / 1000,
	       (recording->octets + 1023) / 1024);
	snprintf(line, sizeof(line), "addresses: %s", addresses_are(recording));
	paragraph_print(&screen, STYLE_PLAIN, line, 0);
	if (geteuid() != 0 || *recording->last->host.last_error)
		paragraph_print(&screen, STYLE_PLAIN,
				"not all was told: " CAPTURE_ABOUT " says what is missing", 0);
	fputs("look at it: " PROGRAM " replay ", stdout);
	text_put(stdout, folder, (size_t)len, (size_t)len);
	fputs("\nsend it:    tar czf ", stdout);
	text_put(stdout, folder, (size_t)len, (size_t)len);
	fputs(".tar.gz ", stdout);
	text_put(stdout, folder, (size_t)len, (size_t)len);
	fputc('\n', stdout);
}

/*
 * --- the subcommand ----------------------------------------------------------------------------
 */

/* Returns an exit status, having said why; then nothing is to be closed. */
static int begin(struct recording *recording, struct settings *settings)
{
	char path[CAPTURE_PATH_LEN];
	struct anonymizer anonymizer;
	struct source *source;
	int error = capture_path(recording->folder, CAPTURE_ANSWERS, path);

	if (error || (error = capture_make(recording->folder))) {
		complain("%s: %s", recording->folder,
			 error == -ENOTEMPTY ? "is there, and not empty: name a new folder"
					     : strerror(-error));
		return EXIT_FAILED;
	}
	if (recording->options->anonymize &&
	    getrandom(&anonymizer, sizeof(anonymizer), 0) != sizeof(anonymizer)) {
		complain("no random numbers for the addresses: %s", strerror(errno));
		return EXIT_FAILED;
	}
	source = source_live_open(settings->bpf == BPF_TRACEPOINT);
	if (source && recording->options->anonymize) {
		anonymize_settings(&anonymizer, settings);
		source = source_anonymous_open(source, &anonymizer);
	}
	if (!source) {
		complain("cannot ask the kernel: %s", strerror(errno));
		return EXIT_FAILED;
	}
	recording->recorder = source_record_open(source, path);
	if (!recording->recorder) {
		complain("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	recording->monitor = look_open_source(recording->recorder, settings);
	if (recording->monitor)
		return EXIT_DONE;
	complain("cannot ask the kernel: %s", strerror(errno));
	return EXIT_FAILED;
}

/* Says what has become of it. */
static int finish(const struct recording *recording)
{
	if (recording->error)
		complain("%s/%s: %s; %" PRIu64 " polls before that can be replayed",
			 recording->folder, CAPTURE_ANSWERS, strerror(-recording->error),
			 recording->polls);
	if (!recording->polls || write_status(recording) || write_about(recording) ||
	    recording->error)
		return EXIT_FAILED;
	print_end(recording);
	return EXIT_DONE;
}

static int record(const struct subcommand *self, int argc, char **argv)
{
	static struct settings settings;
	struct record_options options = { .for_ms = 60 * 1000 };
	struct recording recording = { .options = &options };
	int rest, status;

	common_options_default(&options.common);
	options.common.interval_ms = 5 * 1000;
	status = options_parse(self, argc, argv, &options, &rest);
	if (status >= 0)
		return status;
	if (argc - rest != 1)
		return subcommand_bad_argument(self, argc == rest ? NULL : argv[rest + 1]);
	recording.folder = argv[rest];
	status = view_settings(&options.common, &settings);
	if (status == EXIT_DONE)
		status = begin(&recording, &settings);
	if (status != EXIT_DONE)
		return status;
	if (write_settings(&recording)) {
		status = EXIT_FAILED;
	} else {
		run(&recording);
		status = finish(&recording);
	}
	snapshot_release(recording.last);
	monitor_free(recording.monitor);
	return status;
}

static const struct option_row options_of_record[] = {
	{ 0, "TIME", "how long: 1s to 24h (60s); Ctrl-C ends it before",
	  { .name = "for", .kind = VALUE_DURATION, .least = 1000, .most = 24 * 3600 * 1000,
	    .offset = offsetof(struct record_options, for_ms) } },
	OPTION_FLAG("anonymize", struct record_options, anonymize,
		    "with other addresses in place of the true ones"),
	OPTION_EVERY("between two polls: 5s, 500ms, 2m (5s)", struct record_options,
		     common.interval_ms, 100),
	{ 0, "FILE", "the agent's configuration (/etc/mptcp-wan.conf)",
	  { .name = "config", .kind = VALUE_TEXT, .least = 1, .most = PATH_LEN - 1,
	    .offset = offsetof(struct record_options, common.config) } },
	OPTIONS_END,
};

const struct subcommand record_subcommand = {
	.name = "record",
	.arguments = "DIR",
	.what = "a capture for a bug report: what the kernel tells for a while",
	.options = options_of_record,
	.remarks =
		"DIR must not be there yet, or be empty. In it are then " CAPTURE_ANSWERS ", what the "
		"kernel answered; " CAPTURE_SETTINGS ", what it was polled with; " CAPTURE_STATUS
		", what was seen in the end; and " CAPTURE_ABOUT ": version, kernel, when and by "
		"whom. They are for their owner only.\n"
		"\n"
		"--anonymize replaces each address by another one, always the same, by a key that "
		"is thrown away. Two that had their first bits in common still have: who knows a "
		"true one learns so much of its neighbours. MAC addresses, labels and paths are "
		"left out. Names of interfaces and WANs, ports, times and counts stay.\n",
	.run = record,
};
