/* SPDX-License-Identifier: MIT */
#ifndef LIB_ANSWER_H
#define LIB_ANSWER_H
#include "lib/model.h"

/* Words for what became of a question: "subflows: not permitted". */

const char *answer_word(enum question);

/* Of the error of an answer. */
const char *answer_reason(int error);
#endif
