/* Floating point on the host's own unit, exact for guests whose NaN results are
 * always the canonical NaN and that find tininess after rounding (RISC-V; see
 * jit.md 2.4 for the table).  MXCSR holds the block's rounding mode and
 * collects the guest's flags.  Any other rule set, a rounding mode that is not
 * the block's, and ties-away go to soft.c.
 *
 * Singles: operations with a merging source take xmm3's upper half, so their
 * result is NaN-boxed as it comes (value.boxed).
 */
#include "jit/x64/x64.h"

static bool canonical(const struct ir *t)
{
	const struct fp_rules *r = t->fp;

	return r->nan_rule == FP_NAN_DEFAULT && !r->default_nan_negative && !r->tiny_before_rounding &&
	       r->min_rule == FP_MIN_NUMBER_2019 && r->fma_inf_zero == FP_INF_ZERO_DEFAULT_NV;
}

static bool host_rounds(const struct ir *t, u32 rm)
{
	return rm == t->fp_rm && rm != FP_RMM;
}

static u32 pp_scalar(u32 type)
{
	return type == IR_F64 ? PP_F2 : PP_F3;
}

/* Only of singles: a double that is computed from a NaN-boxed single is an ordinary NaN.  Where there are vectors, the
 * bits above a number are zeros. */
static void set_boxed(struct x64 *e, bool boxed)
{
	const struct ir_ins *n = &e->t->ins[e->i];

	if (x64_homes.vectors) {
		e->v[e->i].clean = !boxed ? 0 : n->type == IR_F64 ? 64 : 32;
		return;
	}

	e->v[e->i].boxed = boxed && (n->type == IR_F32 || n->op == IR_BOX);
}

/* The whole operation in C: operands of n in order, result to a vector or integer register. */
static void emit_soft(struct x64 *e, const struct ir_ins *n)
{
	const ir_ref operand[3] = {n->a, n->b, n->c};
	bool to_xmm = n->type == IR_F32 || n->type == IR_F64;
	u32 count = 0, in_xmm = 0, d;
	u8 in[3];

	for (; count < 3 && operand[count]; count++) {
		u32 type = e->t->ins[operand[count]].type;

		if (type == IR_F32 || type == IR_F64) {
			in[count] = (u8)x64_xmm(e, operand[count]);
			in_xmm |= 1u << count;
		} else {
			in[count] = (u8)x64_gpr(e, operand[count]);
		}
	}
	for (u32 k = 0; k < count; k++)
		x64_used(e, operand[k]);
	d = to_xmm ? x64_xdest(e) : x64_dest(e, true);
	x64_soft_call(e, NULL, in, count, in_xmm, d, to_xmm);
	if (to_xmm)
		x64_set_xmm(e, d);
	else
		x64_set_gpr(e, d);
	set_boxed(e, true);
}

static void emit_arith(struct x64 *e, const struct ir_ins *n)
{
	static const u8 op[] = {[IR_FADD - IR_FADD] = 0x58, [IR_FSUB - IR_FADD] = 0x5c,
				[IR_FMUL - IR_FADD] = 0x59, [IR_FDIV - IR_FADD] = 0x5e};
	bool boxed = x64_value(e, n->a)->boxed;
	u32 ra = x64_xmm(e, n->a), rb = 0, d;
	u16 covers;
	struct mem m;
	bool mem = n->type == IR_F64 && x64_in_mem(e, n->b, &m);

	if (!mem)
		rb = x64_xmm(e, n->b);
	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_xdest(e);
	covers = x64_pend_inherit(e, n->type == IR_F64, 1u << ra | (mem ? 0 : 1u << rb));
	if (mem)
		e_vrm(&e->p, MAP_0F, pp_scalar(n->type), 0, op[n->op - IR_FADD], d, ra, m);
	else
		e_vrr(&e->p, MAP_0F, pp_scalar(n->type), 0, op[n->op - IR_FADD], d, ra, rb);
	x64_set_xmm(e, d);
	set_boxed(e, boxed);
	x64_pend_result(e, n->type == IR_F64, d, covers);
}

