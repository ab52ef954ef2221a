/* One line for what a feature is to others: its bit in AT_HWCAP or AT_HWCAP2,
 * its word in /proc/cpuinfo, its field and value in an ID register.
 *
 * Where a field has several values, later lines raise it.  Linux shows user
 * programs only fields that it knows to be safe; those are all here.
 * const data; any thread.
 * Spec: Arm ARM DDI 0487, D23.2; Linux arch/arm64: uapi/asm/hwcap.h, elf_hwcaps.rst.
 */
#define FEATURE 0
#include "target/arm64/features.h"

enum {	/* CRm << 3 | op2 */
	MIDR = 0, MPIDR = 5, REVIDR = 6, PFR0 = 4 << 3, PFR1, ZFR0 = 4 << 3 | 4, DFR0 = 5 << 3, ISAR0 = 6 << 3,
			ISAR1, ISAR2,
	MMFR0 = 7 << 3, MMFR1, MMFR2,
};

struct line {
	u64 feature;
	u8 reg, shift, value;	/* reg 0: no field */
	u8 hwcap;		/* bit + 1; from 65 on of AT_HWCAP2; 0 = none */
	const char *name;	/* in /proc/cpuinfo; NULL: not shown */
};

static const struct line lines[] = {
	{ ARM_BASE, PFR0, 16, 0, 1, "fp" },
	{ ARM_BASE, PFR0, 20, 0, 2, "asimd" },
	{ ARM_BASE, 0, 0, 0, 3, "evtstrm" },
	{ ARM_AES, ISAR0, 4, 1, 4, "aes" },
	{ ARM_PMULL, ISAR0, 4, 2, 5, "pmull" },
	{ ARM_SHA1, ISAR0, 8, 1, 6, "sha1" },
	{ ARM_SHA256, ISAR0, 12, 1, 7, "sha2" },
	{ ARM_CRC32, ISAR0, 16, 1, 8, "crc32" },
	{ ARM_LSE, ISAR0, 20, 2, 9, "atomics" },
	{ ARM_FP16, PFR0, 16, 1, 10, "fphp" },
	{ ARM_FP16, PFR0, 20, 1, 11, "asimdhp" },
	{ ARM_BASE, 0, 0, 0, 12, "cpuid" },
	{ ARM_RDM, ISAR0, 28, 1, 13, "asimdrdm" },
	{ ARM_JSCVT, ISAR1, 12, 1, 14, "jscvt" },
	{ ARM_FCMA, ISAR1, 16, 1, 15, "fcma" },
	{ ARM_LRCPC, ISAR1, 20, 1, 16, "lrcpc" },
	{ ARM_DPB, ISAR1, 0, 1, 17, "dcpop" },
	{ ARM_SHA3, ISAR0, 32, 1, 18, "sha3" },
	{ ARM_SM3, ISAR0, 36, 1, 19, "sm3" },
	{ ARM_SM4, ISAR0, 40, 1, 20, "sm4" },
	{ ARM_DOTPROD, ISAR0, 44, 1, 21, "asimddp" },
	{ ARM_SHA512, ISAR0, 12, 2, 22, "sha512" },
	{ ARM_FHM, ISAR0, 48, 1, 24, "asimdfhm" },
	{ ARM_DIT, PFR0, 48, 1, 25, "dit" },
	{ ARM_LSE2, MMFR2, 32, 1, 26, "uscat" },
	{ ARM_LRCPC2, ISAR1, 20, 2, 27, "ilrcpc" },
	{ ARM_FLAGM, ISAR0, 52, 1, 28, "flagm" },
	{ ARM_SSBS, PFR1, 4, 2, 29, "ssbs" },
	{ ARM_SB, ISAR1, 36, 1, 30, "sb" },
	{ ARM_PAUTH, ISAR1, 4, 1, 31, "paca" },
	{ ARM_PAUTH, ISAR1, 24, 1, 32, "pacg" },
	{ ARM_DPB2, ISAR1, 0, 2, 65, "dcpodp" },
	{ ARM_FLAGM2, ISAR0, 52, 2, 65 + 7, "flagm2" },
	{ ARM_FRINTTS, ISAR1, 32, 1, 65 + 8, "frint" },
	{ ARM_I8MM, ISAR1, 52, 1, 65 + 13, "i8mm" },
	{ ARM_BF16, ISAR1, 44, 1, 65 + 14, "bf16" },
	{ ARM_RNG, ISAR0, 60, 1, 65 + 16, "rng" },
	{ ARM_BTI, PFR1, 0, 1, 65 + 17, "bti" },
	{ ARM_WFXT, ISAR2, 0, 2, 65 + 31, "wfxt" },
	{ ARM_CSSC, ISAR2, 52, 1, 65 + 34, "cssc" },
	{ ARM_MOPS, ISAR2, 16, 1, 65 + 43, "mops" },
	{ ARM_HBC, ISAR2, 20, 1, 65 + 44, "hbc" },
};

u64 arm64_id_register(const struct arm64_model *m, u32 index)
{
	u64 v = 0;

	if (index == MIDR)
		return m->midr;
	if (index == MPIDR)
		return 1ull << 31;
	for (u32 i = 0; i < ARRAY_SIZE(lines); i++)
		if (lines[i].reg == index && lines[i].reg && m->features & lines[i].feature) {
			v &= ~(15ull << lines[i].shift);
			v |= (u64)lines[i].value << lines[i].shift;
		}
	if (index == PFR0)
		v |= 0x11;	/* EL0 and EL1 in AArch64 alone */
	if (index == ISAR1 && m->pauth_fast && m->features & ARM_PAUTH)
		v = (v & ~0xff0000f0ull) | 1 << 8 | 1u << 28;	/* API, GPI instead of APA, GPA */
	return v;
}

static u64 hwcaps(const struct arm64_model *m, u32 from)
{
	u64 bits = 0;

	for (u32 i = 0; i < ARRAY_SIZE(lines); i++)
		if (lines[i].hwcap > from && lines[i].hwcap <= from + 64 && m->features & lines[i].feature)
			bits |= 1ull << (lines[i].hwcap - from - 1);
	return bits;
}

u64 arm64_hwcap(const void *cpu_model)
{
	return hwcaps(cpu_model, 0);
}

u64 arm64_hwcap2(const void *cpu_model)
{
	return hwcaps(cpu_model, 64);
}

void arm64_feature_names(const struct arm64_model *m, struct str *s)
{
	const char *space = "";

	for (u32 i = 0; i < ARRAY_SIZE(lines); i++)
		if (lines[i].name && m->features & lines[i].feature) {
			str_add(s, "%s%s", space, lines[i].name);
			space = " ";
		}
}
