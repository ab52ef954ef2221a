/* Between the builder's files.  Private to ir/.
 *
 * "May be read": a value made by an earlier guest instruction is free to use,
 * but its operands are not: the registers that held them may have been written
 * since, and keeping them alive would cost a back end a copy.  So rules look
 * through a value only if it was made in the current instruction, or if the
 * operand that they want is a constant or still some slot's current value.
 */
#ifndef IR_BUILD_H
#define IR_BUILD_H

#include "ir/ir.h"

static const u8 ir_op_flags[IR_OP_MAX] = {
#define FAULTS IR_FAULTS
#define EFFECT IR_EFFECT
#define FP IR_FP
#define END IR_END
#define OP(name, text, sig, flags) [IR_##name] = flags,
#include "ir/ops.def"
#undef OP
#undef FAULTS
#undef EFFECT
#undef FP
#undef END
};

/* Note what instruction r changes: barriers, the flags, the end. */
void ir_emitted(struct ir *t, ir_ref r);

/* Append; operands were checked by the caller.  Keeps track of barriers. */
static inline ir_ref ir_emit(struct ir *t, struct ir_ins i)
{
	ir_ref r = (ir_ref)t->n;

	assert(!t->ended && r < IR_INS_MAX);
	t->ins[r] = i;
	t->n = r + 1u;
	if (ir_op_flags[i.op] && i.op != IR_PC && i.op != IR_PUT)
		ir_emitted(t, r);
	return r;
}

/* The value of a pure operation: by a rule, a constant, or a new instruction. */
ir_ref ir_pure(struct ir *t, struct ir_ins i);

/* May rules that look through value v use v's operand x? */
bool ir_may_read(const struct ir *t, ir_ref v, ir_ref x);

/* Can the guest, a helper or another thread's request see slots here?  Then no PUT before it may be
 * dropped for one after it. */
bool ir_is_barrier(const struct ir_ins *i);

bool ir_is_flags_barrier(const struct ir_ins *i);	/* the same for FLAGS slots */

/* An operation that reads FLAGS is about to be made. */
static inline void ir_flags_read(struct ir *t)
{
	t->flags_late |= t->flags_fault != 0;
}

/* Before a branch to target: an exit check, if it goes backwards. */
void ir_kick_if_backward(struct ir *t, u64 target);

/* N Z C V of an FL operation (flags.c); flags: value of c, in the slot form.  width 32 or 64. */
u32 ir_eval_nzcv(const struct ir_ins *i, u32 width, u64 a, u64 b, u64 flags);
bool ir_fcc_holds(enum ir_fcc cc, u64 flags);

/* Turn a comparison into an equal one that is cheaper or in normal form.
 * Returns -1 if it is left open, else its constant outcome. */
int ir_fold_cc(const struct ir *t, u8 *cc, ir_ref *a, ir_ref *b);

enum ir_cc ir_cc_swap(enum ir_cc cc);	/* for exchanged operands */

/* Number of operand references of an operation (looking at its signature). */
u32 ir_operands(enum ir_op op);

static inline const struct ir_ins *ir_at(const struct ir *t, ir_ref r)
{
	return &t->ins[r];
}

#endif
