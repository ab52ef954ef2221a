/* Backward pass over a finished block: uses, dead code; and narrowing.
 *
 * Narrowing: 64-bit guests compute 32-bit values with an extension after every
 * step (RISC-V's W instructions, and its rotates by two shifts and an or).
 * Where only low halves are asked for, the extensions go and the steps between
 * become 32-bit operations.  Walking backwards, all users of a value are known
 * when it is met: whether it is used at all, and whether its upper half is.
 * Works in place, allocates nothing.  Thread: the one that owns t.
 */
#include "ir/build.h"

/* Operations whose low half depends on their operands' low halves only. */
static bool carries_low(const struct ir *t, const struct ir_ins *n)
{
	u64 count;

	switch (n->op) {
	case IR_ADD: case IR_SUB: case IR_MUL: case IR_AND: case IR_OR: case IR_XOR: case IR_ANDN:
	case IR_NEG: case IR_NOT:
		return true;
	case IR_SHL:
		return ir_is_const(t, n->b, &count) && count < 32;
	default:
		return false;
	}
}

/* Reading the flags is ordered but changes nothing. */
static inline bool is_removable(const struct ir_ins *i)
{
	return !ir_op_flags[i->op] || i->op == IR_FFLAGS_GET;
}

/* Which operands of n must be whole: bit 0 for a, 1 for b, 2 for c. */
static inline u32 whole_operands(const struct ir *t, const struct ir_ins *n)
{
	if (n->op == IR_TRUNC || n->op == IR_SEXT || n->op == IR_ZEXT)
		return 0;	/* at most the low half of what they name */
	if (n->op == IR_ST)
		return (n->aux & MEM_SIZE) == MEM_64 ? 7 : 3;
	return n->type == IR_I64 && !n->wide && carries_low(t, n) ? 0 : 7;
}

/* r may be 0: nobody looks at the uses of that one. */
static inline void use(struct ir *t, ir_ref r, u32 whole)
{
	t->ins[r].used = (u16)((t->ins[r].used + 1) | (whole & 1) << 15);
}

/* The value whose low 32 bits (width 64: all bits) r shares, past extensions. */
static ir_ref strip(const struct ir *t, ir_ref r, u32 width)
{
	const struct ir_ins *n = &t->ins[r];

	while (width == 32 && (n->op == IR_TRUNC || ((n->op == IR_SEXT || n->op == IR_ZEXT) && n->aux == 32))) {
		r = n->a;
		n = &t->ins[r];
	}
	return r;
}

/* x >> k | x << (width - k) becomes a rotation; the shifts die if nobody else wants them. */
static void make_rotate(const struct ir *t, struct ir_ins *n)
{
	u32 width = n->type == IR_I32 ? 32 : 64;
	const struct ir_ins *right = &t->ins[strip(t, n->a, width)], *left = &t->ins[strip(t, n->b, width)];
	u64 down, up;

	if (right->op == IR_SHL) {
		const struct ir_ins *swap = right;

		right = left;
		left = swap;
	}
	if (right->op != IR_SHR || left->op != IR_SHL || right->type != n->type)
		return;
	if (strip(t, right->a, width) != strip(t, left->a, width))
		return;
	if (!ir_is_const(t, right->b, &down) || !ir_is_const(t, left->b, &up) || !down || down + up != width)
		return;
	n->op = IR_ROR;
	n->a = right->a;
	n->b = right->b;
}

/* n's users are all known. */
static void narrow(const struct ir *t, struct ir_ins *n)
{
	if (n->type == IR_I64 && !n->wide) {
		if (carries_low(t, n)) {
			n->type = IR_I32;
		} else if ((n->op == IR_SEXT || n->op == IR_ZEXT) && n->aux == 32) {
			n->op = IR_TRUNC;
			n->type = IR_I32;
			n->aux = 0;
		}
	}
	if (n->op == IR_OR || n->op == IR_XOR || n->op == IR_ADD)
		make_rotate(t, n);
}

static inline void walk(struct ir *t, bool narrowing)
{
	if (t->counted)
		for (u32 i = 0; i < t->n; i++)
			t->ins[i].used = 0;
	t->counted = true;
	for (u32 i = t->n - 1; i > 0; i--) {
		struct ir_ins *n = &t->ins[i];
		u32 whole;

		if (n->op == IR_NOP || n->op == IR_PC)
			continue;
		if (n->op == IR_PUT) {
			use(t, n->a, 1);
			continue;
		}
		if (!n->uses && is_removable(n)) {
			*n = (struct ir_ins){ .op = IR_NOP };
			continue;
		}
		if (n->op <= IR_GET)
			continue;
		if (narrowing)
			narrow(t, n);
		whole = whole_operands(t, n);
		use(t, n->a, whole);
		use(t, n->b, whole >> 1);
		use(t, n->c, whole >> 2);
	}
}

void ir_count_uses(struct ir *t)
{
	walk(t, false);
}

void ir_narrow(struct ir *t)
{
	walk(t, true);
}
