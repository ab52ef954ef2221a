/* Operations on vectors of 128 bits, by AVX and AVX2 instructions (VEX, so that
 * nothing above is kept).  Floating point by lane is in vector_fp.c.
 *
 * Emitters of several instructions write their destination with the last one
 * that reads an operand: it may be an operand's register.  XMM_BOX is zero where
 * there are vectors, and serves as that.  None of these touches host flags.
 * What no short sequence does goes to C (ir_eval_vec), as do vector helpers.
 */
#include "jit/x64/x64.h"

static void op2(struct x64 *e, u32 op, u32 d, u32 a, u32 b)	/* 66.0F */
{
	e_vrr(&e->p, MAP_0F, PP_66, 0, op, d, a, b);
}

static void op38(struct x64 *e, u32 op, u32 d, u32 a, u32 b)	/* 66.0F38 */
{
	e_vrr(&e->p, MAP_0F38, PP_66, 0, op, d, a, b);
}

static void op3a(struct x64 *e, u32 op, u32 d, u32 a, u32 b, u32 imm)	/* 66.0F3A */
{
	e_vrr(&e->p, MAP_0F3A, PP_66, 0, op, d, a, b);
	e8(&e->p, imm);
}

static void op_mem(struct x64 *e, u32 map, u32 op, u32 d, u32 a, i32 disp)
{
	e_vrm(&e->p, map, PP_66, 0, op, d, a, at(disp));
}

/* Shifts of the group 71, 72, 73 by a constant: n is the /n. */
static void shift_imm(struct x64 *e, u32 lane, u32 n, u32 d, u32 a, u32 by)
{
	e_vrr(&e->p, MAP_0F, PP_66, 0, 0x70 + lane, n, d, a);
	e8(&e->p, by);
}

static void shuffle32(struct x64 *e, u32 d, u32 a, u32 imm)	/* vpshufd */
{
	op2(e, 0x70, d, 0, a);
	e8(&e->p, imm);
}

enum { SHIFT_RIGHT = 2, SHIFT_BYTES_RIGHT = 3, SHIFT_SIGN = 4, SHIFT_LEFT = 6 };

/* ---- in C ---- */

/* Operands to the area, the operation, the call, the result back: at e->p. */
void x64_vector_call(struct x64 *e, const struct cold *c)
{
	for (u32 k = 0; k < c->n; k++) {
		struct mem to = at(AREA(vec) + (i32)k * 16);

		if (c->in[k] == NO_REG)
			continue;
		if (c->in_xmm & 1u << k)
			e_vrm(&e->p, MAP_0F, PP_NONE, 0, 0x11, c->in[k], 0, to);
		else
			e_rm(&e->p, 0, 1, 0x89, c->in[k], to, false);
	}
	e_rm(&e->p, 0, 0, 0xc7, 0, at(AREA(soft)), false);
	e32(&e->p, c->op | (u32)c->type << 8 | (u32)c->aux << 16 | (u32)c->d << 24);
	e_rm(&e->p, 0, 0, 0xc7, 0, at(AREA(vec_imm)), false);
	e32(&e->p, (u32)c->target);
	e_rm(&e->p, 0, 0, 0xc7, 0, at(AREA(call)), false);
	e32(&e->p, CALL_VECTOR);
	x64_rel(e, e_call(&e->p), x64_stubs.call);
	e_vrm(&e->p, MAP_0F, PP_NONE, 0, 0x10, c->reg, 0, at(AREA(vec[3])));
}

static struct cold call_of(struct x64 *e, const u8 *in, u32 n, u32 in_xmm, u32 reg)
{
	const struct ir_ins *op = &e->t->ins[e->i];
	struct cold c = {.kind = COLD_VECTOR, .op = op->op, .type = op->type, .aux = op->aux, .d = op->d,
			 .target = (i32)op->imm, .n = (u8)n, .in_xmm = (u8)in_xmm, .reg = (u8)reg};

	memcpy(c.in, in, n);
	return c;
}

struct cold *x64_vector_cold(struct x64 *e, u8 *from, const u8 *in, u32 n, u32 reg)
{
	struct cold *c = x64_cold(e, COLD_VECTOR, from), filled = call_of(e, in, n, 7, reg);

