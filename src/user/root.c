/* --root: programs run inside a foreign root file system, without root rights.
 *
 * An ordinary user gets user namespaces in which ids are what they were, and in them a mount
 * namespace; real root gets the mount namespace alone.  Host folders are bound into the root,
 * pivot_root makes it this process's root, and the capabilities that the user namespaces gave are
 * dropped again, so the program has the rights of its user.  Our own binary is kept open from
 * before: execve needs no path to it (exec.c).  Mount points are looked up with RESOLVE_IN_ROOT:
 * links in the root, which may be anybody's, do not lead out of it. A native program that executes
 * a guest's goes straight to the host's execve: the outer user namespace has a binfmt_misc of its
 * own for that. Not modelled: pid, network and other namespaces (the host's are used); options do
 * not pass through a native program, which binfmt_misc cannot do; real root must register guests
 * itself (mimus binfmt). Main thread; nothing else runs yet. Spec: user_namespaces(7),
 * mount_namespaces(7), pivot_root(2), openat2(2), mount_setattr(2).
 */
#include "user/mm.h"
#include "user/program.h"
#include "user/user.h"
#include "base/str.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct user_bind usual_binds[] = {
	{ .from = "/proc", .to = "/proc" },
	{ .from = "/dev", .to = "/dev" },
	{ .from = "/sys", .to = "/sys" },
};

/* ---- namespaces ---- */

static bool file_says(const char *path, char what)
{
	char c = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool same = fd >= 0 && read(fd, &c, 1) == 1 && c == what;

	if (fd >= 0)
		close(fd);
	return same;
}

/* Why the host may have said no, and what to do. */
static int refused(struct error *err, int code, const char *what)
{
	static const struct {
		const char *path;
		char bad;
		const char *fix;
	} reasons[] = {
		{ "/proc/sys/user/max_user_namespaces", '0',
		  "set sysctl user.max_user_namespaces above 0" },
		{ "/proc/sys/user/max_mnt_namespaces", '0',
		  "set sysctl user.max_mnt_namespaces above 0" },
		{ "/proc/sys/kernel/unprivileged_userns_clone", '0',
		  "set sysctl kernel.unprivileged_userns_clone=1" },
		{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1',
		  "set sysctl kernel.apparmor_restrict_unprivileged_userns=0 or give this program "
		  "an AppArmor profile with 'userns'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (file_says(reasons[i].path, reasons[i].bad))
			return fail(err, code, "option '-root': %s: %s; %s, or run as root", what,
				    strerror(code), reasons[i].fix);
	}
	return fail(err, code, "option '-root': %s: %s; allow user namespaces (a container's "
		    "seccomp profile or a chroot forbids them), or run as root", what,
		    strerror(code));
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		r = -errno;
	close(fd);
	return r;
}

/* One id of each kind, from outside to inside. */
static int map_ids(uid_t uid, uid_t uid_outside, gid_t gid, gid_t gid_outside)
{
	char line[64];
	int r = write_file("/proc/self/setgroups", "deny");

	if (r < 0 && r != -ENOENT)
		return r;
	snprintf(line, sizeof line, "%u %u 1", uid, uid_outside);
	r = write_file("/proc/self/uid_map", line);
	if (r < 0)
		return r;
	snprintf(line, sizeof line, "%u %u 1", gid, gid_outside);
	return write_file("/proc/self/gid_map", line);
}

/* For native programs that start a guest's.  Where a user namespace has no binfmt_misc (before
 * Linux 6.7), or our path has a colon, they get ENOEXEC as on any host.  Flag F opens our own
 * binary now, by its path on the host. */
static void start_binfmt(void)
{
	static const char folder[] = "/proc/sys/fs/binfmt_misc";
	char self[PATH_MAX], line[PATH_MAX + 256];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	const struct target *t;

	if (n < 0 || mount("binfmt_misc", folder, "binfmt_misc", 0, NULL) < 0)
		return;
	self[n] = 0;
	for (u32 i = 0; (t = target_each(i)); i++) {
		struct str s = STR(line);

		if (!t->linux_abi || user_host_runs(t))
			continue;
		user_binfmt_line(&s, t, self, "FPO");
		if (write_file("/proc/sys/fs/binfmt_misc/register", line) < 0)
			return;
	}
}

/* *ret_user: user namespaces were needed, two of them: only root of the outer one may write to its
 * binfmt_misc, and in the inner one ids are what they were. */
static int make_namespaces(bool *ret_user, struct error *err)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int r;

	*ret_user = false;
	if (unshare(CLONE_NEWNS) == 0)
		return 0;
	*ret_user = true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return refused(err, errno, "no user and mount namespace");
	r = map_ids(0, uid, 0, gid);
	if (r == 0) {
		start_binfmt();
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
			return refused(err, errno, "no second user and mount namespace");
		r = map_ids(uid, 0, gid, 0);
	}
	return r < 0 ? refused(err, -r, "cannot map ids in the user namespace") : 0;
}

