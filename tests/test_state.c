/* SPDX-License-Identifier: MIT */
/* The state directory: one owner, whole files, and nothing thrown away that could not be read. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/file.h"
#include "lib/state.h"
#include "tests/tap.h"

static char dir[] = "/tmp/test_state.XXXXXX", why[WHY_LEN];

static const char *in_dir(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(in_dir(name), "w");

	fputs(text, file);
	fclose(file);
}

static const char *read_file(const char *name)
{
	static char text[65536];
	FILE *file = fopen(in_dir(name), "r");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	if (!file)
		return NULL;
	fclose(file);
	text[len] = '\0';
	return text;
}

static void two_agents_do_not_share_it(void)
{
	int first = state_lock(dir, why), second;
	char pid[32];

	ok(first >= 0, "locked");
	second = state_lock(dir, why);
	ok(second == -EBUSY, "not twice: %s", why);
	snprintf(pid, sizeof(pid), "process %d", (int)getpid());
	ok(strstr(why, pid) != NULL && strstr(why, dir) != NULL, "by whom is told");
	close(first);
	second = state_lock(dir, why);
	ok(second >= 0, "free when the first one goes");
	close(second);
}

static void folders_are_made(void)
{
	char deep[PATH_MAX + 1];
	int lock;

	snprintf(deep, sizeof(deep), "%s/a/b/c", dir);
	lock = state_lock(deep, why);
	ok(lock >= 0 && !access(in_dir("a/b/c/lock"), F_OK), "with those above");
	close(lock);
	ok(!folder_make(deep), "one that is there already is fine");
	write_file("file", "");
	snprintf(deep, sizeof(deep), "%s/file", dir);
	ok(state_lock(deep, why) == -ENOTDIR, "a file is no folder: %s", why);
	memset(deep, 'x', PATH_MAX);
	deep[0] = '/';
	deep[PATH_MAX] = '\0';
	ok(folder_make(deep) == -ENAMETOOLONG, "a path too long");
	unlink(in_dir("a/b/c/lock"));
	rmdir(in_dir("a/b/c"));
	rmdir(in_dir("a/b"));
	rmdir(in_dir("a"));
	unlink(in_dir("file"));
}

static void saved_and_loaded(void)
{
	struct registry *r = calloc(1, sizeof(*r)), *again = calloc(1, sizeof(*again));
	struct stat info;

	registry_init(r);
	registry_init(again);
	is_u64((uint64_t)state_load(dir, again, why), 0, "nothing there yet");
	registry_on_device(r, "eth1", 1800000000);
	ok(!state_save(dir, r, why) && !r->dirty, "saved");
	ok(!stat(in_dir("wans"), &info) && (info.st_mode & 0777) == 0644, "for all to read");
	ok(!state_load(dir, again, why) && !again->dirty, "loaded");
	ok(registry_find_name(again, "eth1") >= 0, "the same");
	ok(access(in_dir(".wans.new"), F_OK) != 0, "nothing is left behind");
	free(r);
	free(again);
}

static void a_corrupt_file_is_kept_aside(void)
{
	static const char corrupt[] = "mptcp-wan-state 1\nnext 9\nwan 1 eth1 eth1 0 5\nrubbish\n";
	struct registry *r = calloc(1, sizeof(*r));

	registry_init(r);
	write_file("wans", corrupt);
	ok(state_load(dir, r, why) == -EBADMSG, "some of it is bad");
	ok(strstr(why, "wans") && strstr(why, "line 4"), "which line is told: %s", why);
	ok(registry_find_name(r, "eth1") >= 0 && r->next_index == 9, "the good lines are taken");
	is_text(read_file("wans.bad"), corrupt, "the file is kept");
	ok(!read_file("wans"), "but not as ours");
	ok(r->dirty, "what is good is to be written");

	write_file("wans", "");
	ok(state_load(dir, r, why) == -EBADMSG, "an empty file is a broken one");
	unlink(in_dir("wans.bad"));
	free(r);
}

static void a_file_too_long_is_no_good_one(void)
{
	struct registry *r = calloc(1, sizeof(*r));
	FILE *file = fopen(in_dir("wans"), "w");

	registry_init(r);
	fputs("mptcp-wan-state 1\nnext 1\n", file);
	for (int i = 0; i < 2000; i++)
		fputs("next 2000\n", file);
	fclose(file);
	ok(state_load(dir, r, why) == -EBADMSG, "told: %s", why);
	unlink(in_dir("wans"));
	unlink(in_dir("wans.bad"));
	free(r);
}

static void what_cannot_be_read_is_not_written_over(void)
{
	struct registry *r = calloc(1, sizeof(*r));

	registry_init(r);
	mkdir(in_dir("wans"), 0755);
	ok(state_load(dir, r, why) == -EISDIR, "told: %s", why);
	ok(strstr(why, in_dir("wans")) != NULL, "which file is told");
	r->dirty = true;
	ok(state_save(dir, r, why) == -EISDIR && r->dirty, "nor saved: %s", why);
	ok(access(in_dir(".wans.new"), F_OK) != 0, "nothing is left behind");
	rmdir(in_dir("wans"));
	free(r);
}

static void replaced_whole_or_not_at_all(void)
{
	struct stat info;

	ok(!file_replace(dir, "status", "one", 3, 0600, false), "a new file");
	is_text(read_file("status"), "one", "its text");
	ok(!file_replace(dir, "status", "second", 6, 0640, true), "replaced");
	is_text(read_file("status"), "second", "by the new text");
	ok(!stat(in_dir("status"), &info) && (info.st_mode & 0777) == 0640, "and mode");
	ok(symlink("status", in_dir(".other.new")) == 0, "somebody's link in our way");
	ok(file_replace(dir, "other", "x", 1, 0600, false) != 0, "is not followed");
	is_text(read_file("status"), "second", "and its target is left alone");
	unlink(in_dir(".other.new"));
	unlink(in_dir("status"));
	ok(file_replace(in_dir("none"), "status", "x", 1, 0600, false) == -ENOENT, "no folder");
}

/* What went to the disk: f a file, r its new name, d the directory. */
static char written[16];
static int refused; /* errno of fsync() of a directory */
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_renameat(int from, const char *name, int to, const char *new_name);
int __wrap_renameat(int from, const char *name, int to, const char *new_name);

