/* What condition flags come out of, and which conditions hold: for the
 * interpreter, and as the reference for translators.  Any thread.
 * Spec: Arm ARM DDI 0487, AddWithCarry, ConditionHolds.
 */
#include "base/bits.h"
#include "ir/build.h"

static u32 add_with_carry(u32 width, u64 a, u64 b, u32 carry)
{
	u64 mask = bits_mask(width), sign = 1ull << (width - 1), r;
	unsigned __int128 sum = (unsigned __int128)(a & mask) + (b & mask) + carry;

	r = (u64)sum & mask;
	return (r & sign ? 8 : 0) | (r ? 0 : 4) | (sum >> width ? 2 : 0) | ((a ^ r) & (b ^ r) & sign ? 1 : 0);
}

u32 ir_eval_nzcv(const struct ir_ins *i, u32 width, u64 a, u64 b, u64 flags)
{
	u32 carry = ir_nzcv(flags) >> 1 & 1;
	u64 r;

	switch (i->op) {
	case IR_FLADD: return add_with_carry(width, a, b, 0);
	case IR_FLSUB: return add_with_carry(width, a, ~b, 1);
	case IR_FLADC: return add_with_carry(width, a, b, carry);
	case IR_FLSBC: return add_with_carry(width, a, ~b, carry);
	case IR_FLAND:
		r = a & b & bits_mask(width);
		return (r >> (width - 1) ? 8 : 0) | (r ? 0 : 4);
	case IR_FLCCMP:
		if (!ir_fcc_holds(i->aux, flags))
			return i->d & 15;
		return i->d & CCMP_ADD ? add_with_carry(width, a, b, 0) : add_with_carry(width, a, ~b, 1);
	default:
		assert(!"an operation on flags");
		return 0;
	}
}

bool ir_fcc_holds(enum ir_fcc cc, u64 flags)
{
	u32 f = ir_nzcv(flags);
	bool n = f & 8, z = f & 4, c = f & 2, v = f & 1, r = true;

	switch (cc & ~1u) {
	case FCC_EQ: r = z; break;
	case FCC_CS: r = c; break;
	case FCC_MI: r = n; break;
	case FCC_VS: r = v; break;
	case FCC_HI: r = c && !z; break;
	case FCC_GE: r = n == v; break;
	case FCC_GT: r = n == v && !z; break;
	default: return true;	/* AL */
	}
	return r != (cc & 1);
}
