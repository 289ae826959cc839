/* SPDX-License-Identifier: MIT */
#ifndef LIB_REGISTRY_H
#define LIB_REGISTRY_H
#include "lib/settings.h"

/*
 * The WANs that are known: name, stable index and what must not be forgotten over a restart.
 * Identity is the name; the index is given once and never again to another name. A slot (0 to
 * WANS_MAX - 1) is a WAN's place while we run.
 */
struct known_wan {
	bool used;
	bool configured;
	uint32_t index;		/* 1 and up */
	char name[WAN_NAME_LEN];
	char device[IFNAME_LEN];	/* "": none, or addresses */
	char label[LABEL_LEN];	/* configured, or "" */
	uint32_t role;		/* configured, or 0 */
	struct prefix addresses[PREFIXES_MOST];	/* configured in place of a device; not saved */
	size_t address_count;
	char base[WAN_NAME_LEN];		/* configured, or "" */
	uint32_t rate_in_kbps, rate_out_kbps;	/* configured, or 0 */
	uint32_t last_role;	/* as its usable endpoints said last, enum wan_role; 0: never any */
	bool ever_usable_endpoint, ever_joined;
	bool present;		/* its interface is there now */
	uint64_t seen_s;	/* its interface was last there; seconds since 1970; 0: not known */
	uint64_t up_ms;		/* since when its interface is up, with address; 0: is not */
	uint32_t up_ifindex;	/* ... which */
};

struct registry {
	struct known_wan wans[WANS_MAX];
	uint32_t next_index;
	bool by_address;	/* some WAN is, or was, configured by addresses */
	char turned_away[WAN_NAME_LEN];	/* the first configured WAN that found no slot; "": none */
	bool dirty;		/* there is something new to write; whoever writes it clears this */
};

enum { REGISTRY_TEXT_MOST = 16384, FORGOTTEN_AFTER_S = 30 * 24 * 3600 };

void registry_init(struct registry *);

/*
 * The slot of the WAN on that interface, made known if it is new; -1: not known and no slot free.
 */
int registry_on_device(struct registry *, const char *ifname, uint64_t now_s);

/*
 * The slot of the configured WAN that has this address; -1: none. To be asked before the device:
 * several such WANs may share an interface.
 */
int registry_on_address(const struct registry *, const struct address *);

/* The slot by device or by name; -1: none. */
int registry_find_device(const struct registry *, const char *ifname);
int registry_find_name(const struct registry *, const char *name);

/* Called with the slot of a WAN that is being forgotten: another one may get it. */
typedef void (*registry_forgotten_fn)(void *arg, int slot);

/*
 * Makes the configured WANs known, at the start and whenever the settings are new. One whose device
 * was known under another, unconfigured name inherits its index and history. WANs configured before
 * and not now stay known. Where no slot is free, the unconfigured WAN that is not present and was
 * there longest ago is forgotten, which fn (NULL: nobody) is told; if all are present, the
 * configured one is turned away.
 */
void registry_configure(struct registry *, const struct settings *, registry_forgotten_fn fn,
			void *arg);

/*
 * WANs known from before, had only now that others are in use; `before` is configured by the same
 * settings. Each is one with that of its name, whose place stays while its index and what must not
 * be forgotten come from before; the others become known beside them, as far as there are slots.
 * True: an index has changed, so that nothing can be compared by it with an earlier poll.
 */
bool registry_join(struct registry *, const struct registry *before);

/*
 * Forgets unconfigured WANs that are not present and whose interface was last there
 * FORGOTTEN_AFTER_S ago; calls fn with the slot of each. `present` must be of now: a registry just
 * read knows of nobody. Of whom it is not known when he was last there, the time runs from now;
 * while the clock is not set it does not run.
 */
void registry_expire(struct registry *, uint64_t now_s, registry_forgotten_fn fn, void *arg);

/* Forgets one by name; false when it is not known. Its index is not given again. */
bool registry_forget(struct registry *, const char *name);

/*
 * The state as text, and back. After a first line and "next INDEX" one WAN a line:
 *   wan INDEX NAME DEVICE FLAGS SEEN
 * DEVICE is - for none; FLAGS the sum of 1 (ever had a usable endpoint), 2 (ever joined) and 4 (its
 * last role was backup), others are ignored; SEEN is seen_s. registry_write() returns the length
 * (text holds REGISTRY_TEXT_MOST). registry_read() takes every good line into an empty registry and
 * returns 0, or the number of the first bad line.
 */
size_t registry_write(const struct registry *, char *text);
unsigned int registry_read(struct registry *, const char *text, size_t len);
#endif
