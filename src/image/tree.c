/* Layers become a folder: image-spec, layer.md ("Applying Changesets").
 *
 * Names are hostile.  An entry's folder is opened by openat2 with RESOLVE_IN_ROOT and
 * RESOLVE_NO_MAGICLINKS, so that symlinks of the image, absolute ones too, lead to
 * places inside; its last component is then used by *at calls that follow nothing.  A
 * name with ".." is refused, and a hard link is made by the same two steps.
 *
 * Folders stay 0700 until image_tree_finish, or an ordinary user could not write into
 * those that are read-only; what they shall get is kept by inode number.  The inodes
 * that a layer made or touched are kept too: its whiteouts spare them, whatever their
 * order (`.wh.NAME` removes NAME of the layers below, `.wh..wh..opq` all that a folder
 * has from below).
 *
 * Owners, device nodes and set-id bits need root: an ordinary user owns everything, gets
 * no devices, and files lose set-id bits, which would mean the wrong user.
 * Not modelled: xattrs other than user.* and security.capability (counted as left out).
 */
#include "image/tree.h"
#include "base/hash.h"
#include "base/str.h"
#include "image/tar.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { DEPTH_MAX = 256, COPY = 256 << 10, ASK_DISK = 1 << 20 };

struct folder {			/* what a folder gets at the end */
	u32 mode, uid, gid;
	struct timespec mtime;
};

struct image_tree {
	int root;
	bool is_root;		/* we are the superuser */
	struct hash folders;	/* inode -> struct folder, owned */
	struct hash ours;	/* inodes of the layer in work */
	int parent;		/* the folder of the last entry, or -1 */
	char parent_path[PATH_MAX];
	struct image_left_out out;
	u8 copy[COPY];
};

/* Follows symlinks, but never out of root. */
static int open_inside(int root, const char *path, u64 flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	for (int tries = 0; tries < 100; tries++) {
		long fd = syscall(SYS_openat2, root, path, &how, sizeof how);

		if (fd >= 0 || errno != EAGAIN)
			return fd < 0 ? -errno : (int)fd;
	}
	return -EAGAIN;
}

int image_tree_open(struct image_tree **ret_t, const char *path, struct error *err)
{
	struct image_tree *t;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail(err, errno, "%s: %s", path, strerror(errno));
	t = xnew(struct image_tree);
	t->root = fd;
	t->parent = -1;
	t->is_root = geteuid() == 0;
	*ret_t = t;
	return 0;
}

static void forget_parent(struct image_tree *t)
{
	if (t->parent >= 0)
		close(t->parent);
	t->parent = -1;
}

void image_tree_free(struct image_tree *t)
{
	const struct hash_slot *s;
	u32 at = 0;

	if (!t)
		return;
	while ((s = hash_next(&t->folders, &at)))
		free(s->value);
	hash_done(&t->folders);
	hash_done(&t->ours);
	forget_parent(t);
	close(t->root);
	free(t);
}

/* Without "./", "//" and a "/" at either end; ".." is refused. */
static int clean(const char *path, char ret_clean[PATH_MAX], struct error *err)
{
	struct str s = str_init(ret_clean, PATH_MAX);
	u32 depth = 0;

	ret_clean[0] = 0;
	for (const char *p = path; *p;) {
		size_t len = strcspn(p, "/");

		if (len == 2 && !memcmp(p, "..", 2))
			return fail(err, EPERM, "'%.200s' leads out of its folder: refused", path);
		if (len && !(len == 1 && *p == '.')) {
			if (++depth > DEPTH_MAX)
				return fail(err, ELOOP, "'%.60s...' is more than %d folders deep", path,
					    DEPTH_MAX);
			str_add(&s, "%s%.*s", s.len ? "/" : "", (int)len, p);
		}
		p += len + (p[len] == '/');
	}
	return s.cut ? fail(err, ENAMETOOLONG, "'%.60s...': the name is too long", path) : 0;
}

static void remember(struct image_tree *t, u64 inode)
{
	hash_set(&t->ours, inode, t);
}

