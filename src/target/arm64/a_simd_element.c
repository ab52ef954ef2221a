/* A64 Advanced SIMD by one element of the last register, dot products and
 * rounding doubling multiply-accumulate (DDI 0487, C4.1.90).
 *
 * Letters: x = Q, z = size, y = L M, b = Rm without M, s = H; the element's
 * number and register come from the word (element()).
 */
#define FEATURE ARM_BASE
#include "target/arm64/vec.h"

static bool is_scalar(const struct operands *o) { return o->word >> 28 & 1; }

/* All lanes of Rm's element. */
static ir_ref element(struct ir *t, const struct operands *o, u32 lane)
{
	u32 h = o->word >> 11 & 1, l = o->word >> 21 & 1, m = o->word >> 20 & 1, r = o->word >> 16 & 15, index;

	if (lane == LANE_16) {
		index = h << 2 | l << 1 | m;
	} else {
		r |= m << 4;
		index = lane == LANE_32 ? h << 1 | l : h;
	}
	return ir_vun(t, IR_VDUPLANE, lane, getv(t, r), index);
}

static bool no_int(struct ir *t, const struct operands *o)
{
	if (o->z == LANE_16 || o->z == LANE_32)
		return false;
	illegal(t);
	return true;
}

static void multiply(struct ir *t, const struct operands *o, enum ir_op acc)
{
	ir_ref v;

	if (no_int(t, o))
		return;
	v = ir_vbin(t, IR_VMUL, o->z, getv(t, o->a), element(t, o, o->z), 0);
	setvq(t, o->x, o->d, acc ? ir_vbin(t, acc, o->z, getv(t, o->d), v, 0) : v);
}

static void multiply_long(struct ir *t, const struct operands *o, bool u, enum ir_op acc)
{
	ir_ref v;

	if (no_int(t, o))
		return;
	v = ir_vbin(t, IR_VMULL, o->z, getv(t, o->a), element(t, o, o->z), (u ? 0 : VW_SIGNED) | (o->x ? VW_HIGH : 0));
	setv(t, o->d, acc ? ir_vbin(t, acc, o->z + 1u, getv(t, o->d), v, 0) : v);
}

static void doubling_long(struct ir *t, const struct operands *o, u32 op)
{
	u32 n = is_scalar(o) ? 1 : 8u >> o->z;

	if (no_int(t, o))
		return;
	setv(t, o->d, ir_vcall(t, arm64_vec_long, arm64_half(t, o->x && !is_scalar(o), getv(t, o->a)),
			element(t, o, o->z),
			       getv(t, o->d), VEC(op, o->z, n, 0)));
}

static void doubling_high(struct ir *t, const struct operands *o, u32 op)
{
	u32 n = is_scalar(o) ? 1 : (o->x ? 16u : 8u) >> o->z;

	if (no_int(t, o))
		return;
	setv(t, o->d, ir_vcall(t, arm64_vec_int, getv(t, o->a), element(t, o, o->z), getv(t, o->d), VEC(op,
			o->z, n, 0)));
}

/* Floating point: size 0 half, 2 single, 3 double. */
static void fp(struct ir *t, const struct operands *o, u32 vop)
{
	u32 lane = o->z == 0 ? LANE_16 : o->z, n = is_scalar(o) ? 1 : (o->x ? 16u : 8u) >> lane;
	bool accumulates = vop == VF_FMA || vop == VF_FMS, low = !o->x;
	ir_ref a = getv(t, o->a), b, c = accumulates ? getv(t, o->d) : 0;

	if (o->z == 1 || (o->z == 0 && !has(t,
			ARM_FP16)) || (o->z == 3 && (o->word >> 21 & 1 || (!o->x && !is_scalar(o))))) {
		illegal(t);
		return;
	}
	b = element(t, o, lane);
	if (lane == LANE_16 || is_scalar(o) || vop == VF_MULX)
		setv(t, o->d, ir_vcall(t, arm64_vec_fp, a, b, c, VEC(vop, lane, n, 0)));
	else
		setv(t, o->d, ir_vfp(t, accumulates ? IR_VFMA : IR_VFMUL, lane, a, b, c, t->fp_rm,
				     (low ? VF_LOW : 0) | (vop == VF_FMS ? FMA_NEG_PRODUCT : 0)));
}

