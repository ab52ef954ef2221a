/* Integer operations: IR to host instructions (BMI1, BMI2, LZCNT, POPCNT are
 * part of the x86-64-v3 that the translator requires).
 *
 * Pattern of every emitter: get the operands into registers, account for their
 * use, ask for a destination (which may be one of the operands' registers or
 * the home that the result is PUT to), then write the instructions.
 */
#include "jit/x64/x64.h"

u32 x64_cc(u32 ir_cc)
{
	static const u8 host[CC_MAX] = {
		[CC_EQ] = J_E, [CC_NE] = J_NE, [CC_LT] = J_L, [CC_GE] = J_GE, [CC_LE] = J_LE,
		[CC_GT] = J_G, [CC_LTU] = J_B, [CC_GEU] = J_AE, [CC_LEU] = J_BE, [CC_GTU] = J_A,
	};

	assert(ir_cc < CC_MAX);
	return host[ir_cc];
}

static u32 is64(const struct ir *t, ir_ref r)
{
	return t->ins[r].type == IR_I64;
}

void x64_compare(struct x64 *e, ir_ref a, ir_ref b)
{
	u32 w = is64(e->t, a);
	struct mem m;
	i32 imm;

	if (x64_is_imm32(e, b, w, &imm)) {
		if (x64_in_mem(e, a, &m)) {
			e_alu_mi(&e->p, w, ALU_CMP, m, imm);
		} else {
			u32 ra = x64_gpr(e, a);

			if (imm)
				e_alu_ri(&e->p, w, ALU_CMP, ra, imm);
			else
				e_rr(&e->p, 0, w, 0x85, ra, ra, false);
		}
	} else {
		u32 ra = x64_gpr(e, a);

		if (x64_in_mem(e, b, &m))
			e_rm(&e->p, 0, w, 0x3b, ra, m, false);
		else
			e_rr(&e->p, 0, w, 0x3b, ra, x64_gpr(e, b), false);
	}
	x64_used(e, a);
	x64_used(e, b);
}

/* The same, when an FL operation asks for the flags of it: they are left in the host's. */
static void emit_alu_flags(struct x64 *e, const struct ir_ins *n, u32 alu, enum ir_op fl)
{
	const struct ir_ins *f = &e->t->ins[e->flags.fused];
	u32 w = n->type == IR_I64, ra, rb = NO_REG, d;
	bool is_imm;
	i32 imm;

	if (fl == IR_FLSUB)
		alu = ALU_SUB;
	is_imm = x64_is_imm32(e, f->b, w, &imm);
	ra = x64_gpr(e, n->a);
	if (!is_imm)
		rb = x64_gpr(e, n->b);
	x64_used(e, n->a);
	x64_used(e, n->b);
	x64_flags_fused_uses(e);
	d = x64_dest(e, true);
	if (d == rb && d != ra && alu != ALU_SUB) {
		e_rr(&e->p, 0, w, alu << 3 | 3, d, ra, false);
	} else if (d == rb && d != ra) {	/* the operand goes by way of memory */
		e_rm(&e->p, 0, 1, 0x89, rb, at(AREA(ret)), false);
		e_rr(&e->p, 0, w, 0x8b, d, ra, false);
		e_rm(&e->p, 0, w, alu << 3 | 3, d, at(AREA(ret)), false);
	} else {
		if (d != ra)
			e_rr(&e->p, 0, w, 0x8b, d, ra, false);
		if (is_imm)
			e_alu_ri(&e->p, w, alu, d, imm);
		else
			e_rr(&e->p, 0, w, alu << 3 | 3, d, rb, false);
	}
	x64_set_gpr(e, d);
}

