/* The vDSO that Linux on RISC-V maps into each process, as a constant.
 *
 * An ELF shared object in one struct: what refers to what by offsetof, and the few instructions are
 * words with their text beside them.  Its functions make the system call of their name; they exist
 * because programs look them up and unwinders know a signal frame by __vdso_rt_sigreturn and its
 * unwind table.  The table says where each register of the interrupted code is in the frame
 * (linux.c); its first covered byte is one before the function, since unwinders look up a return
 * address less one.  tests/unit/target/riscv_vdso.c walks the image.
 *
 * Not modelled: reading clocks without a system call. Const data, any thread. Spec: ELF gABI,
 * symbol versions (LSB core 10.7), DWARF 4 ch. 6.4, RISC-V ELF psABI (DWARF register numbers).
 *
 */
#define FEATURE 0
#include "target/riscv/vdso.h"

#include <elf.h>

enum { SYM_SIGRETURN = 1, SYM_GETTIME, SYM_GETTIMEOFDAY, SYM_GETRES, SYM_GETCPU, SYM_FLUSH, SYM_HWPROBE, SYM_COUNT };
enum {
	SEC_NULL,
	SEC_HASH,
	SEC_DYNSYM,
	SEC_DYNSTR,
	SEC_VERSYM,
	SEC_VERDEF,
	SEC_DYNAMIC,
	SEC_EH_HDR,
	SEC_EH_FRAME,
	SEC_TEXT,
	SEC_SHSTRTAB,
	SEC_COUNT
};
enum { DYN_COUNT = 10, CIE_BYTES = 12, FDE_BYTES = 392 };

struct strings {
	char null[1], soname[sizeof "linux-vdso.so.1"], version[sizeof "LINUX_4.15"];
	char sigreturn[sizeof "__vdso_rt_sigreturn"], gettime[sizeof "__vdso_clock_gettime"];
	char gettimeofday[sizeof "__vdso_gettimeofday"], getres[sizeof "__vdso_clock_getres"];
	char getcpu[sizeof "__vdso_getcpu"], flush[sizeof "__vdso_flush_icache"],
	    hwprobe[sizeof "__vdso_riscv_hwprobe"];
};

struct section_strings {
	char null[1], hash[6], dynsym[8], dynstr[8], versym[13], verdef[15], dynamic[9], eh_hdr[14],
	    eh_frame[10], text[6], shstrtab[10];
};

struct code {
	u32 before, sigreturn[2], gettime[3], gettimeofday[3], getres[3], getcpu[3], flush[3], hwprobe[3];
};

struct verdef {
	Elf64_Verdef def;
	Elf64_Verdaux aux;
};

struct riscv_vdso {
	Elf64_Ehdr header;
	Elf64_Phdr program[3];
	struct { u32 buckets, chains, bucket[1], chain[SYM_COUNT]; } hash;
	Elf64_Sym symbol[SYM_COUNT] __attribute__((aligned(8)));
	struct strings names;
	Elf64_Half version[SYM_COUNT] __attribute__((aligned(8)));
	struct verdef verdef[2];
	Elf64_Dyn dynamic[DYN_COUNT] __attribute__((aligned(16)));
	struct { u8 version, start_enc, count_enc, table_enc; i32 start; } eh_hdr;
	struct {
		u32 cie_len, cie_id;
		u8 cie[CIE_BYTES];
		u32 fde_len, fde_cie;
		i32 fde_start;		/* relative to itself */
		u32 fde_size;
		u8 fde[FDE_BYTES];
		u32 end;
	} frame __attribute__((aligned(8)));
	struct code code __attribute__((aligned(16)));
	struct section_strings section_name;
	Elf64_Shdr section[SEC_COUNT] __attribute__((aligned(8)));
};

#define AT(member) offsetof(struct riscv_vdso, member)

/* ---- unwind table ---- */

/* CFA = *(sp + offset of x2); register r at *(sp + off).  Offsets of two sleb128 bytes: 64 to 8191. */
#define SLEB(off) ((off) & 0x7f) | 0x80, (off) >> 7
enum { CFA_DEF_CFA_EXPRESSION = 0x0f, CFA_EXPRESSION = 0x10, OP_DEREF = 0x06, OP_BREG_SP = 0x72, COLUMN_PC = 64,
       PCREL_SDATA4 = 0x1b, ENC_OMIT = 0xff };
