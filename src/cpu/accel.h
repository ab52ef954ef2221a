/* An accelerator: what makes a vCPU run (tcg, interp, later kvm, xen, qtest).
 *
 * Interface: one const record per accelerator, found by name through the
 * "mimus_accels" section.  exec() is called by a run loop on the vCPU's own
 * thread between vcpu_exec_start and vcpu_exec_end.
 */
#ifndef CPU_ACCEL_H
#define CPU_ACCEL_H

#include "cpu/vcpu.h"
#include "base/error.h"
#include <ucontext.h>

struct cpu;

struct accel_config {
	u64 tb_size;		/* bytes of code cache, 0 = default */
	bool one_insn;		/* one guest instruction a block */
	bool perfmap, jitdump;
};

struct accel {
	const char *name, *help;
	u32 vcpu_area;		/* bytes wanted behind struct vcpu */
	int (*init)(const struct accel_config *cfg, struct error *err) MUST_CHECK;	/* once, main thread */
	/* One more vCPU of a realized CPU, which the caller owns: cpu_create_vcpu.  Here accelerators part; those
	 * that run guest code in this process take cpu_own_vcpu.  Any thread. */
	int (*create_vcpu)(const struct cpu *cpu, struct vcpu **ret_vcpu, struct error *err) MUST_CHECK;
	void (*vcpu_init)(struct vcpu *cpu);	/* fill the area; from vcpu_new */
	void (*vcpu_done)(struct vcpu *cpu);
	enum vcpu_exit (*exec)(struct vcpu *cpu);
	/* Drop code made from guest addresses [start, start + len): any thread, guest may run.  On return no
	 * vCPU starts the old code; one that is inside it leaves at its next block end. */
	void (*invalidate)(gva start, u64 len);
	/* Instruction fence: recheck code from writable memory in the range against memory now. */
	void (*flush_code)(gva start, u64 len);
	/* In a host signal handler with a fault at a host pc of this accelerator: save registers and pc into cpu, make
	 * the context return from exec() with `exit`.  False: not its pc. */
	bool (*fault)(struct vcpu *cpu, ucontext_t *uc, enum vcpu_exit exit);
	/* Handler: true if the interrupted host pc is in translated code (asynchronous signals only
	 * set exit_request). */
	bool (*owns_pc)(u64 host_pc);
	/* Around fork(): before, in the parent after, in the child after (own copy of the code cache). */
	void (*fork_prepare)(void);
	void (*fork_parent)(void);
	void (*fork_child)(struct vcpu *self);
	void (*report)(void);	/* the process ends: write statistics to the log if they were asked for; may be NULL */
};

#define ACCEL_RECORD(x)                                                                   \
	extern const struct accel accel_##x;                                              \
	static const struct accel *const accel_##x##_entry                                \
		__attribute__((used, section("mimus_accels"))) = &accel_##x;              \
	const struct accel accel_##x

/* By name; NULL if there is none.  accel_each: i from 0 until NULL, in no order. */
const struct accel *accel_find(const char *name);
const struct accel *accel_each(u32 i);

/* ---- what user or system mode provides to accelerators ---- */

/* Fetch up to len guest code bytes at pc: returns how many could be had before a page that is not executable or
 * not there (0: fetch fault; fault_host_code set in cpu).  *ret_writable: some of it lies in writable memory. */
struct guest_code_source {
	u32 (*fetch)(struct vcpu *cpu, gva pc, u8 *buf, u32 len, bool *ret_writable);
};
extern const struct guest_code_source *guest_code;

#endif
