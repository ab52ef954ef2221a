/* The translator: guest blocks to host code, kept, linked and run.
 *
 * Interface (for accel/tcg.c, which is struct accel in these terms; every
 * contract not written here is that of the same hook in cpu/accel.h):
 * - jit_init once, then jit_vcpu_init for each vCPU before its first jit_exec.
 * - jit_exec runs a vCPU on its own thread.
 * - jit_invalidate, jit_flush_code: any thread, guest may run.
 * - jit_fault, jit_owns_pc: in signal handlers; no lock, no allocation.
 *
 * Not modelled: more than one guest architecture in a process (the register
 * homes are set for the first vCPU's target).
 */
#ifndef JIT_JIT_H
#define JIT_JIT_H

#include "cpu/accel.h"
#include "cpu/vcpu.h"

enum {
	JIT_VCPU_AREA = 80 * 1024,	/* bytes of vcpu->accel_area: the back end's, then ours */
	JIT_TB_SIZE_MIN = 512 * 1024,	/* smallest code cache, bytes */
};

int jit_init(const struct accel_config *cfg, struct error *err) MUST_CHECK;
void jit_vcpu_init(struct vcpu *cpu);
void jit_vcpu_done(struct vcpu *cpu);
enum vcpu_exit jit_exec(struct vcpu *cpu);
void jit_invalidate(gva start, u64 len);
void jit_flush_code(gva start, u64 len);
bool jit_fault(struct vcpu *cpu, ucontext_t *uc, enum vcpu_exit exit);
bool jit_owns_pc(u64 host_pc);
void jit_fork_prepare(void);
void jit_fork_parent(void);
void jit_fork_child(struct vcpu *self);

/* What the translator did so far; sums over all threads.  Any thread. */
struct jit_stats {
	u64 blocks, guest_insns, guest_bytes;	/* translated */
	u64 hot_bytes, cold_bytes;		/* host code made of them */
	u64 descriptor_bytes, link_bytes, note_bytes;	/* what we keep beside it */
	u64 translate_cycles;			/* time stamp counter: fetch, decode, emit, insert */
	u64 emit_cycles;			/* back end's share */
	u64 lookups, links, evictions;		/* returns to C for an indirect jump; links made; chunks reused */
	u64 dropped, rechecked;			/* blocks invalidated; found unchanged after a fence */
};
void jit_stats(struct jit_stats *ret);

/* Write them to the log; jit_report does when MIMUS_JIT_STATS is in the environment. */
void jit_stats_log(void);
void jit_report(void);

#endif
