/* The host's signal handler.
 *
 * A signal that an instruction caused came from translated code (the accelerator then leaves exec()
 * with the guest's registers exact), from one of our accesses to guest memory (guest_fixup lets it
 * fail), or is our own bug: one line and the default action.  Any other signal is recorded for the
 * run loop, see signal.h.
 *
 * A host address that is not canonical gives a general-protection fault, for which the kernel names
 * no address: it is worked out from the instruction's operand.
 *
 * Runs in signal handlers: no lock, no allocation, only the calling thread's task.  All signals but
 * SIGSEGV and its like are blocked meanwhile. Spec: signal(7); Intel SDM vol. 2 ch. 2 (instruction
 * format).
 *
 */
#include "user/signal.h"
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE_FAULT_WRITE = 2 };	/* bit of the page fault's error code */

/* ---- the address of an instruction's memory operand ---- */

static u64 host_reg(const ucontext_t *uc, u32 n)
{
	static const u8 greg[16] = {
		REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
		REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
	};

	return (u64)uc->uc_mcontext.gregs[greg[n & 15]];
}

/* Past prefixes and opcode to the ModRM byte; x and b are the upper bits of index and base. */
static const u8 *find_modrm(const u8 *p, u32 *ret_x, u32 *ret_b)
{
	u32 rex = 0;

	while (*p == 0x66 || *p == 0xf2 || *p == 0xf3 || *p == 0xf0 || *p == 0x2e || *p == 0x3e)
		p++;
	*ret_x = *ret_b = 0;
	switch (*p) {
	case 0xc5:	/* VEX, two bytes */
		return p + 3;
	case 0xc4:	/* VEX, three bytes: inverted R X B */
	case 0x62:	/* EVEX */
		*ret_x = p[1] & 0x40 ? 0 : 8;
		*ret_b = p[1] & 0x20 ? 0 : 8;
		return p + (*p == 0xc4 ? 4 : 5);
	}
	if ((*p & 0xf0) == 0x40)
		rex = *p++;
	*ret_x = rex & 2 ? 8 : 0;
	*ret_b = rex & 1 ? 8 : 0;
	if (*p != 0x0f)
		return p + 1;
	return p + (p[1] == 0x38 || p[1] == 0x3a ? 3 : 2);
}

static u64 operand_address(const ucontext_t *uc)
{
	const u8 *insn = (const u8 *)uc->uc_mcontext.gregs[REG_RIP];
	u32 x, b, rm;
	const u8 *m = find_modrm(insn, &x, &b);
	u32 mod = m[0] >> 6;
	u64 va = 0;
	i32 disp;

	rm = m[0] & 7;
	if (mod == 3)
		return 0;
	m++;
	if (rm == 4) {
		u32 sib = *m++, index = (sib >> 3 & 7) | x;

		if (index != 4)
			va = host_reg(uc, index) << (sib >> 6);
		if ((sib & 7) == 5 && mod == 0)
			mod = 2;
		else
			va += host_reg(uc, (sib & 7) | b);
	} else if (rm == 5 && mod == 0) {
		return 0;	/* relative to the pc: never guest memory */
	} else {
		va = host_reg(uc, rm | b);
	}
	if (mod == 1)
		return va + (u64)(i64)(i8)*m;	/* EVEX would scale it: not emitted for guest memory */
	if (mod == 2) {
		memcpy(&disp, m, sizeof disp);
		va += (u64)(i64)disp;
	}
	return va;
}

/* ---- faults ---- */

static void fill_fault(struct vcpu *cpu, int sig, const siginfo_t *info, const ucontext_t *uc, bool translated)
{
	u64 host = (u64)(uintptr_t)info->si_addr;

	cpu->fault_host_signal = (u8)sig;
	cpu->fault_host_code = (u8)info->si_code;
	cpu->fault_access = uc->uc_mcontext.gregs[REG_ERR] & PAGE_FAULT_WRITE ? ACCESS_WRITE : ACCESS_READ;
	if (sig == SIGSEGV && info->si_code == SI_KERNEL) {
		host = translated ? operand_address(uc) : 0;
		cpu->fault_host_code = SEGV_MAPERR;
	}
	cpu->fault_addr = host - guest_base;
}

