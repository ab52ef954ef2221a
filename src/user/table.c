/* The system-call table: look-up by number, and the meaning of the argument texts.
 *
 * syscalls.def becomes one const array. A guest number is found through an array of line indices,
 * filled at the first look-up of that ABI (a process has one); numbers outside it (arm's private
 * ones) are searched for. A line's argument text is parsed when the line is first used.
 *
 * Not modelled: x32, and numbers of ABIs that have no column.
 * Threads: any. The index array is filled with values that do not depend on who fills it, then
 * published by a flag; the parsed arguments are claimed by one thread, others parse into their
 * own room meanwhile.
 */
#include "user/syscall.h"

const struct syscall_line syscall_lines[] = {
#define SYS(n, rv64, a64, x64, x86, arm, how_, run_, ret_, args_) \
	{ #n, args_, run_, { rv64, a64, x64, x86, arm }, HOW_##how_, RET_##ret_ },
#include "user/syscalls.def"
#undef SYS
};
const u32 syscall_line_count = ARRAY_SIZE(syscall_lines);

enum { INDEX_SIZE = 512, LINES = ARRAY_SIZE(syscall_lines) };

static _Atomic u16 line_index[ABI_MAX][INDEX_SIZE];	/* line + 1, 0: none */
static _Atomic bool index_ready[ABI_MAX];

static void index_build(enum linux_abi_id abi)
{
	for (u32 i = 0; i < LINES; i++) {
		i32 nr = syscall_lines[i].nr[abi];

		if (nr >= 0 && nr < INDEX_SIZE)
			atomic_store_explicit(&line_index[abi][nr], (u16)(i + 1), memory_order_relaxed);
	}
	atomic_store_explicit(&index_ready[abi], true, memory_order_release);
}

const struct syscall_line *syscall_find(enum linux_abi_id abi, u64 nr)
{
	if (unlikely(!atomic_load_explicit(&index_ready[abi], memory_order_acquire)))
		index_build(abi);
	if (likely(nr < INDEX_SIZE)) {
		u32 i = atomic_load_explicit(&line_index[abi][nr], memory_order_relaxed);

		return i ? &syscall_lines[i - 1] : NULL;
	}
	for (u32 i = 0; i < LINES; i++)
		if (syscall_lines[i].nr[abi] >= 0 && (u64)syscall_lines[i].nr[abi] == nr)
			return &syscall_lines[i];
	return NULL;
}

/* ---- argument texts ---- */

/* What comes after the colon of a kind. */
enum after { AFTER_NONE, AFTER_SET, AFTER_TYPE, AFTER_COUNT };

static const struct kind_word {
	const char *word;
	u8 kind, dir, after;
	const char *type;	/* a kind that implies a structure */
} kind_words[] = {
	{ "fd", ARG_FD }, { "dirfd", ARG_DIRFD }, { "path", ARG_PATH }, { "cstr", ARG_CSTR }, { "int", ARG_INT },
	{ "uint", ARG_INT }, { "long", ARG_LONG }, { "ulong", ARG_ULONG }, { "size", ARG_ULONG }, { "off", ARG_OFF },
	{ "mode", ARG_MODE }, { "dev", ARG_DEV }, { "pid", ARG_INT }, { "uid", ARG_INT }, { "gid", ARG_INT },
	{ "sig", ARG_SIG }, { "clockid", ARG_CLOCK }, { "ptr", ARG_PTR }, { "fnptr", ARG_PTR }, { "futex", ARG_PTR },
	{ "range", ARG_RANGE, 0, AFTER_COUNT }, { "off_pair", ARG_PAIR }, { "u64_pair", ARG_PAIR },
	{ "off_lo", ARG_HALF }, { "off_hi", ARG_HALF }, { "flags", ARG_FLAGS, 0, AFTER_SET },
	{ "cmd", ARG_CMD, 0, AFTER_SET }, { "level", ARG_CMD, 0, AFTER_SET }, { "arg", ARG_BY_CMD, 0, AFTER_SET },
	{ "ioctl_cmd", ARG_CMD }, { "ptr_in", ARG_STRUCT, ARG_IN, AFTER_TYPE },
	{ "ptr_out", ARG_STRUCT, ARG_OUT, AFTER_TYPE }, { "ptr_inout", ARG_STRUCT, ARG_IN | ARG_OUT, AFTER_TYPE },
	{ "timespec_in", ARG_STRUCT, ARG_IN, 0, "timespec" }, { "timespec_out", ARG_STRUCT, ARG_OUT, 0, "timespec" },
	{ "timespec_inout", ARG_STRUCT, ARG_IN | ARG_OUT, 0, "timespec" },
	{ "timespec64_in", ARG_STRUCT, ARG_IN, 0, "timespec64" },
	{ "timespec64_out", ARG_STRUCT, ARG_OUT, 0, "timespec64" },
	{ "timespec64_inout", ARG_STRUCT, ARG_IN | ARG_OUT, 0, "timespec64" },
	{ "epoll_event_out", ARG_STRUCT, ARG_OUT, AFTER_COUNT, "epoll_event" },
	{ "buf_in", ARG_BUF, ARG_IN, AFTER_COUNT }, { "buf_out", ARG_BUF, ARG_OUT, AFTER_COUNT },
	{ "iovec_in", ARG_IOVEC, ARG_IN, AFTER_COUNT }, { "iovec_out", ARG_IOVEC, ARG_OUT, AFTER_COUNT },
	{ "mmsghdr_in", ARG_MMSGHDR, ARG_IN, AFTER_COUNT }, { "mmsghdr_out", ARG_MMSGHDR, ARG_OUT, AFTER_COUNT },
	{ "msghdr_in", ARG_MSGHDR, ARG_IN }, { "msghdr_out", ARG_MSGHDR, ARG_OUT },
	{ "sockaddr_in", ARG_SOCKADDR, ARG_IN, AFTER_COUNT }, { "sockaddr_out", ARG_SOCKADDR, ARG_OUT, AFTER_COUNT },
	{ "sigset_in", ARG_SIGSET, ARG_IN, AFTER_COUNT }, { "sigset_out", ARG_SIGSET, ARG_OUT, AFTER_COUNT },
	{ "oldsigset_in", ARG_PTR }, { "oldsigset_out", ARG_PTR },
	{ "fdset", ARG_FDSET, ARG_IN | ARG_OUT, AFTER_COUNT },
	{ "bitmap_in", ARG_BITMAP, ARG_IN, AFTER_COUNT }, { "bitmap_out", ARG_BITMAP, ARG_OUT, AFTER_COUNT },
	{ "bitmap_inout", ARG_BITMAP, ARG_IN | ARG_OUT, AFTER_COUNT },
	{ "dirent_out", ARG_DIRENT, ARG_OUT, AFTER_COUNT }, { "dirent64_out", ARG_DIRENT, ARG_OUT, AFTER_COUNT },
	{ "argv", ARG_ARGV, ARG_IN }, { "envp", ARG_ARGV, ARG_IN },
};

static const struct kind_word *kind_find(const char *word, size_t len)
{
	for (u32 i = 0; i < ARRAY_SIZE(kind_words); i++)
		if (strncmp(kind_words[i].word, word, len) == 0 && !kind_words[i].word[len])
			return &kind_words[i];
	panic("syscalls.def: kind %.*s is unknown", (int)len, word);
}

/* "3", "*3", "2b" behind a colon. */
static void parse_count(struct arg *a, const char *p)
{
	a->count = COUNT_ARG;
	if (*p == '*') {
		a->count = COUNT_BEHIND;
		p++;
	}
	a->ref = (u8)(*p - '1');
	if (p[1] == 'b')
		a->count = COUNT_BYTES;
}

/* "stat", "pollfd[2]", "open_how[4b]", "int[=2]", "u8[pages]", "ulong[call]". */
static void parse_type(struct arg *a, const char *p, const char *end, enum linux_abi_id abi)
{
	size_t len = strcspn(p, "[,");

	if (p + len > end)
		len = (size_t)(end - p);
	a->set = p;
	a->set_len = (u32)len;
	a->layout = layout_find(p, len, abi);
	p += len;
	if (*p != '[')
		return;
	p++;
	if (*p == '=') {
		a->count = COUNT_FIXED;
		a->ref = (u8)(p[1] - '0');
	} else if (*p == 'p') {
		a->count = COUNT_PAGES;
	} else if (*p == 'c') {
		a->count = COUNT_CALL;
	} else {
		parse_count(a, p);
	}
}

static void parse_arg(struct arg *a, const char *p, const char *end, enum linux_abi_id abi)
{
	size_t word = strcspn(p, ":,");
	const struct kind_word *k;
	const char *after;

	if (p + word > end)
		word = (size_t)(end - p);
	k = kind_find(p, word);
	after = p + word + 1;
	*a = (struct arg){ .kind = k->kind, .dir = k->dir, .word = p, .word_len = (u32)word };
	switch (k->after) {
	case AFTER_SET:
		a->set = after;
		a->set_len = (u32)(end - after);
		break;
	case AFTER_TYPE:
		parse_type(a, after, end, abi);
		break;
	case AFTER_COUNT:
		parse_count(a, after);
		break;
	default:
		break;
	}
	if (k->type)
		a->layout = layout_find(k->type, strlen(k->type), abi);
}

/* Whether the kernel may be given the argument after a range check alone. */
static bool arg_simple(const struct arg *a, enum linux_abi_id abi)
{
	switch (a->kind) {
	case ARG_PATH:
	case ARG_IOVEC:
	case ARG_MSGHDR:
	case ARG_MMSGHDR:
	case ARG_ARGV:
		return false;
	case ARG_STRUCT:
		return !a->layout || a->layout->same;
	case ARG_FLAGS:
		return !(a->set_len == 1 && a->set[0] == 'O') || open_flags_to_host(abi, 0x3fffff) == 0x3fffff;
	default:
		return true;
	}
}

static void args_parse(const struct syscall_line *line, enum linux_abi_id abi, struct args *ret)
{
	const char *p = line->args;

	*ret = (struct args){ .simple = true };
	if (strcmp(p, "void") == 0)
		return;
	while (*p) {
		const char *end = p + strcspn(p, ",");
		struct arg *a = &ret->arg[ret->count];

		assert(ret->count < ARRAY_SIZE(ret->arg));
		parse_arg(a, p, end, abi);
		ret->simple &= arg_simple(a, abi);
		ret->count++;
		p = *end ? end + 1 : end;
	}
}

enum { PARSE_NONE, PARSE_BUSY, PARSE_DONE };
static struct { _Atomic u8 state; u8 abi; struct args args; } parsed[LINES];

const struct args *syscall_args(const struct syscall_line *line, enum linux_abi_id abi, struct args *room)
{
	u32 i = (u32)(line - syscall_lines);
	u8 none = PARSE_NONE;

	if (likely(atomic_load_explicit(&parsed[i].state, memory_order_acquire) == PARSE_DONE &&
		   parsed[i].abi == abi))
		return &parsed[i].args;
	args_parse(line, abi, room);
	if (atomic_compare_exchange_strong(&parsed[i].state, &none, PARSE_BUSY)) {
		parsed[i].args = *room;
		parsed[i].abi = (u8)abi;
		atomic_store_explicit(&parsed[i].state, PARSE_DONE, memory_order_release);
	}
	return room;
}
