/* The generic pass: a host call made by the argument kinds of the guest's, and the converters
 * that handlers share.
 *
 * Numbers go as they are; guest ranges are checked against the end of the address space and moved
 * by guest_base, and the kernel says EFAULT for what is not mapped; paths go through path_host;
 * structures whose layout differs, and vectors, are copied into scratch memory (and back). What a
 * check depends on is read from guest memory once, except lengths behind a pointer, which the
 * kernel reads again: it then writes at most into memory that is the guest's to break.
 *
 * Not modelled here: msghdr kinds (call_net.c), arguments chosen by a command (their handlers).
 * Threads: the task's own; no lock.
 */
#include "user/syscall.h"
#include <limits.h>
#include <stdlib.h>

enum { SCRATCH_MAX = 64 << 20, IOV_MAX_COUNT = 1024 };

/* ---- scratch memory ---- */

struct scratch_block {
	struct scratch_block *next;
	u64 pad;
	u8 bytes[];
};

void *scratch_get(struct scratch *s, u64 size)
{
	struct scratch_block *b;

	if (size <= sizeof(s->buf) - s->used) {
		void *p = s->buf + s->used;

		s->used += (u32)align_up(size, 16);
		if (s->used > sizeof(s->buf))
			s->used = sizeof(s->buf);
		return p;
	}
	if (size > SCRATCH_MAX)
		return NULL;
	b = malloc(sizeof(*b) + size);
	if (!b)
		return NULL;
	b->next = s->heap;
	s->heap = b;
	return b->bytes;
}

void scratch_free(struct scratch *s)
{
	struct scratch_block *b = s->heap;

	while (unlikely(b)) {
		struct scratch_block *next = b->next;

		free(b);
		b = next;
	}
	s->heap = NULL;
}

/* ---- flags ---- */

/* O_* that differ between ABIs: arm and arm64 against the others. */
static const struct { u32 arm, host; } open_bits[] = {
	{ 0x4000, 0x10000 },	/* O_DIRECTORY */
	{ 0x8000, 0x20000 },	/* O_NOFOLLOW */
	{ 0x10000, 0x4000 },	/* O_DIRECT */
	{ 0x20000, 0x8000 },	/* O_LARGEFILE */
};

static bool open_flags_differ(enum linux_abi_id abi) { return abi == ABI_ARM64 || abi == ABI_ARM; }

u64 open_flags_to_host(enum linux_abi_id abi, u64 flags)
{
	u64 ret = flags & ~0x3c000ull;

	if (!open_flags_differ(abi))
		return flags;
	for (u32 i = 0; i < ARRAY_SIZE(open_bits); i++)
		ret |= flags & open_bits[i].arm ? open_bits[i].host : 0;
	return ret;
}

u64 open_flags_to_guest(enum linux_abi_id abi, u64 flags)
{
	u64 ret = flags & ~0x3c000ull;

	if (!open_flags_differ(abi))
		return flags;
	for (u32 i = 0; i < ARRAY_SIZE(open_bits); i++)
		ret |= flags & open_bits[i].host ? open_bits[i].arm : 0;
	return ret;
}

/* ---- converters ---- */

i64 path_read(struct scratch *s, gva va, const char **ret)
{
	char *guest, *host;
	i64 len;

	*ret = NULL;
	if (!va)
		return 0;
	guest = scratch_get(s, PATH_MAX);
	if (!guest)
		return -ENOMEM;
	if (!guest_range_ok(va, 1))
		return -EFAULT;
	len = guest_read_string(guest, va, PATH_MAX);
	if (len < 0)
		return len;
	*ret = guest;
	if (guest[0] != '/' && guest[0] != '.')	/* relative names stay; ".." may not */
		return 0;
	host = scratch_get(s, PATH_MAX);
	if (!host)
		return -ENOMEM;
	*ret = path_host(guest, host);
	return 0;
}

i64 iovec_read(struct scratch *s, gva va, u64 count, struct iovec **ret)
{
	u32 word = abi_is_32(guest_abi()) ? 4 : 8;
	struct iovec *v;
	u8 *raw;

	*ret = NULL;
	if (count == 0)
		return 0;
	if (count > IOV_MAX_COUNT)
		return -EINVAL;
	v = scratch_get(s, count * sizeof(*v));
	if (!v)
		return -ENOMEM;
	/* 32-bit ones are read into the upper half and widened from the front. */
	raw = (u8 *)v + count * (16 - 2 * word);
	if (!guest_range_ok(va, count * 2 * word) || guest_read(raw, va, count * 2 * word))
		return -EFAULT;
	for (u64 i = 0; i < count; i++) {
		u64 base = 0, len = 0, host;

		memcpy(&base, raw + i * 2 * word, word);
		memcpy(&len, raw + i * 2 * word + word, word);
		if ((i64)len < 0 || (word == 4 && (i32)len < 0))
			return -EINVAL;
		if (!host_range(base, min_u64(len, INT_MAX), &host))
			return -EFAULT;
		v[i].iov_base = (void *)(uintptr_t)host;
		v[i].iov_len = len;
	}
	*ret = v;
	return 0;
}

