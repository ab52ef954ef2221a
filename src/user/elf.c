/* ELF programs: reading and checking headers, mapping program and interpreter.
 *
 * Headers are untrusted: sizes and counts are bounded as Linux bounds them, sums are checked, and a
 * segment that does not fit the guest's address space is refused.  Headers of 32-bit files are
 * widened on reading.
 * A position-independent program goes to mm_layout.pie_base, its interpreter where mm puts
 * mappings.
 * Not modelled: big-endian files, PT_GNU_PROPERTY, core files, a.out and flat formats.
 * Main thread, before the guest runs; elf_read in any thread.
 * Spec: System V ABI, chapters 4 and 5; errors as Linux 6.12 gives them.
 */
#include "user/mm.h"
#include "user/path.h"
#include "user/program.h"
#include "base/str.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PHDRS_MAX = 64 << 10 };	/* bytes, as on Linux */

const char *elf_machine_name(u16 machine)
{
	static const struct {
		u16 machine;
		const char *name;
	} names[] = {
		{ EM_386, "i386" }, { EM_68K, "m68k" }, { EM_MIPS, "mips" }, { EM_PPC, "ppc" },
		{ EM_PPC64, "ppc64" }, { EM_S390, "s390x" }, { EM_ARM, "arm" }, { EM_SPARC, "sparc" },
		{ EM_SPARCV9, "sparc64" }, { EM_SH, "sh4" }, { EM_IA_64, "ia64" }, { EM_X86_64, "x86_64" },
		{ EM_AARCH64, "aarch64" }, { EM_RISCV, "riscv" }, { EM_PARISC, "hppa" }, { EM_ALPHA, "alpha" },
		{ 258, "loongarch" }, { EM_XTENSA, "xtensa" }, { EM_OPENRISC, "or1k" },
		{ EM_MICROBLAZE, "microblaze" }, { 164, "hexagon" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].machine == machine)
			return names[i].name;
	}
	return NULL;
}

static int wrong_machine(const Elf64_Ehdr *h, const struct target *t, int code, struct error *err)
{
	const char *name = elf_machine_name(h->e_machine);
	const char *bits = h->e_machine == EM_RISCV ? h->e_ident[EI_CLASS] == ELFCLASS64 ? "64" : "32" : "";

	if (!name)
		return fail(err, code, "is a program for machine %u, not for %s", h->e_machine, t->name);
	return fail(err, code, "is a program for %s%s, not for %s", name, bits, t->name);
}

static void widen_header(Elf64_Ehdr *h)
{
	Elf32_Ehdr s;

	memcpy(&s, h, sizeof s);
	h->e_entry = s.e_entry;
	h->e_phoff = s.e_phoff;
	h->e_phentsize = s.e_phentsize;
	h->e_phnum = s.e_phnum;
	h->e_flags = s.e_flags;
}

static void widen_phdrs(Elf64_Phdr *ph, const Elf32_Phdr *s, u32 count)
{
	for (u32 i = 0; i < count; i++)
		ph[i] = (Elf64_Phdr){ .p_type = s[i].p_type, .p_flags = s[i].p_flags, .p_offset = s[i].p_offset,
				      .p_vaddr = s[i].p_vaddr, .p_filesz = s[i].p_filesz,
				      .p_memsz = s[i].p_memsz, .p_align = s[i].p_align };
}

static int read_phdrs(struct elf_image *e, int fd, int code, struct error *err)
{
	const bool wide = e->h.e_ident[EI_CLASS] == ELFCLASS64;
	const size_t entry = wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	size_t len = (size_t)e->h.e_phnum * entry;
	void *raw;

	if (e->h.e_phentsize != entry || !len || len > PHDRS_MAX || e->h.e_phoff > INT64_MAX - len)
		return fail(err, code, "has a bad table of program headers");
	raw = xcalloc(1, len);
	if (pread(fd, raw, len, (off_t)e->h.e_phoff) != (ssize_t)len) {
		free(raw);
		return fail(err, code, "is cut off in its program headers");
	}
	if (wide) {
		e->ph = raw;
		return 0;
	}
	e->ph = xcalloc(e->h.e_phnum, sizeof *e->ph);
	widen_phdrs(e->ph, raw, e->h.e_phnum);
	free(raw);
	return 0;
}

static int read_interp(struct elf_image *e, int fd, const Elf64_Phdr *p, struct error *err)
{
	if (p->p_filesz < 2 || p->p_filesz > sizeof e->interp || p->p_offset > INT64_MAX - p->p_filesz)
		return fail(err, ENOEXEC, "names no good interpreter");
	if (pread(fd, e->interp, p->p_filesz, (off_t)p->p_offset) != (ssize_t)p->p_filesz)
		return fail(err, EIO, "is cut off in its interpreter's name");
	if (e->interp[p->p_filesz - 1] || !e->interp[0])
		return fail(err, ENOEXEC, "names no good interpreter");
	return 0;
}

