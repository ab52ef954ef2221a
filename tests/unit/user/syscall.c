/* Unit tests of the system-call table and its converters: numbers against the host's headers, texts, layouts, flags,
 * classic BPF, and calls made with a fake task on this process's own memory as the guest's. */
#include "user/syscall.h"
#include "base/str.h"
#include "../unit.h"
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf_common.h>
#include <linux/filter.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAIL(...) (print_error(__VA_ARGS__), assert_true(false))

static struct linux_abi abi = { .id = ABI_RISCV64, .machine = "riscv64", .syscall_insn_bytes = 4 };
static struct user_config cfg = { .uname_release = "6.1.0-test" };
static struct vcpu *cpu;
static struct task task;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	if (!guest_fixup_signal(context, info))
		_exit(99);
}

/* cmocka has its own handlers around each test. */
static void catch_faults(void)
{
	struct sigaction act = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	assert_int_equal(sigaction(SIGSEGV, &act, NULL) || sigaction(SIGBUS, &act, NULL), 0);
}

static int set_up(void **state)
{
	process.abi = &abi;
	process.cfg = &cfg;
	guest_base = 0;
	guest_va_end = 1ull << 47;
	cpu = calloc(1, sizeof(*cpu));
	task.cpu = cpu;
	task.tid = gettid();
	return 0;
}

/* A guest's call by name. */
static i64 call(const char *name, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	const u64 args[6] = { a, b, c, d, e, f };

	for (u32 i = 0; i < syscall_line_count; i++)
		if (strcmp(syscall_lines[i].name, name) == 0)
			return linux_syscall(&task, (u64)syscall_lines[i].nr[abi.id], args);
	FAIL("no call %s\n", name);
	return 0;
}
#define P(x) ((u64)(uintptr_t)(x))

/* ---- the table ---- */

static void numbers_are_unique(void **state)
{
	for (u32 a = 0; a < ABI_MAX; a++) {
		u32 count = 0;

		for (u32 i = 0; i < syscall_line_count; i++) {
			i32 nr = syscall_lines[i].nr[a];

			if (nr < 0)
				continue;
			count++;
			assert_ptr_equal(syscall_find(a, (u64)nr), &syscall_lines[i]);
		}
		assert_true(count > 300);
	}
	assert_null(syscall_find(ABI_RISCV64, 4000));
	assert_null(syscall_find(ABI_RISCV64, ~0ull));
}

/* Compare a column with a header's "#define __NR_name number" lines: how many names were found in both. */
static u32 compare_header(const char *path, enum linux_abi_id column)
{
	char line[256], name[64];
	FILE *f = fopen(path, "r");
	u32 seen = 0;
	int nr;

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "#define __NR_%60s %d", name, &nr) != 2)
			continue;
		for (u32 i = 0; i < syscall_line_count; i++) {
			if (strcmp(syscall_lines[i].name, name) != 0 || syscall_lines[i].nr[column] < 0)
				continue;
			if (syscall_lines[i].nr[column] != nr)
				FAIL("%s: %s is %d, the table has %d\n", path, name, nr, syscall_lines[i].nr[column]);
			seen++;
		}
	}
	fclose(f);
	return seen;
}

static void numbers_agree_with_headers(void **state)
{
	u32 generic = compare_header("/usr/include/asm-generic/unistd.h", ABI_RISCV64);

	if (!generic)
		skip();
	assert_true(generic > 250);
	assert_int_equal(compare_header("/usr/include/asm-generic/unistd.h", ABI_ARM64) > 250, true);
	assert_true(compare_header("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", ABI_X86_64) > 300);
	assert_true(compare_header("/usr/include/x86_64-linux-gnu/asm/unistd_32.h", ABI_I386) > 300);
}

