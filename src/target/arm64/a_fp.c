/* A64 scalar floating point (DDI 0487, C4.1.90): single and double by IR
 * operations, half precision in C (vec_fp.c).
 *
 * Letters: z = type (0 S, 1 D, 3 H), x = sf, d a b c = Rd Rn Rm Ra, m = cond,
 * s = N Z C V or scale, y = opcode.
 */
#define FEATURE ARM_BASE
#include "target/arm64/vec.h"
#include "base/bits.h"

enum { TYPE_S = 0, TYPE_D = 1, TYPE_H = 3 };

static u32 lane_of(u32 type)
{
	return type == TYPE_H ? LANE_16 : type == TYPE_S ? LANE_32 : LANE_64;
}

/* Is the type there?  If not: illegal. */
static bool bad_type(struct ir *t, const struct operands *o)
{
	if (o->z <= TYPE_D || (o->z == TYPE_H && has(t, ARM_FP16)))
		return false;
	illegal(t);
	return true;
}

static ir_ref get(struct ir *t, const struct operands *o, u32 r)
{
	return o->z == TYPE_S ? getfs(t, r) : getfd(t, r);
}

/* In C, on the low lane of whole registers; the result clears the rest. */
static void in_c(struct ir *t, const struct operands *o, u32 op, u32 how, bool has_c)
{
	setv(t, o->d, ir_vcall(t, arm64_vec_fp, getv(t, o->a), getv(t, o->b), has_c ? getv(t, o->c) : 0,
			       VEC(op, lane_of(o->z), 1, how)));
}

static void two(struct ir *t, const struct operands *o, enum ir_op op, u32 vop)
{
	if (bad_type(t, o))
		return;
	if (o->z == TYPE_H)
		in_c(t, o, vop, 0, false);
	else
		setfp(t, o->d, ir_fbin(t, op, get(t, o, o->a), get(t, o, o->b), t->fp_rm));
}

static ir_ref negated(struct ir *t, ir_ref v)
{
	return ir_fsgn(t, SGN_NEG, v, v);
}

static void multiply_negate(struct ir *t, const struct operands *o)
{
	if (bad_type(t, o))
		return;
	if (o->z == TYPE_H)
		in_c(t, o, VF_NMUL, 0, false);
	else
		setfp(t, o->d, negated(t, ir_fbin(t, IR_FMUL, get(t, o, o->a), get(t, o, o->b), t->fp_rm)));
}

static void fused(struct ir *t, const struct operands *o, u32 neg, u32 vop)
{
	if (bad_type(t, o))
		return;
	if (o->z == TYPE_H)
		in_c(t, o, vop, 0, true);
	else
		setfp(t, o->d, ir_fma(t, get(t, o, o->a), get(t, o, o->b), get(t, o, o->c), t->fp_rm, neg));
}

/* ---- one operand ---- */

static void move(struct ir *t, const struct operands *o)
{
	if (bad_type(t, o))
		return;
	if (o->z == TYPE_H)
		setv(t, o->d, ir_vzext(t, ir_vget(t, LANE_16, getv(t, o->a), 0, false)));
	else
		setfp(t, o->d, get(t, o, o->a));
}

/* The sign cleared or inverted. */
static void sign(struct ir *t, const struct operands *o, bool clear)
{
	ir_ref v;

	if (bad_type(t, o))
		return;
	if (o->z == TYPE_H) {
		in_c(t, o, clear ? VF_ABS : VF_NEG, 0, false);
		return;
	}
	v = get(t, o, o->a);
	setfp(t, o->d, clear ? ir_fsgn(t, SGN_COPY, v, ir_const(t, o->z == TYPE_S ? IR_F32 : IR_F64,
			0)) : negated(t, v));
}

static void root(struct ir *t, const struct operands *o)
{
	if (bad_type(t, o))
		return;
	if (o->z == TYPE_H)
		in_c(t, o, VF_SQRT, 0, false);
	else
		setfp(t, o->d, ir_fsqrt(t, get(t, o, o->a), t->fp_rm));
}

static void convert(struct ir *t, const struct operands *o)
{
	static const u8 ops[4] = { VF_TO_S, VF_TO_D, 0, VF_TO_H };
	u32 to = o->y;

	if (o->z == 2 || to == 2 || to == o->z)
		illegal(t);
	else if (o->z == TYPE_H || to == TYPE_H)
		in_c(t, o, ops[to], 0, false);
	else
		setfp(t, o->d, ir_fcvt(t, to == TYPE_S ? IR_F32 : IR_F64, get(t, o, o->a), t->fp_rm));
}

