/* SPDX-License-Identifier: MIT */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H
#include <stdbool.h>
#include <stddef.h>

/*
 * The whole window for us: ECMA-48 sequences and termios, which every terminal of today has, and no
 * library. There is one terminal, and it is given back however we end: by return, by exit(), by a
 * signal, by a crash; only SIGKILL leaves it as it is.
 */

/* What a key press or the terminal asks for. Letters are themselves. */
enum key {
	KEY_NONE,
	KEY_REDRAW = 12, /* Ctrl-L */
	KEY_UP = 256,
	KEY_DOWN,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_OTHER /* a sequence that we do not know */
};

/*
 * The first key in what was read, of `used` octets; KEY_NONE when there is none (any more). A
 * sequence that is cut off is KEY_OTHER: the rest of it is digits and capitals, which nobody waits
 * for.
 */
int key_of(const char *octets, size_t len, size_t *used);

/*
 * Takes the window, and the signals that end, stop or resize it. Keys are read from standard input,
 * if that is a terminal. Returns 0 or -errno: then all is as before.
 */
int terminal_open(void);
void terminal_close(void);

/* Replaces all that is seen: `text` has as many lines as there are rows, each with its end. */
void terminal_draw(const char *text, size_t width);

/* What happened, as bits. */
enum { TERMINAL_END = 1, TERMINAL_RESIZED = 2, TERMINAL_KEYS = 4, TERMINAL_OTHERS = 8 };

/*
 * Waits until something happens, one of the `others` can be read (-1s are passed over), or the time
 * is over: -1 for ever. A stop (Ctrl-Z) takes place in here; TERMINAL_RESIZED when it is over.
 */
unsigned int terminal_wait(int timeout_ms, const int *others, size_t count);

/* What was typed, as much as fits. */
size_t terminal_keys(char *octets, size_t size);
#endif
