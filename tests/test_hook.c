/* SPDX-License-Identifier: MIT */
/* The operator's program: what it is given, in which order, and what it cannot do to us. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/hook.h"
#include "agent/log.h"
#include "tests/tap.h"

static char dir[] = "/tmp/test_hook.XXXXXX", program[64];

static const char *in_dir(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* The program: a script; $dir is where it may write. */
static void script(const char *text)
{
	FILE *file = fopen(program, "w");

	fprintf(file, "#!/bin/sh\ndir=%s\n%s\n", dir, text);
	fclose(file);
	chmod(program, 0755);
}

/* "" when there is none. */
static const char *read_file(const char *name)
{
	static char text[16384];
	FILE *file = fopen(in_dir(name), "r");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	if (file)
		fclose(file);
	text[len] = '\0';
	return text;
}

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; (at = strstr(at, line)); at += len)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

/* Waits until the file has that in it, 10 s at most. */
static bool appears(const char *name, const char *text)
{
	for (int tries = 0; tries < 1000; tries++) {
		if (strstr(read_file(name), text))
			return true;
		poll(NULL, 0, 10);
	}
	printf("# %s has: %s\n", name, read_file(name));
	return false;
}

static struct alarm_record row(uint32_t sequence)
{
	return (struct alarm_record){ .sequence = sequence,
				      .transition = ALARM_RAISED,
				      .type = ALARM_UP_BUT_IDLE,
				      .cause = CAUSE_SUBFLOW_LIMIT,
				      .severity = SEVERITY_MAJOR,
				      .state = WAN_UNJOINED };
}

/* A log of these rows is that of now. */
static void give(const struct alarm_record *rows, size_t count)
{
	const struct alarm_log *log = alarm_log_append(NULL, rows, count);

	hook_run(program, log);
	alarm_log_release(log);
}

/* The same with rows of so many sequences. */
static void give_from(uint32_t first, uint32_t last)
{
	static struct alarm_record rows[256];

	for (uint32_t i = first; i <= last; i++)
		rows[i - first] = row(i);
	give(rows, last + 1 - first);
}

/* The newest row is that one. */
static void run(uint32_t sequence)
{
	give_from(1, sequence);
}

static void begin(uint32_t limit_ms, uint32_t told_to)
{
	unlink(in_dir("out"));
	unlink(in_dir("log"));
	if (!freopen(in_dir("log"), "w", stderr))
		exit(1);
	setvbuf(stderr, NULL, _IONBF, 0);
	hook_start(limit_ms, told_to);
}

