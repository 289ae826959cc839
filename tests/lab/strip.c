/* SPDX-License-Identifier: MIT */
/* Runs strip.bpf.c once, in the network namespace it is started in; says of how many sockets. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <unistd.h>
#include "strip.skel.h"

static int run(const struct strip_bpf *skel)
{
	struct bpf_link *link = bpf_program__attach(skel->progs.strip);
	int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
	char nothing[64];

	if (fd < 0 || read(fd, nothing, sizeof(nothing)) < 0)
		return -1;
	close(fd);
	return bpf_link__destroy(link);
}

int main(void)
{
	struct strip_bpf *skel = strip_bpf__open_and_load();

	if (!skel || run(skel)) {
		perror("strip");
		return 1;
	}
	printf("%u\n", skel->bss->stripped);
	strip_bpf__destroy(skel);
	return 0;
}
