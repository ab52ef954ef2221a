/* System calls on descriptors themselves: close, dup, close_range, fcntl.
 *
 * Our own descriptors (fd_is_ours) do not exist for the guest: EBADF, and close_range goes around them.  fcntl's third
 * argument is a number, flags, or a structure by the command, as the table below says; commands not in it pass only as
 * EINVAL, with a line in the log.
 *
 * Not modelled: F_NOTIFY's signals carry host siginfo (signal.c passes it on); fcntl64 of 32-bit guests.
 * Threads: the task's own; no lock.  Spec: fcntl(2), close_range(2), linux/fcntl.h.
 */
#include "user/syscall.h"
#include "base/str.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

i64 call_close(struct call *c)
{
	i64 r;

	if (fd_is_ours((int)c->arg[0]))
		return -EBADF;
	r = host_syscall1(SYS_close, c->arg[0]);
	/* the descriptor is gone whatever the result: it must not be closed again */
	return r;
}

i64 call_dup(struct call *c)
{
	if (fd_is_ours((int)c->arg[0]))
		return -EBADF;
	return host_syscall1(SYS_dup, c->arg[0]);
}

i64 call_dup2(struct call *c)
{
	if (fd_is_ours((int)c->arg[0]) || fd_is_ours((int)c->arg[1]))
		return -EBADF;
	return host_syscall2(SYS_dup2, c->arg[0], c->arg[1]);
}

i64 call_dup3(struct call *c)
{
	if (fd_is_ours((int)c->arg[0]) || fd_is_ours((int)c->arg[1]))
		return -EBADF;
	return host_syscall3(SYS_dup3, c->arg[0], c->arg[1], open_flags_to_host(guest_abi(), c->arg[2]));
}

enum { OURS_MAX = 64, FD_SCAN = 1 << 20 };

