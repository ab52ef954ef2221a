/* The x86-64 back end, inside: its registers, its state while emitting one
 * block, and what its files offer each other.
 *
 *   emit.c     the walk over the IR, one emitter per operation group
 *   place.c    where values are: homes, scratch registers, memory
 *   int.c flags.c mem.c fp.c fp_checked.c vector.c vector_fp.c control.c   operations to host instructions
 *   pend.c     NaN results that are still to be checked
 *   cold.c     slow paths, written behind the block
 *   stubs.c    entry, exit and call trampolines, fault unwinding
 *   soft.c     C for what no inline sequence does exactly
 *   encode.c   instruction encoding
 *
 * Registers: rbp = struct vcpu + VCPU_BIAS, rsp = C stack, rax and rcx scratch,
 * the other twelve are homes of guest registers (eleven and r15 = guest_base
 * when that is not 0).  xmm0-2 scratch, xmm3 = the NaN-box constant, xmm4-15
 * homes.  A home always holds its guest register's current value, so any
 * faulting host instruction has the exact guest state (jit.md 2.1).
 *
 * NaN results: RISC-V wants one canonical NaN where the host would propagate a
 * payload.  The check is deferred: see pend.c.
 *
 * One block is emitted at a time (under the jit lock): struct x64 is static.
 */
#ifndef JIT_X64_X64_H
#define JIT_X64_X64_H

#include "jit/code.h"
#include "jit/x64/encode.h"

enum {
	XMM_BOX = 3,		/* 0xffffffff00000000 in the low half */
	XMM_FIRST_HOME = 4,
	GPR_SCRATCH = 1 << RAX | 1 << RCX,
	XMM_SCRATCH = 1 << 0 | 1 << 1 | 1 << 2,
	SPILLS = 24,
	JUMP_ENTRIES = 4096,
	FP_FLAGS_MASK = 0x45,	/* ZF PF CF in AH */
	SLOT_NO_HOME = 0xff,
};

/* vcpu->accel_area.  Vector constants first, 16-byte aligned. */
struct x64_area {
	struct { u64 key, code; } jump[JUMP_ENTRIES];	/* by the guest pc's low bits; first, see code.h */
	u64 box[2];		/* the NaN-box constant */
	u64 sign64[2], abs64[2];	/* sign bit; all but it */
	u64 sign32[2], abs32[2];	/* of the low lane */
	u64 nan64, nan32;	/* canonical NaNs; nan32 boxed */
	u64 spill[SPILLS][2];
	u64 arg[3], ret;	/* of calls out of translated code */
	u32 call;		/* helper number, or SOFT + index into soft.c's table */
	u32 tmp;		/* MXCSR on its way */
	u32 host_mxcsr;		/* C's */
	u32 pad;
	u64 base;		/* guest_base */
	u64 call_out;		/* x64_call_out */
	u64 save_rax, save_rcx;
	u64 save_xmm[3][2];
	union ir_vec vec[4];	/* operands of a vector operation in C, and its result */
	u32 vec_imm;		/* that operation's imm */
	u32 vec_pad[3];
	u64 min64[2], min32[2];	/* least normal numbers, in each lane */
	u64 sign_all64[2], abs_all64[2], sign_all32[2], abs_all32[2];
	union ir_vec low4, bit_counts;	/* nibbles; bits set in 0 .. 15 */
	union ir_vec low8, index16;	/* low bytes of halves; 0x70 in each byte */
	union ir_vec bits_low, bits_high;	/* a nibble reversed, as the high and as the low one */
	union ir_vec reverse[4][4];	/* vpshufb masks of VREV by lane, group */
	u8 flags_from_host[64];	/* MXCSR status bits to FP_* */
	u8 flags_to_host[32];
	u16 flags_of_nzcv[16];	/* a FLAGS slot by N Z C V; by what vucomisd leaves in AH & FP_FLAGS_MASK */
	u16 fp_flags[FP_FLAGS_MASK + 1];
	u8 soft[4];		/* the IR operation that soft.c is to do: op, type, aux, d */
	u32 soft_type;		/* type of its operand a */
};