/* Every text parses for every ABI, references name arguments that are there, and passes have a host call. */
static void texts_parse(void **state)
{
	static const char *const opaque[] = { "kernel_sym", "nfsctl_arg", "nfsctl_res", "old_dirent", "sysctl_args",
					      "old_sigaction", "vm86_struct", "vm86plus_struct" };

	for (u32 i = 0; i < syscall_line_count; i++) {
		const struct syscall_line *l = &syscall_lines[i];

		if (l->how <= HOW_NOHAND)
			assert_true(l->nr[ABI_X86_64] >= 0);
		assert_int_equal(l->how == HOW_CALL, l->run != NULL);
		for (u32 a = 0; a < ABI_MAX; a++) {
			struct args room = { 0 };
			const struct args *args = syscall_args(l, a, &room);

			for (u32 j = 0; j < args->count; j++) {
				const struct arg *arg = &args->arg[j];
				bool known = arg->layout != NULL;

				for (u32 k = 0; k < ARRAY_SIZE(opaque); k++)
					known |= strncmp(opaque[k], arg->set ? arg->set : "", strlen(opaque[k])) == 0;
				if (arg->kind == ARG_STRUCT && !known)
					FAIL("%s: argument %u has no layout\n", l->name, j + 1);
				if (arg->count == COUNT_ARG || arg->count == COUNT_BYTES || arg->count == COUNT_BEHIND)
					assert_true(arg->ref < args->count);
			}
		}
	}
}

/* ---- layouts and flags ---- */

static void layouts_convert(void **state)
{
	const struct layout *l = layout_find("stat", 4, ABI_RISCV64);
	struct stat st = { .st_dev = 0x1122334455667788, .st_ino = 42, .st_mode = 0100644, .st_size = -5,
			   .st_blksize = 4096, .st_mtim = { 77, 88 } };
	struct stat back;
	u8 guest[128];
	u32 mode;
	i64 size;

	assert_int_equal(l->guest_size, 128);
	assert_int_equal(l->host_size, sizeof(st));
	assert_false(l->same);
	layout_to_guest(l, guest, &st);
	memcpy(&mode, guest + 16, 4);
	memcpy(&size, guest + 48, 8);
	assert_int_equal(mode, 0100644);
	assert_int_equal(size, -5);
	layout_to_host(l, &back, guest);
	assert_memory_equal(&st, &back, sizeof(st));

	assert_true(layout_find("statfs", 6, ABI_RISCV64)->same);
	assert_true(layout_find("msghdr", 6, ABI_ARM64)->same);
	assert_false(layout_find("msghdr", 6, ABI_ARM)->same);
	assert_true(layout_find("stat", 4, ABI_X86_64)->same);
	assert_null(layout_find("sta", 3, ABI_RISCV64));

	l = layout_find("timespec", 8, ABI_I386);
	struct timespec ts;
	i32 pair[2] = { -1, 5 };

	layout_to_host(l, &ts, pair);
	assert_int_equal(ts.tv_sec, -1);
	assert_int_equal(ts.tv_nsec, 5);
}

static void open_flags_convert(void **state)
{
	u64 host = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_CREAT;
	u64 arm = open_flags_to_guest(ABI_ARM64, host);

	assert_int_equal(arm, 0x4000 | 0x8000 | O_CLOEXEC | O_CREAT);
	assert_int_equal(open_flags_to_host(ABI_ARM64, arm), host);
	assert_int_equal(open_flags_to_host(ABI_RISCV64, host), host);
	assert_int_equal(open_flags_to_host(ABI_ARM64, 0x10000), O_DIRECT);
}

static void sets_print(void **state)
{
	char buf[128];
	struct str s = STR(buf);

	assert_true(strace_set(&s, "O", 1, O_RDONLY | O_CLOEXEC));
	assert_string_equal(buf, "O_RDONLY|O_CLOEXEC");
	s = STR(buf);
	assert_true(strace_set(&s, "PROT", 4, 0));
	assert_string_equal(buf, "PROT_NONE");
	s = STR(buf);
	assert_true(strace_set(&s, "MAP", 3, MAP_PRIVATE | MAP_ANONYMOUS | 0x40000000));
	assert_string_equal(buf, "MAP_PRIVATE|MAP_ANONYMOUS|0x40000000");
	assert_false(strace_set(&s, "NOSUCH", 6, 1));
	assert_string_equal(strace_errno(ENOENT), "ENOENT");
	assert_null(strace_errno(4000));
}

/* ---- classic BPF ---- */

#define INSN(code, k) { code, 0, 0, k }
#define BRANCH(code, k, jt, jf) { code, jt, jf, k }

