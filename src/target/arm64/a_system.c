/* A64 system registers and cache maintenance as user programs may use them
 * (DDI 0487, C5.2 and D23), with the ID registers that Linux shows to MRS.
 *
 * A system register is named by op0 op1 CRn CRm op2.  One table has those that
 * are read through C; NZCV and TPIDR_EL0 are slots.  CTR_EL0 says that IC IVAU
 * is needed (DIC = 0), which is how changed code is noticed; the data side needs
 * nothing.  The virtual counter counts nanoseconds.
 * Thread: the vCPU's own.
 */
#define FEATURE ARM_BASE
#include "target/arm64/arm64.h"
#include "target/arm64/features.h"

#include <sys/random.h>
#include <time.h>

#define SYSREG(op0, op1, crn, crm, op2) (((op0) & 1) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

enum {
	SYS_NZCV = SYSREG(3, 3, 4, 2, 0), SYS_DIT = SYSREG(3, 3, 4, 2, 5), SYS_SSBS = SYSREG(3, 3, 4, 2, 6),
	SYS_FPCR = SYSREG(3, 3, 4, 4, 0), SYS_FPSR = SYSREG(3, 3, 4, 4, 1), SYS_TPIDR = SYSREG(3, 3, 13, 0, 2),
	SYS_TPIDRRO = SYSREG(3, 3, 13, 0, 3), SYS_CTR = SYSREG(3, 3, 0, 0, 1), SYS_DCZID = SYSREG(3, 3, 0, 0, 7),
	SYS_CNTFRQ = SYSREG(3, 3, 14, 0, 0), SYS_CNTVCT = SYSREG(3, 3, 14, 0, 2), SYS_CNTVCTSS = SYSREG(3, 3, 14, 0, 6),
	SYS_RNDR = SYSREG(3, 3, 2, 4, 0), SYS_RNDRRS = SYSREG(3, 3, 2, 4, 1),
	SYS_ID_FIRST = SYSREG(3, 0, 0, 0, 0), SYS_ID_LAST = SYSREG(3, 0, 0, 7, 7),
};

enum {
	/* 64-byte lines, IDC, PIPT; bit 31 is one */
	CTR_VALUE = (int)0x90000000u | 4 << 16 | 4 << 20 | 4 << 24 | 3 << 14 | 4,
	DCZID_VALUE = 4,	/* DC ZVA clears 4 << 4 bytes */
	ZVA_BYTES = 64,
	COUNTER_HZ = 1000000000,
};

/* a = register; what has no better place than C. */
HELPER(arm64_mrs, HELPER_READS)
{
	struct vcpu *cpu = vcpu;
	struct timespec now;

	switch (a) {
	case SYS_FPCR: return arm64_state(cpu)->fpcr;
	case SYS_FPSR: return arm64_fpsr(cpu);
	case SYS_TPIDRRO: return arm64_state(cpu)->tpidrro;
	case SYS_SSBS: return arm64_state(cpu)->ssbs;
	case SYS_CNTVCT: case SYS_CNTVCTSS:
		clock_gettime(CLOCK_MONOTONIC, &now);
		return (u64)now.tv_sec * 1000000000u + (u64)now.tv_nsec;
	default: return 0;
	}
}

/* a = register, b = value */
HELPER(arm64_msr, HELPER_WRITES)
{
	struct vcpu *cpu = vcpu;

	switch (a) {
	case SYS_FPCR: arm64_fpcr_set(cpu, b); break;
	case SYS_FPSR: arm64_fpsr_set(cpu, b); break;
	case SYS_SSBS: arm64_state(cpu)->ssbs = b & 1 << 12; break;
	}
	return 0;
}

/* A random number, bit 0 of the flags' Z aside: false when there is none. */
HELPER(arm64_random, HELPER_PURE)
{
	u64 v;

	return getrandom(&v, sizeof v, 0) == sizeof v ? v : 1;
}

static void read_random(struct ir *t, const struct operands *o)
{
	if (!has(t, ARM_RNG)) {
		illegal(t);
		return;
	}
	setx(t, o->d, ir_call(t, &helper_arm64_random, IR_I64, 0, 0, 0));
	setflags(t, ir_flags_set(t, ir_imm(t, 0)));
}

