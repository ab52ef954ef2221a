/* Files under --fake-root: whose they are said to be.
 *
 * Every call is made on the host as the ordinary user; what that user may not do (owners, set-user-id bits, devices) is
 * written to the database, and what stat tells is completed from it.  Files of that user that the database does not
 * know are root's.  A file's real mode keeps its owner's read and write bits (and search, for folders), so that root
 * may use what it has locked.  A device node is an empty regular file that stat tells as a device.
 * Not modelled: permission checks of faked users other than root in calls that open or change files (access answers
 * by the faked owner and mode); a device's work; d_type of such nodes in listings (a regular file's).
 * Threads: the task's own; the database has its lock.
 * Spec: chown(2), chmod(2), mknod(2), stat(2), statx(2), access(2).
 */
#include "user/fake.h"
#include "user/syscall.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define KEEP 0xffffffffu

static i64 look(int dirfd, const char *path, int at_flags, struct fake_record *ret, struct fake_key *ret_key,
		struct statx *ret_stat)
{
	const int flags = at_flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
	i64 r = host_syscall(SYS_statx, (u64)(i64)dirfd, (uintptr_t)path, (u64)flags, STATX_BASIC_STATS | STATX_BTIME,
			     (uintptr_t)ret_stat, 0);

	if (r < 0)
		return r;
	*ret_key = (struct fake_key){ .ino = ret_stat->stx_ino };
	if (ret_stat->stx_mask & STATX_BTIME)
		ret_key->birth = (u64)ret_stat->stx_btime.tv_sec * 1000000000 + ret_stat->stx_btime.tv_nsec;
	if (!ret_key->birth)
		ret_key->dev = makedev(ret_stat->stx_dev_major, ret_stat->stx_dev_minor);
	fake_db_find(ret_key, ret);
	return 0;
}

i64 fake_find(int dirfd, const char *path, int at_flags, struct fake_record *ret, struct fake_key *ret_key)
{
	struct statx st;

	return look(dirfd, path, at_flags, ret, ret_key, &st);
}

/* ---- the file that a call names ---- */

struct named {
	struct scratch s;
	int dirfd, flags;
	const char *path;
	struct fake_record record;
	struct fake_key key;
	struct statx st;
};

/* dirfd, the path at va (0: the descriptor alone) and AT_* flags.  The caller ends with scratch_free. */
static i64 name_file(struct named *n, int dirfd, gva va, int flags)
{
	i64 r;

	scratch_init(&n->s);
	n->dirfd = dirfd;
	n->flags = flags;
	r = path_read(&n->s, va, &n->path);
	if (r < 0)
		return r;
	if (!n->path) {
		if (!(flags & AT_EMPTY_PATH))
			return -EFAULT;
		n->path = "";
	}
	if ((flags & AT_EMPTY_PATH) && !n->path[0] && fd_is_ours(dirfd))
		return -EBADF;
	return look(dirfd, n->path, flags, &n->record, &n->key, &n->st);
}

static u32 owner_of(const struct named *n)
{
	if (n->record.has & FAKE_OWNER)
		return n->record.uid;
	return n->st.stx_uid == geteuid() ? 0 : n->st.stx_uid;
}

static u32 group_of(const struct named *n)
{
	if (n->record.has & FAKE_OWNER)
		return n->record.gid;
	return n->st.stx_gid == getegid() ? 0 : n->st.stx_gid;
}

static u32 mode_of(const struct named *n)
{
	u32 mode = n->st.stx_mode;

	if (n->record.has & FAKE_MODE)
		mode = (mode & S_IFMT) | (n->record.mode & 07777);
	if (n->record.has & FAKE_NODE)
		mode = (mode & 07777) | (n->record.mode & S_IFMT);
	return mode;
}

/* ---- stat ---- */