static void write_down(char what)
{
	size_t len = strlen(written);

	if (len + 1 < sizeof(written)) {
		written[len] = what;
		written[len + 1] = '\0';
	}
}

int __wrap_fsync(int fd)
{
	struct stat info;
	bool folder = !fstat(fd, &info) && S_ISDIR(info.st_mode);

	write_down(folder ? 'd' : 'f');
	errno = refused;
	return folder && refused ? -1 : __real_fsync(fd);
}

int __wrap_renameat(int from, const char *name, int to, const char *new_name)
{
	write_down('r');
	return __real_renameat(from, name, to, new_name);
}

static void its_new_name_survives_a_power_cut(void)
{
	written[0] = '\0';
	ok(!file_replace(dir, "status", "one", 3, 0600, false), "no matter");
	is_text(written, "r", "is not waited for");
	written[0] = '\0';
	ok(!file_replace(dir, "status", "two", 3, 0600, true), "synced");
	is_text(written, "frd", "the text, then its name, which is the directory's");
	refused = EIO;
	ok(file_replace(dir, "status", "three", 5, 0600, true) == -EIO, "which may fail");
	refused = EINVAL;
	ok(!file_replace(dir, "status", "four", 4, 0600, true), "or be beyond a file system");
	refused = 0;
	is_text(read_file("status"), "four", "it is there");
	unlink(in_dir("status"));
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	two_agents_do_not_share_it();
	folders_are_made();
	saved_and_loaded();
	a_corrupt_file_is_kept_aside();
	a_file_too_long_is_no_good_one();
	what_cannot_be_read_is_not_written_over();
	replaced_whole_or_not_at_all();
	its_new_name_survives_a_power_cut();
	unlink(in_dir("lock"));
	unlink(in_dir("wans"));
	rmdir(dir);
	return tap_done();
}