/* x64_area.call: run an IR operation, or one on vectors, instead of a helper */
enum { CALL_SOFT = 0xffffffff, CALL_VECTOR = 0xfffffffe };

/* Displacement from rbp of a field of struct vcpu or of the area. */
#define VCPU(field) ((i32)offsetof(struct vcpu, field) - VCPU_BIAS)
#define AREA(field) ((i32)(offsetof(struct vcpu, accel_area) + offsetof(struct x64_area, field)) - VCPU_BIAS)

static inline struct mem at(i32 disp) { return (struct mem){RBP, NO_REG, 0, disp}; }

/* Where a value is. */
enum place { P_NONE, P_CONST, P_GPR, P_XMM, P_MEM };
struct value {
	u8 place, reg;
	u8 spill;		/* index + 1 of its spill slot, 0 = none */
	bool boxed;		/* vector register: upper half of the low 64 bits is known to be ones */
	/* vector register of a guest with vectors: bits from here on are zero: 32, 64; 0 = unknown */
	u8 clean;
	bool zext;		/* general register: made by a 32-bit operation, the upper half is zero */
	bool backed;		/* memory at disp holds it too (or only, for P_MEM) */
	u16 left;		/* uses to come */
	ir_ref root;		/* itself; or the value of which this is another name (TRUNC, BITCAST): look there */
	i32 disp;		/* backed: from rbp */
};

enum cold_kind { COLD_EXIT, COLD_RAISE, COLD_NAN, COLD_CALL, COLD_VECTOR, COLD_LOAD32, COLD_SILENT, COLD_JUMP };
struct cold {
	u8 kind, reg, n, type;
	u8 reg2, aux, d, op;	/* reg2: COLD_CALL result is a vector register */
	u8 *from;		/* rel32 of the jump here */
	u8 *from2;		/* a second one, or NULL */
	u8 *back;		/* where to go on */
	u8 in[3];		/* COLD_CALL: host registers of the operands */
	u8 in_xmm;		/* bit k: in[k] is a vector register */
	u16 fixed[2];		/* COLD_NAN: pending masks */
	u64 pc;
	i32 target;		/* COLD_EXIT: guest offset; COLD_CALL: type of operand a; COLD_VECTOR: imm */
};

enum { COLD_MAX = 512 };

/* Registers with unchecked results: see pend.c. */
struct x64_pending {
	u16 roots;		/* to be checked */
	u16 covers[16];		/* of a root: registers that its check answers for */
};

/* The guest's condition flags: see flags.c. */
enum { FORM_NONE, FORM_SUB, FORM_ADD, FORM_FP };
struct x64_flags {
	ir_ref value;		/* the last FLAGS value made */
	u8 form;		/* FORM_*: how the host's flags hold it */
	bool in_host, in_slot;	/* where it is */
	bool put;		/* it belongs in the slot */
	u32 fused;		/* FL operation whose work is done already by the one before, 0 = none */
};

/* A condition on host flags. */
enum { COND_ONE, COND_AND_ORDERED, COND_OR_UNORDERED };	/* cc alone; cc and not PF; cc or PF */
struct x64_cond {
	u8 cc, how;
};

struct x64 {
	struct ir *t;
	struct jit_code *code;
	u8 *p;			/* hot cursor (rw) */
	u8 *hot_start;		/* rw of the block's first byte */
	u32 i;			/* IR instruction being emitted */
	u64 pc;			/* of the current guest instruction */
	u32 busy, busy_xmm;	/* scratch registers that the current operation reads or writes */
	struct x64_pending pend64, pend32;
	ir_ref flags_of;	/* value whose truth the host flags hold at flags_at */
	u8 flags_cc;
	struct x64_flags flags;
	bool mxcsr_in_tmp;	/* area.tmp is MXCSR as it was before the comparisons since */
	u8 *flags_at;
	u32 spills_used;
	u32 spills_dead;	/* of these: free when the current operation is done */
	ir_ref gpr[16], xmm[16];	/* value in the register (homes: the slot's) */
	ir_ref slot_value[IR_SLOTS_MAX];	/* value that an unhomed slot's memory holds */
	struct value v[IR_INS_MAX];
	struct cold cold[COLD_MAX];
	u32 cold_count;
	bool failed;		/* a table ran full: give up this block */
};

