/* What vector operations compute, lane by lane: for the interpreter, and as the
 * reference for translators.  Nothing is done for speed.  Any thread.
 */
#include "base/bits.h"
#include "ir/build.h"
#include "ir/eval.h"

u64 ir_bitrev(u64 v)
{
	return ir_eval_bitrev(v);
}

static u64 lane_get(const union ir_vec *v, u32 lane, u32 k)
{
	switch (lane) {
	case LANE_8: return v->b[k];
	case LANE_16: return v->h[k];
	case LANE_32: return v->w[k];
	default: return v->d[k];
	}
}

static void lane_put(union ir_vec *v, u32 lane, u32 k, u64 x)
{
	switch (lane) {
	case LANE_8: v->b[k] = (u8)x; break;
	case LANE_16: v->h[k] = (u16)x; break;
	case LANE_32: v->w[k] = (u32)x; break;
	default: v->d[k] = x; break;
	}
}

/* By the signed low byte of b. */
static u64 shift_by(u64 a, u64 b, u32 bits, bool is_signed)
{
	i32 by = (i8)b;
	i64 sa = sign_extend(a, bits);

	if (by >= (i32)bits)
		return 0;
	if (by >= 0)
		return a << by;
	if (by <= -(i32)bits)
		return is_signed && sa < 0 ? ~0ull : 0;
	return is_signed ? (u64)(sa >> -by) : a >> -by;
}

/* One lane; a and b zero-extended from `bits`. */
static u64 lane_op(const struct ir_ins *i, u32 bits, u64 a, u64 b)
{
	i64 sa = sign_extend(a, bits), sb = sign_extend(b, bits);

	switch (i->op) {
	case IR_VADD: return a + b;
	case IR_VSUB: return a - b;
	case IR_VMUL: return a * b;
	case IR_VMINS: return sa < sb ? a : b;
	case IR_VMAXS: return sa > sb ? a : b;
	case IR_VMINU: return a < b ? a : b;
	case IR_VMAXU: return a > b ? a : b;
	case IR_VAVGU: return (u64)(((unsigned __int128)a + b + 1) >> 1);
	case IR_VNEG: return -a;
	case IR_VABS: return sa < 0 ? -a : a;
	case IR_VCMPEQ: return a == b ? ~0ull : 0;
	case IR_VCMPGT: return sa > sb ? ~0ull : 0;
	case IR_VCMPGTU: return a > b ? ~0ull : 0;
	case IR_VSHL: return i->d >= bits ? 0 : a << i->d;
	case IR_VSHR: return i->d >= bits ? 0 : a >> i->d;
	case IR_VSAR: return (u64)(sa >> (i->d >= bits ? bits - 1 : i->d));
	case IR_VSHIFT: return shift_by(a, b, bits, i->d);
	case IR_VCNT: return popcount64(a);
	default: break;
	}
	assert(!"an operation by lane");
	return 0;
}

static union ir_vec by_lane(const struct ir_ins *i, const union ir_vec *a, const union ir_vec *b)
{
	u32 lane = i->aux & MEM_SIZE, bits = 8u << lane;
	union ir_vec r;

	for (u32 k = 0; k < 16u >> lane; k++)
		lane_put(&r, lane, k, lane_op(i, bits, lane_get(a, lane, k), b ? lane_get(b, lane, k) : 0));
	return r;
}

/* Operations that move lanes. */
static union ir_vec shuffle(const struct ir_ins *i, const union ir_vec *a, const union ir_vec *b)
{
	u32 lane = i->aux & MEM_SIZE, n = 16u >> lane, d = i->d;
	union ir_vec r = { .d = { 0, 0 } };

