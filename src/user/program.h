/* Programs before they run: what exec.c, start.c and elf.c share.
 *
 * Interface:
 * - program_open follows a path to the file that would run, through `#!` lines, with the errors of Linux's execve.
 * - elf_check reads a guest's ELF headers and refuses what Linux refuses before the point of no return.
 * - Any thread; nothing is allocated except elf_check's program headers.
 */
#ifndef USER_PROGRAM_H
#define USER_PROGRAM_H

#include "user/linux.h"
#include <elf.h>
#include <limits.h>

enum { EXECVE_CHECK = 0x10000 };	/* AT_EXECVE_CHECK of Linux 6.14 */
enum { SCRIPT_DEPTH = 5, SCRIPT_LINE = 256, SCRIPT_WORDS = 2 * SCRIPT_DEPTH + 1 };

struct program {
	int fd;			/* open for reading, close-on-exec; the caller closes it */
	const struct target *target;	/* the guest it is for; NULL: left to the host */
	u16 machine;		/* of an ELF file, 0 = not one */
	u8 elf_class;
	bool by_fd;		/* named by a descriptor alone: no path leads to it */
	char path[PATH_MAX];	/* host path that was opened */
	char name[PATH_MAX + 32];	/* as the guest named it; AT_EXECFN, and what a script's interpreter is given */
	/* What scripts put in place of argv[0], last word first; 0 words: no script. */
	u32 word_count;
	const char *word[SCRIPT_WORDS];
	char line[SCRIPT_DEPTH][SCRIPT_LINE + 1];
};

/* flags: AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW.  0 or -errno. */
int program_open(struct program *p, int dirfd, const char *path, int flags, struct error *err) MUST_CHECK;

/* A guest's ELF file, headers in 64-bit form whatever its class. */
struct elf_image {
	Elf64_Ehdr h;
	Elf64_Phdr *ph;		/* h.e_phnum of them, heap */
	char interp[PATH_MAX];	/* empty: none */
	bool exec_stack;
	u64 low, high;		/* addresses of all PT_LOADs, before the bias, whole pages */
	u64 align;		/* greatest p_align */
};

/* Read and check.  is_interp: as the interpreter of another (errors are ELIBBAD).  0 or -errno. */
int elf_read(struct elf_image *e, int fd, const struct target *target, bool is_interp, struct error *err) MUST_CHECK;
void elf_done(struct elf_image *e);

/* A machine number's name. */
const char *elf_machine_name(u16 machine);

/* ---- start.c to exec.c: how a program goes on in a new process ---- */
extern int exec_self_fd;	/* our own binary, O_PATH */
/* In the environment's first place, taken out by start.c: "EXEC_MARK" fd ',' guest's signal mask ',' AT_EXECFN. */
#define EXEC_MARK "_MIMUS_EXEC="

#endif
