/* SPDX-License-Identifier: MIT */
/*
 * For LD_PRELOAD: of the calls of malloc, calloc and realloc the NOMEM_AT-th has no memory, once. At its end
 * a process adds how many there were to the file NOMEM_COUNT. With NOMEM_OF only those count that come from
 * an object of such a name, however deep in what it calls. One that crashes says where.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* RTLD_NEXT */
#endif
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What dlsym() allocates before it has told us who does. */
static char early[4096] __attribute__((aligned(16)));
static size_t early_len;

static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static void (*next_free)(void *);
static atomic_ulong calls;
static unsigned long fails_at;
static const char *of;
static _Atomic(int) ready;

static void *take_early(size_t size)
{
	void *memory = early + early_len;

	early_len += (size + 15) & ~(size_t)15;
	if (early_len > sizeof(early))
		_exit(99);
	return memory;
}

static int is_early(const void *memory)
{
	return (const char *)memory >= early && (const char *)memory < early + sizeof(early);
}

static int is_of_it(void)
{
	static __thread int looking;
	void *frames[24];
	Dl_info info;
	int count, found = 0;

	if (!of)
		return 1;
	if (looking)
		return 0;
	looking = 1;
	count = backtrace(frames, 24);
	for (int i = 0; i < count && !found; i++)
		found = dladdr(frames[i], &info) && info.dli_fname && strstr(info.dli_fname, of);
	looking = 0;
	return found;
}

static int fails(void)
{
	if (!ready || !is_of_it() || atomic_fetch_add(&calls, 1) + 1 != fails_at)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	if (!next_malloc)
		return take_early(size);
	return fails() ? NULL : next_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	if (!next_calloc)
		return take_early(count * size);
	return fails() ? NULL : next_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	void *fresh;

	if (fails())
		return NULL;
	if (!is_early(memory))
		return next_realloc(memory, size);
	fresh = next_malloc(size);
	if (fresh)
		memcpy(fresh, memory, size < 256 ? size : 256);
	return fresh;
}

void free(void *memory)
{
	if (memory && !is_early(memory))
		next_free(memory);
}

/* A thread that has blocked these dies of them without a word. */
int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	int (*next_mask)(int, const sigset_t *, sigset_t *);
	sigset_t less;

	*(void **)&next_mask = dlsym(RTLD_NEXT, "pthread_sigmask");
	if (!set || how == SIG_UNBLOCK)
		return next_mask(how, set, old);
	less = *set;
	sigdelset(&less, SIGSEGV);
	sigdelset(&less, SIGBUS);
	sigdelset(&less, SIGABRT);
	return next_mask(how, &less, old);
}

static void crashed(int number)
{
	static const char text[] = "nomem: crashed at\n";
	void *frames[32];

	if (write(STDERR_FILENO, text, sizeof(text) - 1) > 0)
		backtrace_symbols_fd(frames, backtrace(frames, 32), STDERR_FILENO);
	signal(number, SIG_DFL);
	raise(number);
}

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void begin(void)
{
	static char other[65536];
	const stack_t stack = { .ss_sp = other, .ss_size = sizeof(other) };
	const struct sigaction action = { .sa_handler = crashed, .sa_flags = SA_ONSTACK };
	const char *at = getenv("NOMEM_AT");
	void *frame;

	*(void **)&next_free = next("free");
	*(void **)&next_realloc = next("realloc");
	*(void **)&next_calloc = next("calloc");
	*(void **)&next_malloc = next("malloc");
	backtrace(&frame, 1);	/* loads what it needs */
	of = getenv("NOMEM_OF");
	fails_at = at ? strtoul(at, NULL, 10) : 0;
	/* Who is out of stack needs another one. */
	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGABRT, &action, NULL);
	ready = 1;
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("NOMEM_COUNT");
	char text[32];
	int fd, len;

	ready = 0;
	fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
	if (fd < 0)
		return;
	len = snprintf(text, sizeof(text), "%lu\n", (unsigned long)calls);
	if (write(fd, text, (size_t)len) != len)
		_exit(98);
	close(fd);
}
