/* System calls that open files or read links: where /proc and the sysroot show through.
 *
 * A name is copied, asked of proc_open/proc_readlink (texts that must be the guest's), then
 * mapped by path_host and opened on the host. Opening may block (FIFOs, leases), so it is
 * restartable. Directory listings drop our own descriptors.
 *
 * Not modelled: path names inside structures (sockaddr_un goes as it is, without the sysroot).
 * Threads: the task's own; no lock. Spec: open(2), openat2(2), readlink(2), getdents(2).
 */
#include "user/fake.h"
#include "user/syscall.h"
#include "base/str.h"
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PROC_MAGIC = 0x9fa0 };

/* A copy of the guest's own text of a path. */
static i64 path_guest(struct scratch *s, gva va, char **ret)
{
	i64 len;

	*ret = scratch_get(s, PATH_MAX);
	if (!*ret)
		return -ENOMEM;
	if (!va || !guest_range_ok(va, 1))
		return -EFAULT;
	len = guest_read_string(*ret, va, PATH_MAX);
	return len < 0 ? len : 0;
}

static i64 open_by_name(int dirfd, gva va, u64 guest_flags, u64 mode)
{
	u64 flags = open_flags_to_host(guest_abi(), guest_flags);
	struct scratch s;
	char *guest, *host;
	i64 r;

	scratch_init(&s);
	r = path_guest(&s, va, &guest);
	if (r == 0) {
		r = proc_open(dirfd, guest, (int)flags);
		host = r == -ENOSYS ? scratch_get(&s, PATH_MAX) : NULL;
		if (host) {
			const char *use = path_host(guest, host);
			bool made = task_current->fake && (flags & O_CREAT) && fake_makes(task_current, dirfd, use);

			r = call_restart(host_call(SYS_openat, (u64)dirfd, (u64)(uintptr_t)use, flags, mode, 0, 0));
			if (r >= 0 && (made || (task_current->fake && (flags & O_TMPFILE) == O_TMPFILE)))
				fake_made(task_current, (int)r, "", AT_EMPTY_PATH);
		} else if (r == -ENOSYS) {
			r = -ENOMEM;
		}
	}
	scratch_free(&s);
	return r;
}

i64 call_openat(struct call *c)
{
	return open_by_name((int)c->arg[0], c->arg[1], c->arg[2], c->arg[3]);
}

i64 call_open(struct call *c)
{
	return open_by_name(AT_FDCWD, c->arg[0], c->arg[1], c->arg[2]);
}

i64 call_creat(struct call *c)
{
	u64 flags = open_flags_to_guest(guest_abi(), O_CREAT | O_WRONLY | O_TRUNC);

	return open_by_name(AT_FDCWD, c->arg[0], flags, c->arg[1]);
}

/* An extensible structure: known bytes copied, unknown ones must be zero. */
static i64 read_extensible(void *dst, u64 known, gva va, u64 size, u64 least)
{
	u8 more[64];

	if (size < least)
		return -EINVAL;
	if (size > 4096)
		return -E2BIG;
	memset(dst, 0, known);
	if (!guest_range_ok(va, size) || guest_read(dst, va, min_u64(size, known)))
		return -EFAULT;
	for (u64 at = known; at < size; at += sizeof(more)) {
		u64 n = min_u64(size - at, sizeof(more));

		if (guest_read(more, va + at, n))
			return -EFAULT;
		for (u64 i = 0; i < n; i++)
			if (more[i])
				return -E2BIG;
	}
	return 0;
}

i64 call_openat2(struct call *c)
{
	struct open_how how;
	struct scratch s;
	char *guest, *host;
	const char *use;
	i64 r;

	r = read_extensible(&how, sizeof(how), c->arg[2], c->arg[3], sizeof(how));
	if (r)
		return r;
	how.flags = open_flags_to_host(guest_abi(), how.flags);
	scratch_init(&s);
	r = path_guest(&s, c->arg[1], &guest);
	if (r == 0) {
		use = guest;
		r = -ENOSYS;
		/* a path that may not leave its directory is not ours to rewrite */
		if (!(how.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT))) {
			r = proc_open((int)c->arg[0], guest, (int)how.flags);
			host = scratch_get(&s, PATH_MAX);
			if (host)
				use = path_host(guest, host);
		}
		if (r == -ENOSYS)
			r = call_restart(host_call(SYS_openat2, c->arg[0], (u64)(uintptr_t)use, (u64)(uintptr_t)&how,
						   sizeof(how), 0, 0));
	}
	scratch_free(&s);
	return r;
}