static bool handle_fault(int sig, const siginfo_t *info, ucontext_t *uc)
{
	struct vcpu *cpu = vcpu_current;
	u64 pc = (u64)uc->uc_mcontext.gregs[REG_RIP];

	if (cpu && cpu->accel->owns_pc && cpu->accel->owns_pc(pc)) {
		if (sig == SIGSEGV || sig == SIGBUS) {
			fill_fault(cpu, sig, info, uc, true);
			return cpu->accel->fault(cpu, uc, EXIT_FAULT);
		}
		return sig == SIGFPE && cpu->accel->fault(cpu, uc, EXIT_FPE);
	}
	if (sig != SIGSEGV && sig != SIGBUS)
		return false;
	if (cpu)
		fill_fault(cpu, sig, info, uc, false);
	return guest_fixup_signal(uc, info);
}

static void host_default(int sig, ucontext_t *uc)
{
	struct { void *handler; u64 flags; void *restorer; u64 mask; } act = { 0 };

	host_syscall4(SYS_rt_sigaction, sig, &act, 0, SIGSET_BYTES);
	*(u64 *)&uc->uc_sigmask &= ~sig_bit(sig);
}

/* Our own bug: say where and die of it when the handler returns and the instruction is run again. */
static void own_bug(int sig, const siginfo_t *info, ucontext_t *uc)
{
	char line[200];
	int n = snprintf(line, sizeof line,
			 "mimus: internal error: signal %d (code %d) at host pc %#llx, address %p, "
			 "guest pc %#llx\n",
			 sig, info->si_code, (unsigned long long)uc->uc_mcontext.gregs[REG_RIP],
			 info->si_addr, vcpu_current ? (unsigned long long)vcpu_current->pc : 0);

	host_syscall3(SYS_write, STDERR_FILENO, line, n);
	host_default(sig, uc);
}

/* ---- what others sent ---- */

/* Leave guest code soon, and a host call that has yet to begin at once. */
static void interrupt(struct task *task, ucontext_t *uc)
{
	u64 pc = (u64)uc->uc_mcontext.gregs[REG_RIP];

	vcpu_kick(task->cpu);
	if (pc >= (u64)(uintptr_t)host_call_window && pc < (u64)(uintptr_t)host_call_done)
		uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)host_call_abort;
}

static void record(struct task *task, int sig, const siginfo_t *info, ucontext_t *uc)
{
	struct sigstate *s = sigstate(task);
	u64 bit = sig_bit(sig);

	if ((bit & SIGS_SYNC) && ((bit & task->sigmask) || s->async_sig)) {
		if (!atomic_load(&task->queued[sig].state)) {
			task->queued[sig].info = *info;
			atomic_store(&task->queued[sig].state, 1);
		}
	} else {
		s->async_info = *info;
		s->async_sig = sig;
		s->mask_stale = 1;
		*(u64 *)&uc->uc_sigmask = ~SIGS_SYNC;
	}
	atomic_fetch_or(&task->pending, bit);
	interrupt(task, uc);
}

void signal_handler(int sig, siginfo_t *info, void *context)
{
	const int saved = errno;
	struct task *task = task_current;
	ucontext_t *uc = context;
	bool by_insn = (sig_bit(sig) & SIGS_SYNC) && info->si_code > 0 && !(task && sigstate(task)->self_sent);

	if (by_insn) {
		if (!handle_fault(sig, info, uc))
			own_bug(sig, info, uc);
	} else if (task && sig == SIGTRAP && info->si_code == DEBUG_POKE_CODE) {
		interrupt(task, uc);
	} else if (task) {
		record(task, sig, info, uc);
	} else {	/* before the guest starts, or on a thread without one: no handler can be meant */
		host_default(sig, uc);
		host_syscall3(SYS_tgkill, host_syscall1(SYS_getpid, 0), host_syscall1(SYS_gettid, 0), sig);
	}
	errno = saved;
}