	filled.from = from;
	filled.back = c->back;
	filled.pc = c->pc;
	*c = filled;
	return c;
}

void x64_vector_here(struct x64 *e, const u8 *in, u32 count, u32 in_xmm)
{
	u32 d = x64_xdest(e);
	struct cold c = call_of(e, in, count, in_xmm, d);

	x64_vector_call(e, &c);
	x64_set_xmm(e, d);
}

void x64_vector_c(struct x64 *e)
{
	const struct ir_ins *n = &e->t->ins[e->i];
	const ir_ref operand[3] = {n->a, n->b, n->c};
	u8 in[3] = {NO_REG, NO_REG, NO_REG};
	u32 in_xmm = 0;

	x64_flags_clobber(e);
	for (u32 k = 0; k < 3; k++) {
		u32 type;

		if (!operand[k])
			continue;
		type = e->t->ins[operand[k]].type;
		if (type == IR_I32 || type == IR_I64) {
			in[k] = (u8)x64_gpr(e, operand[k]);
		} else {
			in[k] = (u8)x64_xmm(e, operand[k]);
			in_xmm |= 1u << k;
		}
	}
	for (u32 k = 0; k < 3; k++)
		if (operand[k])
			x64_used(e, operand[k]);
	x64_vector_here(e, in, 3, in_xmm);
}

/* ---- operands ---- */

static u32 one(struct x64 *e, const struct ir_ins *n, u32 *ret_d)
{
	u32 a = x64_xmm(e, n->a);

	x64_used(e, n->a);
	*ret_d = x64_xdest(e);
	return a;
}

/* vop d, a, b */
static void simple(struct x64 *e, const struct ir_ins *n, u32 map, u32 op)
{
	u32 a = x64_xmm(e, n->a), b, d;
	struct mem m;

	if (x64_in_mem(e, n->b, &m) && x64_is_vector(e, x64_value(e, n->b))) {
		x64_used(e, n->a);
		x64_used(e, n->b);
		d = x64_xdest(e);
		e_vrm(&e->p, map, PP_66, 0, op, d, a, m);
	} else {
		b = x64_xmm(e, n->b);
		x64_used(e, n->a);
		x64_used(e, n->b);
		d = x64_xdest(e);
		e_vrr(&e->p, map, PP_66, 0, op, d, a, b);
	}
	x64_set_xmm(e, d);
}

/* By lane: opcode, with 0x3800 for the map 0F38; 0 = none. */
static const u16 by_lane[IR_OP_MAX][4] = {
	[IR_VADD] = {0xfc, 0xfd, 0xfe, 0xd4}, [IR_VSUB] = {0xf8, 0xf9, 0xfa, 0xfb}, [IR_VMUL] = {0, 0xd5, 0x3840, 0},
	[IR_VMINS] = {0x3838, 0xea, 0x3839, 0}, [IR_VMAXS] = {0x383c, 0xee, 0x383d, 0},
	[IR_VMINU] = {0xda, 0x383a, 0x383b, 0}, [IR_VMAXU] = {0xde, 0x383e, 0x383f, 0},
	[IR_VAVGU] = {0xe0, 0xe3, 0, 0}, [IR_VCMPEQ] = {0x74, 0x75, 0x76, 0x3829},
	[IR_VCMPGT] = {0x64, 0x65, 0x66, 0x3837}, [IR_VABS] = {0x381c, 0x381d, 0x381e, 0},
	[IR_VAND] = {0xdb}, [IR_VOR] = {0xeb}, [IR_VXOR] = {0xef},
};

static void emit_by_lane(struct x64 *e, const struct ir_ins *n)
{
	u32 op = by_lane[n->op][n->op == IR_VAND || n->op == IR_VOR || n->op == IR_VXOR ? 0 : n->aux];

	if (!op)
		x64_vector_c(e);
	else
		simple(e, n, op >> 8 ? MAP_0F38 : MAP_0F, op & 0xff);
}

static void emit_one(struct x64 *e, const struct ir_ins *n)
{
	u32 d, a, t;

	if (n->op == IR_VABS && n->aux == LANE_64) {
		x64_vector_c(e);
		return;
	}
	a = one(e, n, &d);
	switch (n->op) {
	case IR_VNOT:
		t = x64_xtemp(e);
		op2(e, 0x76, t, t, t);
		op2(e, 0xef, d, a, t);
		x64_xtemp_done(e, t);
		break;
	case IR_VNEG:
		op2(e, by_lane[IR_VSUB][n->aux], d, XMM_BOX, a);
		break;
	default:
		op38(e, by_lane[IR_VABS][n->aux] & 0xff, d, 0, a);
	}
	x64_set_xmm(e, d);
}

