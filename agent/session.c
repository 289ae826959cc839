/* SPDX-License-Identifier: MIT */
/*
 * net-snmp says much of what we must know only to its log: that a registration was refused, above
 * all. So its log lines come here first; what matters sets a flag, the rest is passed on once and
 * not again until something else was said.
 */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/agent/agent_callbacks.h>
#include <net-snmp/library/large_fd_set.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "agent/handler.h"
#include "agent/log.h"
#include "agent/notify.h"
#include "agent/session.h"
#include "lib/thread.h"

enum {
	PING_S = 2,			/* how soon a lost master is noticed, and tried again */
	ANSWER_US = 300 * 1000,		/* the master's, to our own requests; no retries */
	PRIORITY = 127,			/* of our registration (RFC 2741) */
	PRIORITIES = 8,			/* that are tried, ever less urgent, when others have it */
	STOP_S = 1,
	TEST_S = 5
};

static struct {
	pthread_t thread;
	struct collector *collector;
	char socket[PATH_LEN];		/* its own copy: settings are rewritten at each reload */
	int stop;			/* as wake_new() gives it */
	atomic_bool announce;		/* settings.announce_on_attach */
	bool attached;			/* the rest: of the session's thread */
	int registered;			/* registrations, each with a priority of its own */
	int refused;			/* ... that the present master has refused */
	unsigned long requests_then;	/* answered when that was told */
	bool refusal_told;
	int unreachable;		/* errno last told, -1 for none */
	char last_line[256];
} session;

/*
 * --- what net-snmp says ------------------------------------------------------------------------
 */

static int on_log(int major, int minor, void *server_arg, void *client_arg)
{
	const struct snmp_log_message *message = server_arg;
	char line[sizeof(session.last_line)];

	(void)major, (void)minor, (void)client_arg;
	if (!message || !message->msg)
		return 0;
	if (strstr(message->msg, "registering pdu failed")) {
		session.refused++;
		return 0;
	}
	/*
	 * Known noise: its own lock accounting while sessions close, and what we say better
	 * ourselves.
	 */
	if (strstr(message->msg, "lock_holded") || strstr(message->msg, "_callback_lock") ||
	    strstr(message->msg, "AgentX subagent connected") ||
	    strstr(message->msg, "AgentX master disconnected") ||
	    strstr(message->msg, "NET-SNMP version"))
		return 0;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(message->msg, "\n"), message->msg);
	if (!*line || !strcmp(line, session.last_line))
		return 0;
	strcpy(session.last_line, line);
	log_line(message->priority, "net-snmp: %s", line);
	return 0;
}

static int on_attach(int major, int minor, void *server_arg, void *client_arg)
{
	(void)major, (void)minor, (void)client_arg;
	notify_attached(server_arg, session.announce);
	if (!session.attached)
		log_line(LOG_NOTICE, "attached to the AgentX master at %s", session.socket);
	session.attached = true;
	session.unreachable = -1;
	return 0;
}

static int on_detach(int major, int minor, void *server_arg, void *client_arg)
{
	(void)major, (void)minor, (void)server_arg, (void)client_arg;
	notify_detached();
	if (session.attached)
		log_line(LOG_WARNING, "the AgentX master at %s has gone; trying again every %d s",
			 session.socket, PING_S);
	session.attached = false;
	session.refused = 0;
	session.refusal_told = false;
	return 0;
}

/* Every AgentX session gets short timeouts: its requests are synchronous. */
static int on_session_init(int major, int minor, void *server_arg, void *client_arg)
{
	netsnmp_session *snmp = server_arg;

	(void)major, (void)minor, (void)client_arg;
	snmp->timeout = ANSWER_US;
	snmp->retries = 0;
	return 0;
}

/*
 * --- keeping attached --------------------------------------------------------------------------
 */

/* Why nobody can connect to the master's socket: an errno, or 0. */
static int unreachable(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, error;

	/*
	 * Of another type than the master's, so that the try is refused and queues nothing: a
	 * master that hangs would keep each connection, and block whoever comes when its queue is
	 * full.
	 */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", session.socket);
	error = connect(fd, (struct sockaddr *)&address, sizeof(address)) ? errno : 0;
	close(fd);
	return error == EPROTOTYPE ? 0 : error;
}

/*
 * net-snmp tries by itself; this only finds out why it cannot, and says so when the reason changes.
 */
static void tell_unreachable(void)
{
	int error = unreachable();

	if (!error || error == session.unreachable)
		return;
	session.unreachable = error;
	log_line(LOG_WARNING, "AgentX socket %s: %s; trying again every %d s", session.socket,
		 strerror(error), PING_S);
}

static void add_registration(void)
{
	if (!handler_register(session.collector, PRIORITY + session.registered))
		log_line(LOG_ERR, "net-snmp takes no registration of our subtree");
	session.registered++;
}

/*
 * The master takes one registration of a subtree and priority; a refused one is not tried again by
 * net-snmp, not even when the other subagent has ended. A less urgent one is accepted, and the
 * master asks it as soon as the other's session ends.
 */