enum { RM_CURRENT = 8, RM_EXACT = 16 };

static void round_to_int(struct ir *t, const struct operands *o, u32 how)
{
	if (bad_type(t, o))
		return;
	if (o->z != TYPE_H)
		setfp(t, o->d, ir_frint(t, get(t, o, o->a), how & RM_CURRENT ? t->fp_rm : how & 7, how & RM_EXACT));
	else if (how & RM_CURRENT)
		in_c(t, o, how & RM_EXACT ? VF_RINTX : VF_RINTI, 0, false);
	else
		in_c(t, o, VF_RINT, how, false);
}

static void round_sized(struct ir *t, const struct operands *o, u32 vop)
{
	if (o->z > TYPE_D || !has(t, ARM_FRINTTS))
		illegal(t);
	else
		in_c(t, o, vop, 0, false);
}

/* ---- comparisons ---- */

/* a, b: low 16 bits; c: 1 if quiet */
HELPER(arm64_compare16, HELPER_PURE)
{
	return arm64_fcmp16(vcpu, (u16)a, (u16)b, c);
}

static ir_ref compare_values(struct ir *t, const struct operands *o, bool with_zero, bool quiet)
{
	ir_ref a, b;

	if (o->z == TYPE_H) {
		a = ir_vget(t, LANE_16, getv(t, o->a), 0, false);
		b = with_zero ? ir_imm(t, 0) : ir_vget(t, LANE_16, getv(t, o->b), 0, false);
		return ir_flags_set(t, ir_call(t, &helper_arm64_compare16, IR_I64, a, b, ir_imm(t, quiet)));
	}
	b = with_zero ? ir_const(t, o->z == TYPE_S ? IR_F32 : IR_F64, 0) : get(t, o, o->b);
	return ir_flags_fcmp(t, get(t, o, o->a), b, quiet);
}

static void compare(struct ir *t, const struct operands *o, bool with_zero, bool quiet)
{
	if (!bad_type(t, o))
		setflags(t, compare_values(t, o, with_zero, quiet));
}

/* Compared only if the condition holds: a comparison may set flags of FPSR. */
static void compare_if(struct ir *t, const struct operands *o, bool quiet)
{
	ir_ref old, yes, hold;

	if (bad_type(t, o))
		return;
	if (o->m >= FCC_AL) {
		setflags(t, compare_values(t, o, false, quiet));
		return;
	}
	/* When it does not hold, compare zero with itself. */
	old = getflags(t);
	hold = ir_setf(t, o->m, old);
	if (o->z == TYPE_H) {
		ir_ref a = ir_vget(t, LANE_16, getv(t, o->a), 0, false), b = ir_vget(t, LANE_16, getv(t, o->b),
				0, false);

		a = ir_select(t, hold, a, ir_imm(t, 0));
		b = ir_select(t, hold, b, ir_imm(t, 0));
		yes = ir_call(t, &helper_arm64_compare16, IR_I64, a, b, ir_imm(t, quiet));
	} else {
		enum ir_type type = o->z == TYPE_S ? IR_F32 : IR_F64, bits = o->z == TYPE_S ? IR_I32 : IR_I64;
		ir_ref zero = ir_const(t, bits, 0), a, b;

		a = ir_select(t, hold, ir_bitcast(t, bits, get(t, o, o->a)), zero);
		b = ir_select(t, hold, ir_bitcast(t, bits, get(t, o, o->b)), zero);
		yes = ir_flags_get(t, ir_flags_fcmp(t, ir_bitcast(t, type, a), ir_bitcast(t, type, b), quiet));
	}
	setflags(t, ir_flags_set(t, ir_select(t, hold, yes, ir_imm(t, o->s))));
}

static void select_if(struct ir *t, const struct operands *o)
{
	if (bad_type(t, o))
		return;
	if (o->z == TYPE_H) {	/* the low half of the singles, and no more */
		ir_ref v = ir_self(t, o->m, getflags(t), getfs(t, o->a), getfs(t, o->b));

		setv(t, o->d, ir_vzext(t, ir_zext(t, ir_bitcast(t, IR_I32, v), 16)));
		return;
	}
	setfp(t, o->d, ir_self(t, o->m, getflags(t), get(t, o, o->a), get(t, o, o->b)));
}

