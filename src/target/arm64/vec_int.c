/* Integer operations on vectors in C: saturating, rounding, halving, polynomial
 * (vec.h).  Saturation sets FPSR.QC.  A plain loop over lanes, for exactness.
 * Thread: the vCPU's own.  Spec: DDI 0487, C7.2.
 */
#define FEATURE ARM_BASE
#include "target/arm64/vec.h"
#include "base/bits.h"

static u64 get(const union ir_vec *v, u32 lane, u32 k)
{
	return lane == 0 ? v->b[k] : lane == 1 ? v->h[k] : lane == 2 ? v->w[k] : v->d[k];
}

static void set(union ir_vec *v, u32 lane, u32 k, u64 x)
{
	if (lane == 0)
		v->b[k] = (u8)x;
	else if (lane == 1)
		v->h[k] = (u16)x;
	else if (lane == 2)
		v->w[k] = (u32)x;
	else
		v->d[k] = x;
}

/* v, which may need more than 64 bits, in an integer of `bits`. */
static u64 saturate(struct vcpu *cpu, __int128 v, u32 bits, bool is_unsigned)
{
	__int128 low = is_unsigned ? 0 : -((__int128)1 << (bits - 1));
	__int128 high = ((__int128)1 << (is_unsigned ? bits : bits - 1)) - 1;

	if (v >= low && v <= high)
		return (u64)v;
	arm64_state(cpu)->qc = 1;
	return (u64)(v < low ? low : high);
}

/* By the signed low byte of b: left, or right if negative, perhaps with rounding and saturation. */
static u64 shift_by(struct vcpu *cpu, u32 op, u32 bits, u64 a, u64 b, bool is_unsigned)
{
	i32 by = (i8)b;
	__int128 v = is_unsigned ? (__int128)a : sign_extend(a, bits);
	bool rounds = op == VI_RSHL || op == VI_QRSHL, saturates = op == VI_QSHL || op == VI_QRSHL;

	if (by < 0) {
		if (by < -(i32)bits - 1)
			by = -(i32)bits - 1;
		if (rounds)
			v += (__int128)1 << (-by - 1);
		return (u64)(v >> -by);
	}
	if (!saturates)
		return by >= (i32)bits ? 0 : (u64)v << by;
	if (!v)
		return 0;
	if (by >= (i32)bits)
		return saturate(cpu, (v < 0 ? -1 : 1) * ((__int128)1 << 100), bits, is_unsigned);
	return saturate(cpu, v * ((__int128)1 << by), bits, is_unsigned);
}

static u64 carryless(u64 a, u64 b, u32 bits)
{
	u64 r = 0;

	for (u32 i = 0; i < bits; i++)
		r ^= b >> i & 1 ? a << i : 0;
	return r;
}

/* The doubled product's high half, rounded or not, added to or taken from c. */
static u64 doubling_high(struct vcpu *cpu, u32 op, u32 bits, i64 a, i64 b, i64 c)
{
	__int128 p = 2 * (__int128)a * b;

	if (op == VI_QRDMLSH)
		p = -p;
	if (op == VI_QRDMLAH || op == VI_QRDMLSH)
		p += c * ((__int128)1 << bits);
	if (op != VI_QDMULH)
		p += (__int128)1 << (bits - 1);
	return saturate(cpu, p >> bits, bits, false);
}

/* Estimates of 1/x and 1/sqrt(x) in nine bits (DDI 0487, shared/functions: RecipEstimate, RecipSqrtEstimate). */
u32 arm64_recip_estimate(u32 a)
{
	a = a * 2 + 1;
	return ((1u << 19) / a + 1) / 2;
}

u32 arm64_rsqrt_estimate(u32 a)
{
	u64 b = 512;

	a = a < 256 ? a * 2 + 1 : ((a >> 1 << 1) + 1) * 2;
	while (a * (b + 1) * (b + 1) < 1u << 28)
		b++;
	return (u32)(b + 1) / 2;
}

static u64 one_lane(struct vcpu *cpu, u32 op, u32 bits, bool u, u64 a, u64 b, u64 c)
{
	i64 sa = sign_extend(a, bits), sb = sign_extend(b, bits);
	__int128 x = u ? (__int128)a : sa, y = u ? (__int128)b : sb;

	switch (op) {
	case VI_HADD: return (u64)((x + y) >> 1);
	case VI_RHADD: return (u64)((x + y + 1) >> 1);
	case VI_HSUB: return (u64)((x - y) >> 1);
	case VI_QADD: return saturate(cpu, x + y, bits, u);
	case VI_QSUB: return saturate(cpu, x - y, bits, u);
	case VI_SHL: case VI_QSHL: case VI_RSHL: case VI_QRSHL: return shift_by(cpu, op, bits, a, b, u);
	case VI_ABD: return (u64)(x > y ? x - y : y - x);
	case VI_PMUL: return carryless(a, b, bits);
	case VI_QDMULH: case VI_QRDMULH: case VI_QRDMLAH: case VI_QRDMLSH:
		return doubling_high(cpu, op, bits, sa, sb, sign_extend(c, bits));
	case VI_MUL64: return a * b;
	case VI_CMTST: return a & b ? ~0ull : 0;
	case VI_QABS: return saturate(cpu, sa < 0 ? -(__int128)sa : sa, bits, false);
	case VI_QNEG: return saturate(cpu, -(__int128)sa, bits, false);
	case VI_CLS: return clz64((u64)(sa ^ sa >> 63) << (64 - bits) | (bits < 64 ? 1ull << (63 - bits) : 0)) - 1;
	case VI_CLZ: return clz64(a) - (64 - bits);
	case VI_RBIT:
		for (u32 i = x = 0; i < 8; i++)
			x |= (__int128)(a >> i & 1) << (7 - i);
		return (u64)x;
	case VI_SUQADD: return saturate(cpu, (__int128)sign_extend(c, bits) + a, bits, false);
	case VI_USQADD: return saturate(cpu, (__int128)c + sa, bits, true);
	case VI_RECPE: return a >> 31 ? (u64)arm64_recip_estimate((u32)a >> 23) << 23 : 0xffffffffu;
	case VI_RSQRTE: return a >> 30 ? (u64)arm64_rsqrt_estimate((u32)a >> 23) << 23 : 0xffffffffu;
	case VI_MIN64: return (u64)(x < y ? x : y);
	case VI_MAX64: return (u64)(x > y ? x : y);
	default: assert(!"an operation"); return 0;
	}
}

