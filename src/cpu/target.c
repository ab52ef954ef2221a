/* The registers of guest CPU families and of accelerators: each is a linker
 * section of pointers to const records, so a new one is a new file and no edit
 * here.  The sections' ends are weak: a program linked without any has none.
 * Const data, any thread.
 */
#include "cpu/target.h"
#include "cpu/accel.h"

#define SECTION_END __attribute__((weak, visibility("hidden")))
extern const struct target *const __start_mimus_targets[] SECTION_END;
extern const struct target *const __stop_mimus_targets[] SECTION_END;
extern const struct accel *const __start_mimus_accels[] SECTION_END;
extern const struct accel *const __stop_mimus_accels[] SECTION_END;

const struct target *target_each(u32 i)
{
	u64 count = (u64)(__stop_mimus_targets - __start_mimus_targets);

	return i < count ? __start_mimus_targets[i] : NULL;
}

const struct target *target_find(const char *name)
{
	const struct target *t;

	for (u32 i = 0; (t = target_each(i)); i++)
		if (!strcmp(t->name, name))
			return t;
	return NULL;
}

const struct target *target_find_elf(u16 machine, u8 elf_class, u8 elf_data)
{
	const struct target *t;

	for (u32 i = 0; (t = target_each(i)); i++)
		if (t->elf_machine == machine && t->elf_class == elf_class &&
		    t->elf_data == elf_data)
			return t;
	return NULL;
}

const struct accel *accel_each(u32 i)
{
	u64 count = (u64)(__stop_mimus_accels - __start_mimus_accels);

	return i < count ? __start_mimus_accels[i] : NULL;
}

const struct accel *accel_find(const char *name)
{
	const struct accel *a;

	for (u32 i = 0; (a = accel_each(i)); i++)
		if (!strcmp(a->name, name))
			return a;
	return NULL;
}

u64 target_reg_get(const struct vcpu *cpu, const struct target_reg *reg)
{
	u64 v = 0;

	assert(reg->bytes <= sizeof v);
	if (!reg->offset)
		return cpu->target->reg_get(cpu, reg);
	memcpy(&v, (const u8 *)cpu + reg->offset, reg->bytes);
	return v;
}

void target_reg_set(struct vcpu *cpu, const struct target_reg *reg, u64 v)
{
	assert(reg->bytes <= sizeof v);
	if (reg->offset)
		memcpy((u8 *)cpu + reg->offset, &v, reg->bytes);
	else
		cpu->target->reg_set(cpu, reg, v);
	cpu->mode = cpu->target->mode(cpu);
	vcpu_fp_rm_set(cpu, cpu->target->fp_rm(cpu));
}
