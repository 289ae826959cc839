/* SPDX-License-Identifier: MIT */
#ifndef LIB_FIXED_H
#define LIB_FIXED_H
#include "lib/settings.h"

/*
 * What stays as it was while a monitor runs: only a restart takes it from new settings.
 */

/*
 * Puts what is fixed back to what `running` has. The keys that differed are written to names, with
 * ", " between ("" for none); what does not fit is cut. names may be NULL with a size of 0.
 */
void fixed_keep(struct settings *fresh, const struct settings *running, char *names, size_t size);
#endif
