/* SPDX-License-Identifier: MIT */
/* Two threads and a number without a lock: whoever looks for races must find this one. */
#include <pthread.h>

static int number;

static void *count(void *arg)
{
	number++;
	return arg;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, count, NULL))
		return 1;
	number++;
	return pthread_join(thread, NULL);
}