/* d = a op b for add, sub, and, or, xor. */
static void emit_alu(struct x64 *e, const struct ir_ins *n, u32 alu)
{
	bool swaps = n->op != IR_SUB, no_flags = n->op == IR_ADD && x64_flags_live(e);
	enum ir_op fl = n->op <= IR_SUB || n->op == IR_AND ? x64_flags_fused(e, n) : 0;
	u32 w = n->type == IR_I64, ra, rb, d;
	struct mem m;
	i32 imm;

	if (fl) {
		emit_alu_flags(e, n, alu, fl);
		return;
	}
	if (!no_flags)
		x64_flags_clobber(e);
	if (x64_is_imm32(e, n->b, w, &imm)) {
		ra = x64_gpr(e, n->a);
		x64_used(e, n->a);
		x64_used(e, n->b);
		d = x64_dest(e, true);
		if (n->op == IR_ADD && (d != ra || no_flags)) {
			e_rm(&e->p, 0, w, 0x8d, d, (struct mem){(u8)ra, NO_REG, 0, imm}, false);
		} else if (n->op == IR_AND && (imm == 0xff || imm == 0xffff)) {
			e_rr(&e->p, 0, 0, imm == 0xff ? 0x0fb6 : 0x0fb7, d, ra, true);
		} else {
			if (n->op == IR_AND && imm >= 0)
				w = 0;	/* the upper half becomes zero either way */
			if (d != ra)
				e_rr(&e->p, 0, w, 0x8b, d, ra, false);
			e_alu_ri(&e->p, w, alu, d, imm);
		}
		x64_set_gpr(e, d);
		return;
	}
	ra = x64_gpr(e, n->a);
	if (!no_flags && x64_in_mem(e, n->b, &m)) {
		x64_used(e, n->a);
		x64_used(e, n->b);
		d = x64_dest(e, true);
		if (d != ra)
			e_rr(&e->p, 0, w, 0x8b, d, ra, false);
		e_rm(&e->p, 0, w, alu << 3 | 3, d, m, false);
		x64_set_gpr(e, d);
		return;
	}
	rb = x64_gpr(e, n->b);
	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_dest(e, true);
	if (d == rb && d != ra && swaps && !no_flags) {
		e_rr(&e->p, 0, w, alu << 3 | 3, d, ra, false);
	} else if (d == rb && d != ra && !no_flags) {
		e_rr(&e->p, 0, w, 0xf7, 3, d, false);		/* a - b = -b + a */
		e_rr(&e->p, 0, w, ALU_ADD << 3 | 3, d, ra, false);
	} else if (n->op == IR_ADD && (d != ra || no_flags)) {
		bool swap = (ra & 7) == RBP;	/* base rbp or r13 would need a displacement */
		struct mem sum = {(u8)(swap ? rb : ra), (u8)(swap ? ra : rb), 0, 0};

		e_rm(&e->p, 0, w, 0x8d, d, sum, false);
	} else {
		if (d != ra)
			e_rr(&e->p, 0, w, 0x8b, d, ra, false);
		e_rr(&e->p, 0, w, alu << 3 | 3, d, rb, false);
	}
	x64_set_gpr(e, d);
}

static void emit_andn(struct x64 *e, const struct ir_ins *n)
{
	u32 w = n->type == IR_I64, ra = x64_gpr(e, n->a), rb = x64_gpr(e, n->b), d;

	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_dest(e, true);
	e_vrr(&e->p, MAP_0F38, PP_NONE, w, 0xf2, d, rb, ra);
	x64_set_gpr(e, d);
}

/* Both operands into rax and rcx, for instructions that insist. */
static void operands_to_scratch(struct x64 *e, const struct ir_ins *n)
{
	x64_empty_scratch(e, false);
	e->busy = GPR_SCRATCH;
	x64_gpr_to(e, n->a, RAX);
	x64_gpr_to(e, n->b, RCX);
	x64_used(e, n->a);
	x64_used(e, n->b);
}

