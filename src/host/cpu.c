/* Probing the host processor and kernel (cpu.h).
 *
 * A feature counts when CPUID has its bit and the kernel saves its registers.
 * Not modelled: processors with different cores.
 * Intel SDM volume 1 chapter 13.3, volume 2 CPUID; x86-64 psABI chapter 3.1.1.
 */
#include "host/cpu.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/platform/x86.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { LEAF1_C, LEAF7_B, LEAFX_C, REG_MAX };	/* ecx of 1, ebx of 7, ecx of 0x80000001 */

/* Bits that a level adds. */
static const struct {
	u32 bits[REG_MAX];
} levels[] = {
	/* v2: SSE3 SSSE3 CMPXCHG16B SSE4.1 SSE4.2 POPCNT; LAHF */
	{ { 1u << 0 | 1u << 9 | 1u << 13 | 1u << 19 | 1u << 20 | 1u << 23, 0, 1u << 0 } },
	/* v3: FMA MOVBE OSXSAVE AVX F16C; BMI1 AVX2 BMI2; LZCNT */
	{ { 1u << 12 | 1u << 22 | 1u << 27 | 1u << 28 | 1u << 29,
	    1u << 3 | 1u << 5 | 1u << 8, 1u << 5 } },
	/* v4: AVX512 F DQ CD BW VL */
	{ { 0, 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31, 0 } },
};

/* From what libc found out at start: under a hypervisor each CPUID costs more than
 * ten microseconds.  Its `active` bits are those whose registers the kernel saves. */
static u32 active(unsigned leaf, u32 reg)
{
	return __x86_get_cpuid_feature_leaf(leaf)->active_array[reg];
}

static u32 probe(void)
{
	enum { EBX = 1, ECX = 2 };
	const u32 have[REG_MAX] = { active(CPUID_INDEX_1, ECX), active(CPUID_INDEX_7, EBX),
				    active(CPUID_INDEX_80000001, ECX) };
	u32 level;

	for (level = 0; level < ARRAY_SIZE(levels); level++)
		for (u32 i = 0; i < REG_MAX; i++)
			if ((have[i] & levels[level].bits[i]) != levels[level].bits[i])
				return level + 1;
	return level + 1;
}

u32 host_cpu_level(void)
{
	const char *forced = getenv("MIMUS_HOST");
	u32 level = probe();

	if (forced && forced[0] == 'v' && forced[1] >= '1' && forced[1] <= '4' && !forced[2])
		return (u32)min_u64(level, (u64)(forced[1] - '0'));
	return level;
}

int host_check(struct error *err)
{
	long page = sysconf(_SC_PAGESIZE);
	unsigned major = 0, minor = 0;
	struct utsname name;

	if (page != 4096)
		return fail(err, ENOTSUP, "this host has pages of %ld bytes; Mimus needs 4096",
			    page);
	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return fail(err, ENOTSUP, "cannot tell the version of this kernel");
	if (major < 5 || (major == 5 && minor < 10))
		return fail(err, ENOTSUP, "this host runs Linux %s; Mimus needs 5.10 or newer",
			    name.release);
	return 0;
}