static void emit_andn(struct x64 *e, const struct ir_ins *n)
{
	u32 a = x64_xmm(e, n->a), b = x64_xmm(e, n->b), d;

	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_xdest(e);
	op2(e, 0xdf, d, b, a);
	x64_set_xmm(e, d);
}

/* c ^ (a & (b ^ c)): one temporary */
static void emit_bsl(struct x64 *e, const struct ir_ins *n)
{
	u32 a = x64_xmm(e, n->a), b = x64_xmm(e, n->b), c = x64_xmm(e, n->c), d, t;

	x64_used(e, n->a);
	x64_used(e, n->b);
	x64_used(e, n->c);
	d = x64_xdest(e);
	t = x64_xtemp(e);
	op2(e, 0xef, t, b, c);
	op2(e, 0xdb, t, t, a);
	op2(e, 0xef, d, t, c);
	x64_xtemp_done(e, t);
	x64_set_xmm(e, d);
}

/* a > b where the greater of both is not b. */
static void emit_cmpgtu(struct x64 *e, const struct ir_ins *n)
{
	u32 max = by_lane[IR_VMAXU][n->aux], a, b, d, t;

	if (n->aux == LANE_64) {
		x64_vector_c(e);
		return;
	}
	a = x64_xmm(e, n->a);
	b = x64_xmm(e, n->b);
	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_xdest(e);
	t = x64_xtemp(e);
	e_vrr(&e->p, max >> 8 ? MAP_0F38 : MAP_0F, PP_66, 0, max & 0xff, t, a, b);
	op2(e, by_lane[IR_VCMPEQ][n->aux], d, t, b);
	op2(e, 0x76, t, t, t);
	op2(e, 0xef, d, d, t);
	x64_xtemp_done(e, t);
	x64_set_xmm(e, d);
}

/* ---- shifts ---- */

/* Bytes: shifted as halves, then what came from the neighbour cleared with a mask from a general register. */
static void shift_bytes(struct x64 *e, const struct ir_ins *n, bool left)
{
	u32 d, a = one(e, n, &d), t = x64_xtemp(e), s = x64_scratch(e);
	u8 mask = left ? (u8)(0xff << n->d) : (u8)(0xff >> n->d);

	shift_imm(e, LANE_16, left ? SHIFT_LEFT : SHIFT_RIGHT, d, a, n->d);
	e_mov_ri(&e->p, s, mask * 0x01010101u);
	e_vrr(&e->p, MAP_0F, PP_66, 0, 0x6e, t, 0, s);
	shuffle32(e, t, t, 0);
	op2(e, 0xdb, d, d, t);
	x64_xtemp_done(e, t);
	x64_set_xmm(e, d);
}

static void emit_shift(struct x64 *e, const struct ir_ins *n)
{
	static const u8 group[] = {[IR_VSHL - IR_VSHL] = SHIFT_LEFT, [IR_VSHR - IR_VSHL] = SHIFT_RIGHT,
				   [IR_VSAR - IR_VSHL] = SHIFT_SIGN};
	u32 d, a;

	if (n->aux == LANE_8 && n->op != IR_VSAR && n->d < 8) {
		shift_bytes(e, n, n->op == IR_VSHL);
		return;
	}
	if (n->aux == LANE_8 || (n->aux == LANE_64 && n->op == IR_VSAR)) {
		if (n->aux == LANE_64 && n->d >= 63) {	/* the sign: 0 > a */
			a = one(e, n, &d);
			op38(e, 0x37, d, XMM_BOX, a);
			x64_set_xmm(e, d);
			return;
		}
		x64_vector_c(e);
		return;
	}
	a = one(e, n, &d);
	shift_imm(e, n->aux, group[n->op - IR_VSHL], d, a, n->d);
	x64_set_xmm(e, d);
}

/* ---- moves of lanes ---- */

