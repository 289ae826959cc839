/* SPDX-License-Identifier: MIT */
/*
 * Has the kernel time all BPF programs until it is ended: run_time_ns in /proc/PID/fdinfo of
 * whoever holds one. Says "ready" when that has begun.
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	if (bpf_enable_stats(BPF_STATS_RUN_TIME) < 0) {
		perror("bpf_clock");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
