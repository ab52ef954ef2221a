/* Host paths for guest paths: the sysroot of -L, and names that lead to the program itself.
 *
 * With a sysroot an absolute path is tried below it first; /proc, /dev, /sys and the root itself
 * are always the host's.
 * A path whose last part is "exe" may be /proc/self/exe in any spelling: proc_is_exe() looks where
 * it leads, and the program's kept descriptor is used, as the host's own link names the emulator.
 * Not modelled: links inside the sysroot to absolute paths, except as the last part of a program's
 * path.
 * Any thread; the sysroot is set once at start.
 */
#include "user/mm.h"
#include "user/path.h"
#include "user/program.h"
#include "base/str.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINKS_MAX = 8 };

static char *sysroot;		/* absolute, no slash at the end; NULL: none */
static size_t sysroot_len;

static void set_sysroot(char *path)
{
	size_t len = path ? strlen(path) : 0;

	while (len && path[len - 1] == '/')
		path[--len] = 0;
	if (!len) {
		free(path);
		return;
	}
	sysroot = path;
	sysroot_len = len;
}

int path_init(struct error *err)
{
	const char *root = process.cfg->sysroot;
	char *full;

	if (!root || !root[0])
		return 0;
	full = realpath(root, NULL);
	if (!full)
		return fail(err, errno, "option '-L': '%s': %s", root, strerror(errno));
	set_sysroot(full);
	return 0;
}

static bool exists(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return !strncmp(path, folder, len) && (!path[len] || path[len] == '/');
}

/* The path below the sysroot in buf, if there is such a file. */
static bool in_sysroot(const char *guest, char *buf)
{
	size_t len = strlen(guest);

	if (!sysroot || guest[0] != '/' || guest[strspn(guest, "/")] == 0)
		return false;
	if (below(guest, "/proc") || below(guest, "/dev") || below(guest, "/sys") || below(guest, sysroot))
		return false;
	if (sysroot_len + len >= PATH_MAX)
		return false;
	memcpy(buf, sysroot, sysroot_len);
	memcpy(buf + sysroot_len, guest, len + 1);
	return exists(buf);
}

const char *path_host_at(int dirfd, const char *guest, char *buf)
{
	const char *slash = strrchr(guest, '/');

	if (unlikely(!strcmp(slash ? slash + 1 : guest, "exe")) && process.exe_fd >= 0 && proc_is_exe(dirfd, guest)) {
		snprintf(buf, PATH_MAX, "/proc/self/fd/%d", process.exe_fd);
		return buf;
	}
	return in_sysroot(guest, buf) ? buf : guest;
}

const char *path_host(const char *guest, char *buf)
{
	return path_host_at(AT_FDCWD, guest, buf);
}

const char *path_host_follow(int dirfd, const char *guest, char *buf)
{
	const char *host = path_host_at(dirfd, guest, buf);
	char target[PATH_MAX];

	for (u32 i = 0; i < LINKS_MAX && sysroot && host == buf && str_starts(buf, sysroot); i++) {
		char next[PATH_MAX];
		ssize_t n = readlink(buf, target, sizeof target - 1);

		if (n <= 0 || target[0] != '/')
			break;
		target[n] = 0;
		if (!in_sysroot(target, next))
			break;
		memcpy(buf, next, strlen(next) + 1);
	}
	return host;
}

/* ---- where the guest's libraries are when nobody said ---- */

/* The n-th folder to try, NULL past the last: as QEMU, its Debian package, and Debian's cross compilers have them. */
static char *usual_sysroot(u32 n, const struct target *t)
{
	const char *machine = t->linux_abi->machine;

	switch (n) {
	case 0:		return xasprintf("/etc/qemu-binfmt/%s", machine);
	case 1:		return xasprintf("/usr/gnemul/qemu-%s", machine);
	case 2:		return xasprintf("/usr/%s-linux-gnu", machine);
	default:	return NULL;
	}
}

/* The first of those that has the interpreter; NULL: none, or none is needed.  Caller frees. */
static char *find_sysroot(const char *interp, const struct target *t)
{
	char *root;

	if (sysroot || interp[0] != '/' || exists(interp))
		return NULL;
	for (u32 i = 0; (root = usual_sysroot(i, t)); i++) {
		AUTO_FREE char *path = xasprintf("%s%s", root, interp);

		if (exists(path))
			return root;
		free(root);
	}
	return NULL;
}

void path_default_sysroot(const char *interp)
{
	char *root = find_sysroot(interp, process.target);

	if (root)
		set_sysroot(root);
}

const char *path_interp(const char *interp, const struct target *target, char *buf)
{
	char *root = find_sysroot(interp, target);

	if (!root)
		return path_host_follow(AT_FDCWD, interp, buf);
	snprintf(buf, PATH_MAX, "%s%s", root, interp);
	free(root);
	return buf;
}