#define SAVED(column, off) CFA_EXPRESSION, column, 3, OP_BREG_SP, SLEB(off)
#define X(n) SAVED(n, RISCV_FRAME_REGS + 8 * (n))
#define F(n) SAVED(32 + n, RISCV_FRAME_F + 8 * (n))

/* ---- code ---- */

#define LI_A7(n) 0x00000893u | (u32)(n) << 20	/* addi a7, zero, n */
#define ECALL 0x00000073u
#define RET 0x00008067u				/* jalr zero, 0(ra) */
#define NOP 0x00000013u
#define CALL(n) { LI_A7(n), ECALL, RET }

#define FUNCTION(name) { \
	.st_name = offsetof(struct strings, name), .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), \
	.st_shndx = SEC_TEXT, .st_value = AT(code.name), .st_size = sizeof(((struct code *)0)->name) }
#define SECTION(name, type, flags, member, align, ...)                                             \
	{                                                                                          \
		.sh_name = offsetof(struct section_strings, name), .sh_type = type,                \
		.sh_flags = flags, .sh_addr = AT(member), .sh_offset = AT(member),                 \
		.sh_size = sizeof(((struct riscv_vdso *)0)->member), .sh_addralign = align,        \
		__VA_ARGS__                                                                        \
	}
#define SEGMENT(type, flags, member, align)                                                        \
	{                                                                                          \
		.p_type = type, .p_flags = flags, .p_offset = AT(member), .p_vaddr = AT(member),   \
		.p_paddr = AT(member), .p_filesz = sizeof(((struct riscv_vdso *)0)->member),       \
		.p_memsz = sizeof(((struct riscv_vdso *)0)->member), .p_align = align              \
	}
#define DYNAMIC(tag, value) { .d_tag = tag, .d_un.d_val = value }

/* ELF hashes of the two version names. */
enum { HASH_SONAME = 0xdeebfa1, HASH_VERSION = 0xae77f75 };