/* Bytes that argument a names with element size `unit`; false: more than can exist. */
static bool arg_bytes(const struct call *c, const struct arg *a, u64 unit, u64 *ret)
{
	u64 n = 1;
	u32 behind = 0;

	switch (a->count) {
	case COUNT_FIXED:
		n = a->ref;
		break;
	case COUNT_ARG:
		n = c->arg[a->ref];
		/* counts are ints in the kernel where the kind says so; a negative one is the
		 * kernel's to refuse */
		if (n > (u64)1 << 47)
			n = (u32)n;
		break;
	case COUNT_BYTES:
		n = c->arg[a->ref];
		unit = 1;
		break;
	case COUNT_BEHIND:
		if (guest_range_ok(c->arg[a->ref], 4) && guest_read(&behind, c->arg[a->ref], 4) == 0)
			n = behind <= INT_MAX ? behind : 0;
		else
			n = 0;
		unit = 1;
		break;
	default:
		break;
	}
	return !__builtin_mul_overflow(n, unit, ret);
}

/* The part of a pointer argument that needs no copy: check the range. */
static i64 pass_range(const struct call *c, const struct arg *a, u64 v, u64 *ret)
{
	u64 size = 1;

	switch (a->kind) {
	case ARG_STRUCT:
		if (!arg_bytes(c, a, a->layout ? a->layout->host_size : 1, &size))
			return -EFAULT;
		break;
	case ARG_BUF:
	case ARG_DIRENT:
		if (!arg_bytes(c, a, 1, &size))
			return -EFAULT;
		break;
	case ARG_SOCKADDR:
		if (!arg_bytes(c, a, 1, &size))
			return -EFAULT;
		/* negative or larger than any address: EINVAL is the kernel's answer and it reads
		 * nothing */
		size = (i32)size < 0 ? 0 : min_u64((u32)size, 128);
		break;
	case ARG_SIGSET:
		size = 8;
		break;
	case ARG_FDSET:
		size = (i32)c->arg[0] < 0 ? 0 : align_up((u32)c->arg[0], 64) / 8;
		break;
	case ARG_BITMAP:
		if (!arg_bytes(c, a, 1, &size))
			return -EFAULT;
		if (a->count != COUNT_BYTES)
			size = align_up(size > (u64)INT_MAX ? 0 : size, 64) / 8;
		break;
	default:
		break;
	}
	if (!host_range(v, v ? size : 0, ret))
		return -EFAULT;
	return 0;
}

static bool is_open_flags(const struct arg *a) { return a->set_len == 1 && a->set[0] == 'O'; }

/* Any argument that passes without a copy. */
static i64 pass_simple(const struct call *c, const struct arg *a, u64 v, u64 *ret)
{
	switch (a->kind) {
	case ARG_FD:
		if (unlikely(fd_is_ours((int)v)))
			return -EBADF;
		*ret = v;
		return 0;
	case ARG_DIRFD:
		*ret = v;
		return 0;
	case ARG_FLAGS:
		*ret = is_open_flags(a) ? open_flags_to_host(guest_abi(), v) : v;
		return 0;
	case ARG_PTR:
		*ret = v ? guest_base + v : 0;
		return 0;
	case ARG_RANGE:
		*ret = guest_base + v;
		return guest_range_ok(v, c->arg[a->ref]) ? 0 : -ENOMEM;
	case ARG_CSTR:
	case ARG_STRUCT:
	case ARG_BUF:
	case ARG_SOCKADDR:
	case ARG_SIGSET:
	case ARG_FDSET:
	case ARG_BITMAP:
	case ARG_DIRENT:
		return pass_range(c, a, v, ret);
	default:
		*ret = v;
		return 0;
	}
}

