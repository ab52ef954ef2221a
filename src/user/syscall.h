/* System calls, inside: what dispatch, converters, strace and the call_*.c handlers share.
 *
 * A call is a line of syscalls.def. Its argument text is parsed once into struct args; the
 * generic pass (syscall.c), the printer (strace.c) and the 32-bit register pairing all follow it.
 * Handlers get the logical arguments (a 64-bit offset is one argument for every ABI) and convert
 * by the helpers below.
 *
 * Guest addresses: host_range() turns va into the host address that the kernel is given, after a
 * check that all bytes lie below guest_va_end; whether they are mapped is the kernel's to say.
 * Threads: everything here is called on the task's own thread; tables are read-only or published
 * once by atomics.
 */
#ifndef USER_SYSCALL_H
#define USER_SYSCALL_H

#include "user/linux.h"
#include <errno.h>
#include <sys/uio.h>

/* ---- the table ---- */

enum syscall_how { HOW_PASS, HOW_WAIT, HOW_EINTR, HOW_NOHAND, HOW_CALL, HOW_ABSENT, HOW_REFUSE, HOW_LATER };
enum syscall_ret {
	RET_int0, RET_fd, RET_count, RET_size, RET_long, RET_int, RET_pid, RET_addr, RET_off, RET_time,
		RET_ptr, RET_none,
	RET_noerr, RET_special, RET_err,
};

struct syscall_line {
	const char *name, *args;
	i64 (*run)(struct call *c);
	i32 nr[ABI_MAX];	/* -1: the ABI has none */
	u8 how, ret;		/* enum syscall_how, syscall_ret */
};

extern const struct syscall_line syscall_lines[];
extern const u32 syscall_line_count;

/* The line of a guest number, or NULL.  Built at the first look-up for that ABI; any thread. */
const struct syscall_line *syscall_find(enum linux_abi_id abi, u64 nr);

enum arg_kind {
	ARG_INT, ARG_FD, ARG_DIRFD, ARG_LONG, ARG_ULONG, ARG_OFF, ARG_PAIR, ARG_HALF, ARG_PTR,
		ARG_RANGE, ARG_PATH, ARG_CSTR,
	ARG_FLAGS, ARG_CMD, ARG_BY_CMD, ARG_STRUCT, ARG_BUF, ARG_IOVEC, ARG_SOCKADDR, ARG_MSGHDR,
		ARG_MMSGHDR, ARG_SIGSET,
	ARG_FDSET, ARG_BITMAP, ARG_DIRENT, ARG_ARGV, ARG_MODE, ARG_SIG, ARG_CLOCK, ARG_DEV,
};
enum { ARG_IN = 1, ARG_OUT = 2 };
enum arg_count { COUNT_ONE, COUNT_FIXED, COUNT_ARG, COUNT_BYTES, COUNT_BEHIND, COUNT_PAGES, COUNT_CALL };

struct arg {
	u8 kind, dir, count, ref;	/* ref: 0-based argument, or the fixed count */
	const struct layout *layout;	/* ARG_STRUCT */
	const char *set;		/* flags, cmd, ...: name in the line's text, set_len long */
	u32 set_len;
	const char *word;		/* kind as written, word_len long: strace's hint for plain integers */
	u32 word_len;
};
struct args {
	u32 count;
	bool simple;			/* no copy needed: host arguments are checked guest arguments */
	struct arg arg[6];
};

/* The parsed arguments of a line; `room` is used when another thread is parsing it just now. */
const struct args *syscall_args(const struct syscall_line *line, enum linux_abi_id abi, struct args *room);

/* ---- structure layouts (layout.c, structs.def) ---- */

struct layout_field {
	u16 guest, host;	/* offsets */
	u16 guest_size, host_size;
	char kind;		/* s u p a */
	const char *name;	/* in the text, ended by a space */
};
struct layout {
	const char *name;
	u32 name_len;
	u32 guest_size, host_size;
	bool same;		/* bytes can be passed as they are */
	bool swap;		/* guest has the other byte order */
	u32 count;
	struct layout_field field[];
};
/* By name (name_len bytes of it), or NULL; for ever valid.  Any thread. */
const struct layout *layout_find(const char *name, size_t name_len, enum linux_abi_id abi);
void layout_to_host(const struct layout *l, void *host, const void *guest);
void layout_to_guest(const struct layout *l, void *guest, const void *host);
/* Read from, write to guest memory; host has host_size bytes.  0 or -EFAULT. */
int layout_read(const struct layout *l, void *host, gva src) MUST_CHECK;
int layout_write(const struct layout *l, gva dst, const void *host) MUST_CHECK;
/* layout_find for the running guest of a name known to be there. */
const struct layout *layout_of(const char *name);

/* ---- host calls ---- */

static inline i64 host_syscall(long nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	register u64 r10 __asm__("r10") = d;
	register u64 r8 __asm__("r8") = e;
	register u64 r9 __asm__("r9") = f;
	i64 ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}
#define host_syscall1(nr, a) host_syscall(nr, (u64)(a), 0, 0, 0, 0, 0)
#define host_syscall2(nr, a, b) host_syscall(nr, (u64)(a), (u64)(b), 0, 0, 0, 0)
#define host_syscall3(nr, a, b, c) host_syscall(nr, (u64)(a), (u64)(b), (u64)(c), 0, 0, 0)
#define host_syscall4(nr, a, b, c, d) host_syscall(nr, (u64)(a), (u64)(b), (u64)(c), (u64)(d), 0, 0)