static void broadcast(struct x64 *e, u32 lane, u32 d, u32 s)
{
	static const u8 op[4] = {0x78, 0x79, 0x58, 0x59};

	op38(e, op[lane], d, 0, s);
}

static void emit_dup(struct x64 *e, const struct ir_ins *n)
{
	u32 type = e->t->ins[n->a].type, a, d;
	u64 k;

	if (x64_is_const(e, n->a, &k) && !k) {
		x64_used(e, n->a);
		d = x64_xdest(e);
		op2(e, 0xef, d, d, d);
	} else if (type == IR_F32 || type == IR_F64) {
		a = one(e, n, &d);
		broadcast(e, n->aux, d, a);
	} else {
		a = x64_gpr(e, n->a);
		x64_used(e, n->a);
		d = x64_xdest(e);
		e_vrr(&e->p, MAP_0F, PP_66, 1, 0x6e, d, 0, a);
		broadcast(e, n->aux, d, d);
	}
	x64_set_xmm(e, d);
}

static void emit_dup_lane(struct x64 *e, const struct ir_ins *n)
{
	u32 d, a = one(e, n, &d), from = n->d;

	if (n->aux == LANE_32) {
		shuffle32(e, d, a, from * 0x55);
	} else if (n->aux == LANE_64) {
		shuffle32(e, d, a, from ? 0xee : 0x44);
	} else {
		if (from) {
			shift_imm(e, LANE_64, SHIFT_BYTES_RIGHT, d, a, from << n->aux);
			a = d;
		}
		broadcast(e, n->aux, d, a);
	}
	x64_set_xmm(e, d);
}

static void emit_zext(struct x64 *e, const struct ir_ins *n)
{
	u32 type = e->t->ins[n->a].type, a, d;
	struct value *v = x64_value(e, n->a);
	u64 k;

	if (x64_is_const(e, n->a, &k) && !k) {
		x64_used(e, n->a);
		d = x64_xdest(e);
		op2(e, 0xef, d, d, d);
		x64_set_xmm(e, d);
		e->v[e->i].clean = 32;
		return;
	}
	if (type == IR_F32 || type == IR_F64) {
		if (v->place != P_CONST && v->clean && (type == IR_F64 || v->clean == 32)) {
			x64_alias(e, n->a);
			return;
		}
		a = one(e, n, &d);
		if (type == IR_F64)
			e_vrr(&e->p, MAP_0F, PP_F3, 0, 0x7e, d, 0, a);
		else
			e_vrr(&e->p, MAP_0F, PP_F3, 0, 0x10, d, XMM_BOX, a);
	} else {
		a = x64_gpr(e, n->a);
		x64_used(e, n->a);
		d = x64_xdest(e);
		e_vrr(&e->p, MAP_0F, PP_66, type == IR_I64, 0x6e, d, 0, a);
	}
	x64_set_xmm(e, d);
	e->v[e->i].clean = type == IR_F32 || type == IR_I32 ? 32 : 64;
}

static void emit_low(struct x64 *e, const struct ir_ins *n)
{
	struct mem m;
	u32 d;

	if (n->type == IR_F32 || n->type == IR_F64) {
		x64_alias(e, n->a);
		return;
	}
	if (x64_in_mem(e, n->a, &m)) {
		x64_used(e, n->a);
		d = x64_dest(e, true);
		e_rm(&e->p, 0, n->type == IR_I64, 0x8b, d, m, false);
	} else {
		u32 a = x64_xmm(e, n->a);

		x64_used(e, n->a);
		d = x64_dest(e, true);
		e_vrr(&e->p, MAP_0F, PP_66, n->type == IR_I64, 0x7e, a, 0, d);
	}
	x64_set_gpr(e, d);
	e->v[e->i].zext = n->type == IR_I32;
}

static void emit_get(struct x64 *e, const struct ir_ins *n)
{
	static const u16 sign[] = {0x0fbe, 0x0fbf, 0x63, 0};
	u32 lane = n->aux & MEM_SIZE, a = x64_xmm(e, n->a), d;

	x64_used(e, n->a);
	d = x64_dest(e, true);
	if (lane >= LANE_32 && !n->d) {
		e_vrr(&e->p, MAP_0F, PP_66, lane == LANE_64, 0x7e, a, 0, d);
	} else {
		e_vrr(&e->p, MAP_0F3A, PP_66, lane == LANE_64, lane >= LANE_32 ? 0x16 : 0x14 + lane, a, 0, d);
		e8(&e->p, n->d);
	}
	if (n->aux & MEM_SIGNED && lane < LANE_64)
		e_rr(&e->p, 0, 1, sign[lane], d, d, lane == LANE_8);
	x64_set_gpr(e, d);
}

