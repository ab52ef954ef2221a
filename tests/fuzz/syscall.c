/* Fuzz target: converters of system calls. The first byte picks what is fed: a structure's
 * conversion both ways for any ABI, a classic BPF program, or a call by number with arguments
 * that mostly point into the input.
 *
 * Calls are limited to those whose host side is harmless with a bad descriptor or a short buffer
 * of ours.
 */
#include "user/syscall.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct linux_abi abi = { .id = ABI_RISCV64, .machine = "riscv64", .syscall_insn_bytes = 4 };
static struct user_config cfg;
static struct vcpu *cpu;
static struct task task;

enum { ROOM = 1 << 16 };
static u8 *room;		/* the guest's memory: ROOM bytes, then a hole */

static const char *const names[] = {
	"readv", "writev", "preadv2", "pwritev2", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg",
		"getsockopt", "setsockopt",
	"bind", "connect", "accept4", "sendto", "recvfrom", "ioctl", "fcntl", "epoll_ctl", "epoll_pwait", "fstat",
	"newfstatat", "statx", "readlinkat", "getdents64", "openat2", "semctl", "msgctl", "shmctl",
		"msgsnd", "msgrcv",
	"prlimit64", "sched_getaffinity", "clock_gettime", "timerfd_settime", "process_vm_readv",
		"io_submit", "io_getevents",
	"faccessat2", "getxattr", "mq_notify", "utimensat", "getrandom", "uname", "sysinfo", "getgroups", "waitid",
};

static void on_fault(int sig, siginfo_t *info, void *context)
{
	if (!guest_fixup_signal(context, info))
		abort();
}

static void set_up(void)
{
	struct sigaction act = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	if (room)
		return;
	process.abi = &abi;
	process.cfg = &cfg;
	guest_va_end = 1ull << 47;
	room = mmap(NULL, 2 * ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED || mprotect(room, ROOM, PROT_READ | PROT_WRITE))
		abort();
	cpu = calloc(1, sizeof(*cpu));
	task.cpu = cpu;
	sigaction(SIGSEGV, &act, NULL);
	sigaction(SIGBUS, &act, NULL);
}

static void fuzz_layout(const u8 *data, size_t size)
{
	static const char *const structs[] = {
		"stat", "epoll_event", "semid64_ds", "msghdr", "rusage", "sysinfo", "statfs", "flock",
			"timex", "loop_info",
		"itimerspec", "shmid64_ds", "msqid64_ds", "termios2", "rlimit", "mq_attr",
	};
	u8 guest[1024], host[1024], again[1024];
	const struct layout *l = layout_find(structs[data[0] % ARRAY_SIZE(structs)],
					     strlen(structs[data[0] % ARRAY_SIZE(structs)]), data[1] % ABI_MAX);

	memset(guest, 0, sizeof(guest));
	memcpy(guest, data + 2, min_u64(size - 2, sizeof(guest)));
	layout_to_host(l, host, guest);
	layout_to_guest(l, again, host);
	layout_to_host(l, guest, again);
	/* what survived one way and back survives again */
	if (!l->same && memcmp(guest, host, l->host_size))
		abort();
}

static void fuzz_bpf(const u8 *data, size_t size)
{
	u32 count = (u32)(size / sizeof(struct bpf_insn)), words[16] = { 1, 2, 3 };
	struct bpf_insn *prog = malloc(size + 1);

	memcpy(prog, data, size);
	if (bpf_check(prog, count) == 0)
		bpf_run(prog, count, words, sizeof(words));
	free(prog);
}

/* Arguments: small numbers, addresses in the room, at its end, or anything. */
static u64 argument(const u8 *p)
{
	u64 v;

	memcpy(&v, p + 1, 8);
	switch (p[0] % 6) {
	case 0:
		return (u64)-1;
	case 1:
		return (u64)(uintptr_t)room + v % ROOM;
	case 2:
		return (u64)(uintptr_t)room + ROOM - v % 64;
	case 3:
		return v % 64;
	case 4:
		return guest_va_end - v % 4096;
	default:
		return v;
	}
}

static void fuzz_call(const u8 *data, size_t size)
{
	const char *name = names[data[0] % ARRAY_SIZE(names)];
	u64 args[6] = { (u64)-1, 0, 0, 0, 0, 0 };

	/* the first argument is a bad descriptor, so that nothing real is touched; for others it
	 * is what it is */
	for (u32 i = 1; i < 6 && 1 + (i + 1) * 9 <= size; i++)
		args[i] = argument(data + 1 + i * 9);
	if (size > 1 + 54)
		memcpy(room, data + 55, min_u64(size - 55, ROOM));
	for (u32 i = 0; i < syscall_line_count; i++)
		if (strcmp(syscall_lines[i].name, name) == 0)
			linux_syscall(&task, (u64)syscall_lines[i].nr[abi.id], args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	set_up();
	if (size < 4)
		return 0;
	switch (data[0] % 3) {
	case 0:
		fuzz_layout(data + 1, size - 1);
		break;
	case 1:
		fuzz_bpf(data + 1, size - 1);
		break;
	default:
		fuzz_call(data + 1, size - 1);
		break;
	}
	return 0;
}