/* The homes of the target in force. */
struct x64_homes {
	u8 gpr_of_slot[IR_SLOTS_MAX], xmm_of_slot[IR_SLOTS_MAX];	/* SLOT_NO_HOME = none */
	u16 slot_of_gpr[16], slot_of_xmm[16];	/* 0 = none */
	u16 offset_of_gpr[16], offset_of_xmm[16];	/* of these slots in struct vcpu */
	u16 flags_offset;	/* of the FLAGS slot in struct vcpu, 0 = none */
	bool has_base;		/* r15 = guest_base */
	bool has_avx512;
	u8 jump_shift;		/* log2 of an instruction's alignment: the jump table goes by the bits above */
	bool vectors;		/* the guest has V128 slots: XMM_BOX is zero */
};
extern struct x64_homes x64_homes;

/* place.c */
static inline struct value *x64_value(struct x64 *e, ir_ref r)
{
	return &e->v[e->v[r].root];
}

static inline bool x64_is_const(struct x64 *e, ir_ref r, u64 *ret)
{
	const struct value *v = x64_value(e, r);

	if (v->place != P_CONST)
		return false;
	*ret = e->t->konst[e->t->ins[v->root].imm];
	return true;
}

/* Constant that fits a sign-extended imm32. */
static inline bool x64_is_imm32(struct x64 *e, ir_ref r, bool w, i32 *ret)
{
	u64 k;

	if (!x64_is_const(e, r, &k))
		return false;
	*ret = (i32)k;
	return !w || (i64)k == (i32)k;
}

static inline void x64_const(struct x64 *e, u32 i)
{
	e->v[i] = (struct value){.place = P_CONST, .left = e->t->ins[i].uses, .root = (ir_ref)i};
}

bool x64_is_vector(const struct x64 *e, const struct value *v);	/* made as a V128 */
u32 x64_load_gpr(struct x64 *e, ir_ref r);		/* x64_gpr of what is not in one, or a constant */
static inline u32 x64_gpr(struct x64 *e, ir_ref r)	/* value in some GPR, marked busy */
{
	const struct value *v = x64_value(e, r);

	if (v->place != P_GPR)
		return x64_load_gpr(e, r);
	e->busy |= 1u << v->reg;
	return v->reg;
}

void x64_gpr_to(struct x64 *e, ir_ref r, u32 reg);	/* copy into a given (free, busy) register */
u32 x64_xmm(struct x64 *e, ir_ref r);
void x64_xmm_to(struct x64 *e, ir_ref r, u32 reg);
/* In memory and not in a register. */
static inline bool x64_in_mem(struct x64 *e, ir_ref r, struct mem *ret)
{
	const struct value *v = x64_value(e, r);

	if (v->place != P_MEM)
		return false;
	*ret = at(v->disp);
	return true;
}

void x64_let_go(struct x64 *e, struct value *v);	/* its last use is done */
static inline void x64_used(struct x64 *e, ir_ref r)	/* one use is done */
{
	struct value *v = x64_value(e, r);

	assert(v->left);
	if (!--v->left && v->place != P_CONST)
		x64_let_go(e, v);
}

u32 x64_scratch(struct x64 *e);				/* a free scratch GPR, marked busy */
void x64_take(struct x64 *e, u32 reg);			/* empty that scratch register for me, marked busy */
u32 x64_xscratch(struct x64 *e);
u32 x64_xtemp(struct x64 *e);				/* for the moment: xmm3 when no scratch is free */
void x64_xtemp_done(struct x64 *e, u32 reg);
/* register for the result of e->i: a home when it is PUT there next */
u32 x64_dest(struct x64 *e, bool may_alias);
u32 x64_xdest(struct x64 *e);
void x64_set_gpr(struct x64 *e, u32 reg);		/* result of e->i is in reg */
void x64_set_xmm(struct x64 *e, u32 reg);
void x64_alias(struct x64 *e, ir_ref of);		/* result of e->i is another name of `of` */
void x64_put(struct x64 *e, u32 slot, ir_ref r);
void x64_get(struct x64 *e, u32 slot);
void x64_empty_scratch(struct x64 *e, bool homes_change);	/* before a call */
void x64_block_start(struct x64 *e);