static void emit_sqrt(struct x64 *e, const struct ir_ins *n)
{
	u32 ra = x64_xmm(e, n->a), d;
	u16 covers;

	x64_used(e, n->a);
	d = x64_xdest(e);
	covers = x64_pend_inherit(e, n->type == IR_F64, 1u << ra);
	e_vrr(&e->p, MAP_0F, pp_scalar(n->type), 0, 0x51, d, XMM_BOX, ra);
	x64_set_xmm(e, d);
	set_boxed(e, true);
	x64_pend_result(e, n->type == IR_F64, d, covers);
}

/* a * b + c.  An addend that is a NaN goes to C: inf * 0 beside it must set NV, which the host does not. */
static void emit_fma(struct x64 *e, const struct ir_ins *n)
{
	static const u8 op231[4] = {0xb9, 0xbd, 0xbb, 0xbf};	/* by FMA_NEG_PRODUCT, FMA_NEG_ADDEND */
	bool is64 = n->type == IR_F64, boxed;
	u32 ra = x64_xmm(e, n->a), rb = x64_xmm(e, n->b), rc = x64_xmm(e, n->c), d, op = op231[n->d];
	u8 in[3] = {(u8)ra, (u8)rb, (u8)rc}, *nan;
	u16 covers;

	boxed = x64_value(e, n->a)->boxed && x64_value(e, n->b)->boxed && x64_value(e, n->c)->boxed;
	x64_used(e, n->a);
	x64_used(e, n->b);
	x64_used(e, n->c);
	d = x64_xdest(e);
	covers = x64_pend_inherit(e, is64, 1u << ra | 1u << rb | 1u << rc);
	e_vrr(&e->p, MAP_0F, is64 ? PP_66 : PP_NONE, 0, 0x2e, rc, 0, rc);
	nan = e_jcc(&e->p, J_P);
	if (d == ra || d == rb) {	/* 213: d = other * d + c */
		e_vrr(&e->p, MAP_0F38, PP_66, is64, op - 0x10, d, d == ra ? rb : ra, rc);
	} else {
		if (d != rc)
			e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x28, d, 0, rc);
		e_vrr(&e->p, MAP_0F38, PP_66, is64, op, d, ra, rb);
	}
	x64_soft_call(e, nan, in, 3, 7, d, true);
	x64_set_xmm(e, d);
	set_boxed(e, boxed);
	x64_pend_result(e, is64, d, covers);
}

/* min(-0, +0) is -0 whatever the order: both orders of the host's, or-ed (max: and-ed).  NaNs go to C. */
static void emit_fminmax(struct x64 *e, const struct ir_ins *n)
{
	bool is64 = n->type == IR_F64, min = n->op == IR_FMIN || n->op == IR_FMINNM, boxed;
	u32 op = min ? 0x5d : 0x5f, ra = x64_xmm(e, n->a), rb = x64_xmm(e, n->b), d, s;
	u8 in[2] = {(u8)ra, (u8)rb}, *nan;

	boxed = x64_value(e, n->a)->boxed && x64_value(e, n->b)->boxed;
	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_xdest(e);
	s = x64_xtemp(e);
	e_vrr(&e->p, MAP_0F, is64 ? PP_66 : PP_NONE, 0, 0x2e, ra, 0, rb);
	nan = e_jcc(&e->p, J_P);
	e_vrr(&e->p, MAP_0F, pp_scalar(n->type), 0, op, s, rb, ra);
	e_vrr(&e->p, MAP_0F, pp_scalar(n->type), 0, op, d, ra, rb);
	e_vrr(&e->p, MAP_0F, PP_NONE, 0, min ? 0x56 : 0x54, d, d, s);
	x64_xtemp_done(e, s);
	x64_soft_call(e, nan, in, 2, 3, d, true);
	x64_set_xmm(e, d);
	set_boxed(e, boxed);
}