static void emit_shift(struct x64 *e, const struct ir_ins *n)
{
	static const struct { u8 n, pp, op; } how[] = {	/* group-2 number; BMI2 prefix */
		[IR_SHL - IR_SHL] = {SH_SHL, PP_66, 0}, [IR_SHR - IR_SHL] = {SH_SHR, PP_F2, 0},
		[IR_SAR - IR_SHL] = {SH_SAR, PP_F3, 0}, [IR_ROL - IR_SHL] = {SH_ROL, 0, 0},
		[IR_ROR - IR_SHL] = {SH_ROR, 0, 0},
	};
	u32 w = n->type == IR_I64, k = n->op - IR_SHL, bits = w ? 64 : 32, ra, rb, d;
	bool rotates = n->op == IR_ROL || n->op == IR_ROR;
	u64 count;

	if (x64_is_const(e, n->b, &count)) {
		count &= bits - 1;
		ra = x64_gpr(e, n->a);
		x64_used(e, n->a);
		x64_used(e, n->b);
		d = x64_dest(e, true);
		if (rotates) {	/* rorx */
			e_vrr(&e->p, MAP_0F3A, PP_F2, w, 0xf0, d, 0, ra);
			e8(&e->p, (u32)(n->op == IR_ROR ? count : (bits - count) & (bits - 1)));
		} else if (n->op == IR_SHL && count == 1 && d != ra) {
			e_rm(&e->p, 0, w, 0x8d, d, (struct mem){(u8)ra, (u8)ra, 0, 0}, false);
		} else {
			if (d != ra || !count)
				e_rr(&e->p, 0, w, 0x8b, d, ra, false);
			if (count)
				e_shift_ri(&e->p, w, how[k].n, d, (u32)count);
		}
		x64_set_gpr(e, d);
		return;
	}
	if (rotates) {	/* by cl */
		operands_to_scratch(e, n);
		e_rr(&e->p, 0, w, 0xd3, how[k].n, RAX, false);
		x64_set_gpr(e, RAX);
		return;
	}
	ra = x64_gpr(e, n->a);
	rb = x64_gpr(e, n->b);
	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_dest(e, true);
	e_vrr(&e->p, MAP_0F38, how[k].pp, w, 0xf7, d, rb, ra);
	x64_set_gpr(e, d);
}

static void emit_mul(struct x64 *e, const struct ir_ins *n)
{
	u32 w = n->type == IR_I64, ra = x64_gpr(e, n->a), rb, d;
	i32 imm;

	if (x64_is_imm32(e, n->b, w, &imm)) {
		x64_used(e, n->a);
		x64_used(e, n->b);
		d = x64_dest(e, true);
		e_rr(&e->p, 0, w, imm == (i8)imm ? 0x6b : 0x69, d, ra, false);
		if (imm == (i8)imm)
			e8(&e->p, (u32)imm);
		else
			e32(&e->p, (u32)imm);
		x64_set_gpr(e, d);
		return;
	}
	rb = x64_gpr(e, n->b);
	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_dest(e, true);
	if (d == rb)
		rb = ra;
	else if (d != ra)
		e_rr(&e->p, 0, w, 0x8b, d, ra, false);
	e_rr(&e->p, 0, w, 0x0faf, d, rb, false);
	x64_set_gpr(e, d);
}

/* High half of a product: rdx is a home, so it is saved round the instruction.  Result in rax. */
static void emit_mul_high(struct x64 *e, const struct ir_ins *n)
{
	bool mixed = n->op == IR_MULHSU;

	operands_to_scratch(e, n);
	e_rm(&e->p, 0, 1, 0x89, RDX, at(VCPU(scratch)), false);
	if (mixed)
		e_rm(&e->p, 0, 1, 0x89, RAX, at(AREA(ret)), false);
	e_rr(&e->p, 0, 1, 0xf7, n->op == IR_MULHS ? 5 : 4, RCX, false);
	e_mov_rr(&e->p, RAX, RDX);
	e_rm(&e->p, 0, 1, 0x8b, RDX, at(VCPU(scratch)), false);
	if (mixed) {	/* unsigned product, minus b when a is negative */
		e_rm(&e->p, 0, 1, 0xc1, 7, at(AREA(ret)), false);
		e8(&e->p, 63);
		e_rm(&e->p, 0, 1, 0x23, RCX, at(AREA(ret)), false);
		e_rr(&e->p, 0, 1, 0x2b, RAX, RCX, false);
	}
	x64_set_gpr(e, RAX);
}