static void insert(struct x64 *e, u32 lane, u32 d, u32 a, u32 s, u32 index)
{
	if (lane == LANE_16)
		e_vrr(&e->p, MAP_0F, PP_66, 0, 0xc4, d, a, s);
	else
		e_vrr(&e->p, MAP_0F3A, PP_66, lane == LANE_64, lane == LANE_8 ? 0x20 : 0x22, d, a, s);
	e8(&e->p, index);
}

static void emit_set(struct x64 *e, const struct ir_ins *n)
{
	u32 type = e->t->ins[n->b].type, a, b, d;

	if (type == IR_F32 || type == IR_F64) {
		x64_vector_c(e);
		return;
	}
	a = x64_xmm(e, n->a);
	b = x64_gpr(e, n->b);
	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_xdest(e);
	insert(e, n->aux, d, a, b, n->d);
	x64_set_xmm(e, d);
}

static void emit_ins(struct x64 *e, const struct ir_ins *n)
{
	u32 a = x64_xmm(e, n->a), b = x64_xmm(e, n->b), d, s;

	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_xdest(e);
	if (n->aux == LANE_64) {
		if (n->d && n->imm)
			op3a(e, 0x0e, d, a, b, 0xf0);		/* vpblendw */
		else if (n->d)
			op2(e, 0x6c, d, a, b);			/* vpunpcklqdq */
		else if (n->imm)
			op2(e, 0x15, d, b, a);			/* vunpckhpd */
		else
			op3a(e, 0x0e, d, a, b, 0x0f);
	} else if (n->aux == LANE_32) {
		op3a(e, 0x21, d, a, b, n->imm << 6 | (u32)n->d << 4);	/* vinsertps */
	} else {
		s = x64_scratch(e);
		e_vrr(&e->p, MAP_0F3A, PP_66, 0, 0x14 + n->aux, b, 0, s);
		e8(&e->p, n->imm);
		insert(e, n->aux, d, a, s, n->d);
	}
	x64_set_xmm(e, d);
}

/* ---- permutes ---- */

static void emit_zip(struct x64 *e, const struct ir_ins *n)
{
	static const u8 op[2][4] = {{0x60, 0x61, 0x62, 0x6c}, {0x68, 0x69, 0x6a, 0x6d}};

	simple(e, n, MAP_0F, op[n->d][n->aux]);
}

/* Even or odd lanes: 64 and 32 bits by shuffles; smaller ones alone in lanes of twice the width, then packed. */
static void emit_uzp(struct x64 *e, const struct ir_ins *n)
{
	u32 a, b, d, t;

	if (n->aux == LANE_64) {
		simple(e, n, MAP_0F, n->d ? 0x6d : 0x6c);
		return;
	}
	a = x64_xmm(e, n->a);
	b = x64_xmm(e, n->b);
	x64_used(e, n->a);
	x64_used(e, n->b);
	if (n->aux == LANE_32) {
		d = x64_xdest(e);
		e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0xc6, d, a, b);	/* vshufps */
		e8(&e->p, n->d ? 0xdd : 0x88);
		x64_set_xmm(e, d);
		return;
	}
	d = x64_xdest(e);
	t = x64_xtemp(e);
	if (n->d) {
		shift_imm(e, n->aux + 1u, SHIFT_RIGHT, t, b, 8u << n->aux);
		shift_imm(e, n->aux + 1u, SHIFT_RIGHT, d, a, 8u << n->aux);
	} else if (n->aux == LANE_8) {
		op_mem(e, MAP_0F, 0xdb, t, b, AREA(low8));
		op_mem(e, MAP_0F, 0xdb, d, a, AREA(low8));
	} else {	/* the upper halves of words cleared */
		shift_imm(e, LANE_32, SHIFT_LEFT, t, b, 16);
		shift_imm(e, LANE_32, SHIFT_RIGHT, t, t, 16);
		shift_imm(e, LANE_32, SHIFT_LEFT, d, a, 16);
		shift_imm(e, LANE_32, SHIFT_RIGHT, d, d, 16);
	}
	if (n->aux == LANE_8)
		op2(e, 0x67, d, d, t);		/* vpackuswb */
	else
		op38(e, 0x2b, d, d, t);		/* vpackusdw */
	x64_xtemp_done(e, t);
	x64_set_xmm(e, d);
}