static void it_is_given_the_row_and_nothing_else(void)
{
	struct alarm_record record = row(17);
	const char *text;

	record.epoch = 1700000000;
	record.raised_by = 17;
	record.time_s = 1700000123;
	record.wan_index = 5;
	record.ifindex = 12;
	record.share_in = (struct maybe_u32){ true, 4705 };
	record.wans_carrying = 4;
	record.wans_joined = 4;
	record.wans_configured = 6;
	strcpy(record.wan_name, "wan5");
	strcpy(record.wan_label, "Fibre, 1st floor; $(reboot)");
	memset(record.text, 'x', sizeof(record.text) - 1);
	script("env >$dir/env; cat >$dir/stdin; ls /proc/self/fd >$dir/fds; echo done >$dir/out");
	setenv("MIBS", "", 1);
	begin(HOOK_MS, 16);
	give(&record, 1);
	ok(appears("out", "done"), "it is run");
	text = read_file("env");
	ok(has_line(text, "MPTCP_WAN_EPOCH=1700000000"), "epoch");
	ok(has_line(text, "MPTCP_WAN_SEQUENCE=17"), "sequence");
	ok(has_line(text, "MPTCP_WAN_RAISED_BY=17"), "which row raised it");
	ok(has_line(text, "MPTCP_WAN_TRANSITION=raised"), "transition");
	ok(has_line(text, "MPTCP_WAN_TIME=1700000123"), "time");
	ok(has_line(text, "MPTCP_WAN_TYPE=up-but-idle"), "type");
	ok(has_line(text, "MPTCP_WAN_CAUSE=subflow-limit"), "cause");
	ok(has_line(text, "MPTCP_WAN_SEVERITY=major"), "severity");
	ok(has_line(text, "MPTCP_WAN_WAN=wan5"), "WAN");
	ok(has_line(text, "MPTCP_WAN_LABEL=Fibre, 1st floor; $(reboot)"), "label, as it is");
	ok(has_line(text, "MPTCP_WAN_INDEX=5"), "index");
	ok(has_line(text, "MPTCP_WAN_IFINDEX=12"), "ifIndex");
	ok(has_line(text, "MPTCP_WAN_STATE=unjoined"), "state");
	ok(has_line(text, "MPTCP_WAN_SHARE_IN=47.05"), "a share in percent");
	ok(has_line(text, "MPTCP_WAN_SHARE_OUT="), "a share that there is not");
	ok(has_line(text, "MPTCP_WAN_CARRYING=4"), "WANs carrying");
	ok(has_line(text, "MPTCP_WAN_JOINED=4"), "WANs joined");
	ok(has_line(text, "MPTCP_WAN_CONFIGURED=6"), "WANs configured");
	ok(strstr(text, record.text) != NULL, "the whole text, at its longest");
	ok(strstr(text, "\nMIBS=") == NULL && strncmp(text, "MIBS=", 5), "nothing of ours");
	is_text(read_file("stdin"), "", "stdin is empty");
	is_text(read_file("fds"), "0\n1\n2\n3\n", "no descriptor of ours (3 is that of ls)");
	hook_stop();
	is_text(read_file("log"), "", "a run that went well is not logged");
}

/* The environment of a run with the longest of texts, and a PATH of that many octets. */
static const char *given_with_path_of(size_t octets)
{
	char *kept = strdup(getenv("PATH")), *path = malloc(octets + 1);
	struct alarm_record record = row(1);

	memset(record.text, 'x', sizeof(record.text) - 1);
	memset(record.wan_label, 'y', sizeof(record.wan_label) - 1);
	memset(path, 'z', octets);
	path[octets] = '\0';
	memcpy(path, kept, strlen(kept));
	path[strlen(kept)] = ':';
	setenv("PATH", path, 1);
	script("echo ${#PATH} >$dir/len; PATH=/usr/bin:/bin; env >$dir/env; echo done >$dir/out");
	begin(HOOK_MS, 0);
	give(&record, 1);
	ok(appears("out", "done"), "with a PATH of %zu octets it is run", octets);
	hook_stop();
	setenv("PATH", kept, 1);
	free(kept);
	free(path);
	return read_file("env");
}

static void no_path_is_so_long_that_the_row_is_cut(void)
{
	char text[STORY_LEN + 32] = "MPTCP_WAN_TEXT=";

	memset(text + strlen(text), 'x', STORY_LEN - 1);
	ok(has_line(given_with_path_of(1000), text), "the text is there");
	ok(has_line(given_with_path_of(4000), text), "and here");
	is_text(read_file("log"), "", "and all the rest");
	is_text(read_file("len"), "4000\n", "PATH, too");
	ok(has_line(given_with_path_of(9000), text), "it is there in any case");
	ok(strstr(read_file("log"), ": no room for PATH in its environment\n") != NULL,
	   "what does not fit is told");
}