/* Division: zero and overflow go to the cold path.  Result in rax. */
static void emit_div(struct x64 *e, const struct ir_ins *n)
{
	bool is_signed = n->op == IR_DIVS || n->op == IR_REMS, rem = n->op == IR_REMS || n->op == IR_REMU;
	u32 w = n->type == IR_I64;
	u8 *zero, *minus1 = NULL;
	struct cold *c;
	u8 in[2] = {RAX, RCX};

	operands_to_scratch(e, n);
	e_rr(&e->p, 0, w, 0x85, RCX, RCX, false);
	zero = e_jcc(&e->p, J_E);
	if (is_signed) {
		e_alu_ri(&e->p, w, ALU_CMP, RCX, -1);
		minus1 = e_jcc(&e->p, J_E);
	}
	e_rm(&e->p, 0, 1, 0x89, RDX, at(VCPU(scratch)), false);
	if (is_signed) {	/* cqo or cdq */
		if (w)
			e8(&e->p, 0x48);
		e8(&e->p, 0x99);
	} else {
		e_rr(&e->p, 0, 0, 0x33, RDX, RDX, false);
	}
	e_rr(&e->p, 0, w, 0xf7, is_signed ? 7 : 6, RCX, false);
	if (rem)
		e_mov_rr(&e->p, RAX, RDX);
	e_rm(&e->p, 0, 1, 0x8b, RDX, at(VCPU(scratch)), false);
	c = x64_soft_call(e, zero, in, 2, 0, RAX, false);
	c->from2 = minus1;
	x64_set_gpr(e, RAX);
}

static void emit_unary(struct x64 *e, const struct ir_ins *n)
{
	bool neg = n->op == IR_NEG && !x64_flags_live(e);	/* else -a = ~a + 1 */
	u32 w = n->type == IR_I64, ra = x64_gpr(e, n->a), d;

	if (neg)
		x64_flags_clobber(e);
	x64_used(e, n->a);
	d = x64_dest(e, true);
	switch (n->op) {
	case IR_NEG: case IR_NOT: case IR_BSWAP:
		if (d != ra)
			e_rr(&e->p, 0, w, 0x8b, d, ra, false);
		if (n->op == IR_BSWAP) {
			if (w || d > 7)
				e8(&e->p, 0x40 | w << 3 | d >> 3);
			e8(&e->p, 0x0f);
			e8(&e->p, 0xc8 | (d & 7));
		} else {
			e_rr(&e->p, 0, w, 0xf7, neg ? 3 : 2, d, false);
			if (n->op == IR_NEG && !neg)
				e_rm(&e->p, 0, w, 0x8d, d, (struct mem){(u8)d, NO_REG, 0, 1}, false);
		}
		break;
	case IR_CLZ:
		e_rr(&e->p, 0xf3, w, 0x0fbd, d, ra, false);
		break;
	case IR_CTZ:
		e_rr(&e->p, 0xf3, w, 0x0fbc, d, ra, false);
		break;
	case IR_POPC:
		e_rr(&e->p, 0xf3, w, 0x0fb8, d, ra, false);
		break;
	}
	x64_set_gpr(e, d);
}

/* orc.b: compare each byte with zero in a vector register. */
static void emit_orcb(struct x64 *e, const struct ir_ins *n)
{
	u32 w = n->type == IR_I64, ra = x64_gpr(e, n->a), d, x, z;

	x64_used(e, n->a);
	d = x64_dest(e, true);
	x = x64_xscratch(e);
	z = x64_xscratch(e);
	e_vrr(&e->p, MAP_0F, PP_66, w, 0x6e, x, 0, ra);			/* vmovq x, a */
	e_vrr(&e->p, MAP_0F, PP_66, 0, 0xef, z, z, z);			/* vpxor z, z, z */
	e_vrr(&e->p, MAP_0F, PP_66, 0, 0x74, x, x, z);			/* vpcmpeqb x, x, z */
	e_vrr(&e->p, MAP_0F, PP_66, w, 0x7e, x, 0, d);			/* vmovq d, x */
	e_rr(&e->p, 0, w, 0xf7, 2, d, false);				/* not d */
	x64_set_gpr(e, d);
}

