/* SPDX-License-Identifier: MIT */
/*
 * Signals become octets in a pipe, so that one wait sees all there is; those that end us interrupt
 * a write, too, for a terminal that takes nothing (Ctrl-S, a line that hangs) may block it for
 * ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "cli/lines.h"
#include "cli/terminal.h"

/*
 * The alternate screen; no cursor, no wrapping, nothing there; and the reverse, on a line of its
 * own where there is no such screen.
 */
#define ALTERNATE "\033[?1049h"
#define PREPARE "\033[?25l\033[?7l\033[2J"
#define LEAVE "\033[0m\033[?7h\033[?25h\033[999;1H\r\n\033[?1049l"
#define HOME "\033[H"
#define ERASE_LINE "\033[K"

enum { OTHERS_MOST = 8, SIGNALS_MOST = 16, STUCK_MS = 500 };

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
static const int telling[] = { SIGTSTP, SIGCONT, SIGWINCH };
static const int crashing[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The one terminal: handlers of signals must know it. */
static struct {
	volatile sig_atomic_t entered, has_modes, ended;
	int wake[2];
	struct termios before;
	struct sigaction found[COUNT(ending) + COUNT(telling) + COUNT(crashing)];
} terminal;

/*
 * --- keys --------------------------------------------------------------------------------------
 */

static const struct {
	const char *octets;
	int key;
} sequences[] = {
	{ "\033[A", KEY_UP },	{ "\033OA", KEY_UP },	    { "\033[B", KEY_DOWN },
	{ "\033OB", KEY_DOWN }, { "\033[5~", KEY_PAGE_UP }, { "\033[6~", KEY_PAGE_DOWN },
	{ "\033[H", KEY_HOME }, { "\033OH", KEY_HOME },	    { "\033[1~", KEY_HOME },
	{ "\033[F", KEY_END },	{ "\033OF", KEY_END },	    { "\033[4~", KEY_END },
};

/* ESC [ parameters final, ESC O one, or ESC one. */
static size_t sequence_length(const char *octets, size_t len)
{
	size_t at = 2;

	if (len < 2)
		return len;
	if (octets[1] == '[')
		while (at < len && (unsigned char)octets[at] < '@')
			at++;
	if (octets[1] == '[' || octets[1] == 'O')
		at++;
	return at < len ? at : len;
}

int key_of(const char *octets, size_t len, size_t *used)
{
	*used = len ? 1 : 0;
	if (!len)
		return KEY_NONE;
	if (*octets != '\033')
		return (unsigned char)*octets;
	*used = sequence_length(octets, len);
	for (size_t i = 0; i < COUNT(sequences); i++)
		if (strlen(sequences[i].octets) == *used &&
		    !memcmp(octets, sequences[i].octets, *used))
			return sequences[i].key;
	return KEY_OTHER;
}

/*
 * --- writing -----------------------------------------------------------------------------------
 */

/* Once somebody wants an end, what blocks is given up. */
static void put(const char *text, size_t len)
{
	while (len && !terminal.ended) {
		ssize_t put = write(STDOUT_FILENO, text, len);

		if (put < 0 && errno != EINTR)
			return;
		if (put > 0) {
			text += put;
			len -= (size_t)put;
		}
	}
}

/* A line as wide as the screen leaves nothing to erase, and the cursor upon its last character. */
void terminal_draw(const char *text, size_t width)
{
	char *frame = NULL;
	size_t len;
	FILE *out = open_memstream(&frame, &len);

	if (!out)
		return;
	fputs(HOME, out);
	while (*text) {
		size_t line = lines_length(text);

		fwrite(text, 1, line, out);
		if (lines_width(text, line) < width)
			fputs(ERASE_LINE, out);
		text += line + (text[line] == '\n');
		if (*text)
			fputs("\r\n", out);
	}
	if (!fclose(out))
		put(frame, len);
	free(frame);
}

/*
 * --- taking and giving back --------------------------------------------------------------------
 */

/* Keys one by one and unseen; Ctrl-C, Ctrl-Z and Ctrl-\ stay signals, Ctrl-S stops nothing. */
static void prepare(void)
{
	struct termios modes = terminal.before;

	modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	modes.c_iflag &= ~(tcflag_t)IXON;
	modes.c_cc[VMIN] = 1;
	modes.c_cc[VTIME] = 0;
	if (terminal.has_modes)
		tcsetattr(STDIN_FILENO, TCSANOW, &modes);
	put(PREPARE, strlen(PREPARE));
}

static void enter(void)
{
	terminal.has_modes = !tcgetattr(STDIN_FILENO, &terminal.before);
	terminal.entered = true;
	put(ALTERNATE, strlen(ALTERNATE));
	prepare();
}

/*
 * Async-signal-safe. What the terminal has not taken is of no use any more; one that takes nothing
 * does not keep us.
 */
static void leave(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (!terminal.entered)
		return;
	terminal.entered = false;
	if (terminal.has_modes)
		tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
	tcflush(STDOUT_FILENO, TCOFLUSH);
	if (poll(&out, 1, STUCK_MS) > 0 && write(STDOUT_FILENO, LEAVE, strlen(LEAVE)) < 0)
		return; /* nobody is there to be told */
}

/*
 * --- signals -----------------------------------------------------------------------------------
 */

static void on_signal(int number)
{
	int before = errno;
	char octet = (char)number;

	for (size_t i = 0; i < COUNT(ending); i++)
		if (ending[i] == number)
			terminal.ended = true;
	/* A full pipe wakes us all the same. */
	if (write(terminal.wake[1], &octet, 1) < 0)
		errno = before;
}

/* The handler is the default again: we die of what it was. */
static void on_crash(int number)
{
	leave();
	raise(number);
}

/* Handlers for all of these; with NULL what was found is put back. */
static void handle(const int *signals, size_t count, struct sigaction *found, void (*handler)(int),
		   int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < count; i++) {
		if (handler)
			sigaction(signals[i], &action, &found[i]);
		else
			sigaction(signals[i], &found[i], NULL);
	}
}