/* The operation groups: emit instruction e->i. */
void x64_int(struct x64 *e);
void x64_memory(struct x64 *e);
void x64_fp(struct x64 *e);
void x64_control(struct x64 *e);
void x64_flags(struct x64 *e);
void x64_vector(struct x64 *e);
void x64_fp_checked(struct x64 *e);
void x64_compare(struct x64 *e, ir_ref a, ir_ref b);	/* cmp a, b with both uses done */
u32 x64_cc(u32 ir_cc);

/* flags.c */
bool x64_flags_live(const struct x64 *e);		/* do host flags hold what only they have? */
void x64_flags_clobber(struct x64 *e);			/* host flags are about to be overwritten */
u32 x64_flags_pending(const struct x64 *e);		/* FORM_* that an exit here must store */
void x64_flags_store(struct x64 *e, u32 form);
struct x64_cond x64_flags_cond(struct x64 *e, ir_ref r, enum ir_fcc cc);
enum ir_op x64_flags_fused(struct x64 *e, const struct ir_ins *n);
void x64_flags_fused_uses(struct x64 *e);
void x64_flags_get(struct x64 *e);			/* GET and PUT of a FLAGS slot */
void x64_flags_put(struct x64 *e, ir_ref r);

/* pend.c */
void x64_pend_flush(struct x64 *e, u32 mask);		/* check those of these registers now that are pending */
void x64_pend_all(struct x64 *e);
void x64_pend_clear(struct x64 *e, u32 reg);		/* reg is overwritten */
/* The operands' duties, taken over by the result of an operation that propagates NaNs: for x64_pend_result. */
u16 x64_pend_inherit(struct x64 *e, bool is64, u32 operands);
void x64_pend_result(struct x64 *e, bool is64, u32 reg, u16 covers);	/* after x64_set_xmm */
void x64_pend_now(const struct x64 *e, struct jit_pend *ret);

/* vector.c */
void x64_vector_fp(struct x64 *e);
void x64_vector_c(struct x64 *e);			/* the operation in C */
void x64_vector_here(struct x64 *e, const u8 *in, u32 count, u32 in_xmm);	/* with operands in registers, used */
/* From a cold path that jumps back to where c->back is set to be: operands are in these registers. */
struct cold *x64_vector_cold(struct x64 *e, u8 *from, const u8 *in, u32 n, u32 reg);
void x64_vector_call(struct x64 *e, const struct cold *c);

/* cold.c */
struct cold *x64_cold(struct x64 *e, enum cold_kind kind, u8 *from);
void x64_cold_write(struct x64 *e);
void x64_point(struct x64 *e, bool kick);		/* the next host instruction may fault; kick: on request only */
void x64_align_link(struct x64 *e, u32 ahead);		/* for a jump whose rel32 starts so many bytes from here */
/* Do the current IR operation in C: operands in registers in[0..n), result to reg.  from NULL: here; else from a cold
 * path that jumps back to e->p. */
struct cold *x64_soft_call(struct x64 *e, u8 *from, const u8 *in, u32 n, u32 in_xmm, u32 reg, bool reg_xmm);

/* stubs.c */
u32 x64_trampolines(struct jit_span *at);
u64 x64_enter(struct vcpu *cpu, u64 code);
void x64_unwind(struct vcpu *cpu, ucontext_t *uc, const struct jit_pend *pend, u64 result);
struct x64_stubs { u64 enter, exit, jump_miss, link, raise, call; };	/* rx addresses */
extern struct x64_stubs x64_stubs;
u64 x64_rx(struct x64 *e, const u8 *rw);		/* hot or cold rw pointer to its rx address */
void x64_rel(struct x64 *e, u8 *rel32, u64 target);	/* fill a rel32 */

/* soft.c: called by the call trampoline. */
void x64_call_out(struct vcpu *cpu);

#endif