static i64 do_stat(struct call *c, int dirfd, gva path, int flags, gva buf)
{
	const struct layout *l = layout_of("stat");
	struct named n;
	struct stat st;
	i64 r = call_pass(c);

	if (r < 0 || !c->task->fake)
		return r;
	if (name_file(&n, dirfd, path, flags) == 0 && layout_read(l, &st, buf) == 0) {
		st.st_uid = owner_of(&n);
		st.st_gid = group_of(&n);
		st.st_mode = mode_of(&n);
		if (n.record.has & FAKE_NODE)
			st.st_rdev = n.record.rdev;
		r = layout_write(l, buf, &st);
	}
	scratch_free(&n.s);
	return r;
}

i64 call_stat(struct call *c) { return do_stat(c, AT_FDCWD, c->arg[0], 0, c->arg[1]); }
i64 call_lstat(struct call *c) { return do_stat(c, AT_FDCWD, c->arg[0], AT_SYMLINK_NOFOLLOW, c->arg[1]); }
i64 call_fstat(struct call *c) { return do_stat(c, (int)c->arg[0], 0, AT_EMPTY_PATH, c->arg[1]); }

i64 call_newfstatat(struct call *c)
{
	return do_stat(c, (int)c->arg[0], c->arg[1], (int)c->arg[3], c->arg[2]);
}

i64 call_statx(struct call *c)
{
	struct named n;
	struct statx st;
	i64 r = call_pass(c);

	if (r < 0 || !c->task->fake)
		return r;
	if (name_file(&n, (int)c->arg[0], c->arg[1], (int)c->arg[2]) == 0 &&
	    guest_read(&st, c->arg[4], sizeof st) == 0) {
		st.stx_uid = owner_of(&n);
		st.stx_gid = group_of(&n);
		st.stx_mode = (u16)mode_of(&n);
		if (n.record.has & FAKE_NODE) {
			st.stx_rdev_major = major(n.record.rdev);
			st.stx_rdev_minor = minor(n.record.rdev);
		}
		r = guest_write(c->arg[4], &st, sizeof st) ? -EFAULT : 0;
	}
	scratch_free(&n.s);
	return r;
}

/* ---- chown, chmod ---- */

static bool in_group(const struct fake_ids *ids, u32 gid)
{
	bool in = ids->gid.fs == gid;

	for (u32 i = 0; i < ids->group_count; i++)
		in |= ids->groups[i] == gid;
	return in;
}

/* The host's user must own the file to have a say. */
static bool is_ours(const struct named *n) { return n->st.stx_uid == geteuid(); }

static i64 do_chown(struct call *c, int dirfd, gva path, u32 uid, u32 gid, int flags)
{
	const struct fake_ids *ids = c->task->fake;
	struct named n;
	struct fake_record to;
	i64 r;

	if (!ids)
		return call_pass(c);
	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	r = name_file(&n, dirfd, path, flags);
	if (r == 0) {
		to = (struct fake_record){ .has = FAKE_OWNER, .uid = uid == KEEP ? owner_of(&n) : uid,
					   .gid = gid == KEEP ? group_of(&n) : gid };
		if (!is_ours(&n) || (ids->uid.fs && (owner_of(&n) != ids->uid.fs || to.uid != ids->uid.fs ||
						     (gid != KEEP && !in_group(ids, gid)))))
			r = -EPERM;
		/* A new owner does not get the old one's set-user-id bits. */
		if (r == 0 && !S_ISDIR(n.st.stx_mode) && (mode_of(&n) & (S_ISUID | S_ISGID))) {
			to.has |= FAKE_MODE;
			to.mode = mode_of(&n) & 01777;
		}
		if (r == 0)
			r = fake_db_set(&n.key, &to);
	}
	scratch_free(&n.s);
	return r;
}

i64 call_chown(struct call *c) { return do_chown(c, AT_FDCWD, c->arg[0], (u32)c->arg[1], (u32)c->arg[2], 0); }

i64 call_lchown(struct call *c)
{
	return do_chown(c, AT_FDCWD, c->arg[0], (u32)c->arg[1], (u32)c->arg[2], AT_SYMLINK_NOFOLLOW);
}

i64 call_fchown(struct call *c)
{
	return do_chown(c, (int)c->arg[0], 0, (u32)c->arg[1], (u32)c->arg[2], AT_EMPTY_PATH);
}

