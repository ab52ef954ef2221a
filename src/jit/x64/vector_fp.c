/* Floating point by lane, as fp_checked.c does scalars: the host's operation, a
 * test of all lanes at once, and the whole vector again in C when a lane may be
 * wrong.
 */
#include "jit/x64/x64.h"

static void op(struct x64 *e, bool is64, u32 code, u32 d, u32 a, u32 b)	/* ps or pd */
{
	e_vrr(&e->p, MAP_0F, is64 ? PP_66 : PP_NONE, 0, code, d, a, b);
}

static void write_op(struct x64 *e, const struct ir_ins *n, u32 r, const u8 *in)
{
	static const u8 code[] = {[IR_VFADD - IR_VFADD] = 0x58, [IR_VFSUB - IR_VFADD] = 0x5c,
				  [IR_VFMUL - IR_VFADD] = 0x59, [IR_VFDIV - IR_VFADD] = 0x5e};
	static const u8 op231[4] = {0xb8, 0xbc, 0xba, 0xbe};
	bool is64 = n->aux == LANE_64;

	switch (n->op) {
	case IR_VFADD: case IR_VFSUB: case IR_VFMUL: case IR_VFDIV:
		op(e, is64, code[n->op - IR_VFADD], r, in[0], in[1]);
		break;
	case IR_VFSQRT:
		op(e, is64, 0x51, r, 0, in[0]);
		break;
	default:	/* VFMA */
		e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x28, r, 0, in[2]);
		e_vrr(&e->p, MAP_0F38, PP_66, is64, op231[n->d & 3], r, in[0], in[1]);
	}
}

static void emit_checked(struct x64 *e, const struct ir_ins *n)
{
	const ir_ref operand[3] = {n->a, n->b, n->c};
	bool is64 = n->aux == LANE_64, tiny = n->op != IR_VFADD && n->op != IR_VFSUB && n->op != IR_VFSQRT;
	i32 abs = is64 ? AREA(abs_all64) : AREA(abs_all32), min = is64 ? AREA(min64) : AREA(min32);
	u32 count = 0, spare = 0, d, r, t;
	struct cold *c;
	u8 in[3], *bad;

	for (; count < 3 && operand[count]; count++)
		in[count] = (u8)x64_xmm(e, operand[count]);
	for (u32 k = 0; k < count; k++)
		x64_used(e, operand[k]);
	for (u32 k = 0; k < XMM_BOX; k++)
		spare += !(e->busy_xmm & 1u << k);
	if (!spare) {	/* two registers are wanted, of which one can be xmm3 */
		x64_vector_here(e, in, count, 7);
		return;
	}
	r = x64_xscratch(e);
	t = x64_xtemp(e);
	write_op(e, n, r, in);
	if (tiny) {	/* vandps, vpcmpeq with the least normal; or unordered */
		e_vrm(&e->p, MAP_0F, PP_NONE, 0, 0x54, t, r, at(abs));
		e_vrm(&e->p, MAP_0F, is64 ? PP_66 : PP_NONE, 0, 0xc2, t, t, at(min));
		e8(&e->p, 8);	/* EQ_UQ: equal or unordered, quiet */
	} else {
		op(e, is64, 0xc2, t, r, r);
		e8(&e->p, 3);	/* UNORD_Q */
	}
	e_vrr(&e->p, MAP_0F38, PP_66, 0, 0x17, t, 0, t);	/* vptest */
	bad = e_jcc(&e->p, J_NE);
	x64_xtemp_done(e, t);
	d = x64_xdest(e);
	c = x64_vector_cold(e, bad, in, count, d);
	e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x28, d, 0, r);
	c->back = e->p;
	x64_set_xmm(e, d);
}

void x64_vector_fp(struct x64 *e)
{
	const struct ir_ins *n = &e->t->ins[e->i];
	bool rounds = n->imm == e->t->fp_rm && n->imm <= FP_RUP && !e->t->fp_env;

	if (rounds && !(n->d & VF_LOW) && (n->op <= IR_VFSQRT || n->op == IR_VFMA))
		emit_checked(e, n);
	else
		x64_vector_c(e);
}