static void mind_registration(void)
{
	if (!session.attached)
		return;
	if (session.refused == session.registered && session.registered < PRIORITIES)
		add_registration();
	if (session.refused && !session.refusal_told) {
		log_line(LOG_ERR, "another subagent serves our subtree at %s already; we stand by",
			 session.socket);
		session.refusal_told = true;
		session.requests_then = handler_requests();
	}
	if (session.refusal_told && handler_requests() != session.requests_then) {
		log_line(LOG_NOTICE, "our subtree at %s is ours now", session.socket);
		session.refusal_told = false;
		session.refused = 0;
	}
}

/*
 * Waits for the master, an alarm of net-snmp's or the stop; at most a second. False when it is time
 * to stop.
 */
static bool run_once(void)
{
	struct timeval timeout = { .tv_sec = 1 };
	netsnmp_large_fd_set fds;
	int count, highest = session.stop + 1, block = 0;
	bool stop;

	netsnmp_large_fd_set_init(&fds, FD_SETSIZE);
	NETSNMP_LARGE_FD_ZERO(&fds);
	snmp_select_info2(&highest, &fds, &timeout, &block);
	netsnmp_large_fd_setfd(session.stop, &fds);
	if (highest <= session.stop)
		highest = session.stop + 1;
	if (timeout.tv_sec >= 1)
		timeout = (struct timeval){ .tv_sec = 1 };
	count = netsnmp_large_fd_set_select(highest, &fds, NULL, NULL, &timeout);
	stop = count > 0 && netsnmp_large_fd_is_set(session.stop, &fds);
	if (count < 0 && errno != EINTR) {
		log_line(LOG_ERR, "select: %s; the AgentX session ends", strerror(errno));
		stop = true;
	}
	if (count > 0 && !stop)
		snmp_read2(&fds);
	netsnmp_large_fd_set_cleanup(&fds);
	if (stop)
		return false;
	/* In every turn: a master that asks all the time leaves none without something to read. */
	snmp_timeout();
	run_alarms();
	netsnmp_check_outstanding_agent_requests();
	return true;
}

/*
 * --- start and stop ----------------------------------------------------------------------------
 */

/*
 * In the order that net-snmp wants: init_agent() sets a ping interval of 15 s, init_snmp() makes
 * the first attempt.
 */
static void init_library(void)
{
	snmp_enable_calllog();
	snmp_disable_stderrlog();
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, on_log, NULL);
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_SESSION_INIT, on_session_init,
			       NULL);
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_START, on_attach,
			       NULL);
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_STOP, on_detach,
			       NULL);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_ALARM_DONT_USE_SIG, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_ROOT_ACCESS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_CONNECTION_WARNINGS,
			       1);
	netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, session.socket);
	init_agent("mptcp-wan-agent");
	netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL,
			   PING_S);
}

static void *run(void *arg)
{
	(void)arg;
	/* In this thread from the first: a master that hangs blocks whoever connects. */
	init_library();
	add_registration();
	init_snmp("mptcp-wan-agent");
	while (run_once()) {
		if (!session.attached)
			tell_unreachable();
		mind_registration();
		notify_run();
	}
	return NULL;
}

/* Registers nothing, so that it disturbs no agent that runs. */
static void *run_test(void *result)
{
	int *error = result;

	init_library();
	init_snmp("mptcp-wan-agent");
	do
		*error = notify_test();
	while (*error == -EAGAIN && run_once());
	if (*error == -ENOTCONN)
		*error = unreachable() ? -unreachable() : -ETIMEDOUT;
	return NULL;
}

static int start_thread(const char *socket, void *(*fn)(void *), void *arg)
{
	int error;

	snprintf(session.socket, sizeof(session.socket), "%s",
		 *socket ? socket : NETSNMP_AGENTX_SOCKET);
	session.unreachable = -1;
	session.stop = wake_new();
	if (session.stop < 0)
		return session.stop;
	error = thread_start(&session.thread, "mptcp-agentx", fn, arg);
	if (error)
		close(session.stop);
	return error;
}

int session_start(const struct settings *settings, struct collector *collector,
		  struct alarms *alarms)
{
	session.collector = collector;
	notify_begin(collector, alarms);
	session_configure(settings);
	return start_thread(settings->agentx_socket, run, NULL);
}

void session_configure(const struct settings *settings)
{
	session.announce = settings->announce_on_attach;
}

bool session_stop(void)
{
	wake_up(session.stop);
	if (!thread_joined(session.thread, STOP_S))
		return false;
	close(session.stop);
	return true;
}

bool session_test(const struct settings *settings)
{
	static int result = -EAGAIN;	/* of a thread that may be stuck */
	int error = start_thread(settings->agentx_socket, run_test, &result);

	if (!error)
		error = thread_joined(session.thread, TEST_S) ? result : -ETIMEDOUT;
	if (error)
		log_line(LOG_ERR, "no test notification by the AgentX master at %s: %s",
			 session.socket, strerror(-error));
	else
		log_line(LOG_NOTICE,
			 "the AgentX master at %s has taken the test notification, for the receivers "
			 "that it is configured for",
			 session.socket);
	return !error;
}