static void mrs(struct ir *t, const struct operands *o)
{
	u32 reg = (u32)o->imm;
	ir_ref v;

	switch (reg) {
	case SYS_NZCV: v = ir_shl(t, ir_flags_get(t, getflags(t)), ir_imm(t, 28)); break;
	case SYS_TPIDR: v = ir_get(t, SLOT_TPIDR); break;
	case SYS_CTR: v = ir_imm(t, (i64)(u32)CTR_VALUE); break;
	case SYS_DCZID: v = ir_imm(t, DCZID_VALUE); break;
	case SYS_CNTFRQ: v = ir_imm(t, COUNTER_HZ); break;
	case SYS_DIT: v = ir_imm(t, 0); break;
	case SYS_FPCR: case SYS_FPSR: case SYS_TPIDRRO: case SYS_CNTVCT: case SYS_CNTVCTSS: case SYS_SSBS:
		v = ir_call(t, &helper_arm64_mrs, IR_I64, ir_imm(t, reg), 0, 0);
		break;
	case SYS_RNDR: case SYS_RNDRRS:
		read_random(t, o);
		return;
	default:
		if (reg < SYS_ID_FIRST || reg > SYS_ID_LAST) {
			illegal(t);
			return;
		}
		v = ir_imm(t, (i64)arm64_id_register(t->cpu, reg - SYS_ID_FIRST));
	}
	setx(t, o->d, v);
}

static void msr(struct ir *t, const struct operands *o)
{
	u32 reg = (u32)o->imm;
	ir_ref v = getx(t, o->d);

	switch (reg) {
	case SYS_NZCV:
		setflags(t, ir_flags_set(t, ir_and(t, ir_bin(t, IR_SHR, v, ir_imm(t, 28)), ir_imm(t, 15))));
		break;
	case SYS_TPIDR:
		ir_put(t, SLOT_TPIDR, v);
		break;
	case SYS_DIT:
		break;
	case SYS_FPCR: case SYS_FPSR: case SYS_SSBS:
		ir_call(t, &helper_arm64_msr, IR_I64, ir_imm(t, reg), v, 0);
		if (reg == SYS_FPCR)
			ir_raise(t, EXIT_MODE, t->next_pc);
		break;
	default:
		illegal(t);
	}
}

static void zero_line(struct ir *t, const struct operands *o)
{
	ir_ref base = ir_and(t, getx(t, o->d), ir_imm(t, -ZVA_BYTES)), zero = ir_vzext(t, ir_imm(t, 0));

	for (u32 at = 0; at < ZVA_BYTES; at += 16)
		ir_vstore_at(t, base, at, zero);
}

/* clang-format off */
INSN(mrs,      "1101010100 11 iiiiiiiiiiiiiii ddddd",      NULL, "x, u")	{ mrs(t, o); }
INSN(msr,      "1101010100 01 iiiiiiiiiiiiiii ddddd",      NULL, "u, x")	{ msr(t, o); }
INSN(msr_dit,  "1101010100000 011 0100 .... 010 11111",    NULL, "")		{ if (!has(t, ARM_DIT)) illegal(t); }
INSN(msr_ssbs, "1101010100000 011 0100 .... 001 11111",    NULL, "")		{ if (!has(t, ARM_SSBS)) illegal(t); }
INSN(dc_zva,   "1101010100001 011 0111 0100 001 ddddd",    NULL, "x")		{ zero_line(t, o); }
INSN(dc_cvac,  "1101010100001 011 0111 1010 001 ddddd",    NULL, "x")		{ }
INSN(dc_cvau,  "1101010100001 011 0111 1011 001 ddddd",    NULL, "x")		{ }
INSN(dc_cvap,  "1101010100001 011 0111 1100 001 ddddd",    NULL, "x")		{ if (!has(t, ARM_DPB)) illegal(t); }
INSN(dc_cvadp, "1101010100001 011 0111 1101 001 ddddd",    NULL, "x")		{ if (!has(t, ARM_DPB2)) illegal(t); }
INSN(dc_civac, "1101010100001 011 0111 1110 001 ddddd",    NULL, "x")		{ }
INSN(ic_ivau,  "1101010100001 011 0111 0101 001 ddddd",    NULL, "x")		{ ir_raise(t, EXIT_FLUSH_CODE, t->next_pc); }
/* clang-format on */
