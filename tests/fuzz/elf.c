/* Fuzz target: a file that claims to be a program, as guest ELF program, as its interpreter, and as a script.
 *
 * Nothing is mapped: what elf_read accepts is bounded by what is asserted here.
 */
#include "user/program.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static const struct user_config cfg;

static void read_as(int fd, const struct target *t, bool is_interp)
{
	struct elf_image e;
	struct error err;

	if (elf_read(&e, fd, t, is_interp, &err) < 0)
		return;
	assert(e.low < e.high && e.high <= guest_va_end);
	assert(e.interp[0] == 0 || memchr(e.interp, 0, sizeof e.interp));
	for (u32 i = 0; i < e.h.e_phnum; i++) {
		const Elf64_Phdr *p = &e.ph[i];

		if (p->p_type == PT_LOAD)
			assert(p->p_vaddr >= e.low && p->p_vaddr + p->p_memsz <= e.high && p->p_filesz <= p->p_memsz);
	}
	elf_done(&e);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct program p;
	struct error err;
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || size > 1 << 20 || write(fd, data, size) != (ssize_t)size) {
		close(fd);
		return 0;
	}
	process.cfg = &cfg;
	process.exe_fd = -1;
	for (u32 i = 0; target_each(i); i++) {
		read_as(fd, target_each(i), false);
		read_as(fd, target_each(i), true);
	}
	fchmod(fd, 0700);
	if (program_open(&p, fd, "", AT_EMPTY_PATH, &err) == 0)
		close(p.fd);
	close(fd);
	return 0;
}
