/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCARCE_H
#define TESTS_SCARCE_H

/*
 * Memory that runs out on demand: a test that is linked with --wrap=malloc gets none after so many
 * more allocations; -1, as it begins: never.
 */
extern int scarce_allocations;
#endif