static void signals_are_as_in_a_fresh_shell(void)
{
	char group[32];

	/* libc keeps two of its own signals, 32 and 33, ignored: what is below them is ours. */
	script("sed -n 's/^\\(SigBlk\\|SigIgn\\).*\\(.......\\)$/\\1 \\2/p' "
	       "/proc/self/status >$dir/signals\n"
	       "ps -o pgid= -p $$ | tr -d ' ' >$dir/group; echo $$ >$dir/pid; echo done >$dir/out");
	/* What we ignore because of who started us (nohup, a shell's "&") is not the agent's doing. */
	for (int number = 1; number < 32; number++)
		signal(number, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	begin(HOOK_MS, 0);
	run(1);
	ok(appears("out", "done"), "it is run");
	hook_stop();
	is_text(read_file("signals"), "SigBlk 0000000\nSigIgn 0000000\n",
		"none is blocked or ignored");
	snprintf(group, sizeof(group), "%s", read_file("group"));
	is_text(read_file("pid"), group, "it leads a process group of its own");
}

static void they_run_one_at_a_time_and_in_order(void)
{
	script("[ ! -e $dir/running ] || echo two at once >>$dir/out\n"
	       ": >$dir/running; sleep 0.05; rm $dir/running; echo $MPTCP_WAN_SEQUENCE. >>$dir/out");
	begin(HOOK_MS, 0);
	for (uint32_t i = 1; i <= 5; i++)
		run(i);
	ok(appears("out", "5."), "all are run");
	hook_stop();
	is_text(read_file("out"), "1.\n2.\n3.\n4.\n5.\n", "in order, one at a time");
}

static void what_fails_is_told(void)
{
	script("echo $MPTCP_WAN_SEQUENCE. >>$dir/out\n"
	       "[ $MPTCP_WAN_SEQUENCE != 1 ] || exit 3\n[ $MPTCP_WAN_SEQUENCE != 2 ] || kill -9 $$");
	begin(HOOK_MS, 0);
	run(1);
	run(2);
	run(3);
	ok(appears("out", "3."), "the next is run nevertheless");
	hook_stop();
	ok(strstr(read_file("log"), "ended with status 3, for alarm record 1\n") != NULL,
	   "an exit status");
	ok(strstr(read_file("log"), "ended by signal 9, for alarm record 2\n") != NULL, "a signal");
	ok(strstr(read_file("log"), "record 3") == NULL, "and nothing else");
	unlink(program);
	begin(HOOK_MS, 3);
	run(4);
	ok(appears("log", ": No such file or directory\n"), "a program that is not there");
	hook_stop();
}

/* A process that is not our child: gone, or a zombie of somebody else's. 5 s at most. */
static bool ends(pid_t pid)
{
	char path[32], state = 'Z';

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (int tries = 0; pid > 0 && tries < 500; tries++) {
		FILE *file = fopen(path, "r");

		if (!file)
			return true;
		if (fscanf(file, "%*d %*s %c", &state) == 1 && state == 'Z') {
			fclose(file);
			return true;
		}
		fclose(file);
		poll(NULL, 0, 10);
	}
	return false;
}

static void who_takes_too_long_is_killed_with_all_of_his(void)
{
	script("echo begun >$dir/out; sleep 1000 & echo $! >$dir/child; wait");
	begin(300, 0);
	run(1);
	ok(appears("log", "killed after 0 s, for alarm record 1\n"), "it is killed, and told");
	hook_stop();
	ok(ends((pid_t)atoi(read_file("child"))), "and so is what it had started");
	ok(waitpid(-1, NULL, WNOHANG) < 0, "no zombie is left");
}

/*
 * A process that traces it, and does not care: what it traces may be killed, but its end is for
 * nobody else to see, as with one that hangs in the kernel. 0 when that is not allowed.
 */
static pid_t trace(pid_t pid)
{
	int fds[2];
	char good = 0;
	pid_t tracer;

	if (pipe(fds))
		return 0;
	tracer = fork();
	if (!tracer) {
		good = !ptrace(PTRACE_SEIZE, pid, NULL, NULL);
		if (write(fds[1], &good, 1) == 1 && good)
			pause();
		_exit(0);
	}
	close(fds[1]);
	if (read(fds[0], &good, 1) != 1)
		good = 0;
	close(fds[0]);
	if (!good)
		waitpid(tracer, NULL, 0);
	return good ? tracer : 0;
}

static void who_cannot_be_killed_holds_up_nobody(void)
{
	pid_t pid, tracer;

	script("echo $MPTCP_WAN_SEQUENCE. >>$dir/out\n[ $MPTCP_WAN_SEQUENCE = 1 ] || exit 0\n"
	       "echo $$ >$dir/pid; echo begun >>$dir/out; exec sleep 1000");
	begin(2000, 0);
	run(1);
	ok(appears("out", "begun"), "it is run");
	pid = (pid_t)atoi(read_file("pid"));
	tracer = trace(pid);
	if (!tracer) {
		hook_stop();
		ok(true, "no end # SKIP not allowed to trace it");
		return;
	}
	run(2);
	ok(appears("log", "killed after 2 s and still there, for alarm record 1\n"), "told");
	ok(appears("out", "2."), "the next is run");
	kill(tracer, SIGKILL);
	waitpid(tracer, NULL, 0);
	run(3);
	ok(appears("out", "3."), "and the one after it");
	ok(kill(pid, 0) && errno == ESRCH, "it is reaped when it has ended after all");
	hook_stop();
}

static void rows_wait_in_the_log_and_what_it_loses_is_told(void)
{
	script("echo $MPTCP_WAN_SEQUENCE. >>$dir/out; until [ -e $dir/go ]; do sleep 0.02; done");
	begin(HOOK_MS, 0);
	run(1);
	ok(appears("out", "1."), "one is under way");
	give_from(1, 120);
	give_from(21, 140);
	fclose(fopen(in_dir("go"), "w"));
	ok(appears("out", "140."), "all that the log still has are run");
	hook_stop();
	ok(!strncmp(read_file("out"), "1.\n21.\n22.\n", 11), "in order");
	ok(strstr(read_file("log"), "not run for 19 alarm records before 21: ") != NULL,
	   "what it has no more is told");
	unlink(in_dir("go"));
}

static void rows_from_before_there_was_a_program_are_not_run(void)
{
	const struct alarm_record rows[] = { row(1), row(2) };
	const struct alarm_log *log = alarm_log_append(NULL, rows, 2);

	script("echo $MPTCP_WAN_SEQUENCE. >>$dir/out");
	begin(HOOK_MS, 0);
	hook_run(program, NULL);
	hook_run("", log);
	hook_run(program, log);
	alarm_log_release(log);
	run(3);
	ok(appears("out", "3."), "the first with a program");
	hook_stop();
	is_text(read_file("out"), "3.\n", "and no other");
	is_text(read_file("log"), "", "that is as it should be");
}

static void the_end_waits_for_nobody(void)
{
	script("echo $MPTCP_WAN_SEQUENCE. >>$dir/out; until [ -e $dir/go ]; do sleep 0.02; done\n"
	       "echo went on >>$dir/out");
	begin(HOOK_MS, 0);
	run(1);
	ok(appears("out", "1."), "one is under way");
	run(2);
	run(3);
	hook_stop();
	ok(strstr(read_file("log"), "ended before 2 waiting runs\n") != NULL, "what waited is told");
	fclose(fopen(in_dir("go"), "w"));
	ok(appears("out", "went on"), "who runs goes on");
	ok(strstr(read_file("out"), "2.") == NULL, "who waited does not begin");
	wait(NULL);
}

int main(void)
{
	char command[64];

	if (!mkdtemp(dir))
		return 1;
	snprintf(program, sizeof(program), "%s/program", dir);
	log_open("test", true);
	it_is_given_the_row_and_nothing_else();
	no_path_is_so_long_that_the_row_is_cut();
	signals_are_as_in_a_fresh_shell();
	they_run_one_at_a_time_and_in_order();
	what_fails_is_told();
	who_takes_too_long_is_killed_with_all_of_his();
	who_cannot_be_killed_holds_up_nobody();
	rows_wait_in_the_log_and_what_it_loses_is_told();
	rows_from_before_there_was_a_program_are_not_run();
	the_end_waits_for_nobody();
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command) ? 1 : tap_done();
}
