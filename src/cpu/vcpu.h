/* A virtual CPU: the state that translated code, accelerators and run loops share.
 *
 * Layout: 64 hot bytes, then the guest's registers (`state`, laid out by its
 * target), then cold fields, then the accelerator's own area.  Translated code
 * addresses all of it from base + VCPU_BIAS, so that the first 256 bytes take
 * one-byte displacements.
 *
 * Interface:
 * - A vcpu is owned by its thread: others only call vcpu_kick().
 * - exec() of the accelerator runs it until an enum vcpu_exit; then pc and all
 *   registers are in this struct and exact.
 * - Helpers (called from translated code or the interpreter) raise by
 *   vcpu_raise(), which does not return.
 */
#ifndef CPU_VCPU_H
#define CPU_VCPU_H

#include "base/base.h"
#include <setjmp.h>
#include <pthread.h>

struct target;
struct accel;

#define VCPU_POLL_BAD (1ull << 63)	/* not canonical: every access faults */

enum { VCPU_BIAS = 128, VCPU_STATE_OFFSET = 64, VCPU_STATE_MAX = 4096 };

/* Why exec() came back. */
enum vcpu_exit {
	EXIT_NONE,
	EXIT_KICK,		/* an exit was requested: look at signals and requests */
	EXIT_SYSCALL,		/* pc is at the system-call instruction */
	EXIT_ILLEGAL,		/* pc is at the bad instruction */
	EXIT_BREAK,		/* breakpoint instruction, pc at it */
	EXIT_FAULT,		/* memory access or fetch refused: fault_* say what, pc at the instruction */
	EXIT_FPE,		/* arithmetic trap */
	EXIT_MODE,		/* mode-changing register was written: recompute mode, go on at pc */
	EXIT_FLUSH_CODE,	/* instruction-fetch fence (fence.i and the like), pc after it */
	EXIT_DEBUG,		/* single step done or breakpoint reached */
	EXIT_MAX
};

/* What kind of access faulted. */
enum vcpu_access { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };

struct vcpu {
	/* hot: 64 bytes */
	u32 exit_request;	/* atomic; non-zero: leave translated code soon */
	u32 mxcsr;		/* host FP control while guest code runs; status bits belong to the guest's flags */
	u64 pc;
	u64 excl_addr;		/* LL/SC reservation: address, or -1 */
	u64 excl_val;
	u8 fp_flags;		/* sticky FP flags kept in software (FP_NX..FP_NV); see vcpu_fp_flags */
	u8 fp_env;		/* FP_ENV_* in force (fp/fp.h); part of the target's mode */
	/* addresses are masked by target->va_mask: a fault has shown that it is needed; part of mode */
	bool clean_tags;
	u8 hot_pad[5];
	u64 host_sp;		/* translator: C stack pointer to return to */
	u64 scratch;		/* translator: short-lived saves */
	u64 poll;		/* address that translated code may read to see a request: a bad one then */

	u64 state[VCPU_STATE_MAX / 8];	/* the target's registers */

	/* cold */
	const struct target *target;
	const struct accel *accel;
	const void *cpu_model;	/* target's own: features; the CPU object's (cpu/cpu.h) */
	u32 index;		/* small number, unique among live vCPUs */
	u32 mode;		/* target->mode(), kept current by the run loop */
	u32 exit_code;		/* raise: enum vcpu_exit */
	u32 singlestep;		/* one guest instruction a call of exec() */
	u64 fault_addr;		/* EXIT_FAULT: guest address */
	u8 fault_access;	/* enum vcpu_access */
	u8 fault_host_code;	/* si_code of the host's signal: SEGV_MAPERR, SEGV_ACCERR, BUS_* */
	u8 fault_host_signal;	/* SIGSEGV or SIGBUS */
	bool running;		/* inside exec(): only for others' information, atomic */
	bool in_exec;		/* owner thread: between jmp set-up and return of exec() */
	sigjmp_buf *raise_to;	/* where vcpu_raise goes, set by exec() */
	pthread_t thread;
	void *user;		/* user mode's struct task */
	struct vcpu *next, *prev;	/* list of live vCPUs, under vcpu_list_lock */

	u8 accel_area[] __attribute__((aligned(64)));	/* accel->vcpu_area bytes */
};

_Static_assert(offsetof(struct vcpu, state) == VCPU_STATE_OFFSET, "hot part is 64 bytes");

/* Make a vCPU of target for accel, not yet on the list, registers zero except what the target's
 * reset sets; NULL when out of memory.  Any thread.  vcpu_free takes it off the list. */
struct vcpu *vcpu_new(const struct target *target, const struct accel *accel, const void *cpu_model);
void vcpu_free(struct vcpu *cpu);

/* Register with, or leave, the list of live vCPUs (any thread). */
void vcpu_list_add(struct vcpu *cpu);
void vcpu_list_remove(struct vcpu *cpu);
void vcpu_list_lock(void);
void vcpu_list_unlock(void);
struct vcpu *vcpu_list_first(void);
/* After fork, in the child: only `self` lives; resets the lock. */
void vcpu_list_after_fork(struct vcpu *self);

/* The calling thread's vCPU, or NULL.  Safe in a signal handler. */
extern _Thread_local struct vcpu *vcpu_current;

/* Is guest memory shared with anybody who runs at the same time (a second thread, another process by a writable shared
 * mapping)?  Until then atomics need no lock and fences no instruction: signals come between guest instructions. */
extern bool vcpu_parallel;
/* From now on it is: drops code made before.  Called by the only thread, on its own vCPU and outside exec(), before the
 * sharing begins; later calls do nothing. */
void vcpu_go_parallel(void);

/* Ask cpu to leave translated code soon.  Any thread, signal handlers too. */
static inline void vcpu_kick(struct vcpu *cpu)
{
	__atomic_store_n(&cpu->exit_request, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&cpu->poll, VCPU_POLL_BAD, __ATOMIC_SEQ_CST);
}

/* The request was seen: called before looking what it is about, so that a later one counts again.  Owner thread. */
static inline void vcpu_unkick(struct vcpu *cpu)
{
	__atomic_store_n(&cpu->poll, (u64)(uintptr_t)&cpu->exit_request, __ATOMIC_SEQ_CST);
	__atomic_store_n(&cpu->exit_request, 0, __ATOMIC_SEQ_CST);
}

/* From a helper: stop guest execution with `exit`; pc is the calling instruction's. */
NORETURN void vcpu_raise(struct vcpu *cpu, enum vcpu_exit exit);

/* The guest's sticky FP flags (FP_NX..FP_NV), also those still in mxcsr; and to replace them.
 * Owner thread, outside exec() or in a helper with HELPER_READS/WRITES. */
u8 vcpu_fp_flags(struct vcpu *cpu);
void vcpu_fp_flags_set(struct vcpu *cpu, u8 flags);
/* Set the rounding mode that translated code runs under (enum fp_rm; RMM is left to soft paths). */
void vcpu_fp_rm_set(struct vcpu *cpu, u32 rm);

/* ---- exclusive section: all other vCPUs outside exec() ---- */
void vcpu_exclusive_start(void);	/* caller holds no lock and is outside exec() */
void vcpu_exclusive_end(void);
/* Called by run loops around exec(). */
void vcpu_exec_start(struct vcpu *cpu);
void vcpu_exec_end(struct vcpu *cpu);

#endif