/* clang-format off */
const struct riscv_vdso riscv_vdso = {
	.header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_DYN, .e_machine = EM_RISCV, .e_version = EV_CURRENT,
		.e_phoff = AT(program), .e_shoff = AT(section),
		.e_flags = EF_RISCV_FLOAT_ABI_DOUBLE,
		.e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 3,
		.e_shentsize = sizeof(Elf64_Shdr), .e_shnum = SEC_COUNT, .e_shstrndx = SEC_SHSTRTAB,
	},
	.program = {
		{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = sizeof(struct riscv_vdso),
		  .p_memsz = sizeof(struct riscv_vdso), .p_align = 4096 },
		SEGMENT(PT_DYNAMIC, PF_R, dynamic, 8),
		SEGMENT(PT_GNU_EH_FRAME, PF_R, eh_hdr, 4),
	},
	/* one chain through all symbols */
	.hash = { 1, SYM_COUNT, { 1 }, { 0, 2, 3, 4, 5, 6, 7, 0 } },
	.symbol = {
		[SYM_SIGRETURN] = FUNCTION(sigreturn), [SYM_GETTIME] = FUNCTION(gettime),
		[SYM_GETTIMEOFDAY] = FUNCTION(gettimeofday), [SYM_GETRES] = FUNCTION(getres),
		[SYM_GETCPU] = FUNCTION(getcpu), [SYM_FLUSH] = FUNCTION(flush), [SYM_HWPROBE] = FUNCTION(hwprobe),
	},
	.names = {
		.soname = "linux-vdso.so.1", .version = "LINUX_4.15", .sigreturn = "__vdso_rt_sigreturn",
		.gettime = "__vdso_clock_gettime", .gettimeofday = "__vdso_gettimeofday",
		.getres = "__vdso_clock_getres", .getcpu = "__vdso_getcpu", .flush = "__vdso_flush_icache",
		.hwprobe = "__vdso_riscv_hwprobe",
	},
	.version = { 0, 2, 2, 2, 2, 2, 2, 2 },
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
	.eh_hdr = { 1, PCREL_SDATA4, ENC_OMIT, ENC_OMIT, (i32)AT(frame) - (i32)AT(eh_hdr.start) },
	.frame = {
		.cie_len = 4 + CIE_BYTES,
		/* version, augmentation, code and data factors, column of the return address, encoding of pcs */
		.cie = { 1, 'z', 'R', 'S', 0, 1, 0x78, COLUMN_PC, 1, PCREL_SDATA4 },
		.fde_len = 12 + FDE_BYTES,
		.fde_cie = AT(frame.fde_cie) - AT(frame.cie_len),
		.fde_start = (i32)AT(code.before) - (i32)AT(frame.fde_start),
		.fde_size = AT(code.gettime) - AT(code.before),
		.fde = {
			0, CFA_DEF_CFA_EXPRESSION, 4, OP_BREG_SP, SLEB(RISCV_FRAME_REGS + 16), OP_DEREF,
			SAVED(COLUMN_PC, RISCV_FRAME_REGS),
			X(1), X(2), X(3), X(4), X(5), X(6), X(7), X(8), X(9), X(10), X(11), X(12), X(13), X(14), X(15),
			X(16), X(17), X(18), X(19), X(20), X(21), X(22), X(23), X(24), X(25), X(26), X(27), X(28),
			X(29), X(30), X(31),
			F(0), F(1), F(2), F(3), F(4), F(5), F(6), F(7), F(8), F(9), F(10), F(11), F(12), F(13), F(14),
			F(15), F(16), F(17), F(18), F(19), F(20), F(21), F(22), F(23), F(24), F(25), F(26), F(27),
			F(28), F(29), F(30), F(31),
		},
	},
	.code = {
		.before = NOP,
		.sigreturn = { LI_A7(139), ECALL },
		.gettime = CALL(113), .gettimeofday = CALL(169), .getres = CALL(114), .getcpu = CALL(168),
		.flush = CALL(259), .hwprobe = CALL(258),
	},
	.section_name = {
		.hash = ".hash", .dynsym = ".dynsym", .dynstr = ".dynstr", .versym = ".gnu.version",
		.verdef = ".gnu.version_d", .dynamic = ".dynamic", .eh_hdr = ".eh_frame_hdr", .eh_frame = ".eh_frame",
		.text = ".text", .shstrtab = ".shstrtab",
	},
	.section = {
		[SEC_HASH] = SECTION(hash, SHT_HASH, SHF_ALLOC, hash, 4, .sh_link = SEC_DYNSYM, .sh_entsize = 4),
		[SEC_DYNSYM] = SECTION(dynsym, SHT_DYNSYM, SHF_ALLOC, symbol, 8, .sh_link = SEC_DYNSTR, .sh_info = 1,
				       .sh_entsize = sizeof(Elf64_Sym)),
		[SEC_DYNSTR] = SECTION(dynstr, SHT_STRTAB, SHF_ALLOC, names, 1),
		[SEC_VERSYM] = SECTION(versym, SHT_GNU_versym, SHF_ALLOC, version, 2, .sh_link = SEC_DYNSYM,
				       .sh_entsize = 2),
		[SEC_VERDEF] = SECTION(verdef, SHT_GNU_verdef, SHF_ALLOC, verdef, 4, .sh_link = SEC_DYNSTR,
				       .sh_info = 2),
		[SEC_DYNAMIC] = SECTION(dynamic, SHT_DYNAMIC, SHF_ALLOC, dynamic, 8, .sh_link = SEC_DYNSTR,
					.sh_entsize = sizeof(Elf64_Dyn)),
		[SEC_EH_HDR] = SECTION(eh_hdr, SHT_PROGBITS, SHF_ALLOC, eh_hdr, 4),
		[SEC_EH_FRAME] = SECTION(eh_frame, SHT_PROGBITS, SHF_ALLOC, frame, 8),
		[SEC_TEXT] = SECTION(text, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, code, 16),
		[SEC_SHSTRTAB] = SECTION(shstrtab, SHT_STRTAB, 0, section_name, 1),
	},
};
/* clang-format on */

_Static_assert(sizeof(((struct riscv_vdso *)0)->frame) == 8 + CIE_BYTES + 16 + FDE_BYTES + 4,
	       "no holes in the unwind table");
_Static_assert(sizeof(struct riscv_vdso) == RISCV_VDSO_BYTES, "vdso.h says how long it is");
_Static_assert(AT(code.sigreturn) == RISCV_VDSO_SIGRETURN, "vdso.h says where it is");
