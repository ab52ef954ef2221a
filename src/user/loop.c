/* The run loop of a guest thread: run guest code until it needs something, see to it, deliver
 * signals, go on.
 *
 * The accelerator returns a reason with all registers exact.  A system call is made here and its
 * result put in place; a fault becomes a signal; everything else is a word to the accelerator.
 * When an exit was requested before a system call began, signals are delivered first, as if they
 * had come one instruction earlier. Own thread; no lock is held when the loop is at its top.
 *
 */
#include "user/signal.h"
#include "base/log.h"
#include "cpu/debug.h"

/* SIGBUS's code, and what the processor says of unknown instructions and breakpoints. */
enum { CODE_ILLOPC = 1, CODE_TRAP_BRKPT = 1, CODE_TRAP_TRACE = 2, CODE_FPE_INTDIV = 1 };

static i64 do_syscall(struct task *task)
{
	struct vcpu *cpu = task->cpu;
	u64 args[6];
	i64 r;

	process.abi->syscall_get(cpu, &task->syscall_nr, args);
	task->in_syscall = true;
	r = linux_syscall(task, task->syscall_nr, args);
	task->in_syscall = false;
	switch (r) {
	case -CALL_RESTART:
	case -CALL_RESTART_NOINTR:
	case -CALL_RESTART_NOHAND:
		return r;	/* pc stays: made again unless a handler says otherwise */
	case -CALL_NO_RETURN:	/* registers are new, rounding mode and the like with them */
		cpu->mode = cpu->target->mode(cpu);
		vcpu_fp_rm_set(cpu, cpu->target->fp_rm(cpu));
		return 0;
	default:
		process.abi->syscall_return(cpu, (u64)r);
		cpu->pc += process.abi->syscall_insn_bytes;
		return 0;
	}
}

static void memory_fault(struct task *task)
{
	struct vcpu *cpu = task->cpu;
	int sig = cpu->fault_host_signal == SIGBUS ? SIGBUS : SIGSEGV, code = cpu->fault_host_code;
	gva end;

	if (sig == SIGSEGV && cpu->fault_access != ACCESS_FETCH && mm_grow(cpu->fault_addr))
		return;
	if (sig == SIGSEGV && code != SEGV_MAPERR && code != SEGV_ACCERR)
		code = mm_prot(cpu->fault_addr, &end) < 0 ? SEGV_MAPERR : SEGV_ACCERR;
	if (log_enabled(LOG_INT))
		log_write("fault at pc %#llx, address %#llx\n", (unsigned long long)cpu->pc,
			  (unsigned long long)cpu->fault_addr);
	signal_fault(task, sig, code, cpu->fault_addr);
}

static void debug_stop(struct task *task)
{
	if (cpu_debug)
		task_debug_trap(task);
	else
		signal_fault(task, SIGTRAP, CODE_TRAP_TRACE, task->cpu->pc);
}

/* The single steps that end otherwise than with EXIT_DEBUG; one that ends in a signal is the signal's. */
static void step_done(struct task *task, enum vcpu_exit reason, gva at)
{
	if (cpu_debug && ((reason == EXIT_SYSCALL && task->cpu->pc != at) || reason == EXIT_MODE ||
			  reason == EXIT_FLUSH_CODE))
		task_debug_trap(task);
}

static void set_mode(struct vcpu *cpu)
{
	cpu->mode = cpu->target->mode(cpu);
	vcpu_fp_rm_set(cpu, cpu->target->fp_rm(cpu));
}

/* A fault on an address with bits that the guest's processor ignores: from now on this vCPU's code masks them, and the
 * instruction is done again.  Programs without such addresses pay nothing.  Addresses whose highest bit that counts is
 * set are not the program's: they fault, with the ignored bits like it. */
static bool mask_addresses(struct vcpu *cpu)
{
	u64 mask = cpu->target->va_mask;

	if (!mask || cpu->fault_access == ACCESS_FETCH)
		return false;
	if (cpu->fault_addr & (mask ^ mask >> 1)) {
		cpu->fault_addr |= ~mask;
		return false;
	}
	if (cpu->clean_tags || !(cpu->fault_addr & ~mask))
		return false;
	cpu->clean_tags = true;
	set_mode(cpu);
	return true;
}

static i64 handle_exit(struct task *task, enum vcpu_exit reason)
{
	struct vcpu *cpu = task->cpu;

	switch (reason) {
	case EXIT_NONE:
	case EXIT_KICK:
		break;
	case EXIT_SYSCALL:
		if (!__atomic_load_n(&cpu->exit_request, __ATOMIC_RELAXED))
			return do_syscall(task);
		break;
	case EXIT_ILLEGAL:
		signal_fault(task, SIGILL, CODE_ILLOPC, cpu->pc);
		break;
	case EXIT_BREAK:
		signal_fault(task, SIGTRAP, CODE_TRAP_BRKPT, cpu->pc);
		break;
	case EXIT_FAULT:
		if (!mask_addresses(cpu))
			memory_fault(task);
		break;
	case EXIT_FPE:
		signal_fault(task, SIGFPE, cpu->fault_host_code ? cpu->fault_host_code : CODE_FPE_INTDIV, cpu->pc);
		break;
	case EXIT_MODE:
		set_mode(cpu);
		break;
	case EXIT_FLUSH_CODE:
		if (cpu->accel->flush_code)
			cpu->accel->flush_code(0, ~0ull);
		break;
	case EXIT_DEBUG:
		debug_stop(task);
		break;
	case EXIT_MAX:
		panic("exit %d from the accelerator", reason);
	}
	return 0;
}

void task_run(struct task *task)
{
	struct vcpu *cpu = task->cpu;
	struct sigstate *s = sigstate(task);

	for (;;) {
		enum vcpu_exit reason;
		i64 result;
		gva at;

		vcpu_exec_start(cpu);
		reason = cpu->accel->exec(cpu);
		vcpu_exec_end(cpu);
		at = cpu->pc;
		result = handle_exit(task, reason);
		if (unlikely(cpu->singlestep))
			step_done(task, reason, at);
		if (s->sync_sig || task->restore_sigmask ||
		    __atomic_load_n(&cpu->exit_request, __ATOMIC_RELAXED))
			signal_deliver(task, result);
	}
}