/* Our open descriptors, from /proc/self/fd, or by trying numbers when that is not there: how many. */
static u32 list_ours(u32 ours[OURS_MAX])
{
	u8 buf[2048] __attribute__((aligned(8)));
	i64 dir = host_syscall3(SYS_open, (uintptr_t)"/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	u32 n = 0;

	if (dir < 0) {
		for (int fd = 0; fd < FD_SCAN && n < OURS_MAX; fd++)
			if (fd_is_ours(fd))
				ours[n++] = (u32)fd;
		return n;
	}
	for (i64 len; (len = host_syscall3(SYS_getdents64, dir, (uintptr_t)buf, sizeof(buf))) > 0;) {
		for (i64 at = 0; at < len;) {
			u16 reclen;
			u64 fd;

			memcpy(&reclen, buf + at + 16, 2);
			if (str_to_u64((char *)buf + at + 19, false, &fd) && fd_is_ours((int)fd) && n < OURS_MAX)
				ours[n++] = (u32)fd;
			at += reclen;
		}
	}
	host_syscall1(SYS_close, dir);
	return n;
}

static int compare_u32(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return (x > y) - (x < y);
}

i64 call_close_range(struct call *c)
{
	u32 first = (u32)c->arg[0], last = (u32)c->arg[1], ours[OURS_MAX], n;

	if (first > last)
		return -EINVAL;
	n = list_ours(ours);
	qsort(ours, n, sizeof(ours[0]), compare_u32);
	for (u32 i = 0; i < n; i++) {
		i64 r;

		if (ours[i] < first || ours[i] > last)
			continue;
		if (ours[i] > first) {
			r = host_syscall3(SYS_close_range, (u64)first, (u64)(ours[i] - 1), c->arg[2]);
			if (r < 0)
				return r;
		}
		if (ours[i] == last)
			return 0;
		first = ours[i] + 1;
	}
	return host_syscall3(SYS_close_range, (u64)first, (u64)last, c->arg[2]);
}

/* ---- fcntl ---- */

enum fcntl_arg { FCNTL_NONE, FCNTL_INT, FCNTL_FLAGS_IN, FCNTL_FLAGS_OUT, FCNTL_STRUCT, FCNTL_WAIT };

static const struct fcntl_line {
	u16 cmd;
	u8 arg;
	u8 dir;
	const char *type;
} fcntl_lines[] = {
	{ F_DUPFD, FCNTL_INT }, { F_DUPFD_CLOEXEC, FCNTL_INT }, { F_GETFD, FCNTL_NONE }, { F_SETFD, FCNTL_INT },
	{ F_GETFL, FCNTL_FLAGS_OUT }, { F_SETFL, FCNTL_FLAGS_IN },
	{ F_GETLK, FCNTL_STRUCT, ARG_IN | ARG_OUT, "flock" }, { F_SETLK, FCNTL_STRUCT, ARG_IN, "flock" },
	{ F_SETLKW, FCNTL_WAIT, ARG_IN, "flock" },
	{ 36 /* F_OFD_GETLK */, FCNTL_STRUCT, ARG_IN | ARG_OUT, "flock" },
	{ 37 /* F_OFD_SETLK */, FCNTL_STRUCT, ARG_IN, "flock" }, { 38 /* F_OFD_SETLKW */, FCNTL_WAIT, ARG_IN, "flock" },
	{ F_SETOWN, FCNTL_INT }, { F_GETOWN, FCNTL_NONE }, { F_SETSIG, FCNTL_INT }, { F_GETSIG, FCNTL_NONE },
	{ F_SETOWN_EX, FCNTL_STRUCT, ARG_IN, "f_owner_ex" }, { F_GETOWN_EX, FCNTL_STRUCT, ARG_OUT, "f_owner_ex" },
	{ 17 /* F_GETOWNER_UIDS */, FCNTL_STRUCT, ARG_OUT, "u64" },	/* two 32-bit ids */
	{ F_SETLEASE, FCNTL_INT }, { F_GETLEASE, FCNTL_NONE }, { F_NOTIFY, FCNTL_INT },
	{ 1027 /* F_DUPFD_QUERY */, FCNTL_INT }, { 1028 /* F_CREATED_QUERY */, FCNTL_NONE },
	{ 1029 /* F_CANCELLK */, FCNTL_NONE }, { F_SETPIPE_SZ, FCNTL_INT }, { F_GETPIPE_SZ, FCNTL_NONE },
	{ F_ADD_SEALS, FCNTL_INT }, { F_GET_SEALS, FCNTL_NONE },
	{ F_GET_RW_HINT, FCNTL_STRUCT, ARG_OUT, "u64" }, { F_SET_RW_HINT, FCNTL_STRUCT, ARG_IN, "u64" },
	{ F_GET_FILE_RW_HINT, FCNTL_STRUCT, ARG_OUT, "u64" }, { F_SET_FILE_RW_HINT, FCNTL_STRUCT, ARG_IN, "u64" },
};

static i64 fcntl_struct(const struct call *c, const struct fcntl_line *f)
{
	const struct layout *l = layout_of(f->type);
	u8 host[64] = { 0 };
	i64 r;

	assert(l->host_size <= sizeof(host));
	if ((f->dir & ARG_IN) && layout_read(l, host, c->arg[2]))
		return -EFAULT;
	if (f->arg == FCNTL_WAIT)
		r = call_restart(host_call(SYS_fcntl, c->arg[0], c->arg[1], (uintptr_t)host, 0, 0, 0));
	else
		r = host_syscall3(SYS_fcntl, c->arg[0], c->arg[1], (uintptr_t)host);
	if (r >= 0 && (f->dir & ARG_OUT) && layout_write(l, c->arg[2], host))
		return -EFAULT;
	return r;
}

i64 call_fcntl(struct call *c)
{
	const struct fcntl_line *f = NULL;
	u64 arg = c->arg[2];
	i64 r;

	if (fd_is_ours((int)c->arg[0]))
		return -EBADF;
	for (u32 i = 0; i < ARRAY_SIZE(fcntl_lines) && !f; i++)
		if (fcntl_lines[i].cmd == (u32)c->arg[1])
			f = &fcntl_lines[i];
	if (!f) {
		call_missing("fcntl", (u32)c->arg[1]);
		return -EINVAL;
	}
	switch ((enum fcntl_arg)f->arg) {
	case FCNTL_STRUCT:
	case FCNTL_WAIT:
		return fcntl_struct(c, f);
	case FCNTL_FLAGS_IN:
		arg = open_flags_to_host(guest_abi(), arg);
		break;
	case FCNTL_NONE:
	case FCNTL_INT:
	case FCNTL_FLAGS_OUT:
		break;
	}
	r = host_syscall3(SYS_fcntl, c->arg[0], c->arg[1], arg);
	return r >= 0 && f->arg == FCNTL_FLAGS_OUT ? (i64)open_flags_to_guest(guest_abi(), (u64)r) : r;
}