static void bpf_runs(void **state)
{
	const u32 data[16] = { 7, 0xc00000f3, 0, 0, 100 };
	const struct bpf_insn prog[] = {
		INSN(BPF_LD | BPF_W | BPF_ABS, 0), BRANCH(BPF_JMP | BPF_JEQ | BPF_K, 7, 1, 0),
		INSN(BPF_RET | BPF_K, 1), INSN(BPF_LD | BPF_W | BPF_ABS, 16), INSN(BPF_ST, 3),
		INSN(BPF_LDX | BPF_MEM, 3), INSN(BPF_ALU | BPF_ADD | BPF_X, 0), INSN(BPF_ALU | BPF_RSH | BPF_K, 1),
		INSN(BPF_ALU | BPF_SUB | BPF_K, 1), INSN(BPF_RET | BPF_A, 0),
	};
	const struct bpf_insn divide[] = {
		INSN(BPF_LD | BPF_IMM, 9), INSN(BPF_LDX | BPF_IMM, 0), INSN(BPF_ALU | BPF_DIV | BPF_X, 0),
		INSN(BPF_RET | BPF_K, 5),
	};

	assert_int_equal(bpf_check(prog, ARRAY_SIZE(prog)), 0);
	assert_int_equal(bpf_run(prog, ARRAY_SIZE(prog), data, sizeof(data)), 99);
	assert_int_equal(bpf_check(divide, ARRAY_SIZE(divide)), 0);
	assert_int_equal(bpf_run(divide, ARRAY_SIZE(divide), data, sizeof(data)), 0);
}

static void bpf_refuses(void **state)
{
	const struct bpf_insn ret = INSN(BPF_RET | BPF_K, 0);
	const struct bpf_insn bad[][2] = {
		{ INSN(BPF_LD | BPF_W | BPF_ABS, 62), ret }, { INSN(BPF_LD | BPF_W | BPF_ABS, 64), ret },
		{ INSN(BPF_LD | BPF_B | BPF_ABS, 0), ret }, { INSN(BPF_LD | BPF_W | BPF_IND, 0), ret },
		{ INSN(BPF_JMP | BPF_JA, 1), ret }, { INSN(BPF_JMP | BPF_JA, 0xffffffff), ret },
		{ BRANCH(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), ret }, { INSN(BPF_ALU | BPF_DIV | BPF_K, 0), ret },
		{ INSN(BPF_ALU | BPF_LSH | BPF_K, 32), ret }, { INSN(BPF_ST, 16), ret },
		{ INSN(BPF_LD | BPF_MEM, 0), ret }, { ret, INSN(BPF_LD | BPF_IMM, 0) }, { INSN(0xffff, 0), ret },
	};

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(bpf_check(bad[i], 2), -EINVAL);
	assert_int_equal(bpf_check(bad[0], 0), -EINVAL);
	assert_int_equal(bpf_check(&ret, 1), 0);
}

/* ---- calls ---- */

static void plain_calls(void **state)
{
	struct { char f[6][65]; } u;
	int fds[2];
	u8 st[144];
	i64 size;

	assert_int_equal(call("getpid", 0, 0, 0, 0, 0, 0), getpid());
	assert_int_equal(call("uname", P(&u), 0, 0, 0, 0, 0), 0);
	assert_string_equal(u.f[4], "riscv64");
	assert_string_equal(u.f[2], "6.1.0-test");
	assert_int_equal(call("pipe2", P(fds), O_CLOEXEC, 0, 0, 0, 0), 0);
	assert_int_equal(call("write", (u64)fds[1], P("hello"), 5, 0, 0, 0), 5);
	assert_int_equal(call("read", (u64)fds[0], P(&u), 64, 0, 0, 0), 5);
	assert_memory_equal(&u, "hello", 5);
	memset(st, 0xee, sizeof(st));
	assert_int_equal(call("newfstatat", (u64)AT_FDCWD, P("/proc/self/status"), P(st), 0, 0, 0), 0);
	memcpy(&size, st + 48, 8);
	assert_int_equal(size, 0);
	assert_int_equal(st[128], 0xee);	/* the guest's structure is shorter */
	assert_int_equal(call("close", (u64)fds[0], 0, 0, 0, 0, 0), 0);
	assert_int_equal(call("close", (u64)fds[1], 0, 0, 0, 0, 0), 0);
	assert_int_equal(call("ptrace", 0, 0, 0, 0, 0, 0), -ENOSYS);
	assert_int_equal(linux_syscall(&task, 5000, (u64[6]){ 0 }), -ENOSYS);
}