/* In a vector register: nibbles by tables, then the bytes. */
static void emit_bitrev(struct x64 *e, const struct ir_ins *n)
{
	u32 w = n->type == IR_I64, ra = x64_gpr(e, n->a), d, x, y, t;

	x64_used(e, n->a);
	d = x64_dest(e, true);
	x = x64_xscratch(e);
	y = x64_xscratch(e);
	t = x64_xscratch(e);
	e_vrr(&e->p, MAP_0F, PP_66, w, 0x6e, x, 0, ra);
	e_vrr(&e->p, MAP_0F, PP_66, 0, 0x72, 2, y, x);				/* vpsrld y, x, 4 */
	e8(&e->p, 4);
	e_vrm(&e->p, MAP_0F, PP_66, 0, 0xdb, x, x, at(AREA(low4)));
	e_vrm(&e->p, MAP_0F, PP_66, 0, 0xdb, y, y, at(AREA(low4)));
	e_vrm(&e->p, MAP_0F, PP_NONE, 0, 0x10, t, 0, at(AREA(bits_low)));
	e_vrr(&e->p, MAP_0F38, PP_66, 0, 0x00, x, t, x);			/* vpshufb */
	e_vrm(&e->p, MAP_0F, PP_NONE, 0, 0x10, t, 0, at(AREA(bits_high)));
	e_vrr(&e->p, MAP_0F38, PP_66, 0, 0x00, y, t, y);
	e_vrr(&e->p, MAP_0F, PP_66, 0, 0xeb, x, x, y);
	e_vrr(&e->p, MAP_0F, PP_66, w, 0x7e, x, 0, d);
	if (w || d > 7)
		e8(&e->p, 0x40 | w << 3 | d >> 3);
	e8(&e->p, 0x0f);
	e8(&e->p, 0xc8 | (d & 7));						/* bswap */
	x64_set_gpr(e, d);
}

/* shrd: the low register takes bits of the high one. */
static void emit_extr(struct x64 *e, const struct ir_ins *n)
{
	u32 w = n->type == IR_I64, ra = x64_gpr(e, n->a), s = x64_scratch(e);

	x64_gpr_to(e, n->b, s);
	e_rr(&e->p, 0, w, 0x0fac, ra, s, false);
	e8(&e->p, n->aux);
	x64_used(e, n->a);
	x64_used(e, n->b);
	x64_set_gpr(e, s);
}

static void emit_extend(struct x64 *e, const struct ir_ins *n)
{
	u32 op = n->aux == 8 ? 0x0fb6 : 0x0fb7, w = 0, ra, d;
	const struct value *v = x64_value(e, n->a);
	struct mem m;

	if (n->op == IR_ZEXT && n->aux == 32 && v->zext && v->place != P_XMM) {
		x64_alias(e, n->a);
		return;
	}
	if (n->op == IR_SEXT) {
		w = 1;
		op = n->aux == 8 ? 0x0fbe : n->aux == 16 ? 0x0fbf : 0x63;
	} else if (n->aux == 32) {
		op = 0x8b;
	}
	if (x64_in_mem(e, n->a, &m)) {
		x64_used(e, n->a);
		d = x64_dest(e, true);
		e_rm(&e->p, 0, w, op, d, m, false);
	} else {
		ra = x64_gpr(e, n->a);
		x64_used(e, n->a);
		d = x64_dest(e, true);
		e_rr(&e->p, 0, w, op, d, ra, n->aux == 8);
	}
	x64_set_gpr(e, d);
}

