/* SPDX-License-Identifier: MIT */
#include "lib/json.h"

bool json_add(struct json_object *object, const char *key, struct json_object *value)
{
	/* json-c's own copy of a key is lost when it finds no room for the member. */
	if (value && !json_object_object_add_ex(object, key, value, JSON_C_OBJECT_KEY_IS_CONSTANT))
		return true;
	json_object_put(value);
	return false;
}

bool json_append(struct json_object *array, struct json_object *value)
{
	if (value && !json_object_array_add(array, value))
		return true;
	json_object_put(value);
	return false;
}
