/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include "agent/log.h"
#include "agent/options.h"
#include "lib/config.h"
#include "lib/version.h"

static const char PROGRAM[] = "mptcp-wan-agent";

/* Keys of the configuration that the command line has the last word on. */
static const struct { int option; const char *key; } overrides[OVERRIDES] = {
	{ 'i', "interval" }, { 's', "state-dir" }, { 'x', "agentx-socket" }, { 'R', "run-dir" },
};

static const char short_options[] = "c:fhi:s:u:x:V";
static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "check-config", no_argument, NULL, 'C' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "forget", required_argument, NULL, 'F' },
	{ "help", no_argument, NULL, 'h' },
	{ "interval", required_argument, NULL, 'i' },
	{ "record", required_argument, NULL, 'W' },
	{ "run-dir", required_argument, NULL, 'R' },
	{ "state-dir", required_argument, NULL, 's' },
	{ "test-notification", no_argument, NULL, 'T' },
	{ "agentx-socket", required_argument, NULL, 'x' },
	{ "user", required_argument, NULL, 'u' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *out)
{
	fprintf(out,
		"usage: %s [-fhV] [-c FILE] [-i TIME] [-s DIR] [-u USER] [-x SOCKET] [--run-dir DIR]\n"
		"         [--record FILE]\n"
		"       %s [-c FILE] [-s DIR] --forget NAME\n"
		"       %s [-c FILE] --check-config\n"
		"       %s [-c FILE] [-x SOCKET] --test-notification\n"
		"\n"
		"Exposes the MPTCP state of this network namespace, per WAN line, over AgentX (MPTCP-WAN-MIB).\n"
		"\n"
		"  -c, --config FILE         configuration (%s, if it is there)\n"
		"  -f, --foreground          stay in the foreground, log to stderr\n"
		"  -i, --interval TIME       between polls: seconds, or 500ms, 5s, 2m (5s)\n"
		"  -s, --state-dir DIR       where indexes of WANs and alarms are kept (/var/lib/mptcp-wan)\n"
		"  -u, --user USER           run as that user, without any privilege once all is loaded\n"
		"  -x, --agentx-socket PATH  the AgentX master's Unix socket (net-snmp's default)\n"
		"      --run-dir DIR         where status.json is written (/run/mptcp-wan)\n"
		"      --record FILE         write what the kernel answers to FILE, for a bug report\n"
		"      --forget NAME         forget a WAN, then exit\n"
		"      --check-config        read the configuration, say what is wrong, then exit\n"
		"      --test-notification   have the AgentX master send a test, then exit\n"
		"  -h, --help                this text\n"
		"  -V, --version             version\n"
		"\n"
		"SIGHUP has a running agent read its configuration again.\n",
		PROGRAM, PROGRAM, PROGRAM, PROGRAM, CONFIG_FILE);
}

static void take(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'c':
		options->config = value;
		break;
	case 'C':
		options->check_config = true;
		break;
	case 'f':
		options->foreground = true;
		break;
	case 'F':
		options->forget = value;
		break;
	case 'T':
		options->test_notification = true;
		break;
	case 'u':
		options->user = value;
		break;
	case 'W':
		options->record = value;
		break;
	}
	for (size_t i = 0; i < OVERRIDES; i++)
		if (overrides[i].option == option)
			options->overrides[i] = value;
}

int options_parse(int argc, char **argv, struct options *options)
{
	int option;

	*options = (struct options){ 0 };
	while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		switch (option) {
		case 'h':
			usage(stdout);
			return 0;
		case 'V':
			printf("%s %s\n", PROGRAM, MPTCP_WAN_VERSION);
			return 0;
		case '?':
			return 2;
		default:
			take(options, option, optarg);
		}
	}
	if (optind == argc)
		return -1;
	log_line(LOG_ERR, "unexpected argument '%s'", argv[optind]);
	return 2;
}

const char *options_config(const struct options *options)
{
	return options->config ? options->config : CONFIG_FILE;
}

int options_settings(struct options *options, struct settings *settings, char *why)
{
	int error;

	settings_default(settings);
	error = config_read(options_config(options), settings, why);
	if (error == -ENOENT && !options->config && !options->config_read)
		error = 0;
	else if (!error)
		options->config_read = true;
	for (size_t i = 0; i < OVERRIDES && !error; i++)
		if (options->overrides[i])
			error = settings_set(settings, overrides[i].key, options->overrides[i],
					     why);
	return error;
}