VHELPER(arm64_int)
{
	u32 lane = imm >> 6 & 3, n = imm >> 8 & 31, bits = 8u << lane;
	union ir_vec r = { .d = { 0, 0 } };

	for (u32 k = 0; k < n; k++)
		set(&r, lane, k, one_lane(vcpu, imm & 63, bits, imm >> 13 & VEC_U, get(a, lane, k), get(b, lane, k),
					  get(c, lane, k)));
	*d = r;
}
const struct ir_vhelper *const arm64_vec_int = &vhelper_arm64_int;

/* ---- shifts by a constant ---- */

static u64 one_shift(struct vcpu *cpu, u32 op, u32 bits, u32 by, u64 a, u64 old)
{
	i64 sa = sign_extend(a, bits);
	u64 mask;

	switch (op) {
	case VS_SRSHR: return (u64)(((__int128)sa + ((__int128)1 << (by - 1))) >> by);
	case VS_URSHR: return (u64)(((unsigned __int128)a + ((unsigned __int128)1 << (by - 1))) >> by);
	case VS_SRI:
		mask = by == 64 ? 0 : bits_mask(bits) >> by;
		return (old & ~mask) | (by == 64 ? 0 : a >> by & mask);
	case VS_SLI:
		mask = bits_mask(bits) << by;
		return (old & ~mask) | a << by;
	case VS_SQSHL: return saturate(cpu, sa * ((__int128)1 << by), bits, false);
	case VS_UQSHL: return saturate(cpu, by && a >> (bits - by) ? (__int128)1 << 100 : (__int128)(a << by),
			bits, true);
	case VS_SQSHLU:
		return saturate(cpu,
				sa < 0 ? -1 : by && a >> (bits - by) ? (__int128)1 << 100 : (__int128)(a << by), bits,
				true);
	default: assert(!"a shift"); return 0;
	}
}

VHELPER(arm64_shift)
{
	u32 lane = imm >> 4 & 3, n = 1u << (imm >> 6 & 7), by = imm >> 9;
	union ir_vec r = { .d = { 0, 0 } };

	for (u32 k = 0; k < n; k++)
		set(&r, lane, k, one_shift(vcpu, imm & 15, 8u << lane, by, get(a, lane, k), get(b, lane, k)));
	*d = r;
}
const struct ir_vhelper *const arm64_vec_shift = &vhelper_arm64_shift;

VHELPER(arm64_narrow)
{
	u32 how = imm & 15, lane = imm >> 4 & 3, n = 1u << (imm >> 6 & 7), by = imm >> 9, bits = 8u << lane;
	union ir_vec r = { .d = { 0, 0 } };

	for (u32 k = 0; k < n; k++) {
		u64 x = get(a, lane + 1, k);
		__int128 v = how & VN_FROM_U ? (__int128)x : sign_extend(x, bits * 2);

		if (how & VN_ROUND && by)
			v += (__int128)1 << (by - 1);
		v >>= by;
		set(&r, lane, k, how & VN_SAT ? saturate(vcpu, v, bits, how & VN_TO_U) : (u64)v);
	}
	*d = r;
}
const struct ir_vhelper *const arm64_vec_narrow = &vhelper_arm64_narrow;

/* ---- to twice the width ---- */

VHELPER(arm64_long)
{
	u32 op = imm & 63, lane = imm >> 6 & 3, n = imm >> 8 & 31, bits = 8u << lane;
	bool u = imm >> 13 & VEC_U;
	union ir_vec r = { .d = { 0, 0 } };

	if (op == VL_PMULL && lane == LANE_64) {
		for (u32 i = 0; i < 64; i++)
			if (b->d[0] >> i & 1) {
				r.d[0] ^= a->d[0] << i;
				r.d[1] ^= i ? a->d[0] >> (64 - i) : 0;
			}
		*d = r;
		return;
	}
	for (u32 k = 0; k < n; k++) {
		u64 x = get(a, lane, k), y = get(b, lane, k), acc = get(c, lane + 1, k);
		i64 sx = u ? (i64)x : sign_extend(x, bits), sy = u ? (i64)y : sign_extend(y, bits), sacc;
		u64 v = (u64)(sx > sy ? sx - sy : sy - sx);

		sacc = sign_extend(acc, bits * 2);
		if (op == VL_PMULL)
			v = carryless(x, y, bits);
		else if (op == VL_ABAL)
			v += acc;
		else if (op != VL_ABDL)
			v = saturate(vcpu, 2 * (__int128)sx * sy, bits * 2, false);
		if (op == VL_QDMLAL)
			v = saturate(vcpu, (__int128)sacc + sign_extend(v, bits * 2), bits * 2, false);
		else if (op == VL_QDMLSL)
			v = saturate(vcpu, (__int128)sacc - sign_extend(v, bits * 2), bits * 2, false);
		set(&r, lane + 1, k, v);
	}
	*d = r;
}
const struct ir_vhelper *const arm64_vec_long = &vhelper_arm64_long;