i64 call_open_by_handle_at(struct call *c)
{
	u64 handle;

	/* the kernel reads at most 128 bytes of handle behind the 8 of the head */
	if (!host_range(c->arg[1], 8, &handle))
		return -EFAULT;
	return call_restart(host_call(SYS_open_by_handle_at, c->arg[0], handle,
				      open_flags_to_host(guest_abi(), c->arg[2]), 0, 0, 0));
}

static i64 read_link(int dirfd, gva va, gva buf, i64 size)
{
	char target[PATH_MAX], *guest, *host;
	struct scratch s;
	i64 r;

	if (size <= 0)
		return -EINVAL;
	if (!guest_range_ok(buf, (u64)min_u64((u64)size, PATH_MAX)))
		return -EFAULT;
	scratch_init(&s);
	r = path_guest(&s, va, &guest);
	if (r == 0) {
		r = proc_readlink(dirfd, guest, target, sizeof(target));
		if (r == -ENOSYS) {
			host = scratch_get(&s, PATH_MAX);
			r = host ? host_syscall4(SYS_readlinkat, (i64)dirfd, (uintptr_t)path_host(guest, host),
						 (uintptr_t)target, sizeof(target)) : -ENOMEM;
		}
	}
	scratch_free(&s);
	if (r <= 0)
		return r;
	r = r < size ? r : size;
	return guest_write(buf, target, (u64)r) ? -EFAULT : r;
}

i64 call_readlinkat(struct call *c)
{
	return read_link((int)c->arg[0], c->arg[1], c->arg[2], (i32)c->arg[3]);
}

i64 call_readlink(struct call *c)
{
	return read_link(AT_FDCWD, c->arg[0], c->arg[1], (i32)c->arg[2]);
}

/* Is fd the directory of a process's descriptors, ours among them? */
static bool lists_our_fds(int fd)
{
	char name[64], link[64], own[64];
	struct statfs fs;
	i64 len;

	if (host_syscall2(SYS_fstatfs, (i64)fd, (uintptr_t)&fs) < 0 || fs.f_type != PROC_MAGIC)
		return false;
	struct str s = STR(name);
	str_add(&s, "/proc/self/fd/%d", fd);
	s = STR(own);
	str_add(&s, "/proc/%d/", (int)getpid());
	len = host_syscall3(SYS_readlink, (uintptr_t)name, (uintptr_t)link, sizeof(link) - 1);
	if (len <= 0)
		return false;
	link[len] = '\0';
	return str_starts(link, own) && (str_ends(link, "/fd") || str_ends(link, "/fdinfo"));
}

/* Take entries that name our descriptors out of len bytes of records: bytes left. */
static i64 drop_our_fds(u8 *buf, i64 len)
{
	i64 at = 0, left = 0;

	while (at + 19 < len) {
		u16 reclen;
		const char *name = (const char *)buf + at + 19;
		u64 n;

		memcpy(&reclen, buf + at + 16, 2);
		if (reclen < 20 || at + reclen > len)
			break;
		if (!(str_to_u64(name, false, &n) && n <= INT_MAX && fd_is_ours((int)n))) {
			memmove(buf + left, buf + at, reclen);
			left += reclen;
		}
		at += reclen;
	}
	return left;
}

i64 call_getdents64(struct call *c)
{
	u64 size = min_u64((u32)c->arg[2], 1 << 20), host;
	u8 *copy;
	i64 r;

	if (fd_is_ours((int)c->arg[0]))
		return -EBADF;
	if (!host_range(c->arg[1], size, &host))
		return -EFAULT;
	do {
		r = host_syscall3(SYS_getdents64, c->arg[0], host, size);
		if (r <= 0 || !lists_our_fds((int)c->arg[0]))
			return r;
		copy = try_alloc(1, (size_t)r);
		if (!copy)
			return -ENOMEM;
		if (guest_read(copy, c->arg[1], (u64)r)) {
			r = -EFAULT;
		} else {
			r = drop_our_fds(copy, r);
			if (guest_write(c->arg[1], copy, (u64)r))
				r = -EFAULT;
		}
		free(copy);
	} while (r == 0);	/* only ours were in it: that is not the end */
	return r;
}
