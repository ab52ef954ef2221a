/* A64 Advanced SIMD that moves lanes and shifts by constants: copies, permutes,
 * table look-up, immediates, shifts (DDI 0487, C4.1.90).
 *
 * Letters: x = Q, z = size, i = imm5 or immh:immb or an immediate, s = imm4,
 * y = opcode.
 */
#define FEATURE ARM_BASE
#include "target/arm64/vec.h"
#include "base/bits.h"

static void result(struct ir *t, const struct operands *o, ir_ref v) { setvq(t, o->x, o->d, v); }

/* ---- copies: imm5 is the lane's number, then a one, then zeros for its size ---- */

static bool lane_of(struct ir *t, const struct operands *o, u32 max, u32 *ret_lane, u32 *ret_index)
{
	u32 lane = o->imm ? ctz32((u32)o->imm) : 5;

	if (lane > max) {
		illegal(t);
		return false;
	}
	*ret_lane = lane;
	*ret_index = (u32)o->imm >> (lane + 1);
	return true;
}

static void dup_lane(struct ir *t, const struct operands *o)
{
	u32 lane, index;

	if (!lane_of(t, o, o->x ? 3 : 2, &lane, &index))
		return;
	result(t, o, ir_vun(t, IR_VDUPLANE, lane, getv(t, o->a), index));
}

static void dup_scalar(struct ir *t, const struct operands *o)
{
	u32 lane, index;

	if (lane_of(t, o, 3, &lane, &index))
		setv(t, o->d, ir_vzext(t, ir_vget(t, lane, getv(t, o->a), index, false)));
}

static void dup_general(struct ir *t, const struct operands *o)
{
	u32 lane, index;

	if (lane_of(t, o, o->x ? 3 : 2, &lane, &index))
		result(t, o, ir_vdup(t, lane, getx(t, o->a)));
}

static void get_lane(struct ir *t, const struct operands *o, bool is_signed)
{
	u32 lane, index;
	ir_ref v;

	if (!lane_of(t, o, 3, &lane, &index))
		return;
	if (is_signed ? lane > (o->x ? LANE_32 : LANE_16) : o->x != (lane == LANE_64)) {
		illegal(t);
		return;
	}
	v = ir_vget(t, lane, getv(t, o->a), index, is_signed);
	setx(t, o->d, is_signed && !o->x ? ir_zext(t, v, 32) : v);
}

static void insert_general(struct ir *t, const struct operands *o)
{
	u32 lane, index;

	if (lane_of(t, o, 3, &lane, &index))
		setv(t, o->d, ir_vset(t, lane, getv(t, o->d), index, getx(t, o->a)));
}

static void insert_lane(struct ir *t, const struct operands *o)
{
	u32 lane, index;

	if (lane_of(t, o, 3, &lane, &index))
		setv(t, o->d, ir_vins(t, lane, getv(t, o->d), index, getv(t, o->a), (u32)o->s >> lane));
}

/* clang-format off */
INSN(dup_lane,  "0 x 0 01110000 iiiii 0 0000 1 aaaaa ddddd",  NULL, "V, U, i")	{ dup_lane(t, o); }
INSN(dup,       "0 x 0 01110000 iiiii 0 0001 1 aaaaa ddddd",  NULL, "V, y, i")	{ dup_general(t, o); }
INSN(smov,      "0 x 0 01110000 iiiii 0 0101 1 aaaaa ddddd",  NULL, "x, U, i")	{ get_lane(t, o, true); }
INSN(umov,      "0 x 0 01110000 iiiii 0 0111 1 aaaaa ddddd",  NULL, "x, U, i")	{ get_lane(t, o, false); }
INSN(ins,       "0 1 0 01110000 iiiii 0 0011 1 aaaaa ddddd",  NULL, "V, y, i")	{ insert_general(t, o); }
INSN(ins_lane,  "0 1 1 01110000 iiiii 0 ssss 1 aaaaa ddddd",  NULL, "V, U, i, s") { insert_lane(t, o); }
INSN(dup_s,     "01 0 11110000 iiiii 0 0000 1 aaaaa ddddd",   NULL, "F, U, i")	{ dup_scalar(t, o); }
/* clang-format on */