/* VFPExpandImm: sign, three bits of exponent, four of fraction. */
u64 arm64_fp_imm(u32 imm8, u32 lane)
{
	u32 exponent = lane == LANE_16 ? 5 : lane == LANE_32 ? 8 : 11, fraction = (8u << lane) - 1 - exponent;
	u64 exp = imm8 & 0x40 ? bits_mask(exponent - 3) << 2 : 1ull << (exponent - 1);

	return (u64)(imm8 >> 7) << ((8u << lane) - 1) | (exp | (imm8 >> 4 & 3)) << fraction |
			(u64)(imm8 & 15) << (fraction - 4);
}

static void move_imm(struct ir *t, const struct operands *o)
{
	if (!bad_type(t, o))
		setv(t, o->d, ir_vzext(t, ir_imm(t, (i64)arm64_fp_imm((u32)o->imm, lane_of(o->z)))));
}

/* ---- to and from general registers ---- */

static u64 fixed(u32 bits, u32 fraction, bool is_unsigned, u32 int_lane)
{
	return bits | fraction << 8 | (u32)is_unsigned << 16 | 1 << 24 | (u64)int_lane << 32;
}

static void to_int(struct ir *t, const struct operands *o, u32 rm, bool is_unsigned, u32 fraction)
{
	ir_ref v;

	if (bad_type(t, o))
		return;
	if (o->z != TYPE_H && !fraction) {
		setr(t, o->x, o->d, ir_ftoi(t, o->x ? IR_I64 : IR_I32, get(t, o, o->a), rm, is_unsigned));
		return;
	}
	v = ir_vzext(t, ir_imm(t, (i64)fixed(o->x ? 64 : 32, fraction, is_unsigned, LANE_64)));
	v = ir_vcall(t, arm64_vec_fix, getv(t, o->a), v, 0, VEC_FIX(VX_TO_INT, lane_of(o->z), rm));
	setr(t, o->x, o->d, ir_vlow(t, o->x ? IR_I64 : IR_I32, v));
}

static void from_int(struct ir *t, const struct operands *o, bool is_unsigned, u32 fraction)
{
	ir_ref v;

	if (bad_type(t, o))
		return;
	if (o->z != TYPE_H && !fraction) {
		setfp(t, o->d, ir_itof(t, o->z == TYPE_S ? IR_F32 : IR_F64, getr(t, o->x, o->a), t->fp_rm,
				is_unsigned));
		return;
	}
	v = ir_vzext(t, ir_imm(t, (i64)fixed(o->x ? 64 : 32, fraction, is_unsigned, LANE_64)));
	setv(t, o->d, ir_vcall(t, arm64_vec_fix, ir_vzext(t, getx(t, o->a)), v, 0,
			       VEC_FIX(VX_FROM_INT, lane_of(o->z), t->fp_rm)));
}

static void fixed_to_int(struct ir *t, const struct operands *o, bool is_unsigned)
{
	if (!o->x && o->s < 32)
		illegal(t);
	else
		to_int(t, o, FP_RTZ, is_unsigned, 64u - o->s);
}

static void fixed_from_int(struct ir *t, const struct operands *o, bool is_unsigned)
{
	if (!o->x && o->s < 32)
		illegal(t);
	else
		from_int(t, o, is_unsigned, 64u - o->s);
}

/* Between a V and a general register, bits as they are. */
static void move_out(struct ir *t, const struct operands *o)
{
	if (o->z == TYPE_H && has(t, ARM_FP16))
		setx(t, o->d, ir_vget(t, LANE_16, getv(t, o->a), 0, false));
	else if (o->z == TYPE_S && !o->x)
		setw(t, o->d, ir_vlow(t, IR_I32, getv(t, o->a)));
	else if (o->z == TYPE_D && o->x)
		setx(t, o->d, ir_vlow(t, IR_I64, getv(t, o->a)));
	else
		illegal(t);
}