static void bad_addresses(void **state)
{
	struct iovec many[1] = { { (void *)(uintptr_t)guest_va_end, 1 } };
	u8 *hole = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/dev/zero", O_RDWR);

	catch_faults();
	assert_int_equal(call("read", (u64)fd, guest_va_end - 4, 8, 0, 0, 0), -EFAULT);
	assert_int_equal(call("read", (u64)fd, ~0ull, 8, 0, 0, 0), -EFAULT);
	assert_int_equal(call("read", (u64)fd, P(hole), 8, 0, 0, 0), -EFAULT);
	assert_int_equal(call("readv", (u64)fd, P(many), 1, 0, 0, 0), -EFAULT);
	assert_int_equal(call("readv", (u64)fd, P(many), 1025, 0, 0, 0), -EINVAL);
	assert_int_equal(call("readv", (u64)fd, P(hole), 2, 0, 0, 0), -EFAULT);
	assert_int_equal(call("fstat", (u64)fd, P(hole), 0, 0, 0, 0), -EFAULT);
	assert_int_equal(call("newfstatat", (u64)AT_FDCWD, P(hole), P(many), 0, 0, 0), -EFAULT);
	assert_int_equal(call("ppoll", P(hole), ~0ull, 0, 0, 0, 0), -EINVAL);
	assert_int_equal(call("recvmsg", (u64)fd, P(hole), 0, 0, 0, 0), -EFAULT);
	assert_int_equal(call("epoll_pwait", (u64)fd, P(hole), (u64)INT_MAX, 0, 0, 0), -EINVAL);
	assert_int_equal(call("nanosleep", P(hole), 0, 0, 0, 0, 0), -EFAULT);
	assert_int_equal(call("ioctl", (u64)fd, 0x5401, P(hole), 0, 0, 0), -ENOTTY);
	assert_int_equal(call("ioctl", (u64)fd, 0x12345, 0, 0, 0, 0), -ENOTTY);
	assert_int_equal(call("mlock", guest_va_end - 4096, 8192, 0, 0, 0, 0), -ENOMEM);
	close(fd);
	munmap(hole, 4096);
}

/* epoll_event is packed on the host only. */
static void epoll_converts(void **state)
{
	struct { u32 events, pad; u64 data; } in = { EPOLLIN, 0, 0x123456789abcdef0 }, out[4];
	int fds[2];
	i64 ep = call("epoll_create1", 0, 0, 0, 0, 0, 0);

	assert_true(ep >= 0);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(call("epoll_ctl", (u64)ep, EPOLL_CTL_ADD, (u64)fds[0], P(&in), 0, 0), 0);
	assert_int_equal(call("epoll_pwait", (u64)ep, P(out), 4, 0, 0, 0), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	memset(out, 0xee, sizeof(out));
	assert_int_equal(call("epoll_pwait", (u64)ep, P(out), 4, 0, 0, 0), 1);
	assert_int_equal(out[0].events, EPOLLIN);
	assert_true(out[0].data == in.data);
	assert_int_equal(out[1].events, 0xeeeeeeee);
	assert_int_equal(call("epoll_ctl", (u64)ep, EPOLL_CTL_DEL, (u64)fds[0], 1, 0, 0), 0);
	close((int)ep);
	close(fds[0]);
	close(fds[1]);
}

static void messages_travel(void **state)
{
	char text[8] = "message", room[8] = "", control[64];
	struct iovec out = { text, 8 }, in = { room, 8 };
	struct msghdr send = { .msg_iov = &out, .msg_iovlen = 1, .msg_control = control,
			       .msg_controllen = CMSG_SPACE(sizeof(int)) };
	struct msghdr receive = { .msg_iov = &in, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *cm;
	int sv[2], fd;

	assert_int_equal(call("socketpair", AF_UNIX, SOCK_DGRAM, 0, P(sv), 0, 0), 0);
	memset(control, 0, sizeof(control));
	cm = CMSG_FIRSTHDR(&send);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cm), &sv[0], sizeof(int));
	assert_int_equal(call("sendmsg", (u64)sv[0], P(&send), 0, 0, 0, 0), 8);
	memset(control, 0, sizeof(control));
	assert_int_equal(call("recvmsg", (u64)sv[1], P(&receive), 0, 0, 0, 0), 8);
	assert_string_equal(room, "message");
	assert_int_equal(receive.msg_controllen, CMSG_SPACE(sizeof(int)));
	assert_ptr_equal(receive.msg_iov, &in);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&receive)), sizeof(fd));
	assert_int_equal(close(fd), 0);
	send.msg_iovlen = 1025;
	assert_int_equal(call("sendmsg", (u64)sv[0], P(&send), 0, 0, 0, 0), -EMSGSIZE);
	close(sv[0]);
	close(sv[1]);
}