/* ---- permutes ---- */

/* With Q = 0 both sources' low halves are put in one vector first. */
static void permute(struct ir *t, const struct operands *o, enum ir_op op, u32 odd)
{
	ir_ref a = getv(t, o->a), b = getv(t, o->b);

	if (o->z == LANE_64 && !o->x) {
		illegal(t);
		return;
	}
	if (!o->x && op == IR_VUZP) {
		a = ir_vins(t, LANE_64, a, 1, b, 0);
		b = a;
	}
	if (!o->x && op == IR_VZIP && odd) {	/* the second half of the interleaved low halves */
		a = ir_vbin(t, IR_VZIP, o->z, a, b, 0);
		result(t, o, ir_vun(t, IR_VDUPLANE, LANE_64, a, 1));
		return;
	}
	result(t, o, ir_vbin(t, op, o->z, a, b, odd));
}

static void extract(struct ir *t, const struct operands *o)
{
	ir_ref a = getv(t, o->a), b = getv(t, o->b);

	if (!o->x && o->s >= 8) {
		illegal(t);
		return;
	}
	if (!o->x)
		a = ir_vins(t, LANE_64, a, 1, b, 0);
	result(t, o, o->s ? ir_vbin(t, IR_VEXT, 0, a, b, o->s) : a);
}

/* Table of y + 1 registers: those past the first one at a time; an index beyond all keeps the old byte (TBX)
 * or gives 0. */
static void look_up(struct ir *t, const struct operands *o, bool keep)
{
	ir_ref index = getv(t, o->b), sixteen = ir_vdup(t, LANE_8, ir_imm(t, 16)), v = 0, at = index;

	for (u32 k = 0; k <= o->y; k++) {
		ir_ref part = ir_vbin(t, IR_VTBL, 0, getv(t, (o->a + k) % 32u), at, 0);

		v = v ? ir_vbin(t, IR_VOR, 0, v, part, 0) : part;
		at = ir_vbin(t, IR_VSUB, LANE_8, at, sixteen, 0);
	}
	if (keep) {
		ir_ref beyond = ir_vbin(t, IR_VCMPGTU, LANE_8, index, ir_vdup(t, LANE_8, ir_imm(t,
				16 * (o->y + 1) - 1)), 0);

		v = ir_vbsl(t, beyond, getv(t, o->d), v);
	}
	result(t, o, v);
}

/* clang-format off */
INSN(uzp1,      "0 x 0 01110 zz 0 bbbbb 0 001 10 aaaaa ddddd", NULL, "V, U, W")	{ permute(t, o, IR_VUZP, 0); }
INSN(trn1,      "0 x 0 01110 zz 0 bbbbb 0 010 10 aaaaa ddddd", NULL, "V, U, W")	{ permute(t, o, IR_VTRN, 0); }
INSN(zip1,      "0 x 0 01110 zz 0 bbbbb 0 011 10 aaaaa ddddd", NULL, "V, U, W")	{ permute(t, o, IR_VZIP, 0); }
INSN(uzp2,      "0 x 0 01110 zz 0 bbbbb 0 101 10 aaaaa ddddd", NULL, "V, U, W")	{ permute(t, o, IR_VUZP, 1); }
INSN(trn2,      "0 x 0 01110 zz 0 bbbbb 0 110 10 aaaaa ddddd", NULL, "V, U, W")	{ permute(t, o, IR_VTRN, 1); }
INSN(zip2,      "0 x 0 01110 zz 0 bbbbb 0 111 10 aaaaa ddddd", NULL, "V, U, W")	{ permute(t, o, IR_VZIP, 1); }
INSN(ext,       "0 x 1 01110 00 0 bbbbb 0 ssss 0 aaaaa ddddd", NULL, "V, U, W, s") { extract(t, o); }
INSN(tbl,       "0 x 0 01110 00 0 bbbbb 0 yy 0 00 aaaaa ddddd", NULL, "V, U, W")	{ look_up(t, o, false); }
INSN(tbx,       "0 x 0 01110 00 0 bbbbb 0 yy 1 00 aaaaa ddddd", NULL, "V, U, W")	{ look_up(t, o, true); }
/* clang-format on */

