/* SPDX-License-Identifier: MIT */
#ifndef TESTS_DOCTOR_SITE_H
#define TESTS_DOCTOR_SITE_H
#include "cli/doctor.h"
#include "tests/view_site.h"

/* What `mptcp-wan doctor` makes of a site. */

/* It points into the site. */
struct examination doctor_examination(struct view_site *);

/* What is printed of it; for the caller to free. */
char *doctor_printed(const struct examination *, size_t width, bool colour);

/* Whether that is part of what is printed on 200 columns, or is not. If it fails, it shows that. */
bool doctor_prints(const struct examination *, const char *part);
bool doctor_prints_not(const struct examination *, const char *part);

/* With tests/tap.h: as checks. */
#define prints(ex, part, why) ok(doctor_prints((ex), (part)), "%s", (why))
#define prints_not(ex, part, why) ok(doctor_prints_not((ex), (part)), "%s", (why))
#endif