/* One PT_LOAD: bounds, and its part of low, high, align. */
static int see_load(struct elf_image *e, const Elf64_Phdr *p, struct error *err)
{
	u64 start = align_down(p->p_vaddr, GUEST_PAGE);

	if (p->p_filesz > p->p_memsz || p->p_memsz > guest_va_end || p->p_vaddr > guest_va_end - p->p_memsz)
		return fail(err, EINVAL, "has a segment at 0x%llx of 0x%llx bytes that cannot be",
			    (unsigned long long)p->p_vaddr, (unsigned long long)p->p_memsz);
	if (p->p_filesz && ((p->p_offset ^ p->p_vaddr) & (GUEST_PAGE - 1)))
		return fail(err, EINVAL, "has a segment at 0x%llx whose place in the file cannot be mapped",
			    (unsigned long long)p->p_vaddr);
	if (p->p_offset > INT64_MAX - p->p_filesz - GUEST_PAGE)
		return fail(err, EINVAL, "has a segment outside any file");
	if (e->high == 0 || start < e->low)
		e->low = start;
	e->high = max_u64(e->high, max_u64(align_up(p->p_vaddr + p->p_memsz, GUEST_PAGE), start + GUEST_PAGE));
	if (is_power_of_2(p->p_align))
		e->align = max_u64(e->align, p->p_align);
	return 0;
}

int elf_read(struct elf_image *e, int fd, const struct target *target, bool is_interp, struct error *err)
{
	const int code = is_interp ? ELIBBAD : ENOEXEC;
	ssize_t n;
	int r;

	memset(e, 0, sizeof *e);
	e->align = GUEST_PAGE;
	n = pread(fd, &e->h, sizeof e->h, 0);
	if (n < 0)
		return fail(err, errno, "cannot be read: %s", strerror(errno));
	if ((size_t)n < sizeof(Elf32_Ehdr) || memcmp(e->h.e_ident, ELFMAG, SELFMAG))
		return fail(err, code, "is not an ELF program");
	if (e->h.e_ident[EI_DATA] == ELFDATA2MSB)
		return e->h.e_machine = (u16)(e->h.e_machine >> 8 | e->h.e_machine << 8),
		       wrong_machine(&e->h, target, code, err);
	if (e->h.e_machine != target->elf_machine || e->h.e_ident[EI_CLASS] != target->elf_class)
		return wrong_machine(&e->h, target, code, err);
	if (e->h.e_ident[EI_CLASS] == ELFCLASS64 && (size_t)n < sizeof e->h)
		return fail(err, code, "is cut off in its header");
	if (e->h.e_ident[EI_CLASS] == ELFCLASS32)
		widen_header(&e->h);
	if (e->h.e_type != ET_EXEC && e->h.e_type != ET_DYN)
		return fail(err, code, "is an ELF file but not a program");
	r = read_phdrs(e, fd, code, err);
	for (u32 i = 0; r == 0 && i < e->h.e_phnum; i++) {
		const Elf64_Phdr *p = &e->ph[i];

		if (p->p_type == PT_LOAD)
			r = see_load(e, p, err);
		else if (p->p_type == PT_GNU_STACK)
			e->exec_stack = p->p_flags & PF_X;
		else if (p->p_type == PT_INTERP && !is_interp && !e->interp[0])
			r = read_interp(e, fd, p, err);
	}
	if (r == 0 && e->high == 0)
		r = fail(err, code == ENOEXEC ? EINVAL : code, "has nothing to load");
	if (r < 0)
		elf_done(e);
	return r;
}

void elf_done(struct elf_image *e)
{
	free(e->ph);
	e->ph = NULL;
}

/* ---- mapping ---- */

static i64 map_at(gva va, u64 len, u32 prot, u32 flags, int fd, u64 offset)
{
	return mm_mmap(va, len, prot, flags | MAP_FIXED | MAP_PRIVATE, fd, offset);
}