/* ---- immediates ---- */

static i64 imm_abcdefgh(u32 w) { return (w >> 16 & 7) << 5 | (w >> 5 & 31); }

/* AdvSIMDExpandImm. */
static u64 expand(u32 cmode, u32 op, u64 imm8)
{
	u64 v = 0;

	if (cmode < 8)
		v = imm8 << (cmode >> 1) * 8;
	else if (cmode < 12)
		v = imm8 << (cmode >> 1 & 1) * 8, v |= v << 16;
	else if (cmode < 14)
		v = cmode & 1 ? imm8 << 16 | 0xffff : imm8 << 8 | 0xff;
	else if (cmode == 15 && op)
		return arm64_fp_imm((u32)imm8, LANE_64);
	else if (cmode == 15)
		v = arm64_fp_imm((u32)imm8, LANE_32);
	else if (!op)
		return imm8 * 0x0101010101010101u;
	else
		for (u32 i = 0; i < 8; i++)
			v |= imm8 >> i & 1 ? 0xffull << i * 8 : 0;
	return cmode == 14 ? v : v | v << 32;
}

static void modified_imm(struct ir *t, const struct operands *o)
{
	u32 cmode = o->word >> 12 & 15;
	bool logical = cmode < 12 && cmode & 1;	/* ORR, BIC */
	u64 v = expand(cmode, o->z, (u64)o->imm);
	ir_ref imm;

	if (cmode == 15 && o->z && !o->x) {
		illegal(t);
		return;
	}
	if (o->z && cmode < 14 && !logical)	/* MVNI */
		v = ~v;
	imm = v ? ir_vdup(t, LANE_64, ir_imm(t, (i64)v)) : ir_vzext(t, ir_imm(t, 0));
	if (logical)
		imm = ir_vbin(t, o->z ? IR_VANDN : IR_VOR, 0, getv(t, o->d), imm, 0);
	else if (!o->x && v)
		imm = ir_vzext(t, ir_imm(t, (i64)v));
	result(t, o, imm);
}

static void half_imm(struct ir *t, const struct operands *o)
{
	result(t, o, ir_vdup(t, LANE_16, ir_imm(t, (i64)arm64_fp_imm((u32)o->imm, LANE_16))));
}

/* clang-format off */
/* Four lines by cmode: shifts by constants have as many fixed bits as one line would have. */
INSN(movi_00,   "0 x z 0111100000 iii 00.. 01 iiiii ddddd", imm_abcdefgh, "V, u")	{ modified_imm(t, o); }
INSN(movi_01,   "0 x z 0111100000 iii 01.. 01 iiiii ddddd", imm_abcdefgh, "V, u")	{ modified_imm(t, o); }
INSN(movi_10,   "0 x z 0111100000 iii 10.. 01 iiiii ddddd", imm_abcdefgh, "V, u")	{ modified_imm(t, o); }
INSN(movi_11,   "0 x z 0111100000 iii 11.. 01 iiiii ddddd", imm_abcdefgh, "V, u")	{ modified_imm(t, o); }
/* clang-format on */

/* ---- shifts by a constant: immh:immb = size + amount, or twice the size - amount ---- */

static i64 immh_immb(u32 w) { return w >> 16 & 127; }

/* At least one: what has immh = 0 are immediates, or illegal. */
static u32 shift_lane(const struct operands *o) { return 31 - clz32((u32)o->imm >> 3 | 1); }
static u32 left_by(const struct operands *o) { return (u32)o->imm - (8u << shift_lane(o)); }
static u32 right_by(const struct operands *o) { return (16u << shift_lane(o)) - (u32)o->imm; }

static bool reserved(struct ir *t, const struct operands *o)
{
	if (o->imm >= 8)
		return false;
	illegal(t);
	return true;
}

/* Vectors of 64-bit lanes need Q; scalars and narrowing have their own rule. */
static bool bad(struct ir *t, const struct operands *o)
{
	if (o->imm >= 8 && (shift_lane(o) != LANE_64 || o->x))
		return false;
	illegal(t);
	return true;
}

