/* Is a struct ir well-formed?  Checks signatures and types, that operands were
 * made before, fields that index something, the order of PC marks and the end,
 * and the precise-state rule.
 *
 * Precise state: a PUT that was dropped left a NOP with its slot.  From there
 * the block must come to a PUT of the same slot before anything that can look
 * at slots (a barrier), at that slot (GET), or ends the block.
 *
 * The first thing found wrong is reported.  Any thread.
 */
#include "ir/build.h"
#include "base/str.h"

struct check {
	const struct ir *t;
	u32 at;
	const char *wrong;	/* NULL so far */
};

static bool need(struct check *c, bool holds, const char *wrong)
{
	if (!holds && !c->wrong)
		c->wrong = wrong;
	return holds;
}

static const struct ir_ins *def(const struct check *c, ir_ref r)
{
	return &c->t->ins[r];
}

static bool is_int(u32 type)
{
	return type == IR_I32 || type == IR_I64;
}

static bool is_float(u32 type)
{
	return type == IR_F32 || type == IR_F64;
}

static bool is_wide(u32 type)
{
	return type == IR_I64 || type == IR_F64;
}

static bool type_fits(char sig, u32 own, u32 type)
{
	switch (sig) {
	case 'T': return type == own;
	case 'w': return type == IR_I32;
	case 'l': case '?': return type == IR_I64;
	case 'f': return type == IR_F32;
	case 'd': return type == IR_F64;
	case 'i': return is_int(type);
	case 'g': return is_float(type);
	case 'k': return type == IR_FLAGS;
	case 'v': case '%': return type == IR_V128;
	case 's': return is_int(type) || is_float(type);
	case 'y': return type != IR_NONE;
	default: return false;
	}
}

static void check_operand(struct check *c, char sig, ir_ref r)
{
	const struct ir_ins *n = def(c, c->at);

	if (!sig) {
		need(c, !r, "has an operand too many");
		return;
	}
	if (!r) {
		need(c, sig == '?' || sig == '%', "lacks an operand");
		return;
	}
	if (!need(c, r < c->at, "uses a value that is made later"))
		return;
	if (!need(c, def(c, r)->type != IR_NONE, "uses something that is no value"))
		return;
	need(c, type_fits(sig, n->type, def(c, r)->type), "has an operand of the wrong type");
}

static void check_result(struct check *c, char sig)
{
	u32 type = def(c, c->at)->type;

	if (sig == '-')
		need(c, type == IR_NONE, "has a result and should not");
	else if (sig == 'T' && def(c, c->at)->op == IR_CALL)
		need(c, type < IR_TYPE_MAX, "has no such type");
	else if (sig == 'T')
		need(c, type > IR_NONE && type < IR_TYPE_MAX, "has no type");
	else
		need(c, type_fits(sig, type, type), "has a result of the wrong type");
}

static void check_access(struct check *c, const struct ir_ins *n, u32 type)
{
	need(c, n->d <= 3, "scales its index by too much");
	need(c, n->aux < 32, "has bits in its access that mean nothing");
	need(c, type == IR_I64 || (type == IR_F32 && (n->aux & MEM_SIZE) == MEM_32) ||
		     (type == IR_F64 && (n->aux & MEM_SIZE) == MEM_64),
	     "moves a value of another size");
}

static void check_slot(struct check *c, u32 slot, u32 type)
{
	const struct ir *t = c->t;

	if (need(c, slot && slot < t->slot_count, "names a slot that is not there"))
		need(c, t->slots[slot].type == type, "gives a slot the wrong type");
}