static i64 map_segment(const Elf64_Phdr *p, int fd, u64 bias)
{
	const u32 prot = (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
			 (p->p_flags & PF_X ? PROT_EXEC : 0);
	const gva va = p->p_vaddr + bias, start = align_down(va, GUEST_PAGE);
	const gva file_end = align_up(va + p->p_filesz, GUEST_PAGE);
	const gva end = align_up(va + p->p_memsz, GUEST_PAGE);
	gva zero_from = start;
	i64 r = 0;

	if (!p->p_memsz)
		return 0;
	if (p->p_filesz) {
		zero_from = file_end;
		r = map_at(start, file_end - start, prot, 0, fd, p->p_offset - (va - start));
		/* A file that ends early cannot be padded; nor can what the program may not write. */
		if (r >= 0 && p->p_memsz > p->p_filesz && (prot & PROT_WRITE) &&
		    guest_set(va + p->p_filesz, 0, file_end - (va + p->p_filesz)) < 0)
			return -EFAULT;
	}
	if (r >= 0 && end > zero_from)
		r = map_at(zero_from, end - zero_from, prot, MAP_ANONYMOUS, -1, 0);
	return r < 0 ? r : 0;
}

/* Where an image goes, as an offset to its own addresses. */
static bool choose_bias(const struct elf_image *e, gva hint, u64 *ret_bias)
{
	const u64 low = align_down(e->low, e->align);
	u64 va;

	*ret_bias = 0;
	if (e->h.e_type == ET_EXEC)
		return true;
	mm_lock();
	va = mm_place(hint, e->high - low, e->align);
	mm_unlock();
	*ret_bias = va - low;
	return va != 0;
}

static int map_image(const struct elf_image *e, int fd, gva hint, u64 *ret_bias, struct error *err)
{
	if (!choose_bias(e, hint, ret_bias))
		return fail(err, ENOMEM, "is too large for the guest's address space");
	for (u32 i = 0; i < e->h.e_phnum; i++) {
		i64 r = e->ph[i].p_type == PT_LOAD ? map_segment(&e->ph[i], fd, *ret_bias) : 0;

		if (r < 0)
			return fail(err, (int)-r, "cannot be mapped at 0x%llx: %s",
				    (unsigned long long)(e->ph[i].p_vaddr + *ret_bias), strerror((int)-r));
	}
	return 0;
}

static void find_phdrs(const struct elf_image *e, u64 bias)
{
	process.phent = e->h.e_phentsize;
	process.phnum = e->h.e_phnum;
	process.phdr = 0;
	for (u32 i = 0; i < e->h.e_phnum; i++) {
		const Elf64_Phdr *p = &e->ph[i];

		if (p->p_type == PT_LOAD && e->h.e_phoff >= p->p_offset &&
		    e->h.e_phoff - p->p_offset < p->p_filesz) {
			process.phdr = e->h.e_phoff - p->p_offset + p->p_vaddr + bias;
			return;
		}
	}
}

static int load_interp(const char *name, struct error *err)
{
	const char *path;
	struct elf_image e;
	char buf[PATH_MAX];
	u64 bias;
	int fd, r;

	path_default_sysroot(name);
	path = path_interp(name, process.target, buf);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(err, errno, "its interpreter '%s': %s%s", name, strerror(errno),
			    errno == ENOENT ? "; name the folder of the guest's libraries with -L" : "");
	r = elf_read(&e, fd, process.target, true, err);
	if (r == 0) {
		r = map_image(&e, fd, 0, &bias, err);
		process.interp_base = bias;
		process.entry = e.h.e_entry + bias;
		elf_done(&e);
	}
	close(fd);
	return r < 0 ? prefix(err, r, "its interpreter '%s'", name) : 0;
}

/* The vDSO: an ELF image of pages of its own, which the guest finds by AT_SYSINFO_EHDR. */
static int map_vdso(struct error *err)
{
	const struct linux_abi *abi = process.abi;
	i64 va;

	if (!abi->vdso_len)
		return 0;
	va = mm_mmap(0, abi->vdso_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (va < 0 || guest_write((gva)va, abi->vdso, abi->vdso_len) < 0 ||
	    mm_mprotect((gva)va, abi->vdso_len, PROT_READ | PROT_EXEC) < 0)
		return fail(err, ENOMEM, "no memory for the vDSO");
	process.vdso = (gva)va;
	process.vdso_sigreturn = (gva)va + abi->vdso_sigreturn;
	return 0;
}

int elf_load(const char *path, int fd, struct error *err)
{
	struct elf_image e;
	u64 bias;
	int r = elf_read(&e, fd, process.target, false, err);

	if (r < 0)
		return prefix(err, r, "'%s'", path);
	r = map_image(&e, fd, mm_layout.pie_base, &bias, err);
	if (r == 0) {
		process.entry = e.h.e_entry + bias;
		process.interp_base = 0;
		process.exec_stack = e.exec_stack;
		process.elf_flags = e.h.e_flags;
		find_phdrs(&e, bias);
		mm_set_brk(e.high + bias);
		process.program_entry = process.entry;
		if (e.interp[0])
			r = load_interp(e.interp, err);
	}
	if (r == 0)
		r = map_vdso(err);
	elf_done(&e);
	return r < 0 ? prefix(err, r, "'%s'", path) : 0;
}