/* What a blocking call's result becomes: restarted with SA_RESTART; restarted when no handler
 * ran; never restarted. */
static inline i64 call_restart(i64 r) { return r == -EINTR ? -CALL_RESTART : r; }
static inline i64 call_nohand(i64 r) { return r == -EINTR || r == -CALL_RESTART ? -CALL_RESTART_NOHAND : r; }
static inline i64 call_eintr(i64 r) { return r == -CALL_RESTART ? -CALL_RESTART_NOHAND : r; }

/* call_restart for a descriptor that may be a socket: one with a timeout is never restarted. */
i64 call_restart_fd(int fd, i64 r, bool sending);

/* ---- guest memory ---- */

static inline bool guest_range_ok(gva va, u64 len)
{
	return va <= guest_va_end && len <= guest_va_end - va;
}
/* Host address of len bytes at va for the kernel: 0 stays 0; false when they pass the end of the
 * address space. */
static inline bool host_range(gva va, u64 len, u64 *ret)
{
	*ret = va ? guest_base + va : 0;
	return guest_range_ok(va, len);
}
static inline enum linux_abi_id guest_abi(void) { return process.abi->id; }
static inline bool abi_is_32(enum linux_abi_id abi) { return abi == ABI_I386 || abi == ABI_ARM; }
/* Structures with pointers inside may be handed to the host as they are. */
static inline bool guest_is_host(void) { return guest_base == 0 && !abi_is_32(guest_abi()); }

/* Memory for one call: small things inside, large ones from the heap, all gone at scratch_free. */
struct scratch {
	u32 used;
	void *heap;		/* list of blocks */
	u8 buf[4096] __attribute__((aligned(16)));
};
static inline void scratch_init(struct scratch *s) { s->used = 0; s->heap = NULL; }
void *scratch_get(struct scratch *s, u64 size);	/* not zeroed; NULL: out of memory */
void scratch_free(struct scratch *s);

/* Guest iovecs of any ABI into host ones: 0, -EINVAL for more than 1024, -EFAULT, -ENOMEM. *ret
 * is scratch memory. */
i64 iovec_read(struct scratch *s, gva va, u64 count, struct iovec **ret);
/* A path: guest string -> host path in scratch, sysroot and /proc names applied. 0 (NULL for
 * address 0) or -errno. */
i64 path_read(struct scratch *s, gva va, const char **ret);

/* Flags that differ by ABI: O_* both ways. */
u64 open_flags_to_host(enum linux_abi_id abi, u64 flags);
u64 open_flags_to_guest(enum linux_abi_id abi, u64 flags);

/* Do the call by its argument kinds with a host call number (usually the line's own). */
i64 call_pass(struct call *c);
/* A line in the log, once for each name: what the guest asks for and we lack. */
void call_missing(const char *what, u64 number);

/* ---- strace.c ---- */
struct strace;
void strace_enter(struct call *c);	/* formats what is known before the call */
void strace_leave(struct call *c, i64 result);
/* "O_RDONLY|O_CLOEXEC" of a named set into s; false when the set is unknown. */
struct str;
bool strace_set(struct str *s, const char *set, u32 set_len, u64 value);
const char *strace_errno(u64 e);	/* "ENOENT", or NULL */
const char *ioctl_name(u32 cmd);	/* call_ioctl.c: "TCGETS", or NULL */

/* ---- call_time.c ---- */
/* A call other than a sleep was made: an interrupted sleep is not gone on with. */
extern _Thread_local bool sleep_again;

/* ---- seccomp ---- */
/* Run the filters of the task: true when the call goes on; else *ret_result is what it returns. */
bool seccomp_check(struct task *task, u64 nr, const u64 args[6], i64 *ret_result);
i64 seccomp_set_strict(struct task *task);
i64 seccomp_set_filter(struct task *task, u64 flags, gva prog);
u32 seccomp_mode(const struct task *task);

/* One classic BPF instruction, as in struct sock_filter. */
struct bpf_insn { u16 code; u8 jt, jf; u32 k; };
/* 0 or -EINVAL: only the loads, jumps and ends that seccomp allows, all jumps forward and inside. */
int bpf_check(const struct bpf_insn *insns, u32 count);
/* Run a checked program on `size` bytes of data (size a multiple of 4): its result. */
u32 bpf_run(const struct bpf_insn *insns, u32 count, const void *data, u32 size);

/* ---- handlers ---- */
#define SYS(name, a, b, c, d, e, how, run, ret, args) SYS_##how(run)
#define SYS_PASS(run)
#define SYS_WAIT(run)
#define SYS_EINTR(run)
#define SYS_NOHAND(run)
#define SYS_ABSENT(run)
#define SYS_REFUSE(run)
#define SYS_LATER(run)
#define SYS_CALL(run) i64 run(struct call *c);
#include "user/syscalls.def"
#undef SYS
#undef SYS_CALL
#undef SYS_PASS
#undef SYS_WAIT
#undef SYS_EINTR
#undef SYS_NOHAND
#undef SYS_ABSENT
#undef SYS_REFUSE
#undef SYS_LATER

#endif