static void emit_setcc(struct x64 *e, const struct ir_ins *n)
{
	u32 d;

	x64_compare(e, n->a, n->b);
	d = x64_dest(e, true);
	e_rr(&e->p, 0, 0, 0x0f90 | x64_cc(n->aux), 0, d, true);
	e_rr(&e->p, 0, 0, 0x0fb6, d, d, true);
	x64_set_gpr(e, d);
	e->flags_of = (ir_ref)e->i;
	e->flags_cc = (u8)x64_cc(n->aux);
	e->flags_at = e->p;
}

static void emit_minmax(struct x64 *e, const struct ir_ins *n)
{
	static const u8 keep_b[] = {J_G, J_L, J_A, J_B};	/* MINS MAXS MINU MAXU: take b when a is ... b */
	u32 w = n->type == IR_I64, ra = x64_gpr(e, n->a), rb = x64_gpr(e, n->b), d;
	u32 cc = keep_b[n->op - IR_MINS];

	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_dest(e, true);
	if (d == rb && d != ra) {
		u32 other = ra;

		ra = rb;
		rb = other;
	}
	if (d != ra)
		e_rr(&e->p, 0, w, 0x8b, d, ra, false);
	e_rr(&e->p, 0, w, 0x3b, d, rb, false);
	e_rr(&e->p, 0, w, 0x0f40 | cc, d, rb, false);
	x64_set_gpr(e, d);
}

/* d = cond ? b : c: a copy of c, then cmovne.  The moves in between leave the flags alone. */
static void emit_select(struct x64 *e, const struct ir_ins *n)
{
	u32 w = n->type == IR_I64, ra;
	struct mem m;

	x64_empty_scratch(e, false);
	e->busy = 1 << RAX;
	x64_gpr_to(e, n->c, RAX);
	if (x64_in_mem(e, n->a, &m)) {
		e_alu_mi(&e->p, 1, ALU_CMP, m, 0);
	} else {
		ra = x64_gpr(e, n->a);
		e_rr(&e->p, 0, 1, 0x85, ra, ra, false);
		e->busy = 1 << RAX;
	}
	if (x64_in_mem(e, n->b, &m))
		e_rm(&e->p, 0, w, 0x0f40 | J_NE, RAX, m, false);
	else
		e_rr(&e->p, 0, w, 0x0f40 | J_NE, RAX, x64_gpr(e, n->b), false);
	x64_used(e, n->a);
	x64_used(e, n->b);
	x64_used(e, n->c);
	x64_set_gpr(e, RAX);
}

void x64_int(struct x64 *e)
{
	const struct ir_ins *n = &e->t->ins[e->i];

	switch (n->op) {
	case IR_ADD: emit_alu(e, n, ALU_ADD); break;
	case IR_SUB: emit_alu(e, n, ALU_SUB); break;
	case IR_AND: emit_alu(e, n, ALU_AND); break;
	case IR_OR: emit_alu(e, n, ALU_OR); break;
	case IR_XOR: emit_alu(e, n, ALU_XOR); break;
	case IR_ANDN: emit_andn(e, n); break;
	case IR_MUL: emit_mul(e, n); break;
	case IR_MULHS: case IR_MULHU: case IR_MULHSU: emit_mul_high(e, n); break;
	case IR_DIVS: case IR_DIVU: case IR_REMS: case IR_REMU: emit_div(e, n); break;
	case IR_SHL: case IR_SHR: case IR_SAR: case IR_ROL: case IR_ROR: emit_shift(e, n); break;
	case IR_NEG: case IR_NOT: case IR_BSWAP: case IR_CLZ: case IR_CTZ: case IR_POPC:
		emit_unary(e, n);
		break;
	case IR_ORCB: emit_orcb(e, n); break;
	case IR_BITREV: emit_bitrev(e, n); break;
	case IR_EXTR: emit_extr(e, n); break;
	case IR_MINS: case IR_MAXS: case IR_MINU: case IR_MAXU: emit_minmax(e, n); break;
	case IR_SEXT: case IR_ZEXT: emit_extend(e, n); break;
	case IR_SETCC: emit_setcc(e, n); break;
	case IR_SELECT: emit_select(e, n); break;
	default: assert(!"an integer operation");
	}
}