/* clang-format off */
#define TE "V, U, W"
#define ELEMENT(name, u, opcode, body) \
	INSN(name, "0 x " u " 01111 zz yy bbbb " opcode " s 0 aaaaa ddddd", NULL, TE) { body; }
#define ELEMENT_S(name, u, opcode, body) \
	INSN(name, "01 " u " 11111 zz yy bbbb " opcode " s 0 aaaaa ddddd", NULL, TE) { body; }
ELEMENT(mla_e,      "1", "0000", multiply(t, o, IR_VADD))
ELEMENT(mls_e,      "1", "0100", multiply(t, o, IR_VSUB))
ELEMENT(mul_e,      "0", "1000", multiply(t, o, 0))
ELEMENT(smlal_e,    "0", "0010", multiply_long(t, o, false, IR_VADD))
ELEMENT(umlal_e,    "1", "0010", multiply_long(t, o, true, IR_VADD))
ELEMENT(smlsl_e,    "0", "0110", multiply_long(t, o, false, IR_VSUB))
ELEMENT(umlsl_e,    "1", "0110", multiply_long(t, o, true, IR_VSUB))
ELEMENT(smull_e,    "0", "1010", multiply_long(t, o, false, 0))
ELEMENT(umull_e,    "1", "1010", multiply_long(t, o, true, 0))
ELEMENT(sqdmlal_e,  "0", "0011", doubling_long(t, o, VL_QDMLAL))
ELEMENT(sqdmlsl_e,  "0", "0111", doubling_long(t, o, VL_QDMLSL))
ELEMENT(sqdmull_e,  "0", "1011", doubling_long(t, o, VL_QDMULL))
ELEMENT(sqdmulh_e,  "0", "1100", doubling_high(t, o, VI_QDMULH))
ELEMENT(sqrdmulh_e, "0", "1101", doubling_high(t, o, VI_QRDMULH))
ELEMENT(fmla_e,     "0", "0001", fp(t, o, VF_FMA))
ELEMENT(fmls_e,     "0", "0101", fp(t, o, VF_FMS))
ELEMENT(fmul_e,     "0", "1001", fp(t, o, VF_MUL))
ELEMENT(fmulx_e,    "1", "1001", fp(t, o, VF_MULX))
ELEMENT_S(sqdmlal_es,  "0", "0011", doubling_long(t, o, VL_QDMLAL))
ELEMENT_S(sqdmlsl_es,  "0", "0111", doubling_long(t, o, VL_QDMLSL))
ELEMENT_S(sqdmull_es,  "0", "1011", doubling_long(t, o, VL_QDMULL))
ELEMENT_S(sqdmulh_es,  "0", "1100", doubling_high(t, o, VI_QDMULH))
ELEMENT_S(sqrdmulh_es, "0", "1101", doubling_high(t, o, VI_QRDMULH))
ELEMENT_S(fmla_es,     "0", "0001", fp(t, o, VF_FMA))
ELEMENT_S(fmls_es,     "0", "0101", fp(t, o, VF_FMS))
ELEMENT_S(fmul_es,     "0", "1001", fp(t, o, VF_MUL))
ELEMENT_S(fmulx_es,    "1", "1001", fp(t, o, VF_MULX))
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_RDM

static void rounding_acc(struct ir *t, const struct operands *o, u32 op)
{
	u32 n = is_scalar(o) ? 1 : (o->x ? 16u : 8u) >> o->z;

	if (no_int(t, o))
		return;
	setv(t, o->d, ir_vcall(t, arm64_vec_int, getv(t, o->a), getv(t, o->b), getv(t, o->d), VEC(op, o->z, n, 0)));
}

