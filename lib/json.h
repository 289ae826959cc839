/* SPDX-License-Identifier: MIT */
#ifndef LIB_JSON_H
#define LIB_JSON_H
#include <json-c/json.h>
#include <stdbool.h>

/*
 * Putting together what must be whole: json-c takes NULL, which is what it gives when there is no
 * memory, for a value like any other, and writes null. These own the value from here on, and return
 * false when it is NULL, or finds no room. A key must live as long as the object: it is not copied.
 */
bool json_add(struct json_object *object, const char *key, struct json_object *value);
bool json_append(struct json_object *array, struct json_object *value);
#endif
