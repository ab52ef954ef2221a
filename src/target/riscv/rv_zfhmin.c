/* RISC-V half precision, minimal (Zfhmin): loads, stores, moves and conversions.
 *
 * A half lives in an f register with the 48 bits above it ones.  It is moved by
 * integer operations; conversions call fp/ and or its flags into vcpu->fp_flags.
 * Spec: RISC-V "Zfh and Zfhmin", ratified 2021-11.
 */
#define FEATURE RV_ZFHMIN
#include "target/riscv/riscv.h"

static const u64 half_box = ~0xffffull, single_box = ~0xffffffffull;

static struct fp_status status(u64 rm)
{
	return (struct fp_status){ .rules = &fp_rules_riscv, .rm = (u8)rm };
}

static u16 unbox_half(u64 v)
{
	return (v & half_box) == half_box ? (u16)v : 0x7e00;
}

static u32 unbox_single(u64 v)
{
	return (v & single_box) == single_box ? (u32)v : 0x7fc00000;
}

/* Conversions: a is the f register's bits, b the rounding mode; gives the new f register. */
HELPER(riscv_half_to_single, HELPER_READS)
{
	struct fp_status s = status(b);
	u64 v = fp_f16_to_f32(&s, unbox_half(a)) | single_box;

	((struct vcpu *)vcpu)->fp_flags |= s.flags;
	return v;
}

HELPER(riscv_half_to_double, HELPER_READS)
{
	struct fp_status s = status(b);
	u64 v = fp_f16_to_f64(&s, unbox_half(a));

	((struct vcpu *)vcpu)->fp_flags |= s.flags;
	return v;
}

HELPER(riscv_single_to_half, HELPER_READS)
{
	struct fp_status s = status(b);
	u64 v = fp_f32_to_f16(&s, unbox_single(a)) | half_box;

	((struct vcpu *)vcpu)->fp_flags |= s.flags;
	return v;
}

HELPER(riscv_double_to_half, HELPER_READS)
{
	struct fp_status s = status(b);
	u64 v = fp_f64_to_f16(&s, a) | half_box;

	((struct vcpu *)vcpu)->fp_flags |= s.flags;
	return v;
}

static void convert(struct ir *t, const struct operands *o, const struct ir_helper *h)
{
	u32 rm = o->m == 7 ? t->mode & 7 : o->m;
	ir_ref v;

	if (rm > FP_RMM) {
		illegal(t);
		return;
	}
	v = ir_call(t, h, IR_I64, ir_bitcast(t, IR_I64, getd(t, o->a)), ir_imm(t, rm), 0);
	setd(t, o->d, ir_bitcast(t, IR_F64, v));
}

/* The low 16 bits of v, boxed. */
static void set_half(struct ir *t, u32 r, ir_ref v)
{
	setd(t, r, ir_bitcast(t, IR_F64, ir_or(t, v, ir_imm(t, (i64)half_box))));
}

static void load_half(struct ir *t, const struct operands *o)
{
	set_half(t, o->d, load(t, o, IR_I64, MEM_16));
}

static ir_ref bits(struct ir *t, u32 r)
{
	return ir_bitcast(t, IR_I64, getd(t, r));
}

/* clang-format off */
INSN(flh,      "iiiiiiiiiiii aaaaa 001 ddddd 0000111",  imm_i, "D, i(a)")	{ load_half(t, o); }
INSN(fsh,      "iiiiiii bbbbb aaaaa 001 iiiii 0100111", imm_s, "B, i(a)")	{ store(t, o, bits(t, o->b), MEM_16); }
INSN(fmv_x_h,  "1110010 00000 aaaaa 000 ddddd 1010011", NULL, "d, A")		{ set(t, o->d, ir_sext(t, bits(t, o->a), 16)); }
INSN(fmv_h_x,  "1111010 00000 aaaaa 000 ddddd 1010011", NULL, "D, a")		{ set_half(t, o->d, get(t, o->a)); }
INSN(fcvt_s_h, "0100000 00010 aaaaa mmm ddddd 1010011", NULL, "D, An")		{ convert(t, o, &helper_riscv_half_to_single); }
INSN(fcvt_h_s, "0100010 00000 aaaaa mmm ddddd 1010011", NULL, "D, Am")		{ convert(t, o, &helper_riscv_single_to_half); }

#undef FEATURE
#define FEATURE (RV_ZFHMIN | RV_D)
INSN(fcvt_d_h, "0100001 00010 aaaaa mmm ddddd 1010011", NULL, "D, An")		{ convert(t, o, &helper_riscv_half_to_double); }
INSN(fcvt_h_d, "0100010 00001 aaaaa mmm ddddd 1010011", NULL, "D, Am")		{ convert(t, o, &helper_riscv_double_to_half); }
