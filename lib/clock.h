/* SPDX-License-Identifier: MIT */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H
#include <stdint.h>

/*
 * The machine's clocks, for who waits or measures. What is to be replayed asks its source instead.
 */
uint64_t clock_now_us(void);	/* monotonic; nobody sets it */
uint64_t clock_now_ms(void);
uint64_t clock_wall_ms(void);	/* since 1970 */
uint64_t clock_thread_us(void);	/* CPU time of the calling thread */
#endif