	for (u32 k = 0; k < n; k++) {
		u64 x = 0;

		switch (i->op) {
		case IR_VDUP: x = lane_get(a, lane, 0); break;
		case IR_VDUPLANE: x = lane_get(a, lane, d); break;
		case IR_VSET: x = k == d ? lane_get(b, lane, 0) : lane_get(a, lane, k); break;
		case IR_VINS: x = k == d ? lane_get(b, lane, i->imm) : lane_get(a, lane, k); break;
		case IR_VREV: x = lane_get(a, lane, k ^ ((1u << (d - lane)) - 1)); break;
		case IR_VEXT: x = lane_get(k + d < 16 ? a : b, lane, (k + d) & 15); break;
		case IR_VZIP: x = lane_get(k & 1 ? b : a, lane, (d ? n / 2 : 0) + k / 2); break;
		case IR_VUZP: x = lane_get(k < n / 2 ? a : b, lane, (2 * k + d) % n); break;
		case IR_VTRN: x = lane_get(k & 1 ? b : a, lane, (k & ~1u) + d); break;
		case IR_VTBL: x = b->b[k] < 16 ? a->b[b->b[k]] : 0; break;
		default: assert(!"a shuffle");
		}
		lane_put(&r, lane, k, x);
	}
	return r;
}

/* Between lanes of aux and of twice the width. */
static union ir_vec resize(const struct ir_ins *i, const union ir_vec *a, const union ir_vec *b)
{
	u32 lane = i->aux, n = 8u >> lane, bits = 8u << lane, from = i->d & VW_HIGH ? n : 0;
	union ir_vec r = { .d = { 0, 0 } };

	for (u32 k = 0; k < n; k++) {
		u64 x, y = 0;

		if (i->op == IR_VNARROW) {
			lane_put(&r, lane, k, lane_get(a, lane + 1, k));
			continue;
		}
		x = lane_get(a, lane, from + k);
		if (i->op == IR_VMULL)
			y = lane_get(b, lane, from + k);
		if (i->d & VW_SIGNED) {
			x = (u64)sign_extend(x, bits);
			y = (u64)sign_extend(y, bits);
		}
		lane_put(&r, lane + 1, k, i->op == IR_VMULL ? x * y : x);
	}
	return r;
}

static union ir_vec bitwise(const struct ir_ins *i, const union ir_vec *a, const union ir_vec *b, const union ir_vec *c)
{
	union ir_vec r;

	for (u32 k = 0; k < 2; k++)
		switch (i->op) {
		case IR_VAND: r.d[k] = a->d[k] & b->d[k]; break;
		case IR_VOR: r.d[k] = a->d[k] | b->d[k]; break;
		case IR_VXOR: r.d[k] = a->d[k] ^ b->d[k]; break;
		case IR_VANDN: r.d[k] = a->d[k] & ~b->d[k]; break;
		case IR_VNOT: r.d[k] = ~a->d[k]; break;
		default: r.d[k] = (a->d[k] & b->d[k]) | (~a->d[k] & c->d[k]); break;
		}
	return r;
}

static u64 compare(const struct ir_ins *i, struct fp_status *s, bool single, u64 a, u64 b)
{
	enum fp_order order;

	if (i->imm == FCMP_EQ)
		order = single ? fp_cmp32(s, (u32)a, (u32)b) : fp_cmp64(s, a, b);
	else
		order = single ? fp_cmp_sig32(s, (u32)a, (u32)b) : fp_cmp_sig64(s, a, b);
	return order == FP_EQUAL ? (i->imm != FCMP_LT ? ~0ull : 0) :
				   (order == FP_LESS && i->imm != FCMP_EQ ? ~0ull : 0);
}

static u64 lane_to_int(const struct ir_ins *i, struct fp_status *s, bool single, u64 a)
{
	if (i->d & VF_UNSIGNED)
		return single ? fp_f32_to_u32(s, i->imm, (u32)a) : fp_f64_to_u64(s, i->imm, a);
	return single ? (u32)fp_f32_to_i32(s, i->imm, (u32)a) : (u64)fp_f64_to_i64(s, i->imm, a);
}