/* Make the folders of a path that are not there; returns the last, open. */
static int make_folders(struct image_tree *t, const char *path, struct error *err)
{
	char part[PATH_MAX];
	int above = dup(t->root), fd;

	for (const char *p = path;; p++) {
		size_t len = (size_t)(p - path);

		if (*p && *p != '/')
			continue;
		memcpy(part, path, len);
		part[len] = 0;
		fd = open_inside(t->root, part, O_RDONLY | O_DIRECTORY);
		if (fd == -ENOENT) {
			const char *slash = strrchr(part, '/'), *name = slash ? slash + 1 : part;
			struct stat st;

			if (mkdirat(above, name, 0755) == 0 &&
			    fstatat(above, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
				remember(t, st.st_ino);
			fd = open_inside(t->root, part, O_RDONLY | O_DIRECTORY);
		}
		close(above);
		if (fd < 0 || !*p)
			break;
		above = fd;
	}
	return fd < 0 ? fail(err, -fd, "folder '%.200s': %s", path, strerror(-fd)) : fd;
}

/* The folder that a clean path is in, borrowed till the next call, and its last name. */
static int open_parent(struct image_tree *t, char *path, const char **ret_name, struct error *err)
{
	char *slash = strrchr(path, '/');
	const char *folder = slash ? path : ".";

	*ret_name = slash ? slash + 1 : path;
	if (slash)
		*slash = 0;
	if (t->parent >= 0 && !strcmp(folder, t->parent_path))
		return t->parent;
	forget_parent(t);
	t->parent = make_folders(t, folder, err);
	memcpy(t->parent_path, folder, strlen(folder) + 1);
	return t->parent;
}

static int remove_inside(struct image_tree *t, int dir, bool spare, u32 depth);

/* Remove what a folder has under a name.  spare: not what this layer made. */
static int remove_name(struct image_tree *t, int dir, const char *name, bool spare, u32 depth)
{
	struct stat st;
	bool ours;
	int fd, r;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	ours = spare && t && hash_get(&t->ours, st.st_ino);
	if (!S_ISDIR(st.st_mode))
		return ours || unlinkat(dir, name, 0) == 0 ? 0 : -errno;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == EACCES && fchmodat(dir, name, 0700, 0) == 0)
		fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = remove_inside(t, fd, spare, depth + 1);
	if (r < 0 || ours)
		return r;
	if (unlinkat(dir, name, AT_REMOVEDIR) < 0)
		return spare && errno == ENOTEMPTY ? 0 : -errno;
	if (t)
		free(hash_remove(&t->folders, st.st_ino));
	return 0;
}

/* Takes dir. */
static int remove_inside(struct image_tree *t, int dir, bool spare, u32 depth)
{
	DIR *d = depth > 2 * DEPTH_MAX ? NULL : fdopendir(dir);
	struct dirent *e;
	int r = 0;

	if (!d) {
		close(dir);
		return -ELOOP;
	}
	if (!t)
		fchmod(dir, 0700);
	while (r == 0 && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			r = remove_name(t, dir, e->d_name, spare, depth);
	}
	closedir(d);
	return r;
}

int image_tree_remove(const char *path, struct error *err)
{
	int r = remove_name(NULL, AT_FDCWD, path, false, 0);

	return r < 0 ? fail(err, -r, "cannot remove %s: %s", path, strerror(-r)) : 0;
}

/* 1 when the name was a whiteout and is done. */
static int whiteout(struct image_tree *t, int dir, const char *name, struct error *err)
{
	int r;

	if (!str_starts(name, ".wh."))
		return 0;
	if (!strcmp(name, ".wh..wh..opq"))
		r = remove_inside(t, openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), true, 0);
	else if (str_starts(name, ".wh..wh."))
		return 1;	/* aufs's own files */
	else if (!name[4] || !strcmp(name + 4, ".") || !strcmp(name + 4, ".."))
		return fail(err, EPERM, "whiteout '%s' leads out of its folder: refused", name);
	else
		r = remove_name(t, dir, name + 4, true, 0);
	forget_parent(t);
	return r < 0 ? fail(err, -r, "whiteout '%s': %s", name, strerror(-r)) : 1;
}