/* Integer arithmetic on integers, floating point on floats. */
static void check_class(struct check *c, const struct ir_ins *n)
{
	if (n->op >= IR_ADD && n->op <= IR_MAXU)
		need(c, is_int(n->type), "is for integers");
	if (n->op >= IR_BSWAP && n->op <= IR_ORCB)
		need(c, is_int(n->type), "is for integers");
	if (n->op >= IR_FADD && n->op <= IR_FRINT)
		need(c, is_float(n->type), "is for floating point");
	if (n->op >= IR_VFADD && n->op <= IR_VFTOI)
		need(c, n->aux == LANE_32 || n->aux == LANE_64, "has no such lane");
	if (n->op >= IR_FADD && n->op <= IR_ITOF && n->op != IR_FCMP)
		need(c, n->aux <= FP_ROD, "has no such rounding mode");
}

static void check_fields(struct check *c, const struct ir_ins *n)
{
	switch (n->op) {
	case IR_CONST:
		need(c, n->imm < c->t->konst_count, "names a constant that is not there");
		break;
	case IR_GET:
		check_slot(c, n->imm, n->type);
		break;
	case IR_PUT:
		check_slot(c, n->imm, def(c, n->a)->type);
		break;
	case IR_DIVS: case IR_DIVU: case IR_REMS: case IR_REMU:
		need(c, n->aux <= DIV_ARM, "has no such division rule");
		break;
	case IR_SEXT: case IR_ZEXT:
		need(c, n->aux == 8 || n->aux == 16 || n->aux == 32, "extends from a strange width");
		break;
	case IR_EXTR:
		need(c, n->aux && n->aux < (n->type == IR_I32 ? 32 : 64), "shifts by too much");
		break;
	case IR_FLADD: case IR_FLSUB: case IR_FLADC: case IR_FLSBC: case IR_FLAND: case IR_FLFCMP:
		need(c, def(c, n->a)->type == def(c, n->b)->type, "compares different types");
		break;
	case IR_FLCCMP:
		need(c, def(c, n->a)->type == def(c, n->b)->type, "compares different types");
		need(c, n->aux < FCC_AL && n->d < 32, "has no such condition");
		break;
	case IR_SETF: case IR_SELF: case IR_EXIT_FLAGS:
		need(c, n->aux < FCC_AL, "has no such condition");
		break;
	case IR_VLD: case IR_VST:
		need(c, n->d <= 3, "scales its index by too much");
		break;
	case IR_VCALL:
		need(c, ir_vhelper(n->imm & 0xffff) != NULL, "calls a helper that is not there");
		break;
	case IR_VEXT:
		need(c, n->d < 16 && n->aux == 0, "has no such byte");
		break;
	case IR_VREV:
		need(c, n->d > n->aux && n->d <= 3, "reverses strangely");
		break;
	case IR_VGET: case IR_VSET: case IR_VDUPLANE:
		need(c, n->d < 16u >> (n->aux & MEM_SIZE), "has no such lane");
		break;
	case IR_VINS:
		need(c, n->d < 16u >> n->aux && n->imm < 16u >> n->aux, "has no such lane");
		break;
	case IR_VWIDEN: case IR_VNARROW: case IR_VMULL:
		need(c, n->aux < LANE_64, "has no such lane");
		break;
	case IR_SETCC: case IR_EXIT_IF:
		need(c, n->aux < CC_MAX, "has no such condition");
		need(c, def(c, n->a)->type == def(c, n->b)->type, "compares different types");
		break;
	case IR_FCMP:
		need(c, n->aux <= FCMP_LE && n->d <= 3, "has no such comparison");
		need(c, def(c, n->a)->type == def(c, n->b)->type, "compares different types");
		break;
	case IR_LD:
		check_access(c, n, n->type);
		break;
	case IR_ST:
		check_access(c, n, def(c, n->c)->type);
		break;
	case IR_AMO:
		need(c, n->d < AMO_MAX && n->aux < 32, "has no such atomic operation");
		break;
	case IR_LL: case IR_SC: case IR_CAS:
		need(c, n->aux < 32, "has bits in its access that mean nothing");
		break;
	case IR_FMA:
		need(c, n->d <= 3, "negates strangely");
		break;
	case IR_FCVT:
		need(c, is_float(n->type) && n->type != def(c, n->a)->type, "does not convert");
		break;
	case IR_FTOI:
		need(c, is_int(n->type) && n->d <= 1, "does not give an integer");
		break;
	case IR_ITOF:
		need(c, is_float(n->type) && n->d <= 1, "does not give a floating-point number");
		break;
	case IR_FSGN:
		need(c, is_float(n->type) && n->aux <= SGN_XOR, "has no such sign");
		break;
	case IR_BITCAST:
		need(c, is_wide(n->type) == is_wide(def(c, n->a)->type), "changes the size");
		break;
	case IR_CALL:
		need(c, ir_helper(n->imm) != NULL, "calls a helper that is not there");
		break;
	default:
		check_class(c, n);
	}
}