static int drop_capabilities(struct error *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capset, &head, none) < 0)
		return fail(err, errno, "option '-root': cannot drop capabilities: %s",
			    strerror(errno));
	return 0;
}

/* ---- mounts ---- */

static int open_in(int root, const char *path, int flags)
{
	struct open_how how = { .flags = (u64)(flags | O_PATH | O_CLOEXEC),
				.resolve = RESOLVE_IN_ROOT };
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);

	return fd < 0 ? -errno : fd;
}

/* A mount point in the root, made if its folder is there: a descriptor or -errno. */
static int open_mount_point(int root, const char *path, bool is_dir)
{
	int fd = open_in(root, path, 0), parent, r;
	AUTO_FREE char *folder = NULL;
	char *slash;

	if (fd != -ENOENT)
		return fd;
	folder = xstrdup(path);
	for (size_t len = strlen(folder); len > 1 && folder[len - 1] == '/';)
		folder[--len] = 0;
	slash = strrchr(folder, '/');
	if (!slash || !slash[1])
		return -ENOENT;
	*slash = 0;
	parent = open_in(root, folder[0] ? folder : "/", O_DIRECTORY);
	if (parent < 0)
		return parent;
	r = is_dir ? mkdirat(parent, slash + 1, 0755)
		   : mknodat(parent, slash + 1, S_IFREG | 0644, 0);
	r = r < 0 ? -errno : 0;
	close(parent);
	return r < 0 ? r : open_in(root, path, 0);
}

/* Mounts below come along: a user namespace may not show what they cover. */
static int bind_one(int root, const struct user_bind *b, struct error *err)
{
	struct stat st;
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
	char point[40];
	int fd, r;

	if (stat(b->from, &st) < 0)
		return fail(err, errno, "option '-bind': '%s': %s", b->from, strerror(errno));
	fd = open_mount_point(root, b->to, S_ISDIR(st.st_mode));
	if (fd < 0)
		return fail(err, -fd, "option '-bind': '%s' in the root: %s", b->to, strerror(-fd));
	snprintf(point, sizeof point, "/proc/self/fd/%d", fd);
	r = mount(b->from, point, NULL, MS_BIND | MS_REC, NULL) < 0 ? -errno : 0;
	close(fd);
	if (r < 0)
		return fail(err, -r, "option '-bind': '%s' on '%s': %s", b->from, b->to,
			    strerror(-r));
	if (!b->read_only)
		return 0;
	fd = open_in(root, b->to, 0); /* again: the old descriptor is what the mount covers */
	if (fd < 0)
		return fail(err, -fd, "option '-bind': '%s': %s", b->to, strerror(-fd));
	r = syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &read_only,
		    sizeof read_only) < 0 ? -errno : 0;
	close(fd);
	if (r < 0)
		return fail(err, -r, "option '-bind': '%s' cannot be made read-only: %s (Linux "
			    "5.12 can)", b->to, strerror(-r));
	return 0;
}

/* What the user did not ask for is left out where the root has no place for it. */
static int bind_all(int root, const struct user_bind *binds, u32 count, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(usual_binds); i++) {
		struct error ignored = { 0 };
		int fd = open_mount_point(root, usual_binds[i].to, true);

		if (fd < 0)
			continue;
		close(fd);
		r = bind_one(root, &usual_binds[i], &ignored);
		if (r < 0 && access(usual_binds[i].from, F_OK) == 0)
			return prefix(err, fail(err, -r, "%s", ignored.text), "option '-root'");
	}
	r = 0;
	for (u32 i = 0; i < count && r == 0; i++)
		r = bind_one(root, &binds[i], err);
	return r;
}

/* ---- the change ---- */

/* The working folder as the new root will name it; caller frees.  NULL: it has none. */
static char *folder_inside(const char *dir)
{
	size_t len = strlen(dir);
	char *cwd = getcwd(NULL, 0);

	if (cwd && len > 1 && !strncmp(cwd, dir, len) && (!cwd[len] || cwd[len] == '/')) {
		char *rest = xstrdup(cwd[len] ? cwd + len : "/");

		free(cwd);
		return rest;
	}
	return cwd;
}