static void emit_fcmp(struct x64 *e, const struct ir_ins *n)
{
	u32 type = e->t->ins[n->a].type, pp = type == IR_F64 ? PP_66 : PP_NONE;
	u32 ra = x64_xmm(e, n->a), rb = x64_xmm(e, n->b), d, s;
	struct cold *nan = NULL;

	x64_used(e, n->a);
	x64_used(e, n->b);
	if (n->aux == FCMP_EQ && !(n->d & FCMP_SILENT)) {
		s = x64_xtemp(e);
		e_vrr(&e->p, MAP_0F, pp_scalar(type), 0, 0xc2, s, ra, rb);	/* all ones when equal; quiet */
		e8(&e->p, 0);
		d = x64_dest(e, true);
		e_vrr(&e->p, MAP_0F, PP_66, 0, 0x7e, s, 0, d);
		x64_xtemp_done(e, s);
		e_alu_ri(&e->p, 0, ALU_AND, d, 1);
		e->flags_cc = J_NE;
	} else {	/* b > a, b >= a, b == a: false when unordered */
		bool silent = n->d & FCMP_SILENT;

		if (silent && !e->mxcsr_in_tmp)
			e_rm(&e->p, 0, 0, 0x0fae, 3, at(AREA(tmp)), false);
		e->mxcsr_in_tmp |= silent;
		d = x64_dest(e, true);
		e_vrr(&e->p, MAP_0F, pp, 0, n->d ? 0x2e : 0x2f, rb, 0, ra);
		if (silent)
			nan = x64_cold(e, COLD_SILENT, e_jcc(&e->p, J_P));
		e->flags_cc = n->aux == FCMP_LT ? J_A : n->aux == FCMP_LE ? J_AE : J_E;
		e_rr(&e->p, 0, 0, 0x0f90 | e->flags_cc, 0, d, true);
		e_rr(&e->p, 0, 0, 0x0fb6, d, d, true);
		if (nan) {
			nan->reg = (u8)d;
			nan->back = e->p;
		}
	}
	x64_set_gpr(e, d);
	e->flags_of = (ir_ref)e->i;
	e->flags_at = e->flags_cc == J_E ? NULL : e->p;	/* unordered looks equal to J_E */
}

static void emit_fcvt(struct x64 *e, const struct ir_ins *n)
{
	u32 ra = x64_xmm(e, n->a), d;

	x64_used(e, n->a);
	d = x64_xdest(e);
	e_vrr(&e->p, MAP_0F, n->type == IR_F64 ? PP_F3 : PP_F2, 0, 0x5a, d, XMM_BOX, ra);
	x64_set_xmm(e, d);
	set_boxed(e, n->type == IR_F32);
	x64_pend_result(e, n->type == IR_F64, d, 0);
}

static void emit_ftoi(struct x64 *e, const struct ir_ins *n)
{
	u32 pp = pp_scalar(e->t->ins[n->a].type), w = n->type == IR_I64, ra, d;
	bool truncates = n->aux == FP_RTZ;
	u8 in[1], *bad;

	if ((!truncates && !host_rounds(e->t, n->aux)) || (n->d && !x64_homes.has_avx512)) {
		emit_soft(e, n);
		return;
	}
	ra = x64_xmm(e, n->a);
	in[0] = (u8)ra;
	x64_used(e, n->a);
	d = x64_dest(e, true);
	if (n->d) {	/* all ones when it does not fit */
		e_evex_rr(&e->p, MAP_0F, pp, w, truncates ? 0x78 : 0x79, d, 0, ra);
		e_alu_ri(&e->p, w, ALU_CMP, d, -1);
		bad = e_jcc(&e->p, J_E);
	} else {	/* the most negative: only then d - 1 overflows */
		e_vrr(&e->p, MAP_0F, pp, w, truncates ? 0x2c : 0x2d, d, 0, ra);
		e_alu_ri(&e->p, w, ALU_CMP, d, 1);
		bad = e_jcc(&e->p, J_O);
	}
	x64_soft_call(e, bad, in, 1, 1, d, false);
	x64_set_gpr(e, d);
}