static void emit_trn(struct x64 *e, const struct ir_ins *n)
{
	u32 lane = n->aux, bits = 8u << lane, a, b, d, t;

	if (lane == LANE_64) {
		simple(e, n, MAP_0F, n->d ? 0x6d : 0x6c);
		return;
	}
	if (lane == LANE_8) {
		x64_vector_c(e);
		return;
	}
	a = x64_xmm(e, n->a);
	b = x64_xmm(e, n->b);
	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_xdest(e);
	t = x64_xtemp(e);
	if (n->d) {	/* a's odd lanes down, b's stay */
		shift_imm(e, lane + 1, SHIFT_RIGHT, t, a, bits);
		op3a(e, 0x0e, d, t, b, lane == LANE_32 ? 0xcc : 0xaa);
	} else {
		shift_imm(e, lane + 1, SHIFT_LEFT, t, b, bits);
		op3a(e, 0x0e, d, a, t, lane == LANE_32 ? 0xcc : 0xaa);
	}
	x64_xtemp_done(e, t);
	x64_set_xmm(e, d);
}

static void emit_ext(struct x64 *e, const struct ir_ins *n)
{
	u32 a = x64_xmm(e, n->a), b = x64_xmm(e, n->b), d;

	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_xdest(e);
	op3a(e, 0x0f, d, b, a, n->d);	/* vpalignr */
	x64_set_xmm(e, d);
}

static void emit_tbl(struct x64 *e, const struct ir_ins *n)
{
	u32 a = x64_xmm(e, n->a), b = x64_xmm(e, n->b), d, t;

	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_xdest(e);
	t = x64_xtemp(e);
	op_mem(e, MAP_0F, 0xdc, t, b, AREA(index16));	/* vpaddusb: from 16 on the top bit is set */
	op38(e, 0x00, d, a, t);				/* vpshufb */
	x64_xtemp_done(e, t);
	x64_set_xmm(e, d);
}

static void emit_rev(struct x64 *e, const struct ir_ins *n)
{
	u32 d, a = one(e, n, &d);

	op_mem(e, MAP_0F38, 0x00, d, a, AREA(reverse) + (i32)(n->aux * 4u + n->d) * 16);
	x64_set_xmm(e, d);
}

/* Bits of both nibbles by a table. */
static void emit_cnt(struct x64 *e, const struct ir_ins *n)
{
	u32 a = x64_xmm(e, n->a), t, u;

	t = x64_xscratch(e);
	u = x64_xtemp(e);
	x64_used(e, n->a);
	shift_imm(e, LANE_16, SHIFT_RIGHT, t, a, 4);
	op_mem(e, MAP_0F, 0xdb, t, t, AREA(low4));
	op_mem(e, MAP_0F, 0xdb, u, a, AREA(low4));
	e_vrm(&e->p, MAP_0F, PP_NONE, 0, 0x11, u, 0, at(AREA(vec[0])));
	e_vrm(&e->p, MAP_0F, PP_NONE, 0, 0x10, u, 0, at(AREA(bit_counts)));
	op38(e, 0x00, t, u, t);
	op_mem(e, MAP_0F38, 0x00, u, u, AREA(vec[0]));
	op2(e, 0xfc, t, t, u);
	x64_xtemp_done(e, u);
	x64_set_xmm(e, t);
}

/* ---- widths ---- */

static void emit_widen(struct x64 *e, const struct ir_ins *n)
{
	static const u8 sign[] = {0x20, 0x23, 0x25}, high[] = {0x68, 0x69, 0x6a};
	u32 d, a = one(e, n, &d);

	if (n->d & VW_HIGH && !(n->d & VW_SIGNED)) {
		op2(e, high[n->aux], d, a, XMM_BOX);
	} else {
		if (n->d & VW_HIGH) {
			shuffle32(e, d, a, 0xee);
			a = d;
		}
		op38(e, sign[n->aux] + (n->d & VW_SIGNED ? 0 : 0x10), d, 0, a);
	}
	x64_set_xmm(e, d);
}