static void move_in(struct ir *t, const struct operands *o)
{
	if (o->z == TYPE_H && has(t, ARM_FP16))
		setv(t, o->d, ir_vzext(t, ir_zext(t, getx(t, o->a), 16)));
	else if (o->z == TYPE_S && !o->x)
		setv(t, o->d, ir_vzext(t, getw(t, o->a)));
	else if (o->z == TYPE_D && o->x)
		setv(t, o->d, ir_vzext(t, getx(t, o->a)));
	else
		illegal(t);
}

/* clang-format off */
INSN(fmov,     "000 11110 zz 1 000000 10000 aaaaa ddddd", NULL, "F, G")		{ move(t, o); }
INSN(fabs,     "000 11110 zz 1 000001 10000 aaaaa ddddd", NULL, "F, G")		{ sign(t, o, true); }
INSN(fneg,     "000 11110 zz 1 000010 10000 aaaaa ddddd", NULL, "F, G")		{ sign(t, o, false); }
INSN(fsqrt,    "000 11110 zz 1 000011 10000 aaaaa ddddd", NULL, "F, G")		{ root(t, o); }
INSN(fcvt,     "000 11110 zz 1 0001yy 10000 aaaaa ddddd", NULL, "F, G")		{ convert(t, o); }
INSN(frintn,   "000 11110 zz 1 001000 10000 aaaaa ddddd", NULL, "F, G")		{ round_to_int(t, o, FP_RNE); }
INSN(frintp,   "000 11110 zz 1 001001 10000 aaaaa ddddd", NULL, "F, G")		{ round_to_int(t, o, FP_RUP); }
INSN(frintm,   "000 11110 zz 1 001010 10000 aaaaa ddddd", NULL, "F, G")		{ round_to_int(t, o, FP_RDN); }
INSN(frintz,   "000 11110 zz 1 001011 10000 aaaaa ddddd", NULL, "F, G")		{ round_to_int(t, o, FP_RTZ); }
INSN(frinta,   "000 11110 zz 1 001100 10000 aaaaa ddddd", NULL, "F, G")		{ round_to_int(t, o, FP_RMM); }
INSN(frintx,   "000 11110 zz 1 001110 10000 aaaaa ddddd", NULL, "F, G")		{ round_to_int(t, o, RM_CURRENT | RM_EXACT); }
INSN(frinti,   "000 11110 zz 1 001111 10000 aaaaa ddddd", NULL, "F, G")		{ round_to_int(t, o, RM_CURRENT); }
INSN(frint32z, "000 11110 zz 1 010000 10000 aaaaa ddddd", NULL, "F, G")		{ round_sized(t, o, VF_RINT32Z); }
INSN(frint32x, "000 11110 zz 1 010001 10000 aaaaa ddddd", NULL, "F, G")		{ round_sized(t, o, VF_RINT32X); }
INSN(frint64z, "000 11110 zz 1 010010 10000 aaaaa ddddd", NULL, "F, G")		{ round_sized(t, o, VF_RINT64Z); }
INSN(frint64x, "000 11110 zz 1 010011 10000 aaaaa ddddd", NULL, "F, G")		{ round_sized(t, o, VF_RINT64X); }

INSN(fmul,     "000 11110 zz 1 bbbbb 0000 10 aaaaa ddddd", NULL, "F, G, H")	{ two(t, o, IR_FMUL, VF_MUL); }
INSN(fdiv,     "000 11110 zz 1 bbbbb 0001 10 aaaaa ddddd", NULL, "F, G, H")	{ two(t, o, IR_FDIV, VF_DIV); }
INSN(fadd,     "000 11110 zz 1 bbbbb 0010 10 aaaaa ddddd", NULL, "F, G, H")	{ two(t, o, IR_FADD, VF_ADD); }
INSN(fsub,     "000 11110 zz 1 bbbbb 0011 10 aaaaa ddddd", NULL, "F, G, H")	{ two(t, o, IR_FSUB, VF_SUB); }
INSN(fmax,     "000 11110 zz 1 bbbbb 0100 10 aaaaa ddddd", NULL, "F, G, H")	{ two(t, o, IR_FMAX, VF_MAX); }
INSN(fmin,     "000 11110 zz 1 bbbbb 0101 10 aaaaa ddddd", NULL, "F, G, H")	{ two(t, o, IR_FMIN, VF_MIN); }
INSN(fmaxnm,   "000 11110 zz 1 bbbbb 0110 10 aaaaa ddddd", NULL, "F, G, H")	{ two(t, o, IR_FMAXNM, VF_MAXNM); }
INSN(fminnm,   "000 11110 zz 1 bbbbb 0111 10 aaaaa ddddd", NULL, "F, G, H")	{ two(t, o, IR_FMINNM, VF_MINNM); }
INSN(fnmul,    "000 11110 zz 1 bbbbb 1000 10 aaaaa ddddd", NULL, "F, G, H")	{ multiply_negate(t, o); }
INSN(fmadd,    "000 11111 zz 0 bbbbb 0 ccccc aaaaa ddddd", NULL, "F, G, H, I")	{ fused(t, o, 0, VF_FMA); }
INSN(fmsub,    "000 11111 zz 0 bbbbb 1 ccccc aaaaa ddddd", NULL, "F, G, H, I")	{ fused(t, o, FMA_NEG_PRODUCT, VF_FMS); }
INSN(fnmadd,   "000 11111 zz 1 bbbbb 0 ccccc aaaaa ddddd", NULL, "F, G, H, I")	{ fused(t, o, FMA_NEG_PRODUCT | FMA_NEG_ADDEND, VF_FNMA); }
INSN(fnmsub,   "000 11111 zz 1 bbbbb 1 ccccc aaaaa ddddd", NULL, "F, G, H, I")	{ fused(t, o, FMA_NEG_ADDEND, VF_FNMS); }