static ir_ref rounding_c(struct ir *t, const struct operands *o, u32 op, ir_ref old, u32 lanes_log2, u32 by)
{
	return ir_vcall(t, arm64_vec_shift, getv(t, o->a), old, 0, VEC_SHIFT(op, shift_lane(o), lanes_log2, by));
}

static u32 lanes_log2(const struct operands *o) { return (o->x ? 4u : 3u) - shift_lane(o); }

enum { SCALAR = 1, ACCUMULATE = 2 };

static void put(struct ir *t, const struct operands *o, u32 how, ir_ref v)
{
	if (how & ACCUMULATE)
		v = ir_vbin(t, IR_VADD, shift_lane(o), getv(t, o->d), v, 0);
	setvq(t, how & SCALAR ? 0 : o->x, o->d, v);
}

/* Scalars of these are 64-bit alone. */
static bool bad_for(struct ir *t, const struct operands *o, u32 how)
{
	if (!(how & SCALAR))
		return bad(t, o);
	if (o->imm >= 8 && shift_lane(o) == LANE_64)
		return false;
	illegal(t);
	return true;
}

static void shift_right(struct ir *t, const struct operands *o, enum ir_op op, u32 how)
{
	if (!bad_for(t, o, how))
		put(t, o, how, ir_vun(t, op, shift_lane(o), getv(t, o->a), right_by(o)));
}

static void shift_right_round(struct ir *t, const struct operands *o, u32 op, u32 how)
{
	if (!bad_for(t, o, how))
		put(t, o, how, rounding_c(t, o, op, 0, how & SCALAR ? 0 : lanes_log2(o), right_by(o)));
}

static void shift_insert(struct ir *t, const struct operands *o, u32 op, u32 how)
{
	u32 by = op == VS_SRI ? right_by(o) : left_by(o);

	if (!bad_for(t, o, how))
		put(t, o, how, rounding_c(t, o, op, getv(t, o->d), how & SCALAR ? 0 : lanes_log2(o), by));
}

static void shift_left(struct ir *t, const struct operands *o, u32 how)
{
	if (!bad_for(t, o, how))
		put(t, o, how, ir_vun(t, IR_VSHL, shift_lane(o), getv(t, o->a), left_by(o)));
}

static void shift_left_sat(struct ir *t, const struct operands *o, u32 op, u32 how)
{
	ir_ref v;

	if (how & SCALAR ? reserved(t, o) : bad(t, o))
		return;
	v = rounding_c(t, o, op, 0, how & SCALAR ? 0 : lanes_log2(o), left_by(o));
	if (how & SCALAR)
		setv(t, o->d, v);
	else
		result(t, o, v);
}

/* To half the width; plain ones by IR. */
static void shift_narrow(struct ir *t, const struct operands *o, u32 narrow, u32 how)
{
	u32 lane = shift_lane(o);
	ir_ref v;

	if (reserved(t, o))
		return;
	if (lane == LANE_64) {
		illegal(t);
		return;
	}
	if (!narrow)
		v = ir_vun(t, IR_VNARROW, lane, ir_vun(t, IR_VSHR, lane + 1, getv(t, o->a), right_by(o)), 0);
	else
		v = ir_vcall(t, arm64_vec_narrow, getv(t, o->a), 0, 0,
			     VEC_NARROW(narrow, lane, how & SCALAR ? 0 : 3 - lane, right_by(o)));
	if (how & SCALAR || !o->x)
		setv(t, o->d, v);
	else
		setv(t, o->d, ir_vins(t, LANE_64, getv(t, o->d), 1, v, 0));
}

static void shift_long(struct ir *t, const struct operands *o, bool u)
{
	u32 lane = shift_lane(o);
	ir_ref v;

	if (reserved(t, o))
		return;
	if (lane == LANE_64) {
		illegal(t);
		return;
	}
	v = ir_vun(t, IR_VWIDEN, lane, getv(t, o->a), (u ? 0 : VW_SIGNED) | (o->x ? VW_HIGH : 0));
	setv(t, o->d, left_by(o) ? ir_vun(t, IR_VSHL, lane + 1, v, left_by(o)) : v);
}

