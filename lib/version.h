/* SPDX-License-Identifier: MIT */
#ifndef LIB_VERSION_H
#define LIB_VERSION_H
/* The one place is configure.ac; the build passes it on. */
#define MPTCP_WAN_VERSION PACKAGE_VERSION
#endif