INSN(fcmp,     "000 11110 zz 1 bbbbb 00 1000 aaaaa 00 000", NULL, "G, H")	{ compare(t, o, false, true); }
INSN(fcmp_z,   "000 11110 zz 1 ..... 00 1000 aaaaa 01 000", NULL, "G")		{ compare(t, o, true, true); }
INSN(fcmpe,    "000 11110 zz 1 bbbbb 00 1000 aaaaa 10 000", NULL, "G, H")	{ compare(t, o, false, false); }
INSN(fcmpe_z,  "000 11110 zz 1 ..... 00 1000 aaaaa 11 000", NULL, "G")		{ compare(t, o, true, false); }
INSN(fccmp,    "000 11110 zz 1 bbbbb mmmm 01 aaaaa 0 ssss", NULL, "G, H, s, h")	{ compare_if(t, o, true); }
INSN(fccmpe,   "000 11110 zz 1 bbbbb mmmm 01 aaaaa 1 ssss", NULL, "G, H, s, h")	{ compare_if(t, o, false); }
INSN(fcsel,    "000 11110 zz 1 bbbbb mmmm 11 aaaaa ddddd",  NULL, "F, G, H, h")	{ select_if(t, o); }
INSN(fmov_imm, "000 11110 zz 1 iiiiiiii 100 00000 ddddd",   NULL, "F, u")	{ move_imm(t, o); }

INSN(fcvtns,   "x 00 11110 zz 1 00 000 000000 aaaaa ddddd", NULL, "d, G")	{ to_int(t, o, FP_RNE, false, 0); }
INSN(fcvtnu,   "x 00 11110 zz 1 00 001 000000 aaaaa ddddd", NULL, "d, G")	{ to_int(t, o, FP_RNE, true, 0); }
INSN(scvtf,    "x 00 11110 zz 1 00 010 000000 aaaaa ddddd", NULL, "F, a")	{ from_int(t, o, false, 0); }
INSN(ucvtf,    "x 00 11110 zz 1 00 011 000000 aaaaa ddddd", NULL, "F, a")	{ from_int(t, o, true, 0); }
INSN(fcvtas,   "x 00 11110 zz 1 00 100 000000 aaaaa ddddd", NULL, "d, G")	{ to_int(t, o, FP_RMM, false, 0); }
INSN(fcvtau,   "x 00 11110 zz 1 00 101 000000 aaaaa ddddd", NULL, "d, G")	{ to_int(t, o, FP_RMM, true, 0); }
INSN(fmov_out, "x 00 11110 zz 1 00 110 000000 aaaaa ddddd", NULL, "d, G")	{ move_out(t, o); }
INSN(fmov_in,  "x 00 11110 zz 1 00 111 000000 aaaaa ddddd", NULL, "F, a")	{ move_in(t, o); }
INSN(fcvtps,   "x 00 11110 zz 1 01 000 000000 aaaaa ddddd", NULL, "d, G")	{ to_int(t, o, FP_RUP, false, 0); }
INSN(fcvtpu,   "x 00 11110 zz 1 01 001 000000 aaaaa ddddd", NULL, "d, G")	{ to_int(t, o, FP_RUP, true, 0); }
INSN(fcvtms,   "x 00 11110 zz 1 10 000 000000 aaaaa ddddd", NULL, "d, G")	{ to_int(t, o, FP_RDN, false, 0); }
INSN(fcvtmu,   "x 00 11110 zz 1 10 001 000000 aaaaa ddddd", NULL, "d, G")	{ to_int(t, o, FP_RDN, true, 0); }
INSN(fcvtzs,   "x 00 11110 zz 1 11 000 000000 aaaaa ddddd", NULL, "d, G")	{ to_int(t, o, FP_RTZ, false, 0); }
INSN(fcvtzu,   "x 00 11110 zz 1 11 001 000000 aaaaa ddddd", NULL, "d, G")	{ to_int(t, o, FP_RTZ, true, 0); }
INSN(fmov_high_out, "1 00 11110 10 1 01 110 000000 aaaaa ddddd", NULL, "x, a")
{
	setx(t, o->d, ir_vget(t, LANE_64, getv(t, o->a), 1, false));
}
INSN(fmov_high_in,  "1 00 11110 10 1 01 111 000000 aaaaa ddddd", NULL, "d, y")
{
	setv(t, o->d, ir_vset(t, LANE_64, getv(t, o->d), 1, getx(t, o->a)));
}