/* clang-format off */
ELEMENT(sqrdmlah_e,    "1", "1101", doubling_high(t, o, VI_QRDMLAH))
ELEMENT(sqrdmlsh_e,    "1", "1111", doubling_high(t, o, VI_QRDMLSH))
ELEMENT_S(sqrdmlah_es, "1", "1101", doubling_high(t, o, VI_QRDMLAH))
ELEMENT_S(sqrdmlsh_es, "1", "1111", doubling_high(t, o, VI_QRDMLSH))
INSN(sqrdmlah,   "0 x 1 01110 zz 0 bbbbb 1 0000 1 aaaaa ddddd", NULL, TE)	{ rounding_acc(t, o, VI_QRDMLAH); }
INSN(sqrdmlsh,   "0 x 1 01110 zz 0 bbbbb 1 0001 1 aaaaa ddddd", NULL, TE)	{ rounding_acc(t, o, VI_QRDMLSH); }
INSN(sqrdmlah_s, "01 1 11110 zz 0 bbbbb 1 0000 1 aaaaa ddddd",  NULL, TE)	{ rounding_acc(t, o, VI_QRDMLAH); }
INSN(sqrdmlsh_s, "01 1 11110 zz 0 bbbbb 1 0001 1 aaaaa ddddd",  NULL, TE)	{ rounding_acc(t, o, VI_QRDMLSH); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_DOTPROD

/* imm: 1 a unsigned, 2 b unsigned.  Four products of bytes added to each word of c. */
VHELPER(arm64_dot)
{
	union ir_vec r;

	for (u32 k = 0; k < 4; k++) {
		u32 sum = c->w[k];

		for (u32 i = k * 4; i < k * 4 + 4; i++)
			sum += (u32)((imm & 1 ? a->b[i] : (i8)a->b[i]) * (imm & 2 ? b->b[i] : (i8)b->b[i]));
		r.w[k] = sum;
	}
	*d = r;
}

static void dot(struct ir *t, const struct operands *o, ir_ref b, u32 how)
{
	setvq(t, o->x, o->d, ir_vcall(t, &vhelper_arm64_dot, getv(t, o->a), b, getv(t, o->d), how));
}

/* clang-format off */
INSN(sdot,    "0 x 0 01110 10 0 bbbbb 1 0010 1 aaaaa ddddd",    NULL, TE)	{ dot(t, o, getv(t, o->b), 0); }
INSN(udot,    "0 x 1 01110 10 0 bbbbb 1 0010 1 aaaaa ddddd",    NULL, TE)	{ dot(t, o, getv(t, o->b), 3); }
INSN(sdot_e,  "0 x 0 01111 10 yy bbbb 1110 s 0 aaaaa ddddd",    NULL, TE)	{ dot(t, o, element(t, o, LANE_32), 0); }
INSN(udot_e,  "0 x 1 01111 10 yy bbbb 1110 s 0 aaaaa ddddd",    NULL, TE)	{ dot(t, o, element(t, o, LANE_32), 3); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_I8MM

/* imm as for arm64_dot.  Rows of eight bytes: 2x8 times 8x2, added to words. */
VHELPER(arm64_matrix)
{
	union ir_vec r = *c;

	for (u32 i = 0; i < 2; i++)
		for (u32 j = 0; j < 2; j++)
			for (u32 k = 0; k < 8; k++) {
				i32 x = imm & 1 ? a->b[i * 8 + k] : (i8)a->b[i * 8 + k];
				i32 y = imm & 2 ? b->b[j * 8 + k] : (i8)b->b[j * 8 + k];

				r.w[i * 2 + j] += (u32)(x * y);
			}
	*d = r;
}

static void matrix(struct ir *t, const struct operands *o, u32 how)
{
	setv(t, o->d, ir_vcall(t, &vhelper_arm64_matrix, getv(t, o->a), getv(t, o->b), getv(t, o->d), how));
}

/* clang-format off */
INSN(usdot,   "0 x 0 01110 10 0 bbbbb 1 0011 1 aaaaa ddddd",    NULL, TE)	{ dot(t, o, getv(t, o->b), 1); }
INSN(usdot_e, "0 x 0 01111 10 yy bbbb 1111 s 0 aaaaa ddddd",    NULL, TE)	{ dot(t, o, element(t, o, LANE_32), 1); }
INSN(sudot_e, "0 x 0 01111 00 yy bbbb 1111 s 0 aaaaa ddddd",    NULL, TE)	{ dot(t, o, element(t, o, LANE_32), 2); }
INSN(smmla,   "0 1 0 01110 10 0 bbbbb 1 0100 1 aaaaa ddddd",    NULL, TE)	{ matrix(t, o, 0); }
INSN(ummla,   "0 1 1 01110 10 0 bbbbb 1 0100 1 aaaaa ddddd",    NULL, TE)	{ matrix(t, o, 3); }
INSN(usmmla,  "0 1 0 01110 10 0 bbbbb 1 0101 1 aaaaa ddddd",    NULL, TE)	{ matrix(t, o, 1); }
/* clang-format on */
