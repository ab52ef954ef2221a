/* The vDSO that Linux on arm64 maps into each process, as a constant.
 *
 * An ELF shared object in one struct: what refers to what by offsetof, and the
 * few instructions are words with their text beside them.  Its functions make
 * the system call of their name.  Unwinders know a signal frame by the two
 * instructions of __kernel_rt_sigreturn, so there is no unwind table.
 * Not modelled: reading clocks without a system call.  Const data, any thread.
 * Spec: ELF gABI, symbol versions (LSB core 10.7); Linux arch/arm64/kernel/vdso.
 */
#include "target/arm64/vdso.h"

#include <elf.h>

enum { SYM_SIGRETURN = 1, SYM_GETTIME, SYM_GETTIMEOFDAY, SYM_GETRES, SYM_COUNT };
enum { DYN_COUNT = 10, SEC_TEXT = 1 };

struct strings {
	char null[1], soname[sizeof "linux-vdso.so.1"], version[sizeof "LINUX_2.6.39"];
	char sigreturn[sizeof "__kernel_rt_sigreturn"], gettime[sizeof "__kernel_clock_gettime"];
	char gettimeofday[sizeof "__kernel_gettimeofday"], getres[sizeof "__kernel_clock_getres"];
};

struct code {
	u32 before, sigreturn[2], gettime[3], gettimeofday[3], getres[3];
};

struct verdef {
	Elf64_Verdef def;
	Elf64_Verdaux aux;
};

struct arm64_vdso {
	Elf64_Ehdr header;
	Elf64_Phdr program[2];
	struct { u32 buckets, chains, bucket[1], chain[SYM_COUNT]; } hash;
	Elf64_Sym symbol[SYM_COUNT] __attribute__((aligned(8)));
	struct strings names;
	Elf64_Half version[SYM_COUNT] __attribute__((aligned(8)));
	struct verdef verdef[2];
	Elf64_Dyn dynamic[DYN_COUNT] __attribute__((aligned(16)));
	struct code code __attribute__((aligned(16)));
};

#define AT(member) offsetof(struct arm64_vdso, member)

#define MOV_X8(n) 0xd2800008u | (u32)(n) << 5	/* mov x8, n */
#define SVC 0xd4000001u				/* svc 0 */
#define RET 0xd65f03c0u
#define NOP 0xd503201fu
#define CALL(n) { MOV_X8(n), SVC, RET }

#define FUNCTION(name) { \
	.st_name = offsetof(struct strings, name), .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), \
	.st_shndx = SEC_TEXT, .st_value = AT(code.name), .st_size = sizeof(((struct code *)0)->name) }
#define DYNAMIC(tag, value) { .d_tag = tag, .d_un.d_val = value }

/* ELF hashes of the two version names. */
enum { HASH_SONAME = 0xdeebfa1, HASH_VERSION = 0x75fcb89 };

/* clang-format off */
const struct arm64_vdso arm64_vdso = {
	.header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_DYN, .e_machine = EM_AARCH64, .e_version = EV_CURRENT, .e_phoff = AT(program),
		.e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2,
	},
	.program = {
		{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = sizeof(struct arm64_vdso),
		  .p_memsz = sizeof(struct arm64_vdso), .p_align = 4096 },
		{ .p_type = PT_DYNAMIC, .p_flags = PF_R, .p_offset = AT(dynamic), .p_vaddr = AT(dynamic),
		  .p_paddr = AT(dynamic), .p_filesz = DYN_COUNT * sizeof(Elf64_Dyn),
		  .p_memsz = DYN_COUNT * sizeof(Elf64_Dyn), .p_align = 8 },
	},
	/* one chain through all symbols */
	.hash = { 1, SYM_COUNT, { 1 }, { 0, 2, 3, 4, 0 } },
	.symbol = {
		[SYM_SIGRETURN] = FUNCTION(sigreturn), [SYM_GETTIME] = FUNCTION(gettime),
		[SYM_GETTIMEOFDAY] = FUNCTION(gettimeofday), [SYM_GETRES] = FUNCTION(getres),
	},
	.names = {
		.soname = "linux-vdso.so.1", .version = "LINUX_2.6.39", .sigreturn = "__kernel_rt_sigreturn",
		.gettime = "__kernel_clock_gettime", .gettimeofday = "__kernel_gettimeofday",
		.getres = "__kernel_clock_getres",
	},
	.version = { 0, 2, 2, 2, 2 },
	.verdef = {
		{ { VER_DEF_CURRENT, VER_FLG_BASE, 1, 1, HASH_SONAME, sizeof(Elf64_Verdef), sizeof(struct verdef) },
		  { offsetof(struct strings, soname), 0 } },
		{ { VER_DEF_CURRENT, 0, 2, 1, HASH_VERSION, sizeof(Elf64_Verdef), 0 },
		  { offsetof(struct strings, version), 0 } },
	},
	.dynamic = {
		DYNAMIC(DT_SONAME, offsetof(struct strings, soname)), DYNAMIC(DT_HASH, AT(hash)),
		DYNAMIC(DT_STRTAB, AT(names)), DYNAMIC(DT_STRSZ, sizeof(struct strings)),
		DYNAMIC(DT_SYMTAB, AT(symbol)), DYNAMIC(DT_SYMENT, sizeof(Elf64_Sym)),
		DYNAMIC(DT_VERSYM, AT(version)), DYNAMIC(DT_VERDEF, AT(verdef)), DYNAMIC(DT_VERDEFNUM, 2),
		DYNAMIC(DT_NULL, 0),
	},
	.code = {
		.before = NOP,
		.sigreturn = { MOV_X8(139), SVC },
		.gettime = CALL(113), .gettimeofday = CALL(169), .getres = CALL(114),
	},
};
/* clang-format on */

_Static_assert(sizeof(struct arm64_vdso) == ARM64_VDSO_BYTES, "vdso.h says how long it is");
_Static_assert(AT(code.sigreturn) == ARM64_VDSO_SIGRETURN, "vdso.h says where it is");