INSN(scvtf_fix,  "x 00 11110 zz 0 00 010 ssssss aaaaa ddddd", NULL, "F, a, s")	{ fixed_from_int(t, o, false); }
INSN(ucvtf_fix,  "x 00 11110 zz 0 00 011 ssssss aaaaa ddddd", NULL, "F, a, s")	{ fixed_from_int(t, o, true); }
INSN(fcvtzs_fix, "x 00 11110 zz 0 11 000 ssssss aaaaa ddddd", NULL, "d, G, s")	{ fixed_to_int(t, o, false); }
INSN(fcvtzu_fix, "x 00 11110 zz 0 11 001 ssssss aaaaa ddddd", NULL, "d, G, s")	{ fixed_to_int(t, o, true); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_JSCVT

/* To an integer modulo 2^32, toward zero; bit 32: Z, set if nothing was lost (FPToFixedJS). */
HELPER(arm64_fjcvtzs, HELPER_PURE)
{
	struct vcpu *cpu = vcpu;
	struct fp_status s = arm64_fp_status(cpu, LANE_64);
	i32 exp = (i32)(a >> 52 & 0x7ff) - 1075;
	u64 m = (a & bits_mask(52)) | 1ull << 52, r;
	bool exact, negative = a >> 63;

	if (!(a << 1)) {	/* minus zero is no integer */
		return negative ? 0 : 1ull << 32;
	}
	if (exp + 1075 == 0) {
		cpu->fp_flags |= s.flush_inputs ? FP_ID : FP_NX;
		return s.flush_inputs && !negative ? 1ull << 32 : 0;
	}
	if (exp == 0x7ff - 1075) {
		cpu->fp_flags |= FP_NV;
		return 0;
	}
	r = exp >= 64 ? 0 : exp >= 0 ? m << exp : exp > -64 ? m >> -exp : 0;
	exact = exp >= 0 || (exp > -64 && r << -exp == m);
	if (exp > 11 || r > (negative ? 1ull << 31 : (1ull << 31) - 1)) {
		cpu->fp_flags |= FP_NV;
		exact = false;
	} else if (!exact) {
		cpu->fp_flags |= FP_NX;
	}
	return (u32)(negative ? -r : r) | (u64)exact << 32;
}

/* clang-format off */
INSN(fjcvtzs,  "0 00 11110 01 1 11 110 000000 aaaaa ddddd", NULL, "w, G")
/* clang-format on */
{
	ir_ref v = ir_call(t, &helper_arm64_fjcvtzs, IR_I64, ir_vlow(t, IR_I64, getv(t, o->a)), 0, 0);

	setx(t, o->d, ir_zext(t, v, 32));
	setflags(t, ir_flags_set(t, ir_bin(t, IR_SHL, ir_bin(t, IR_SHR, v, ir_imm(t, 32)), ir_imm(t, 2))));
}
