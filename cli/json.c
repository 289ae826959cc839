/* SPDX-License-Identifier: MIT */
#include "cli/json.h"

void json_put_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

void json_put_number(struct json_object *object, const char *key, uint64_t number)
{
	json_object_object_add(object, key, json_object_new_uint64(number));
}

void json_put_truth(struct json_object *object, const char *key, bool truth)
{
	json_object_object_add(object, key, json_object_new_boolean(truth));
}

void json_put_known(struct json_object *object, const char *key, struct maybe_u32 number)
{
	if (number.known)
		json_put_number(object, key, number.value);
}