static bool reads_flags(const struct ir *t, const struct ir_ins *n)
{
	return n->op != IR_PUT && (t->ins[n->a].type == IR_FLAGS || t->ins[n->c].type == IR_FLAGS);
}

static void check_precise(struct check *c, u32 slot)
{
	const struct ir *t = c->t;
	bool flags = t->slots[slot].type == IR_FLAGS, faults = false;

	for (u32 k = c->at + 1; k < t->n; k++) {
		const struct ir_ins *n = &t->ins[k];
		bool barrier = flags ? ir_is_flags_barrier(n) || (faults && reads_flags(t, n)) : ir_is_barrier(n);

		/* one that was dropped too is checked on its own */
		if ((n->op == IR_PUT || (n->op == IR_NOP && flags)) && n->imm == slot)
			return;
		if (n->op == IR_GET && n->imm == slot)
			break;
		if (!need(c, !barrier, "was a PUT that can be missed: the guest may look before the next"))
			return;
		faults |= (ir_op_flags[n->op] & IR_FAULTS) != 0;
	}
	need(c, false, "was a PUT that is missed later");
}

static void check_one(struct check *c, bool *ret_in_insn)
{
	const struct ir *t = c->t;
	const struct ir_ins *n = &t->ins[c->at];
	const char *sig;
	u32 flags;

	if (!need(c, n->op < IR_OP_MAX, "is no operation"))
		return;
	sig = ir_opinfo[n->op].sig;
	flags = ir_opinfo[n->op].flags;
	check_result(c, sig[0]);
	if (n->op == IR_NOP && n->imm) {
		need(c, n->a < c->at && !n->b && !n->c, "was a PUT of something strange");
		if (need(c, n->imm < t->slot_count, "names a slot that is not there"))
			check_precise(c, n->imm);
		return;
	}
	sig += 2;
	check_operand(c, *sig, n->a);
	sig += *sig != 0;
	check_operand(c, *sig, n->b);
	sig += *sig != 0;
	check_operand(c, *sig, n->c);
	if (c->wrong)
		return;
	check_fields(c, n);
	if (n->op == IR_PC)
		*ret_in_insn = true;
	need(c, *ret_in_insn || !(flags & (IR_FAULTS | IR_EFFECT)), "is in no guest instruction");
	need(c, !!(flags & IR_END) == (c->at == t->n - 1), flags & IR_END ? "ends the block too early" :
									     "is last but ends nothing");
}

const char *ir_verify(const struct ir *t)
{
	static _Thread_local char text[160];
	struct check c = { .t = t };
	struct str s = STR(text);
	bool in_insn = false;

	if (t->n < 2 || t->n > IR_INS_MAX || t->ins[0].op != IR_NOP)
		return "the block is empty or without its first NOP";
	for (c.at = 1; c.at < t->n && !c.wrong; c.at++)
		check_one(&c, &in_insn);
	if (!c.wrong)
		return NULL;
	c.at--;
	str_add(&s, "instruction %u (%s) %s", c.at,
		t->ins[c.at].op < IR_OP_MAX ? ir_opinfo[t->ins[c.at].op].text : "?", c.wrong);
	return text;
}