/* chroot where there is nothing to pivot: the host itself runs from its first RAM disk. */
static int change_root(int root, struct error *err)
{
	if (fchdir(root) < 0)
		return fail(err, errno, "option '-root': %s", strerror(errno));
	if (syscall(SYS_pivot_root, ".", ".") == 0) {
		if (umount2(".", MNT_DETACH) < 0)
			return fail(err, errno, "option '-root': cannot leave the old root: %s",
				    strerror(errno));
		return chdir("/") < 0 ? fail(err, errno, "option '-root': %s", strerror(errno)) : 0;
	}
	if (errno != EINVAL || chroot(".") < 0)
		return fail(err, errno, "option '-root': cannot change the root: %s",
			    strerror(errno));
	return 0;
}

static int mount_root(const char *dir, const struct user_bind *binds, u32 count, struct error *err)
{
	int root, r;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return refused(err, errno, "no mounts of its own");
	if (mount(dir, dir, NULL, MS_BIND | MS_REC, NULL) < 0)
		return refused(err, errno, "cannot mount");
	root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return fail(err, errno, "option '-root': '%s': %s", dir, strerror(errno));
	r = bind_all(root, binds, count, err);
	if (r == 0)
		r = change_root(root, err);
	close(root);
	return r;
}

int user_root_enter(const char *dir, const struct user_bind *binds, u32 count, struct error *err)
{
	AUTO_FREE char *full = realpath(dir, NULL), *cwd = NULL;
	struct stat st;
	bool user;
	int r;

	if (!full || stat(full, &st) < 0)
		return fail(err, errno, "option '-root': '%s': %s", dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return fail(err, ENOTDIR, "option '-root': '%s': %s", dir, strerror(ENOTDIR));
	cwd = folder_inside(full);
	exec_self_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (exec_self_fd < 0)
		return fail(err, errno, "option '-root': /proc/self/exe: %s", strerror(errno));
	r = make_namespaces(&user, err);
	if (r == 0)
		r = mount_root(full, binds, count, err);
	if (r == 0 && cwd && chdir(cwd) < 0)
		r = chdir("/") < 0 ? fail(err, errno, "option '-root': %s", strerror(errno)) : 0;
	/* Root of a container without rights keeps what its namespace gives. */
	return r == 0 && user && geteuid() != 0 ? drop_capabilities(err) : r;
}

/* ---- what runs ---- */

static const char *path_of(char *const *envp)
{
	for (; *envp; envp++) {
		if (str_starts(*envp, "PATH="))
			return *envp + 5;
	}
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

/* As execvp looks: what may not be executed is remembered, but the search goes on. */
static int search(struct program *p, const char *name, const char *path, char **ret_path,
		  struct error *err)
{
	int denied = 0;

	for (const char *at = path;; at++) {
		size_t len = strcspn(at, ":");
		AUTO_FREE char *full =
		    len ? xasprintf("%.*s/%s", (int)len, at, name) : xasprintf("./%s", name);
		int r = program_open(p, AT_FDCWD, full, 0, err);

		if (r == 0) {
			*ret_path = xstrdup(full);
			return 0;
		}
		if (r != -ENOENT && r != -ENOTDIR && r != -EACCES)
			return r;
		if (r == -EACCES)
			denied = EACCES;
		at += len;
		if (!*at)
			break;
	}
	return fail(err, denied ? denied : ENOENT, "'%s': %s in the root's %s", name,
		    denied ? "not found, or not permitted," : "not found", path);
}

int user_root_find_program(const char *name, char *const *argv, char *const *envp, char **ret_path,
			   const struct target **ret_target, struct error *err)
{
	struct program *p = xnew(struct program);
	int r;

	process.exe_fd = -1; /* path.c asks: there is no program yet */
	if (strchr(name, '/')) {
		r = program_open(p, AT_FDCWD, name, 0, err);
		*ret_path = r == 0 ? xstrdup(name) : NULL;
	} else {
		r = search(p, name, path_of(envp), ret_path, err);
	}
	if (r == 0) {
		close(p->fd);
		*ret_target = p->target;
		if (!p->target || p->machine == EM_X86_64 || p->machine == EM_386) {
			execve(*ret_path, argv, envp);
			r = fail(err, errno, "'%s': %s%s", name, strerror(errno),
				 errno == ENOEXEC
				     ? ": made for a machine that is not among the guests"
				     : "");
			free(*ret_path);
		}
	}
	free(p);
	return r;
}