/* A structure, or an array of them, whose layout differs. */
static i64 pass_struct_in(const struct call *c, const struct arg *a, struct scratch *s, u64 v, u64 *ret)
{
	const struct layout *l = a->layout;
	u64 bytes, count;
	u8 *host;
	int r;

	*ret = 0;
	if (!v)
		return 0;
	if (!arg_bytes(c, a, l->guest_size, &bytes) || !guest_range_ok(v, bytes))
		return -EFAULT;
	count = bytes / l->guest_size;
	host = scratch_get(s, count * l->host_size);
	if (!host)
		return -ENOMEM;
	*ret = (u64)(uintptr_t)host;
	if (!(a->dir & ARG_IN)) {
		memset(host, 0, count * l->host_size);
		return 0;
	}
	for (u64 i = 0; i < count; i++) {
		r = layout_read(l, host + i * l->host_size, v + i * l->guest_size);
		if (r)
			return r;
	}
	return 0;
}

static i64 pass_struct_out(const struct call *c, u32 index, const struct arg *a, u64 host, i64 result)
{
	const struct layout *l = a->layout;
	u64 bytes, count, va = c->arg[index];

	if (!host || !arg_bytes(c, a, l->guest_size, &bytes))
		return result;
	count = bytes / l->guest_size;
	if (c->line->ret == RET_count && a->count == COUNT_ARG && !(a->dir & ARG_IN))
		count = min_u64(count, (u64)result);	/* filled from the front */
	for (u64 i = 0; i < count; i++)
		if (layout_write(l, va + i * l->guest_size, (u8 *)(uintptr_t)host + i * l->host_size))
			return -EFAULT;
	return result;
}

/* An argument that may need scratch memory. */
static i64 pass_in(const struct call *c, const struct arg *a, struct scratch *s, u64 v, u64 *ret)
{
	const char *path;
	struct iovec *iov;
	i64 r;

	switch (a->kind) {
	case ARG_PATH:
		r = path_read(s, v, &path);
		*ret = (u64)(uintptr_t)path;
		return r;
	case ARG_IOVEC:
		r = iovec_read(s, v, c->arg[a->ref], &iov);
		*ret = (u64)(uintptr_t)iov;
		return r;
	case ARG_STRUCT:
		if (a->layout && !a->layout->same)
			return pass_struct_in(c, a, s, v, ret);
		return pass_simple(c, a, v, ret);
	case ARG_MSGHDR:
	case ARG_MMSGHDR:
	case ARG_ARGV:
		call_missing(c->line->name, c->nr);
		return -ENOSYS;
	default:
		return pass_simple(c, a, v, ret);
	}
}

static bool may_block(const struct syscall_line *line)
{
	return line->how == HOW_WAIT || line->how == HOW_EINTR || line->how == HOW_NOHAND;
}

/* Does the call send, so that a socket's send timeout decides about its restart? */
static bool sends(const struct args *a)
{
	for (u32 i = 0; i < a->count; i++)
		if (a->arg[i].kind == ARG_BUF || a->arg[i].kind == ARG_SOCKADDR)
			return a->arg[i].dir == ARG_IN;
	return false;
}

static i64 host_do(const struct syscall_line *line, const struct args *a, const u64 h[6])
{
	long nr = line->nr[ABI_X86_64];
	i64 r;

	if (!may_block(line))
		return host_syscall(nr, h[0], h[1], h[2], h[3], h[4], h[5]);
	r = host_call(nr, h[0], h[1], h[2], h[3], h[4], h[5]);
	if (line->how == HOW_WAIT)
		return a->arg[0].kind == ARG_FD ? call_restart_fd((int)h[0], r, sends(a)) : call_restart(r);
	return line->how == HOW_EINTR ? call_eintr(r) : call_nohand(r);
}

static __attribute__((noinline)) i64 pass_copying(struct call *c, const struct args *a)
{
	struct scratch s;
	u64 h[6] = { 0 };
	i64 r = 0;

	scratch_init(&s);
	for (u32 i = 0; i < a->count && r == 0; i++)
		r = pass_in(c, &a->arg[i], &s, c->arg[i], &h[i]);
	if (r == 0)
		r = host_do(c->line, a, h);
	for (u32 i = 0; i < a->count && r >= 0; i++)
		if (a->arg[i].kind == ARG_STRUCT && (a->arg[i].dir & ARG_OUT) && a->arg[i].layout &&
		    !a->arg[i].layout->same)
			r = pass_struct_out(c, i, &a->arg[i], h[i], r);
	scratch_free(&s);
	return r;
}

i64 call_pass(struct call *c)
{
	struct args room;
	const struct args *a = syscall_args(c->line, guest_abi(), &room);
	u64 h[6] = { 0 };

	if (!a->simple)
		return pass_copying(c, a);
	for (u32 i = 0; i < a->count; i++) {
		i64 r = pass_simple(c, &a->arg[i], c->arg[i], &h[i]);

		if (r < 0)
			return r;
	}
	return host_do(c->line, a, h);
}