/* Between fixed point and floating point: the amount is the number of fraction bits. */
static void fixed_point(struct ir *t, const struct operands *o, u32 op, bool u, u32 how)
{
	u32 lane = shift_lane(o), n = how & SCALAR ? 1 : (o->x ? 16u : 8u) >> lane;
	u64 word = (8u << lane) | right_by(o) << 8 | (u32)u << 16 | n << 24 | (u64)lane << 32;

	if (reserved(t, o))
		return;
	if (lane == LANE_8 || (lane == LANE_16 && !has(t, ARM_FP16)) || (!(how & SCALAR) && bad(t, o))) {
		illegal(t);
		return;
	}
	setv(t, o->d, ir_vcall(t, arm64_vec_fix, getv(t, o->a), ir_vzext(t, ir_imm(t, (i64)word)), 0,
			       VEC_FIX(op, lane, op == VX_TO_INT ? FP_RTZ : t->fp_rm)));
}

/* clang-format off */
#define SH "V, U, i"
#define VEC_LINE(name, u, opcode) INSN(name, "0 x " u " 011110 iiiiiii " opcode " 1 aaaaa ddddd", immh_immb, SH)
#define SCA_LINE(name, u, opcode) INSN(name, "01 " u " 111110 iiiiiii " opcode " 1 aaaaa ddddd", immh_immb, SH)
VEC_LINE(sshr,    "0", "00000")	{ shift_right(t, o, IR_VSAR, 0); }
VEC_LINE(ushr,    "1", "00000")	{ shift_right(t, o, IR_VSHR, 0); }
VEC_LINE(ssra,    "0", "00010")	{ shift_right(t, o, IR_VSAR, ACCUMULATE); }
VEC_LINE(usra,    "1", "00010")	{ shift_right(t, o, IR_VSHR, ACCUMULATE); }
VEC_LINE(srshr,   "0", "00100")	{ shift_right_round(t, o, VS_SRSHR, 0); }
VEC_LINE(urshr,   "1", "00100")	{ shift_right_round(t, o, VS_URSHR, 0); }
VEC_LINE(srsra,   "0", "00110")	{ shift_right_round(t, o, VS_SRSHR, ACCUMULATE); }
VEC_LINE(ursra,   "1", "00110")	{ shift_right_round(t, o, VS_URSHR, ACCUMULATE); }
VEC_LINE(sri,     "1", "01000")	{ shift_insert(t, o, VS_SRI, 0); }
VEC_LINE(shl,     "0", "01010")	{ shift_left(t, o, 0); }
VEC_LINE(sli,     "1", "01010")	{ shift_insert(t, o, VS_SLI, 0); }
VEC_LINE(sqshlu,  "1", "01100")	{ shift_left_sat(t, o, VS_SQSHLU, 0); }
VEC_LINE(sqshl_i, "0", "01110")	{ shift_left_sat(t, o, VS_SQSHL, 0); }
VEC_LINE(uqshl_i, "1", "01110")	{ shift_left_sat(t, o, VS_UQSHL, 0); }
VEC_LINE(shrn,    "0", "10000")	{ shift_narrow(t, o, 0, 0); }
VEC_LINE(rshrn,   "0", "10001")	{ shift_narrow(t, o, VN_ROUND | VN_FROM_U, 0); }
VEC_LINE(sqshrun, "1", "10000")	{ shift_narrow(t, o, VN_SAT | VN_TO_U, 0); }
VEC_LINE(sqrshrun, "1", "10001") { shift_narrow(t, o, VN_SAT | VN_TO_U | VN_ROUND, 0); }
VEC_LINE(sqshrn,  "0", "10010")	{ shift_narrow(t, o, VN_SAT, 0); }
VEC_LINE(sqrshrn, "0", "10011")	{ shift_narrow(t, o, VN_SAT | VN_ROUND, 0); }
VEC_LINE(uqshrn,  "1", "10010")	{ shift_narrow(t, o, VN_SAT | VN_FROM_U | VN_TO_U, 0); }
VEC_LINE(uqrshrn, "1", "10011")	{ shift_narrow(t, o, VN_SAT | VN_FROM_U | VN_TO_U | VN_ROUND, 0); }
VEC_LINE(sshll,   "0", "10100")	{ shift_long(t, o, false); }
VEC_LINE(ushll,   "1", "10100")	{ shift_long(t, o, true); }
VEC_LINE(scvtf_v_fix,  "0", "11100") { fixed_point(t, o, VX_FROM_INT, false, 0); }
VEC_LINE(ucvtf_v_fix,  "1", "11100") { fixed_point(t, o, VX_FROM_INT, true, 0); }
VEC_LINE(fcvtzs_v_fix, "0", "11111") { fixed_point(t, o, VX_TO_INT, false, 0); }
VEC_LINE(fcvtzu_v_fix, "1", "11111") { fixed_point(t, o, VX_TO_INT, true, 0); }