i64 call_fchownat(struct call *c)
{
	return do_chown(c, (int)c->arg[0], c->arg[1], (u32)c->arg[2], (u32)c->arg[3], (int)c->arg[4]);
}

static u32 real_mode(u32 type, u32 mode)
{
	return (mode & 01777) | (S_ISDIR(type) ? 0700 : 0600);
}

static i64 do_chmod(struct call *c, int dirfd, gva path, u32 mode, int flags)
{
	const struct fake_ids *ids = c->task->fake;
	struct fake_record to = { .has = FAKE_MODE, .mode = mode & 07777 };
	struct named n;
	i64 r;

	if (!ids)
		return call_pass(c);
	r = name_file(&n, dirfd, path, flags);
	if (r == 0 && (!is_ours(&n) || (ids->uid.fs && owner_of(&n) != ids->uid.fs)))
		r = -EPERM;
	if (r == 0 && S_ISLNK(n.st.stx_mode))
		r = -EOPNOTSUPP;
	if (r == 0 && n.path[0])
		r = host_syscall3(SYS_fchmodat, (i64)dirfd, (uintptr_t)n.path, real_mode(n.st.stx_mode, mode));
	else if (r == 0)
		r = host_syscall2(SYS_fchmod, (i64)dirfd, real_mode(n.st.stx_mode, mode));
	if (r == 0)
		r = fake_db_set(&n.key, &to);
	scratch_free(&n.s);
	return r;
}

i64 call_chmod(struct call *c) { return do_chmod(c, AT_FDCWD, c->arg[0], (u32)c->arg[1], 0); }
i64 call_fchmod(struct call *c) { return do_chmod(c, (int)c->arg[0], 0, (u32)c->arg[1], AT_EMPTY_PATH); }
i64 call_fchmodat(struct call *c) { return do_chmod(c, (int)c->arg[0], c->arg[1], (u32)c->arg[2], 0); }

i64 call_fchmodat2(struct call *c)
{
	return do_chmod(c, (int)c->arg[0], c->arg[1], (u32)c->arg[2], (int)c->arg[3]);
}

/* ---- new files ---- */

bool fake_makes(const struct task *task, int dirfd, const char *path)
{
	const struct fake_ids *ids = task->fake;
	struct statx st;

	return ids && (ids->uid.fs || ids->gid.fs) &&
	       host_syscall(SYS_statx, (u64)(i64)dirfd, (uintptr_t)path, AT_SYMLINK_NOFOLLOW, STATX_INO,
			    (uintptr_t)&st, 0) == -ENOENT;
}

void fake_made(const struct task *task, int dirfd, const char *path, int at_flags)
{
	const struct fake_ids *ids = task->fake;
	struct fake_record old, to = { .has = FAKE_OWNER, .uid = ids->uid.fs, .gid = ids->gid.fs };
	struct fake_key key;

	if ((to.uid || to.gid) && fake_find(dirfd, path, at_flags, &old, &key) == 0 && fake_db_set(&key, &to) < 0)
		call_missing("an owner: the database of --fake-root is full", to.uid);
}

/* Calls that make a file which was not there, or fail. */
static i64 do_make(struct call *c, int dirfd, gva path)
{
	struct named n;
	i64 r = call_pass(c);

	if (r < 0 || !c->task->fake)
		return r;
	if (name_file(&n, dirfd, path, AT_SYMLINK_NOFOLLOW) == 0)
		fake_made(c->task, dirfd, n.path, AT_SYMLINK_NOFOLLOW);
	scratch_free(&n.s);
	return r;
}

i64 call_mkdir(struct call *c) { return do_make(c, AT_FDCWD, c->arg[0]); }
i64 call_mkdirat(struct call *c) { return do_make(c, (int)c->arg[0], c->arg[1]); }
i64 call_symlink(struct call *c) { return do_make(c, AT_FDCWD, c->arg[1]); }
i64 call_symlinkat(struct call *c) { return do_make(c, (int)c->arg[1], c->arg[2]); }

