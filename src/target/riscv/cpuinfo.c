/* What a program is told about the processor: /proc/cpuinfo and riscv_hwprobe, from the CPU model.
 *
 * All processors are alike, so hwprobe's CPU sets matter only in being valid, and in WHICH_CPUS
 * mode all are kept or none.
 *
 * Not modelled: vendor keys; a processor set with holes (the online ones are 0 to n - 1). Any
 * thread, no state. Spec: Linux Documentation/arch/riscv/{hwprobe,uabi}.rst.
 *
 */
#define FEATURE 0
#include "target/riscv/linux.h"
#include "base/str.h"
#include "mem/guest.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- /proc/cpuinfo ---- */

char *riscv_cpuinfo(const void *cpu_model, u32 n)
{
	const u32 each = 1024;
	char isa[384], *text = xcalloc(n, each);
	struct str i = STR(isa), s = str_init(text, (size_t)n * each);

	riscv_isa_string(cpu_model, &i);
	for (u32 cpu = 0; cpu < n; cpu++) {
		str_add(&s, "processor\t: %u\nhart\t\t: %u\nisa\t\t: %s\nmmu\t\t: sv48\n", cpu, cpu, isa);
		str_add(&s, "mvendorid\t: 0x0\nmarchid\t\t: 0x0\nmimpid\t\t: 0x0\nhart isa\t: %s\n\n", isa);
	}
	return text;
}

/* ---- riscv_hwprobe ---- */

enum {
	KEY_MVENDORID, KEY_MARCHID, KEY_MIMPID, KEY_BASE_BEHAVIOR, KEY_IMA_EXT_0, KEY_CPUPERF_0, KEY_ZICBOZ_BLOCK_SIZE,
	KEY_HIGHEST_VIRT_ADDRESS, KEY_TIME_CSR_FREQ, KEY_MISALIGNED_SCALAR_PERF, KEY_MISALIGNED_VECTOR_PERF,
	KEY_VENDOR_EXT_THEAD_0, KEY_ZICBOM_BLOCK_SIZE,
};
enum { BASE_IMA = 1, MISALIGNED_FAST = 3, MISALIGNED_VECTOR_UNSUPPORTED = 4, WHICH_CPUS = 1, TIME_HZ = 10000000 };
enum { SET_WORDS = 128 };	/* 8192 processors */

struct pair {
	i64 key;
	u64 value;
};

/* Bits of KEY_IMA_EXT_0. */
static const struct { u8 bit; u64 features; } ext_bits[] = {
	{ 0, RV_F | RV_D }, { 1, RV_C }, { 3, RV_ZBA }, { 4, RV_ZBB }, { 5, RV_ZBS }, { 6, RV_ZICBOZ }, { 7, RV_ZBC },
	{ 28, RV_ZFHMIN }, { 29, RV_ZIHINTNTL }, { 35, RV_ZICOND }, { 36, RV_ZIHINTPAUSE }, { 43, RV_C },
	{ 45, RV_C | RV_D }, { 48, RV_ZAWRS }, { 50, RV_ZICNTR }, { 55, RV_ZICBOM }, { 56, RV_A }, { 57, RV_A },
};

static u64 ext_value(const struct riscv_model *model)
{
	u64 v = 0;

	for (u32 i = 0; i < ARRAY_SIZE(ext_bits); i++)
		if (!(ext_bits[i].features & ~model->features))
			v |= 1ull << ext_bits[i].bit;
	return v;
}

static bool is_bitmask(i64 key)
{
	return key == KEY_BASE_BEHAVIOR || key == KEY_IMA_EXT_0 || key == KEY_VENDOR_EXT_THEAD_0;
}