static void limits_are_kept(void **state)
{
	struct { u64 soft, hard; } want = { 1 << 20, 1 << 21 }, have = { 0 };

	assert_int_equal(call("prlimit64", 0, 9 /* AS */, P(&want), 0, 0, 0), 0);
	assert_int_equal(call("prlimit64", 0, 9, 0, P(&have), 0, 0), 0);
	assert_true(have.soft == want.soft && have.hard == want.hard);
	assert_true(guest_rlimit(9) == want.soft);
	want.hard++;
	assert_int_equal(call("setrlimit", 9, P(&want), 0, 0, 0, 0), -EPERM);
	/* the host's own limit is as it was: a large mapping still works */
	void *p = mmap(NULL, 64 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	munmap(p, 64 << 20);
}

/* A filter's answers, in a child since it cannot be taken off. */
static void seccomp_answers(void **state)
{
	struct { u16 code; u8 jt, jf; u32 k; } prog[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 4 }, { BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0xc00000f3 },
		{ BPF_RET | BPF_K, 0, 0, 0x80000000 }, { BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 172 /* getpid */ }, { BPF_RET | BPF_K, 0, 0, 0x00050000 | EPROTO },
		{ BPF_RET | BPF_K, 0, 0, 0x7fff0000 },
	};
	struct { u16 len; u64 insns; } fprog = { ARRAY_SIZE(prog), P(prog) };
	struct task other = { 0 };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		u32 len;
		u8 *bytes;

		if (call("prctl", 38 /* NO_NEW_PRIVS */, 1, 0, 0, 0, 0) ||
		    call("seccomp", 1, 0, P(&fprog), 0, 0, 0))
			_exit(1);
		if (call("getpid", 0, 0, 0, 0, 0, 0) != -EPROTO || call("getppid", 0, 0, 0, 0, 0, 0) != getppid())
			_exit(2);
		bytes = seccomp_save(&task, &len);
		if (seccomp_load(&other, bytes, len) || seccomp_mode(&other) != 2 ||
		    seccomp_load(&other, bytes, len - 1) != -EINVAL)
			_exit(3);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void sleep_ends(void **state)
{
	struct timespec t = { 0, 2000000 }, bad = { 0, 1000000000 };

	assert_int_equal(call("nanosleep", P(&t), 0, 0, 0, 0, 0), 0);
	assert_int_equal(call("clock_nanosleep", CLOCK_MONOTONIC, 0, P(&t), 0, 0, 0), 0);
	assert_int_equal(call("nanosleep", P(&bad), 0, 0, 0, 0, 0), -EINVAL);
	assert_int_equal(call("clock_nanosleep", 99, 0, P(&t), 0, 0, 0), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_unique), cmocka_unit_test(numbers_agree_with_headers),
		cmocka_unit_test(texts_parse), cmocka_unit_test(layouts_convert), cmocka_unit_test(open_flags_convert),
		cmocka_unit_test(sets_print), cmocka_unit_test(bpf_runs), cmocka_unit_test(bpf_refuses),
		cmocka_unit_test(plain_calls), cmocka_unit_test(bad_addresses), cmocka_unit_test(epoll_converts),
		cmocka_unit_test(messages_travel), cmocka_unit_test(limits_are_kept), cmocka_unit_test(seccomp_answers),
		cmocka_unit_test(sleep_ends),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
