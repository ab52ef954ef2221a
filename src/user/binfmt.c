/* binfmt_misc: the line that tells the kernel to start a guest's programs with Mimus.
 *
 * Compared are the first 20 bytes of an ELF file: class, byte order, type (EXEC or DYN), machine.
 * `mimus binfmt` writes such lines for the whole host, root.c for its user namespace.
 * Any thread; no state.
 * Spec: Linux Documentation/admin-guide/binfmt-misc.rst; ELF-64 Object File Format, ELF Header.
 */
#include "user/user.h"
#include "base/str.h"
#include "cpu/target.h"
#include <elf.h>

enum { HEAD = 20, TYPE_AT = 16, MACHINE_AT = 18 };

bool user_host_runs(const struct target *t)
{
	return t->elf_machine == EM_X86_64 || t->elf_machine == EM_386;
}

static void put_bytes(struct str *s, const u8 *bytes)
{
	str_puts(s, ":");
	for (u32 i = 0; i < HEAD; i++)
		str_add(s, "\\x%02x", bytes[i]);
}

void user_binfmt_line(struct str *s, const struct target *t, const char *program, const char *flags)
{
	const u32 high = t->elf_data == ELFDATA2MSB ? 0 : 1; /* where of two bytes */
	u8 magic[HEAD] = {
		ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, t->elf_class, t->elf_data, EV_CURRENT
	};
	u8 mask[HEAD];

	memset(mask, 0xff, sizeof mask);
	mask[EI_OSABI] = 0;
	magic[TYPE_AT + 1 - high] = ET_EXEC;
	mask[TYPE_AT + 1 - high] = (u8) ~(ET_EXEC ^ ET_DYN);
	magic[MACHINE_AT + high] = (u8)(t->elf_machine >> 8);
	magic[MACHINE_AT + 1 - high] = (u8)t->elf_machine;
	str_add(s, ":mimus-%s:M:", t->name);
	put_bytes(s, magic);
	put_bytes(s, mask);
	str_add(s, ":%s:%s", program, flags);
}
