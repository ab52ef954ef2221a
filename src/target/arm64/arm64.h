/* AArch64 guests: state, features, and the vocabulary of the instruction files.
 *
 * Private to target/arm64.  An instruction file defines FEATURE before it
 * includes this.  Register 31 is the zero register in getx() and setx(), the
 * stack pointer in getxsp() and setxsp().  A V register is one slot of type
 * V128; a write of B, H, S or D clears the rest of it (setfp does).
 * NZCV is one slot of type FLAGS.  What FPCR says is part of the mode key, so
 * in a block rounding, FZ and DN are constants: t->fp_rm, t->fp_env.
 *
 * Spec: Arm Architecture Reference Manual, DDI 0487.
 */
#ifndef TARGET_ARM64_ARM64_H
#define TARGET_ARM64_ARM64_H

#define ISA arm64

#include "cpu/target.h"
#include "ir/ir.h"
#include "target/insn.h"

/* At vcpu->state.  x first: they get one-byte displacements. */
struct arm64_state {
	u64 x[31];
	u64 sp;
	union ir_vec v[32];
	u64 nzcv;		/* FLAGS slot: see ir_nzcv() */
	u64 tpidr, tpidr2, tpidrro;	/* TPIDR_EL0, TPIDR2_EL0, TPIDRRO_EL0 */
	u64 fpcr;		/* the bits that the model has */
	u64 qc;			/* FPSR.QC: not 0 = set; the other flags are vcpu_fp_flags() */
	u64 excl_high;		/* exclusive pair: upper value; the lower one and the address are the vCPU's */
	u64 key[5][2];		/* pointer authentication, low and high: IA IB DA DB GA */
	u64 ssbs;
};
_Static_assert(sizeof(struct arm64_state) <= VCPU_STATE_MAX, "state fits");
_Static_assert((VCPU_STATE_OFFSET + offsetof(struct arm64_state, v)) % 16 == 0, "vectors are aligned");

static inline struct arm64_state *arm64_state(struct vcpu *cpu)
{
	return (struct arm64_state *)cpu->state;
}

static inline const struct arm64_state *arm64_state_const(const struct vcpu *cpu)
{
	return (const struct arm64_state *)cpu->state;
}

/* Slots: x0..x30 are 1..31. */
enum { SLOT_X0 = 1, SLOT_LR = SLOT_X0 + 30, SLOT_SP = 32, SLOT_V0 = 33, SLOT_NZCV = 65, SLOT_TPIDR, SLOT_COUNT };
enum { REG_LR = 30, REG_ZR = 31 };

/* FPCR bits (C5.2.8). */
enum {
	FPCR_FZ16 = 1 << 19,
	FPCR_RMODE_SHIFT = 22,	/* RN RP RM RZ */
	FPCR_FZ = 1 << 24,
	FPCR_DN = 1 << 25,
	FPCR_AHP = 1 << 26,
};
/* FPSR bits (C5.2.9); QC is arm64_state.qc, IOC..IXC and IDC are FP_NV..FP_NX and FP_ID. */
enum { FPSR_IOC = 1, FPSR_DZC = 2, FPSR_OFC = 4, FPSR_UFC = 8, FPSR_IXC = 16, FPSR_IDC = 128, FPSR_QC = 1 << 27 };

/* Features, bits of FEATURE and struct arm64_model; the names are Arm's FEAT_*. */
#define ARM_BIT(n) (1ull << (n))
#define ARM_BASE ARM_BIT(0)		/* A64, FP and Advanced SIMD */
#define ARM_CRC32 ARM_BIT(1)
#define ARM_LSE ARM_BIT(2)
#define ARM_RDM ARM_BIT(3)
#define ARM_FP16 ARM_BIT(4)
#define ARM_DOTPROD ARM_BIT(5)
#define ARM_FCMA ARM_BIT(6)
#define ARM_JSCVT ARM_BIT(7)
#define ARM_LRCPC ARM_BIT(8)
#define ARM_LRCPC2 ARM_BIT(9)
#define ARM_FLAGM ARM_BIT(10)
#define ARM_FLAGM2 ARM_BIT(11)
#define ARM_FRINTTS ARM_BIT(12)
#define ARM_I8MM ARM_BIT(13)
#define ARM_BF16 ARM_BIT(14)
#define ARM_DPB ARM_BIT(15)
#define ARM_DPB2 ARM_BIT(16)
#define ARM_AES ARM_BIT(17)
#define ARM_PMULL ARM_BIT(18)
#define ARM_SHA1 ARM_BIT(19)
#define ARM_SHA256 ARM_BIT(20)
#define ARM_SHA512 ARM_BIT(21)
#define ARM_SHA3 ARM_BIT(22)
#define ARM_SM3 ARM_BIT(23)
#define ARM_SM4 ARM_BIT(24)
#define ARM_PAUTH ARM_BIT(25)		/* with FPAC off: a failed check poisons the pointer */
#define ARM_BTI ARM_BIT(26)
#define ARM_RNG ARM_BIT(27)
#define ARM_SB ARM_BIT(28)
#define ARM_SSBS ARM_BIT(29)
#define ARM_WFXT ARM_BIT(30)
#define ARM_MOPS ARM_BIT(31)
#define ARM_HBC ARM_BIT(32)
#define ARM_CSSC ARM_BIT(33)
#define ARM_LSE2 ARM_BIT(34)
#define ARM_FHM ARM_BIT(35)
#define ARM_DIT ARM_BIT(36)
#define ARM_LRCPC3 ARM_BIT(37)
#define ARM_LSE128 ARM_BIT(38)