static void handle_all(bool ours)
{
	struct sigaction *found = terminal.found;

	handle(ending, COUNT(ending), found, ours ? on_signal : NULL, 0);
	found += COUNT(ending);
	handle(telling, COUNT(telling), found, ours ? on_signal : NULL, SA_RESTART);
	found += COUNT(telling);
	handle(crashing, COUNT(crashing), found, ours ? on_crash : NULL, (int)SA_RESETHAND);
}

/*
 * Ctrl-Z: the shell has the terminal until it wakes us; somebody may have changed it meanwhile. Who
 * has no shell that could wake us was started with the signal ignored.
 */
static void stop(void)
{
	struct sigaction ours;

	leave();
	sigaction(SIGTSTP, &terminal.found[COUNT(ending)], &ours);
	raise(SIGTSTP);
	sigaction(SIGTSTP, &ours, NULL);
	enter();
}

/*
 * --- life --------------------------------------------------------------------------------------
 */

int terminal_open(void)
{
	if (pipe2(terminal.wake, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	handle_all(true);
	atexit(leave);
	enter();
	return 0;
}

void terminal_close(void)
{
	leave();
	handle_all(false);
	close(terminal.wake[0]);
	close(terminal.wake[1]);
}

/*
 * --- waiting -----------------------------------------------------------------------------------
 */

static unsigned int take_signals(void)
{
	char octets[SIGNALS_MOST];
	ssize_t len = read(terminal.wake[0], octets, sizeof(octets));
	unsigned int happened = 0;

	for (ssize_t i = 0; i < len; i++) {
		if (octets[i] == SIGTSTP)
			stop();
		else if (octets[i] == SIGCONT)
			prepare(); /* the shell may have had it meanwhile */
		happened |= TERMINAL_RESIZED;
	}
	return happened;
}

unsigned int terminal_wait(int timeout_ms, const int *others, size_t count)
{
	struct pollfd fds[2 + OTHERS_MOST] = {
		{ .fd = terminal.wake[0], .events = POLLIN },
		{ .fd = terminal.has_modes ? STDIN_FILENO : -1, .events = POLLIN },
	};
	unsigned int happened = 0;

	if (terminal.ended)
		return TERMINAL_END;
	if (count > OTHERS_MOST)
		count = OTHERS_MOST;
	for (size_t i = 0; i < count; i++)
		fds[2 + i] = (struct pollfd){ .fd = others[i], .events = POLLIN };
	if (poll(fds, 2 + count, timeout_ms) < 0 || fds[0].revents)
		happened |= take_signals();
	/* A terminal that is gone can be read, and has nothing. */
	if (fds[1].revents)
		happened |= TERMINAL_KEYS;
	for (size_t i = 0; i < count; i++)
		if (fds[2 + i].revents)
			happened |= TERMINAL_OTHERS;
	return terminal.ended ? TERMINAL_END : happened;
}

size_t terminal_keys(char *octets, size_t size)
{
	ssize_t len = read(STDIN_FILENO, octets, size);

	if (len < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (len <= 0)
		terminal.ended = true;
	return len > 0 ? (size_t)len : 0;
}
