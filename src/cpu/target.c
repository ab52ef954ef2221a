/* The registers of guest CPU families and of accelerators: each is a linker
 * section of pointers to const records, so a new one is a new file and no edit
 * here.  The sections' ends are weak: a program linked without any has none.
 * Const data, any thread.
 */
#include "cpu/target.h"
#include "cpu/accel.h"
#include "base/bits.h"
#include "base/log.h"
#include "base/str.h"

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

void target_reg_get(const struct vcpu *cpu, const struct target_reg *reg, u8 bytes[TARGET_REG_BYTES])
{
	memset(bytes, 0, TARGET_REG_BYTES);
	assert(reg->bytes <= TARGET_REG_BYTES);
	if (reg->offset)
		memcpy(bytes, (const u8 *)cpu + reg->offset, reg->bytes);
	else
		put_le64(bytes, cpu->target->reg_get(cpu, reg));
}

void target_reg_set(struct vcpu *cpu, const struct target_reg *reg, const u8 bytes[TARGET_REG_BYTES])
{
	if (reg->offset)
		memcpy((u8 *)cpu + reg->offset, bytes, reg->bytes);
	else
		cpu->target->reg_set(cpu, reg, get_le64(bytes));
	cpu->mode = cpu->target->mode(cpu);
	vcpu_fp_rm_set(cpu, cpu->target->fp_rm(cpu));
}

void target_log_regs(const struct vcpu *cpu)
{
	enum { A_LINE = 4, LINE = 200 };

	for (u32 i = 0; i < cpu->target->gdb_count; i++) {
		const struct target_gdb_feature *f = &cpu->target->gdb[i];
		char line[LINE];
		struct str s = STR(line);

		for (u32 k = 0; k < f->count; k++) {
			u8 bytes[TARGET_REG_BYTES];

			target_reg_get(cpu, &f->regs[k], bytes);
			str_add(&s, " %-9s ", f->regs[k].name);
			if (f->regs[k].bytes > 8)
				str_add(&s, "%016llx", (unsigned long long)get_le64(bytes + 8));
			str_add(&s, "%016llx", (unsigned long long)get_le64(bytes));
			if (k % A_LINE == A_LINE - 1 || k + 1 == f->count) {
				log_write("%s\n", line);
				s = STR(line);
			}
		}
	}
}