static void emit_narrow(struct x64 *e, const struct ir_ins *n)
{
	u32 d, a = one(e, n, &d);

	if (n->aux == LANE_32) {
		e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0xc6, d, a, XMM_BOX);
		e8(&e->p, 0x88);
	} else if (n->aux == LANE_16) {
		op3a(e, 0x0e, d, a, XMM_BOX, 0xaa);
		op38(e, 0x2b, d, d, XMM_BOX);
	} else {
		op_mem(e, MAP_0F, 0xdb, d, a, AREA(low8));
		op2(e, 0x67, d, d, XMM_BOX);
	}
	x64_set_xmm(e, d);
	e->v[e->i].clean = 64;
}

static void emit_mull(struct x64 *e, const struct ir_ins *n)
{
	static const u8 sign[] = {0x20, 0x23};
	u32 a = x64_xmm(e, n->a), b = x64_xmm(e, n->b), d, t;
	bool is_signed = n->d & VW_SIGNED, high = n->d & VW_HIGH;

	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_xdest(e);
	t = x64_xtemp(e);
	if (n->aux == LANE_32) {	/* into the even lanes */
		shuffle32(e, t, b, high ? 0x32 : 0x10);
		shuffle32(e, d, a, high ? 0x32 : 0x10);
		e_vrr(&e->p, is_signed ? MAP_0F38 : MAP_0F, PP_66, 0, is_signed ? 0x28 : 0xf4, d, d, t);
	} else {
		if (high)
			shuffle32(e, t, b, 0xee);
		op38(e, sign[n->aux] + (is_signed ? 0 : 0x10), t, 0, high ? t : b);
		if (high)
			shuffle32(e, d, a, 0xee);
		op38(e, sign[n->aux] + (is_signed ? 0 : 0x10), d, 0, high ? d : a);
		if (n->aux == LANE_8)
			op2(e, 0xd5, d, d, t);
		else
			op38(e, 0x40, d, d, t);
	}
	x64_xtemp_done(e, t);
	x64_set_xmm(e, d);
}

void x64_vector(struct x64 *e)
{
	const struct ir_ins *n = &e->t->ins[e->i];

	switch (n->op) {
	case IR_VZEXT: emit_zext(e, n); break;
	case IR_VLOW: emit_low(e, n); break;
	case IR_VDUP: emit_dup(e, n); break;
	case IR_VDUPLANE: emit_dup_lane(e, n); break;
	case IR_VGET: emit_get(e, n); break;
	case IR_VSET: emit_set(e, n); break;
	case IR_VINS: emit_ins(e, n); break;
	case IR_VANDN: emit_andn(e, n); break;
	case IR_VBSL: emit_bsl(e, n); break;
	case IR_VAND: case IR_VOR: case IR_VXOR: case IR_VADD: case IR_VSUB: case IR_VMUL: case IR_VMINS:
	case IR_VMAXS: case IR_VMINU: case IR_VMAXU: case IR_VAVGU: case IR_VCMPEQ: case IR_VCMPGT:
		emit_by_lane(e, n);
		break;
	case IR_VNOT: case IR_VNEG: case IR_VABS: emit_one(e, n); break;
	case IR_VCMPGTU: emit_cmpgtu(e, n); break;
	case IR_VSHL: case IR_VSHR: case IR_VSAR: emit_shift(e, n); break;
	case IR_VCNT: emit_cnt(e, n); break;
	case IR_VREV: emit_rev(e, n); break;
	case IR_VEXT: emit_ext(e, n); break;
	case IR_VZIP: emit_zip(e, n); break;
	case IR_VUZP: emit_uzp(e, n); break;
	case IR_VTRN: emit_trn(e, n); break;
	case IR_VTBL: emit_tbl(e, n); break;
	case IR_VWIDEN: emit_widen(e, n); break;
	case IR_VNARROW: emit_narrow(e, n); break;
	case IR_VMULL: emit_mull(e, n); break;
	case IR_VSHIFT: case IR_VCALL: x64_vector_c(e); break;
	default: x64_vector_fp(e);
	}
}