static void emit_itof(struct x64 *e, const struct ir_ins *n)
{
	u32 from = e->t->ins[n->a].type, w = from == IR_I64, pp = pp_scalar(n->type), ra, d;
	bool exact = n->type == IR_F64 && from == IR_I32;

	if ((!exact && !host_rounds(e->t, n->aux)) || (n->d && !x64_homes.has_avx512)) {
		emit_soft(e, n);
		return;
	}
	ra = x64_gpr(e, n->a);
	x64_used(e, n->a);
	d = x64_xdest(e);
	if (n->d)
		e_evex_rr(&e->p, MAP_0F, pp, w, 0x7b, d, XMM_BOX, ra);
	else
		e_vrr(&e->p, MAP_0F, pp, w, 0x2a, d, XMM_BOX, ra);
	x64_set_xmm(e, d);
	set_boxed(e, n->type == IR_F32 || x64_homes.vectors);
}

static void flush_operand(struct x64 *e, ir_ref r)
{
	struct value *v = x64_value(e, r);

	if (v->place == P_XMM)
		x64_pend_flush(e, 1u << v->reg);
}

static void emit_fsgn(struct x64 *e, const struct ir_ins *n)
{
	bool is64 = n->type == IR_F64, same = x64_value(e, n->a) == x64_value(e, n->b), boxed;
	struct mem sign = at(is64 ? AREA(sign64) : AREA(sign32)), abs = at(is64 ? AREA(abs64) : AREA(abs32));
	u32 ra, rb, d, s;

	flush_operand(e, n->a);
	flush_operand(e, n->b);
	if (same && n->aux == SGN_COPY) {
		x64_used(e, n->b);
		x64_alias(e, n->a);
		return;
	}
	boxed = x64_value(e, n->a)->boxed;
	if (x64_homes.vectors)
		boxed = x64_value(e, n->a)->clean && (is64 || x64_value(e, n->a)->clean == 32);
	ra = x64_xmm(e, n->a);
	rb = same ? ra : x64_xmm(e, n->b);
	x64_used(e, n->a);
	x64_used(e, n->b);
	d = x64_xdest(e);
	if (same) {
		bool neg = n->aux == SGN_NEG;

		e_vrm(&e->p, MAP_0F, PP_NONE, 0, neg ? 0x57 : 0x54, d, ra, neg ? sign : abs);
	} else {
		s = x64_xtemp(e);
		e_vrm(&e->p, MAP_0F, PP_NONE, 0, n->aux == SGN_NEG ? 0x55 : 0x54, s, rb, sign);
		if (n->aux == SGN_XOR) {
			e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x57, d, ra, s);
		} else {
			e_vrm(&e->p, MAP_0F, PP_NONE, 0, 0x54, d, ra, abs);
			e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x56, d, d, s);
		}
		x64_xtemp_done(e, s);
	}
	x64_set_xmm(e, d);
	set_boxed(e, boxed);
}

static void emit_box(struct x64 *e, const struct ir_ins *n)
{
	struct value *v = x64_value(e, n->a);
	u32 ra, d;
	u16 covers;
	bool pending;

	if (v->boxed && v->place == P_XMM) {
		x64_alias(e, n->a);
		return;
	}
	ra = x64_xmm(e, n->a);
	x64_used(e, n->a);
	d = x64_xdest(e);
	pending = e->pend32.roots & 1u << ra;
	covers = x64_pend_inherit(e, false, 1u << ra);
	e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x56, d, ra, XMM_BOX);
	x64_set_xmm(e, d);
	set_boxed(e, true);
	if (pending)
		x64_pend_result(e, false, d, covers);
}

static void emit_unbox(struct x64 *e, const struct ir_ins *n)
{
	struct value *v = x64_value(e, n->a);
	struct cold *c;
	u32 ra, d;

	flush_operand(e, n->a);
	if (v->boxed && v->place == P_XMM) {
		x64_alias(e, n->a);
		return;
	}
	ra = x64_xmm(e, n->a);
	x64_used(e, n->a);
	d = x64_xdest(e);
	e_vrr(&e->p, MAP_0F38, PP_66, 0, 0x17, ra, 0, XMM_BOX);
	if (d != ra)
		e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x28, d, 0, ra);
	c = x64_cold(e, COLD_LOAD32, e_jcc(&e->p, J_AE));
	c->reg = (u8)d;
	c->back = e->p;
	x64_set_xmm(e, d);
	set_boxed(e, true);
}