SCA_LINE(sshr_s,  "0", "00000")	{ shift_right(t, o, IR_VSAR, SCALAR); }
SCA_LINE(ushr_s,  "1", "00000")	{ shift_right(t, o, IR_VSHR, SCALAR); }
SCA_LINE(ssra_s,  "0", "00010")	{ shift_right(t, o, IR_VSAR, SCALAR | ACCUMULATE); }
SCA_LINE(usra_s,  "1", "00010")	{ shift_right(t, o, IR_VSHR, SCALAR | ACCUMULATE); }
SCA_LINE(srshr_s, "0", "00100")	{ shift_right_round(t, o, VS_SRSHR, SCALAR); }
SCA_LINE(urshr_s, "1", "00100")	{ shift_right_round(t, o, VS_URSHR, SCALAR); }
SCA_LINE(srsra_s, "0", "00110")	{ shift_right_round(t, o, VS_SRSHR, SCALAR | ACCUMULATE); }
SCA_LINE(ursra_s, "1", "00110")	{ shift_right_round(t, o, VS_URSHR, SCALAR | ACCUMULATE); }
SCA_LINE(sri_s,   "1", "01000")	{ shift_insert(t, o, VS_SRI, SCALAR); }
SCA_LINE(shl_s,   "0", "01010")	{ shift_left(t, o, SCALAR); }
SCA_LINE(sli_s,   "1", "01010")	{ shift_insert(t, o, VS_SLI, SCALAR); }
SCA_LINE(sqshlu_s,  "1", "01100") { shift_left_sat(t, o, VS_SQSHLU, SCALAR); }
SCA_LINE(sqshl_is,  "0", "01110") { shift_left_sat(t, o, VS_SQSHL, SCALAR); }
SCA_LINE(uqshl_is,  "1", "01110") { shift_left_sat(t, o, VS_UQSHL, SCALAR); }
SCA_LINE(sqshrun_s, "1", "10000") { shift_narrow(t, o, VN_SAT | VN_TO_U, SCALAR); }
SCA_LINE(sqrshrun_s, "1", "10001") { shift_narrow(t, o, VN_SAT | VN_TO_U | VN_ROUND, SCALAR); }
SCA_LINE(sqshrn_s,  "0", "10010") { shift_narrow(t, o, VN_SAT, SCALAR); }
SCA_LINE(sqrshrn_s, "0", "10011") { shift_narrow(t, o, VN_SAT | VN_ROUND, SCALAR); }
SCA_LINE(uqshrn_s,  "1", "10010") { shift_narrow(t, o, VN_SAT | VN_FROM_U | VN_TO_U, SCALAR); }
SCA_LINE(uqrshrn_s, "1", "10011") { shift_narrow(t, o, VN_SAT | VN_FROM_U | VN_TO_U | VN_ROUND, SCALAR); }
SCA_LINE(scvtf_s_fix,  "0", "11100") { fixed_point(t, o, VX_FROM_INT, false, SCALAR); }
SCA_LINE(ucvtf_s_fix,  "1", "11100") { fixed_point(t, o, VX_FROM_INT, true, SCALAR); }
SCA_LINE(fcvtzs_s_fix, "0", "11111") { fixed_point(t, o, VX_TO_INT, false, SCALAR); }
SCA_LINE(fcvtzu_s_fix, "1", "11111") { fixed_point(t, o, VX_TO_INT, true, SCALAR); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_FP16
/* clang-format off */
INSN(fmov_v_half,  "0 x 0 0111100000 iii 1111 11 iiiii ddddd", imm_abcdefgh, "V, u")	{ half_imm(t, o); }
/* clang-format on */