static void probe(const struct riscv_model *model, struct pair *p)
{
	const u64 ima = RV_I | RV_M | RV_A;

	p->value = 0;
	switch (p->key) {
	case KEY_MVENDORID:
	case KEY_MARCHID:
	case KEY_MIMPID:
	case KEY_VENDOR_EXT_THEAD_0:
		break;
	case KEY_BASE_BEHAVIOR:
		p->value = (model->features & ima) == ima ? BASE_IMA : 0;
		break;
	case KEY_IMA_EXT_0:
		p->value = ext_value(model);
		break;
	case KEY_CPUPERF_0:
	case KEY_MISALIGNED_SCALAR_PERF:
		p->value = MISALIGNED_FAST;
		break;
	case KEY_MISALIGNED_VECTOR_PERF:
		p->value = MISALIGNED_VECTOR_UNSUPPORTED;
		break;
	case KEY_ZICBOZ_BLOCK_SIZE:
		p->value = model->features & RV_ZICBOZ ? RISCV_CBO_BYTES : 0;
		break;
	case KEY_ZICBOM_BLOCK_SIZE:
		p->value = model->features & RV_ZICBOM ? RISCV_CBO_BYTES : 0;
		break;
	case KEY_HIGHEST_VIRT_ADDRESS:
		p->value = guest_va_end - 1;
		break;
	case KEY_TIME_CSR_FREQ:
		p->value = TIME_HZ;
		break;
	default:
		p->key = -1;
	}
}

/* Set bits of the online processors; returns how many bytes of the set those take. */
static void online_set(u64 set[SET_WORDS])
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	memset(set, 0, SET_WORDS * sizeof(u64));
	for (long i = 0; i < n && i < SET_WORDS * 64; i++)
		set[i / 64] |= 1ull << (i & 63);
}

/* The guest's set of `bytes` bytes, less what is not online: true if any is left. */
static bool mask_online(u64 set[SET_WORDS])
{
	u64 online[SET_WORDS], any = 0;

	online_set(online);
	for (u32 i = 0; i < SET_WORDS; i++)
		any |= set[i] &= online[i];
	return any != 0;
}

static i64 probe_values(const struct riscv_model *model, gva pairs, u64 count)
{
	struct pair p;

	for (u64 i = 0; i < count; i++) {
		if (guest_read(&p.key, pairs + i * sizeof(p), sizeof(p.key)) < 0)
			return -EFAULT;
		probe(model, &p);
		if (guest_write(pairs + i * sizeof(p), &p, sizeof(p)) < 0)
			return -EFAULT;
	}
	return 0;
}

static i64 probe_cpus(const struct riscv_model *model, gva pairs, u64 count, gva cpus, u64 bytes, u64 set[SET_WORDS])
{
	bool all = true;

	if (!mask_online(set))
		online_set(set);
	for (u64 i = 0; i < count; i++) {
		struct pair want, have;

		if (guest_read(&want, pairs + i * sizeof(want), sizeof(want)) < 0)
			return -EFAULT;
		have.key = want.key;
		probe(model, &have);
		if (have.key < 0)
			all = false;
		else if (is_bitmask(have.key))
			all &= !(want.value & ~have.value);
		else
			all &= want.value == have.value;
		want.key = have.key;
		if (have.key < 0)
			want.value = 0;
		if (guest_write(pairs + i * sizeof(want), &want, sizeof(want)) < 0)
			return -EFAULT;
	}
	if (!all)
		memset(set, 0, SET_WORDS * sizeof(u64));
	return guest_write(cpus, set, bytes) < 0 ? -EFAULT : 0;
}

i64 riscv_hwprobe(const struct riscv_model *model, const u64 args[5])
{
	gva pairs = args[0], cpus = args[3];
	u64 count = args[1], bytes = min_u64(args[2], SET_WORDS * sizeof(u64)), set[SET_WORDS] = { 0 };
	bool which = args[4] & WHICH_CPUS;

	if ((u32)args[4] & ~(u32)WHICH_CPUS)
		return -EINVAL;
	if (which && (!bytes || !cpus))
		return -EINVAL;
	if (cpus && guest_read(set, cpus, bytes) < 0)
		return -EFAULT;
	if (which)
		return probe_cpus(model, pairs, count, cpus, bytes, set);
	if ((bytes || cpus) && !mask_online(set))
		return -EINVAL;
	return probe_values(model, pairs, count);
}
