/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include "lib/answer.h"

const char *answer_word(enum question question)
{
	static const char *const words[QUESTIONS] = {
		[Q_LINKS] = "links",
		[Q_ADDRESSES] = "addresses",
		[Q_LIMITS] = "limits",
		[Q_ENDPOINTS] = "endpoints",
		[Q_CONNECTIONS] = "connections",
		[Q_SUBFLOWS] = "subflows",
		[Q_COUNTERS] = "counters",
		[Q_SYSCTLS] = "sysctls",
		[Q_LOAD] = "load",
	};

	return words[question];
}

const char *answer_reason(int error)
{
	switch (-error) {
	case ENOSYS:
		return "not built in or switched off";
	case ENOENT:
		return "this kernel has none";
	case EPERM:
	case EACCES:
		return "not permitted";
	case EINTR:
		return "interrupted again and again";
	default:
		return strerror(-error);
	}
}