static u64 lane_from_int(const struct ir_ins *i, struct fp_status *s, bool single, u64 a)
{
	if (i->d & VF_UNSIGNED)
		return single ? fp_u32_to_f32(s, (u32)a) : fp_u64_to_f64(s, a);
	return single ? fp_i32_to_f32(s, (i32)a) : fp_i64_to_f64(s, (i64)a);
}

static u64 lane_fp(const struct ir_ins *i, struct fp_status *s, bool single, u64 a, u64 b, u64 c)
{
	switch (i->op) {
	case IR_VFADD: return single ? fp_add32(s, (u32)a, (u32)b) : fp_add64(s, a, b);
	case IR_VFSUB: return single ? fp_sub32(s, (u32)a, (u32)b) : fp_sub64(s, a, b);
	case IR_VFMUL: return single ? fp_mul32(s, (u32)a, (u32)b) : fp_mul64(s, a, b);
	case IR_VFDIV: return single ? fp_div32(s, (u32)a, (u32)b) : fp_div64(s, a, b);
	case IR_VFSQRT: return single ? fp_sqrt32(s, (u32)a) : fp_sqrt64(s, a);
	case IR_VFMIN: return single ? fp_min32(s, (u32)a, (u32)b) : fp_min64(s, a, b);
	case IR_VFMAX: return single ? fp_max32(s, (u32)a, (u32)b) : fp_max64(s, a, b);
	case IR_VFMINNM: return single ? fp_min_alt32(s, (u32)a, (u32)b) : fp_min_alt64(s, a, b);
	case IR_VFMAXNM: return single ? fp_max_alt32(s, (u32)a, (u32)b) : fp_max_alt64(s, a, b);
	case IR_VFMA:
		return single ? fp_fma32(s, (u32)a, (u32)b, (u32)c, i->d & 3) : fp_fma64(s, a, b, c, i->d & 3);
	case IR_VFCMP: return compare(i, s, single, a, b);
	case IR_VITOF: return lane_from_int(i, s, single, a);
	case IR_VFTOI: return lane_to_int(i, s, single, a);
	default: break;
	}
	assert(!"floating point by lane");
	return 0;
}

static union ir_vec fp_by_lane(const struct ir_ins *i, struct fp_status *s, const struct ir_vec_operands *v)
{
	u32 lane = i->aux, n = (i->d & VF_LOW ? 8u : 16u) >> lane;
	union ir_vec r = { .d = { 0, 0 } };

	for (u32 k = 0; k < n; k++)
		lane_put(&r, lane, k,
			 lane_fp(i, s, lane == LANE_32, lane_get(v->a, lane, k), i->b ? lane_get(v->b, lane, k) : 0,
				 i->c ? lane_get(v->c, lane, k) : 0));
	return r;
}

union ir_vec ir_eval_vec(const struct ir_ins *i, const struct ir_vec_operands *v, struct fp_status *s)
{
	switch (i->op) {
	case IR_VAND: case IR_VOR: case IR_VXOR: case IR_VANDN: case IR_VNOT: case IR_VBSL:
		return bitwise(i, v->a, v->b, v->c);
	case IR_VADD: case IR_VSUB: case IR_VMUL: case IR_VMINS: case IR_VMAXS: case IR_VMINU: case IR_VMAXU:
	case IR_VAVGU: case IR_VCMPEQ: case IR_VCMPGT: case IR_VCMPGTU: case IR_VSHIFT:
		return by_lane(i, v->a, v->b);
	case IR_VNEG: case IR_VABS: case IR_VSHL: case IR_VSHR: case IR_VSAR: case IR_VCNT:
		return by_lane(i, v->a, NULL);
	case IR_VWIDEN: case IR_VNARROW: case IR_VMULL:
		return resize(i, v->a, v->b);
	default:
		if (i->op >= IR_VFADD && i->op <= IR_VFTOI)
			return fp_by_lane(i, s, v);
		return shuffle(i, v->a, v->b);
	}
}
