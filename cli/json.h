/* SPDX-License-Identifier: MIT */
#ifndef CLI_JSON_H
#define CLI_JSON_H
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include "lib/model.h"

/* A key with its value. What is not known is left out: absent is not zero. */
void json_put_text(struct json_object *, const char *key, const char *text);
void json_put_number(struct json_object *, const char *key, uint64_t number);
void json_put_truth(struct json_object *, const char *key, bool truth);
void json_put_known(struct json_object *, const char *key, struct maybe_u32 number);
#endif
