/* SPDX-License-Identifier: MIT */
#ifndef LIB_CEILING_H
#define LIB_CEILING_H
#include <stdint.h>

/*
 * The greatest limit that this kernel's path manager takes. It tells that only in its refusal of a
 * limit that is too high (net/mptcp/pm_kernel.c, parse_limit()), so it is asked to set 4294967295,
 * which it refuses and which changes nothing. No poll does that: somebody has to want it.
 */

/*
 * 0, and the maximum; else
 *	-EPERM		not permitted: it needs CAP_NET_ADMIN
 *	-ENOENT		this kernel has no path manager
 *	-ENODATA	refused, without saying what the maximum is
 *	-EDOM		taken, against all that we know: what was in force before was put back
 *	other -errno of the socket or the kernel
 */
int ceiling_ask(uint32_t *maximum);
#endif
