/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "agent/privilege.h"
#include "lib/file.h"

static const cap_value_t wanted[] = { CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN };
enum { WANTED = sizeof(wanted) / sizeof(wanted[0]) };

/* These and no other, as far as they are permitted, permitted and in force. 0 or -errno */
static int hold(const cap_value_t *values, int count)
{
	cap_t had = cap_get_proc(), caps = cap_init();
	cap_flag_value_t permitted;
	int error = had && caps ? 0 : -errno;

	for (int i = 0; i < count && !error; i++) {
		if (cap_get_flag(had, values[i], CAP_PERMITTED, &permitted) || permitted != CAP_SET)
			continue;
		if (cap_set_flag(caps, CAP_PERMITTED, 1, &values[i], CAP_SET) ||
		    cap_set_flag(caps, CAP_EFFECTIVE, 1, &values[i], CAP_SET))
			error = -errno;
	}
	if (!error && cap_set_proc(caps))
		error = -errno;
	cap_free(had);
	cap_free(caps);
	return error;
}

/*
 * --- becoming a user ---------------------------------------------------------------------------
 */

/*
 * One that is there already is as its owner wants it: whether the user may write it, the user finds
 * out. 0 or -errno
 */
static int give_folder(const char *path, const struct passwd *user)
{
	int error;

	if (!access(path, F_OK))
		return 0;
	error = folder_make(path);
	if (!error && chown(path, user->pw_uid, user->pw_gid))
		error = -errno;
	return error;
}

static int explain(char *why, const char *what, int error)
{
	snprintf(why, WHY_LEN, "%s: %s", what, strerror(-error));
	return error;
}

int privilege_become(const char *name, const struct settings *settings, char *why)
{
	const struct passwd *user;
	int error;

	errno = 0;
	user = getpwnam(name);
	if (!user) {
		error = errno ? -errno : -ENOENT;
		snprintf(why, WHY_LEN, "user '%s': %s", name,
			 errno ? strerror(errno) : "there is none");
		return error;
	}
	if (!user->pw_uid) {
		snprintf(why, WHY_LEN, "user '%s': is root, who gives up nothing: leave --user out",
			 name);
		return -EINVAL;
	}
	if (geteuid()) {
		if (user->pw_uid == geteuid())
			return 0;
		snprintf(why, WHY_LEN, "user '%s': only root can become another", name);
		return -EPERM;
	}
	error = give_folder(settings->state_dir, user);
	if (error)
		return explain(why, settings->state_dir, error);
	error = give_folder(settings->run_dir, user);
	if (error)
		return explain(why, settings->run_dir, error);
	/* Root's permitted capabilities outlive the change; those in force are set anew. */
	if (prctl(PR_SET_KEEPCAPS, 1) || initgroups(name, user->pw_gid) || setgid(user->pw_gid) ||
	    setuid(user->pw_uid))
		error = -errno;
	if (!error)
		error = hold(wanted, WANTED);
	if (error)
		return explain(why, name, error);
	/* Another epoch and other indexes, because root was here before, would mix up managers. */
	if (access(settings->state_dir, W_OK | X_OK)) {
		error = -errno;
		snprintf(why, WHY_LEN, "%s: %s; chown -R %s: %s", settings->state_dir,
			 strerror(-error), name, settings->state_dir);
	}
	return error;
}

/*
 * --- giving up ---------------------------------------------------------------------------------
 */

/*
 * By its version, because there may be no subflow to try it on. A patched kernel that tells more
 * only leaves us with a capability that we could do without.
 */
static bool anybody_may_see_subflows(void)
{
	unsigned int major, minor;
	struct utsname kernel;

	return !uname(&kernel) && sscanf(kernel.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 15));
}

int privilege_drop(void)
{
	static const cap_value_t net_admin[] = { CAP_NET_ADMIN };
	int error;

	if (!geteuid())
		return 0;
	/* A kernel without ambient capabilities has none to reset. */
	if (cap_reset_ambient() && errno != EINVAL && errno != ENOSYS)
		return -errno;
	error = hold(net_admin, anybody_may_see_subflows() ? 0 : 1);
	if (error)
		return error;
	/* No program that we start, and no file of ours, gives any back. */
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}