static i64 do_mknod(struct call *c, int dirfd, gva path, u32 mode, u64 dev)
{
	const struct fake_ids *ids = c->task->fake;
	struct fake_record to = { .has = FAKE_NODE, .mode = mode & S_IFMT, .rdev = dev };
	struct named n;
	i64 r;

	if (!ids || !(S_ISCHR(mode) || S_ISBLK(mode)))
		return do_make(c, dirfd, path);
	if (!(ids->cap_effective >> 27 & 1))	/* CAP_MKNOD */
		return -EPERM;
	scratch_init(&n.s);
	r = path_read(&n.s, path, &n.path);
	if (r == 0 && !n.path)
		r = -EFAULT;
	if (r == 0)
		r = host_syscall4(SYS_mknodat, (i64)dirfd, (uintptr_t)n.path, (mode & 0777) | S_IFREG, 0);
	if (r == 0) {
		r = look(dirfd, n.path, AT_SYMLINK_NOFOLLOW, &n.record, &n.key, &n.st);
		if (r == 0)
			r = fake_db_set(&n.key, &to);
		fake_made(c->task, dirfd, n.path, AT_SYMLINK_NOFOLLOW);
	}
	scratch_free(&n.s);
	return r;
}

i64 call_mknod(struct call *c) { return do_mknod(c, AT_FDCWD, c->arg[0], (u32)c->arg[1], (u32)c->arg[2]); }

i64 call_mknodat(struct call *c)
{
	return do_mknod(c, (int)c->arg[0], c->arg[1], (u32)c->arg[2], (u32)c->arg[3]);
}

/* ---- the end of files ---- */

static i64 do_unlink(struct call *c, int dirfd, gva path)
{
	struct named n;
	i64 r, known;

	if (!c->task->fake)
		return call_pass(c);
	known = name_file(&n, dirfd, path, AT_SYMLINK_NOFOLLOW);
	r = call_pass(c);
	if (r == 0 && known == 0 && n.record.has && (S_ISDIR(n.st.stx_mode) || n.st.stx_nlink == 1))
		fake_db_remove(&n.key);
	scratch_free(&n.s);
	return r;
}

i64 call_unlink(struct call *c) { return do_unlink(c, AT_FDCWD, c->arg[0]); }
i64 call_rmdir(struct call *c) { return do_unlink(c, AT_FDCWD, c->arg[0]); }
i64 call_unlinkat(struct call *c) { return do_unlink(c, (int)c->arg[0], c->arg[1]); }

/* ---- access ---- */

static i64 may(const struct named *n, const struct fake_ids *ids, u32 uid, u32 gid, u32 want)
{
	u32 mode = mode_of(n), bits = mode & 7;

	if (uid == 0)
		return !(want & X_OK) || S_ISDIR(mode) || (mode & 0111) ? 0 : -EACCES;
	if (uid == owner_of(n))
		bits = mode >> 6 & 7;
	else if (gid == group_of(n) || in_group(ids, group_of(n)))
		bits = mode >> 3 & 7;
	return want & ~bits ? -EACCES : 0;
}

static i64 do_access(struct call *c, int dirfd, gva path, u32 want, int flags)
{
	const struct fake_ids *ids = c->task->fake;
	struct named n;
	i64 r;

	if (!ids)
		return call_pass(c);
	r = name_file(&n, dirfd, path, flags);
	scratch_free(&n.s);
	/* What is not ours, or read-only, the host knows best. */
	if (r < 0 || !is_ours(&n))
		return call_pass(c);
	return flags & AT_EACCESS ? may(&n, ids, ids->uid.effective, ids->gid.effective, want & 7) :
				    may(&n, ids, ids->uid.real, ids->gid.real, want & 7);
}

i64 call_access(struct call *c) { return do_access(c, AT_FDCWD, c->arg[0], (u32)c->arg[1], 0); }
i64 call_faccessat(struct call *c) { return do_access(c, (int)c->arg[0], c->arg[1], (u32)c->arg[2], 0); }

i64 call_faccessat2(struct call *c)
{
	return do_access(c, (int)c->arg[0], c->arg[1], (u32)c->arg[2], (int)c->arg[3]);
}
