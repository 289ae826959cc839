/* SPDX-License-Identifier: MIT */
#ifndef CLI_FRAME_WANS_H
#define CLI_FRAME_WANS_H
#include "cli/frame.h"

/*
 * The table of WANs of a frame. Unlike that of `show`, its columns stay where they are from frame
 * to frame; which of them there are, and how wide, is a matter of the screen's width.
 */

/* Rates are without their unit, "41 M": the frame has to tell it. */
bool frame_wans_short_rates(size_t width);

/* The titles and so many rows, a line each. `wans` are all there are, in their order. */
void frame_wans_print(const struct screen *, const struct frame *, const struct wan *const *wans,
		      size_t first, size_t count);

/* The snapshot's WANs in the frame's order, for the caller to free; NULL: no memory. */
const struct wan **frame_wans_sorted(const struct frame *);
#endif
