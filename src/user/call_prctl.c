/* prctl: what concerns the process goes to the host, what concerns the CPU or the memory map is answered here.
 *
 * One table says how each option is done.  Options not in it are EINVAL, as they are on a kernel
 * without them; those of other CPUs are not in it.
 * Not modelled: PR_SET_MM (EPERM, as without CAP_SYS_RESOURCE), PR_SET_MDWE and
 * PR_SET_SYSCALL_USER_DISPATCH (EINVAL: they would bind the emulator itself), core scheduling.
 * Own thread; no state of ours.
 * Spec: prctl(2), linux/prctl.h.
 */
#include "user/fake.h"
#include "user/mm.h"
#include "user/syscall.h"
#include <linux/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the oldest headers we build with; linux/prctl.h has them as macros, under the same names with PR_. */
enum {
	SET_VMA = 0x53564d41,
	GET_AUXV = 0x41555856,
	GET_MDWE = 66,
	SET_MEMORY_MERGE = 67,
	GET_MEMORY_MERGE = 68,
	RISCV_SET_ICACHE_FLUSH_CTX = 71,
};

enum { NAME_BYTES = 16, VMA_NAME_BYTES = 80 };

static i64 pass(struct call *c)
{
	return host_syscall(SYS_prctl, c->arg[0], c->arg[1], c->arg[2], c->arg[3], c->arg[4], 0);
}

/* The second argument points to an int that the kernel writes. */
static i64 pass_int_out(struct call *c)
{
	int value = 0;
	i64 r = host_syscall(SYS_prctl, c->arg[0], (u64)(uintptr_t)&value, 0, 0, 0, 0);

	return r < 0 ? r : guest_write(c->arg[1], &value, sizeof value) < 0 ? -EFAULT : r;
}

static i64 set_name(struct call *c)
{
	char name[NAME_BYTES] = "";
	i64 n = guest_read_string(name, c->arg[1], sizeof name);

	if (n == -EFAULT)
		return n;
	if (n < 0 && guest_read(name, c->arg[1], sizeof name - 1) < 0)	/* longer: cut */
		return -EFAULT;
	name[NAME_BYTES - 1] = 0;
	if (gettid() == getpid())
		memcpy(process.comm, name, sizeof process.comm);
	return host_syscall(SYS_prctl, PR_SET_NAME, (u64)(uintptr_t)name, 0, 0, 0, 0);
}

static i64 get_name(struct call *c)
{
	char name[NAME_BYTES] = "";
	i64 r = host_syscall(SYS_prctl, PR_GET_NAME, (u64)(uintptr_t)name, 0, 0, 0, 0);

	return r < 0 ? r : guest_write(c->arg[1], name, sizeof name);
}

static i64 get_seccomp(struct call *c)
{
	return (i64)seccomp_mode(c->task);
}

static i64 set_seccomp(struct call *c)
{
	if (c->arg[1] == 1)
		return seccomp_set_strict(c->task);
	return c->arg[1] == 2 ? seccomp_set_filter(c->task, 0, c->arg[2]) : -EINVAL;
}

static i64 get_tid_address(struct call *c)
{
	u32 log2 = process.target->elf_class == 2 ? 3 : 2;

	return guest_store(c->arg[1], log2, c->task->clear_child_tid) ? 0 : -EFAULT;
}

static i64 get_auxv(struct call *c)
{
	u8 bytes[1024];
	u64 len = min_u64(process.auxv_len, sizeof bytes);

	if (c->arg[3] || c->arg[4])
		return -EINVAL;
	if (guest_read(bytes, process.auxv, len) < 0 || guest_write(c->arg[1], bytes, min_u64(len, c->arg[2])) < 0)
		return -EFAULT;
	return (i64)len;
}

/* Names for anonymous mappings (PR_SET_VMA_ANON_NAME). */
static i64 set_vma(struct call *c)
{
	char name[VMA_NAME_BYTES];
	i64 n = 0;

	if (!mm_in_guest(c->arg[2], c->arg[3]))
		return -ENOMEM;
	if (c->arg[4])
		n = guest_read_string(name, c->arg[4], sizeof name);
	if (n < 0)
		return n == -ENAMETOOLONG ? -EINVAL : n;
	return host_syscall(SYS_prctl, SET_VMA, c->arg[1], guest_base + c->arg[2], c->arg[3],
			    c->arg[4] ? (u64)(uintptr_t)name : 0, 0);
}

static i64 set_mm(struct call *c)
{
	return -EPERM;
}

static i64 zero(struct call *c)
{
	return 0;
}

static i64 riscv_icache(struct call *c)
{
	return process.abi->id == ABI_RISCV64 ? 0 : -EINVAL;	/* code is always checked at fence.i */
}

static const struct {
	u32 option;
	i64 (*run)(struct call *c);
} options[] = {
	{ PR_SET_NAME, set_name },		{ PR_GET_NAME, get_name },
	{ PR_SET_DUMPABLE, pass },		{ PR_GET_DUMPABLE, pass },
	{ PR_SET_NO_NEW_PRIVS, pass },		{ PR_GET_NO_NEW_PRIVS, pass },
	{ PR_SET_PDEATHSIG, pass },		{ PR_GET_PDEATHSIG, pass_int_out },
	{ PR_SET_CHILD_SUBREAPER, pass },	{ PR_GET_CHILD_SUBREAPER, pass_int_out },
	{ PR_SET_SECCOMP, set_seccomp },	{ PR_GET_SECCOMP, get_seccomp },
	{ SET_VMA, set_vma },		{ GET_AUXV, get_auxv },
	{ PR_SET_KEEPCAPS, pass },		{ PR_GET_KEEPCAPS, pass },
	{ PR_SET_TIMING, pass },		{ PR_GET_TIMING, pass },
	{ PR_SET_SECUREBITS, pass },		{ PR_GET_SECUREBITS, pass },
	{ PR_CAPBSET_READ, pass },		{ PR_CAPBSET_DROP, pass },
	{ PR_CAP_AMBIENT, pass },		{ PR_SET_PTRACER, pass },
	{ PR_SET_TIMERSLACK, pass },		{ PR_GET_TIMERSLACK, pass },
	{ PR_MCE_KILL, pass },			{ PR_MCE_KILL_GET, pass },
	{ PR_SET_THP_DISABLE, pass },		{ PR_GET_THP_DISABLE, pass },
	{ PR_GET_SPECULATION_CTRL, pass },	{ PR_SET_SPECULATION_CTRL, pass },
	{ PR_SET_IO_FLUSHER, pass },		{ PR_GET_IO_FLUSHER, pass },
	{ SET_MEMORY_MERGE, pass },		{ GET_MEMORY_MERGE, pass },
	{ PR_GET_TID_ADDRESS, get_tid_address },
	{ PR_SET_MM, set_mm },			{ GET_MDWE, zero },
	{ PR_TASK_PERF_EVENTS_DISABLE, pass },	{ PR_TASK_PERF_EVENTS_ENABLE, pass },
	{ RISCV_SET_ICACHE_FLUSH_CTX, riscv_icache },
};

i64 sys_prctl(struct call *c)
{
	i64 r;

	if (c->task->fake && fake_prctl(c, &r))
		return r;
	for (u32 i = 0; i < ARRAY_SIZE(options); i++) {
		if (options[i].option == (u32)c->arg[0])
			return options[i].run(c);
	}
	return -EINVAL;
}