/* Ownership, in one place: a record of owners that the host cannot give would go here. */
static int set_owner(struct image_tree *t, int dir, const char *name, u32 uid, u32 gid)
{
	if (!t->is_root)
		return 0;
	return fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static u32 mode_of(const struct image_tree *t, u32 mode)
{
	return t->is_root ? mode : mode & 01777;
}

static int set_xattrs(struct image_tree *t, int fd, const struct tar_entry *e)
{
	for (u32 i = 0; i < e->xattrs; i++) {
		const struct tar_xattr *x = &e->xattr[i];
		bool known = str_starts(x->name, "user.") || !strcmp(x->name, "security.capability");

		if (known && fsetxattr(fd, x->name, x->value, x->len, 0) == 0)
			continue;
		if (known && errno != EPERM && errno != ENOTSUP)
			return -errno;
		t->out.xattrs++;
	}
	return 0;
}

static int make_folder(struct image_tree *t, int dir, const char *name, const struct tar_entry *e)
{
	struct folder *f;
	struct stat st;
	int fd, r;

	if (mkdirat(dir, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = set_xattrs(t, fd, e);
	if (r == 0 && fstat(fd, &st) < 0)
		r = -errno;
	close(fd);
	if (r < 0)
		return r;
	f = xnew(struct folder);
	*f = (struct folder){ e->mode, e->uid, e->gid, { e->mtime, e->mtime_ns } };
	free(hash_set(&t->folders, st.st_ino, f));
	remember(t, st.st_ino);
	return 0;
}

static int copy_data(struct image_tree *t, struct tar *tar, int fd, u64 size, struct error *err)
{
	struct statvfs v;

	if (size >= ASK_DISK && fstatvfs(fd, &v) == 0 && size / v.f_frsize >= v.f_bavail)
		return fail(err, ENOSPC, "a file of %llu bytes does not fit on the disk",
			    (unsigned long long)size);
	for (;;) {
		i64 n = tar_read(tar, t->copy, COPY, err);

		if (n <= 0)
			return (int)n;
		for (i64 done = 0; done < n;) {
			ssize_t w = write(fd, t->copy + done, (size_t)(n - done));

			if (w < 0 && errno != EINTR)
				return fail(err, errno, "cannot write: %s", strerror(errno));
			done += w > 0 ? w : 0;
		}
	}
}

static int make_file(struct image_tree *t, int dir, const char *name, const struct tar_entry *e,
		     struct tar *tar, struct error *err)
{
	struct timespec times[2] = { { e->mtime, e->mtime_ns }, { e->mtime, e->mtime_ns } };
	struct stat st;
	int r, fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	r = copy_data(t, tar, fd, e->size, err);
	if (r == 0)
		r = set_owner(t, fd, "", e->uid, e->gid);
	if (r == 0)
		r = set_xattrs(t, fd, e);
	if (r == 0 && (fchmod(fd, mode_of(t, e->mode)) < 0 || futimens(fd, times) < 0 ||
		       fstat(fd, &st) < 0))
		r = -errno;
	if (r == 0)
		remember(t, st.st_ino);
	close(fd);
	return r;
}

/* Symlinks, devices and fifos. */
static int make_special(struct image_tree *t, int dir, const char *name, const struct tar_entry *e)
{
	static const u32 kinds[] = { ['3'] = S_IFCHR, ['4'] = S_IFBLK, ['6'] = S_IFIFO };
	struct timespec times[2] = { { e->mtime, e->mtime_ns }, { e->mtime, e->mtime_ns } };
	bool device = e->type == '3' || e->type == '4';
	struct stat st;
	int r;

	if (device && !t->is_root) {
		t->out.devices++;
		return 0;
	}
	if (e->type == '2')
		r = symlinkat(e->link, dir, name);
	else
		r = mknodat(dir, name, kinds[(u8)e->type] | 0600, makedev(e->major, e->minor));
	if (r < 0 && device && errno == EPERM) {	/* root of a container only */
		t->out.devices++;
		return 0;
	}
	if (r < 0)
		return -errno;
	r = set_owner(t, dir, name, e->uid, e->gid);
	if (r == 0 && e->type != '2' && fchmodat(dir, name, mode_of(t, e->mode), 0) < 0)
		r = -errno;
	if (r == 0 && (utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0 ||
		       fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0))
		r = -errno;
	if (r == 0)
		remember(t, st.st_ino);
	return r;
}

static int make_link(struct image_tree *t, int dir, const char *name, const char *target,
		     struct error *err)
{
	char path[PATH_MAX], *slash;
	struct stat st;
	int from, r = clean(target, path, err);

	if (r < 0)
		return r;
	slash = strrchr(path, '/');
	if (slash)
		*slash = 0;
	from = open_inside(t->root, slash ? path : ".", O_PATH | O_DIRECTORY);
	if (from < 0)
		return from;
	r = linkat(from, slash ? slash + 1 : path, dir, name, 0);
	r = r < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
	if (r == 0)
		remember(t, st.st_ino);
	close(from);
	return r;
}

/* What the name had before makes room, but a folder stays for a folder. */
static int make_room(struct image_tree *t, int dir, const char *name, char type)
{
	struct stat st;
	int r;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode) && type == '5')
		return 0;
	r = remove_name(t, dir, name, false, 0);
	return r;
}

static int make_entry(struct image_tree *t, struct tar *tar, const struct tar_entry *e,
		      struct error *err)
{
	char path[PATH_MAX];
	const char *name;
	int r = clean(e->path, path, err), dir;

	if (r < 0)
		return r;
	if (!path[0]) {		/* the root itself */
		if (e->type != '5')
			return fail(err, EPERM, "its name is that of the root: refused");
		return make_folder(t, t->root, ".", e);
	}
	dir = open_parent(t, path, &name, err);
	if (dir < 0)
		return dir;
	r = whiteout(t, dir, name, err);
	if (r != 0)
		return r < 0 ? r : 0;
	r = make_room(t, dir, name, e->type);
	if (r < 0)
		return r;
	switch (e->type) {
	case '0':
		return make_file(t, dir, name, e, tar, err);
	case '1':
		return make_link(t, dir, name, e->link, err);
	case '5':
		return make_folder(t, dir, name, e);
	default:
		return make_special(t, dir, name, e);
	}
}

static i64 read_stream(void *arg, void *buf, size_t len, struct error *err)
{
	return image_stream_read(arg, buf, len, err);
}

int image_tree_layer(struct image_tree *t, struct image_stream *s, struct error *err)
{
	struct tar_input in = { .read = read_stream, .arg = s };
	struct tar tar;
	struct tar_entry e;
	int r;

	hash_done(&t->ours);
	t->ours = (struct hash){ 0 };
	forget_parent(t);
	tar_init(&tar, &in);
	while ((r = tar_next(&tar, &e, err)) == 1) {
		err->code = 0;
		r = make_entry(t, &tar, &e, err);
		if (r < 0 && !err->code)
			fail(err, -r, "%s", strerror(-r));
		if (r < 0) {
			r = prefix(err, r, "'%.200s'", e.path);
			break;
		}
	}
	tar_done(&tar);
	return r;
}

/* Contents before the folder: what is done inside changes its time.  Takes fd. */
static int finish_folder(struct image_tree *t, int fd, u32 depth)
{
	const struct folder *f;
	struct dirent *e;
	struct stat st;
	int r = 0;
	DIR *d = depth > 2 * DEPTH_MAX ? NULL : fdopendir(fd);

	if (!d) {
		close(fd);
		return -ELOOP;
	}
	while (r == 0 && (e = readdir(d))) {
		int child;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
			continue;
		child = openat(fd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		r = child < 0 ? -errno : finish_folder(t, child, depth + 1);
	}
	if (r == 0 && fstat(fd, &st) < 0)
		r = -errno;
	f = r == 0 ? hash_get(&t->folders, st.st_ino) : NULL;
	if (f) {
		r = set_owner(t, fd, "", f->uid, f->gid);
		if (r == 0 && (fchmod(fd, mode_of(t, f->mode)) < 0 ||
			       futimens(fd, (struct timespec[]){ f->mtime, f->mtime }) < 0))
			r = -errno;
	}
	closedir(d);
	return r;
}

int image_tree_finish(struct image_tree *t, struct image_left_out *ret_out, struct error *err)
{
	int r = finish_folder(t, openat(t->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0);

	if (r < 0)
		return fail(err, -r, "modes of the folders: %s", strerror(-r));
	*ret_out = t->out;
	return 0;
}
