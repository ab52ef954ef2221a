/* From guest bytes to a finished struct ir: the loop that the translator and
 * the interpreter share.
 *
 * Interface:
 * - jit_build_ir translates instructions from pc with the vCPU's target until
 *   one ends the block, max_insns are done, the next would start on another
 *   guest page than pc, or stop_at says no.  A block that did not end by itself
 *   gets a GOTO to the next instruction.
 * - So a block's bytes lie on the page of pc, or cross into the next one by the
 *   tail of the last instruction alone.
 * - The result has been through ir_count_uses; -d in_asm, ir and ir_opt are
 *   written here.
 */
#ifndef JIT_FRONTEND_H
#define JIT_FRONTEND_H

#include "ir/ir.h"
#include "cpu/vcpu.h"

/* Past a few branches more code is translated than run: with 3 side exits a short program has 16 % less
 * code made and the kit runs as fast as with any number. */
enum { JIT_INSNS_MAX = 64, JIT_SIDE_EXITS_MAX = 3, JIT_INSN_BYTES_MAX = 16 };

struct jit_built {
	u32 insns;		/* guest instructions, at least 1 */
	u32 len;		/* guest bytes from pc */
	bool writable;		/* some of them lie in writable memory */
	u8 bytes[JIT_INSNS_MAX * JIT_INSN_BYTES_MAX];	/* them; more may follow */
};

/* Asked before instructions, but not the first: 0 ends the block before pc; else it is asked again when the next
 * instruction starts so many bytes or more behind pc. */
typedef u64 (*jit_stop_fn)(void *opaque, u64 pc);

/* Fill t with the block at pc for cpu->mode.  max_insns: 1..JIT_INSNS_MAX.  stop_at may be NULL.
 * 0, or -EFAULT when the first instruction cannot be fetched: then cpu->fault_addr (which is on the second page when
 * only that one is missing), fault_access and fault_host_* are set and no block is to be kept: the
 * caller leaves with EXIT_FAULT at pc.  Owner thread of cpu. */
int jit_build_ir(struct ir *t, struct vcpu *cpu, u64 pc, u32 max_insns, jit_stop_fn stop_at,
		 void *opaque, struct jit_built *ret) MUST_CHECK;

#endif