static void emit_flags_get(struct x64 *e)
{
	u32 d = x64_scratch(e), s = x64_scratch(e);

	e_rm(&e->p, 0, 0, 0x0fae, 3, at(AREA(tmp)), false);			/* stmxcsr */
	e->mxcsr_in_tmp = true;
	e_rm(&e->p, 0, 0, 0x8b, d, at(AREA(tmp)), false);
	e_alu_ri(&e->p, 0, ALU_AND, d, 63);
	e_rm(&e->p, 0, 0, 0x0fb6, d, (struct mem){RBP, (u8)d, 0, AREA(flags_from_host)}, false);
	e_rm(&e->p, 0, 0, 0x0fb6, s, at(VCPU(fp_flags)), false);
	e_rr(&e->p, 0, 0, 0x0b, d, s, false);
	x64_set_gpr(e, d);
}

static void emit_flags_set(struct x64 *e, const struct ir_ins *n)
{
	u32 s;

	x64_pend_all(e);
	x64_empty_scratch(e, false);
	s = x64_scratch(e);
	x64_gpr_to(e, n->a, s);
	x64_used(e, n->a);
	e_alu_ri(&e->p, 0, ALU_AND, s, 31);
	e_rm(&e->p, 0, 0, 0x0fb6, s, (struct mem){RBP, (u8)s, 0, AREA(flags_to_host)}, false);
	e_rm(&e->p, 0, 0, 0x0fae, 3, at(AREA(tmp)), false);
	e_alu_mi(&e->p, 0, ALU_AND, at(AREA(tmp)), ~63);
	e_rm(&e->p, 0, 0, 0x09, s, at(AREA(tmp)), false);
	e_rm(&e->p, 0, 0, 0x0fae, 2, at(AREA(tmp)), false);			/* ldmxcsr */
	e_rm(&e->p, 0, 0, 0xc6, 0, at(VCPU(fp_flags)), false);
	e8(&e->p, 0);
}

void x64_fp(struct x64 *e)
{
	const struct ir_ins *n = &e->t->ins[e->i];
	bool soft = !canonical(e->t), rounds = host_rounds(e->t, n->aux);

	if (n->op != IR_FCMP && ir_opinfo[n->op].flags)
		e->mxcsr_in_tmp = false;

	if (x64_homes.vectors && (n->op <= IR_FMA || n->op == IR_FRINT || n->op == IR_FCVT)) {
		x64_fp_checked(e);
		return;
	}
	switch (n->op) {
	case IR_FADD: case IR_FSUB: case IR_FMUL: case IR_FDIV:
		(soft || !rounds ? emit_soft : emit_arith)(e, n);
		break;
	case IR_FSQRT: (soft || !rounds ? emit_soft : emit_sqrt)(e, n); break;
	case IR_FMA: (soft || !rounds ? emit_soft : emit_fma)(e, n); break;
	case IR_FMIN: case IR_FMAX: case IR_FMINNM: case IR_FMAXNM:
		((x64_homes.vectors ? e->t->fp_env : soft) ? emit_soft : emit_fminmax)(e, n);
		break;
	case IR_FCMP: (e->t->fp_env ? emit_soft : emit_fcmp)(e, n); break;
	case IR_FCVT: (soft || (n->type == IR_F32 && !rounds) ? emit_soft : emit_fcvt)(e, n); break;
	case IR_FTOI: (e->t->fp_env ? emit_soft : emit_ftoi)(e, n); break;
	case IR_ITOF: emit_itof(e, n); break;
	case IR_FCLASS: emit_soft(e, n); break;
	case IR_FSGN: emit_fsgn(e, n); break;
	case IR_BOX: emit_box(e, n); break;
	case IR_UNBOX: emit_unbox(e, n); break;
	case IR_BITCAST:
		flush_operand(e, n->a);
		x64_alias(e, n->a);
		break;
	case IR_FFLAGS_GET: emit_flags_get(e); break;
	case IR_FFLAGS_SET: emit_flags_set(e, n); break;
	default: assert(!"a floating-point operation");
	}
}