/* A CPU's features: vcpu->cpu_model and ir->cpu; part of the CPU object (model.c). */
struct arm64_model {
	u64 features;
	u64 midr;		/* MIDR_EL1 */
	bool pauth_fast;	/* the implementation-defined algorithm instead of QARMA5 */
};

extern const struct insn_set arm64_insns;
extern const struct target target_aarch64;
extern const struct linux_abi arm64_linux_abi;	/* linux.c */

/* FPSR as MRS reads it; and to write it.  Owner thread, in a helper that READS or WRITES, or outside exec(). */
u64 arm64_fpsr(struct vcpu *cpu);
void arm64_fpsr_set(struct vcpu *cpu, u64 v);
/* FPCR changes what translation depends on: also brings mode, rounding and fp_env in force. */
void arm64_fpcr_set(struct vcpu *cpu, u64 v);

/* A logical immediate (DecodeBitMasks); false: reserved. */
bool arm64_bit_mask(u32 n, u32 imms, u32 immr, u64 *ret_mask);
/* Rn + Rm extended by option and shifted left by `by` (a_mem.c). */
ir_ref arm64_register_offset(struct ir *t, const struct operands *o, u32 option, u32 by);

/* ---- what instruction bodies are written with ---- */

static inline bool has(const struct ir *t, u64 features)
{
	return !(features & ~((const struct arm64_model *)t->cpu)->features);
}

/* 64-bit registers; 31 = zero. */
static inline ir_ref getx(struct ir *t, u32 r)
{
	return r == REG_ZR ? ir_imm(t, 0) : ir_get(t, SLOT_X0 + r);
}

static inline void setx(struct ir *t, u32 r, ir_ref v)
{
	if (r != REG_ZR)
		ir_put(t, SLOT_X0 + r, v);
}

/* 31 = the stack pointer. */
static inline ir_ref getxsp(struct ir *t, u32 r)
{
	return ir_get(t, SLOT_X0 + r);
}

static inline void setxsp(struct ir *t, u32 r, ir_ref v)
{
	ir_put(t, SLOT_X0 + r, v);
}

/* The low word as I32; a write of one clears the upper half. */
static inline ir_ref getw(struct ir *t, u32 r)
{
	return r == REG_ZR ? ir_const(t, IR_I32, 0) : ir_trunc(t, ir_get(t, SLOT_X0 + r));
}

static inline void setw(struct ir *t, u32 r, ir_ref v)
{
	if (r != REG_ZR)
		ir_put(t, SLOT_X0 + r, ir_zext(t, v, 32));
}

/* By sf: I64 or I32 values. */
static inline ir_ref getr(struct ir *t, u32 sf, u32 r) { return sf ? getx(t, r) : getw(t, r); }
static inline void setr(struct ir *t, u32 sf, u32 r, ir_ref v)
{
	if (sf)
		setx(t, r, v);
	else
		setw(t, r, v);
}

static inline ir_ref getrsp(struct ir *t, u32 sf, u32 r)
{
	return sf ? getxsp(t, r) : ir_trunc(t, getxsp(t, r));
}

static inline void setrsp(struct ir *t, u32 sf, u32 r, ir_ref v)
{
	setxsp(t, r, sf ? v : ir_zext(t, v, 32));
}

static inline ir_ref immr(struct ir *t, u32 sf, u64 v)
{
	return ir_const(t, sf ? IR_I64 : IR_I32, v);
}

static inline ir_ref getflags(struct ir *t) { return ir_get(t, SLOT_NZCV); }
static inline void setflags(struct ir *t, ir_ref v) { ir_put(t, SLOT_NZCV, v); }

/* Whole vector registers. */
static inline ir_ref getv(struct ir *t, u32 r) { return ir_get(t, SLOT_V0 + r); }
static inline void setv(struct ir *t, u32 r, ir_ref v) { ir_put(t, SLOT_V0 + r, v); }
/* With Q = 0 only the low 8 bytes of a result stand. */
static inline void setvq(struct ir *t, u32 q, u32 r, ir_ref v)
{
	setv(t, r, q ? v : ir_vzext(t, ir_vlow(t, IR_F64, v)));
}

/* Scalars F32 and F64 in the low end. */
static inline ir_ref getfs(struct ir *t, u32 r) { return ir_vlow(t, IR_F32, getv(t, r)); }
static inline ir_ref getfd(struct ir *t, u32 r) { return ir_vlow(t, IR_F64, getv(t, r)); }
static inline void setfp(struct ir *t, u32 r, ir_ref v) { setv(t, r, ir_vzext(t, v)); }

static inline void illegal(struct ir *t)
{
	ir_raise(t, EXIT_ILLEGAL, t->pc);
}

#endif
