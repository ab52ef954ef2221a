/* Unit tests of user/program.h: ELF headers made wrong on purpose, `#!` lines, errors of execve. */
#include "user/program.h"
#include "../unit.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct target target = {
	.name = "fake64", .elf_machine = EM_RISCV, .elf_class = ELFCLASS64, .elf_data = ELFDATA2LSB, .va_bits = 47,
};
static const struct user_config cfg = { .target = &target };

/* A good program: two segments, interpreter, stack. */
struct image {
	Elf64_Ehdr h;
	Elf64_Phdr ph[4];
	char interp[32];
};

static struct image good_image(void)
{
	struct image m = {
		.h = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT }, .e_type = ET_DYN,
		       .e_machine = EM_RISCV, .e_version = 1, .e_entry = 0x100, .e_phoff = sizeof(Elf64_Ehdr),
		       .e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 4 },
		.ph = { { .p_type = PT_INTERP, .p_offset = offsetof(struct image, interp), .p_filesz = 11 },
			{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = sizeof(struct image),
			  .p_memsz = sizeof(struct image), .p_align = 4096 },
			{ .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_vaddr = 0x12010, .p_offset = 0x10,
			  .p_filesz = 16, .p_memsz = 0x3000, .p_align = 0x10000 },
			{ .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W | PF_X } },
		.interp = "/lib/ld.so",
	};

	return m;
}

static int read_bytes(const void *bytes, size_t len, struct elf_image *e, bool is_interp, struct error *err)
{
	int fd = memfd_create("test", 0), r;

	assert_int_equal(write(fd, bytes, len), len);
	r = elf_read(e, fd, &target, is_interp, err);
	close(fd);
	return r;
}

static void good(void **state)
{
	struct image m = good_image();
	struct elf_image e;
	struct error err;

	assert_int_equal(read_bytes(&m, sizeof m, &e, false, &err), 0);
	assert_string_equal(e.interp, "/lib/ld.so");
	assert_true(e.exec_stack);
	assert_int_equal(e.low, 0);
	assert_int_equal(e.high, 0x16000);	/* 0x12010 + 0x3000, to the next page */
	assert_int_equal(e.align, 0x10000);
	elf_done(&e);
	elf_done(&e);
}

/* Each spoils one thing; what Linux says to it. */
static void spoil(struct image *m, u32 i)
{
	switch (i) {
	case 0:		m->h.e_ident[3] = 'f'; break;
	case 1:		m->h.e_type = ET_REL; break;
	case 2:		m->h.e_type = ET_CORE; break;
	case 3:		m->h.e_machine = EM_X86_64; break;
	case 4:		m->h.e_ident[EI_CLASS] = ELFCLASS32; break;
	case 5:		m->h.e_ident[EI_DATA] = ELFDATA2MSB; break;
	case 6:		m->h.e_phentsize = 55; break;
	case 7:		m->h.e_phnum = 0; break;
	case 8:		m->h.e_phnum = 0xffff; break;
	case 9:		m->h.e_phoff = ~(u64)0; break;
	case 10:	m->h.e_phoff = sizeof *m; break;
	case 11:	m->ph[0].p_filesz = 1; break;
	case 12:	m->ph[0].p_filesz = 5000; break;
	case 13:	m->interp[10] = 'x'; break;
	case 14:	m->interp[0] = 0; break;
	case 15:	m->ph[0].p_offset = 1 << 20; break;
	case 16:	m->ph[0].p_offset = ~(u64)0 - 3; break;
	case 17:	m->ph[1].p_filesz = m->ph[1].p_memsz + 1; break;
	case 18:	m->ph[1].p_memsz = ~(u64)0; break;
	case 19:	m->ph[2].p_vaddr = ~(u64)0 - 0x1000; break;
	case 20:	m->ph[2].p_vaddr = (u64)1 << 47; break;
	case 21:	m->ph[2].p_offset = 0x11; break;
	case 22:	m->ph[2].p_offset = (u64)INT64_MAX - 0xfef; break;
	case 23:	m->ph[1].p_type = m->ph[2].p_type = PT_NULL; break;
	default:	break;
	}
}

static void spoiled(void **state)
{
	static const int want[] = {
		ENOEXEC, ENOEXEC, ENOEXEC, ENOEXEC, ENOEXEC, ENOEXEC, ENOEXEC, ENOEXEC, ENOEXEC, ENOEXEC, ENOEXEC,
		ENOEXEC, ENOEXEC, ENOEXEC, ENOEXEC, EIO, ENOEXEC, EINVAL, EINVAL, EINVAL, EINVAL,
		EINVAL, EINVAL, EINVAL,
	};

	for (u32 i = 0; i < ARRAY_SIZE(want); i++) {
		struct image m = good_image();
		struct elf_image e;
		struct error err = { 0 };

		spoil(&m, i);
		if (read_bytes(&m, sizeof m, &e, false, &err) != -want[i])
			print_error("case %u: '%s'\n", i, err.text);
		assert_int_equal(err.code, want[i]);
		assert_true(err.text[0]);
		/* headers of an interpreter that are wrong are ELIBBAD */
		if (want[i] == ENOEXEC && i < 11)
			assert_int_equal(read_bytes(&m, sizeof m, &e, true, &err), -ELIBBAD);
	}
}

/* Any file cut short is refused or whole enough, and never read past its end. */
static void cut(void **state)
{
	struct image m = good_image();

	for (size_t len = 0; len < sizeof m; len++) {
		struct elf_image e;
		struct error err;
		int r = read_bytes(&m, len, &e, false, &err);

		if (len < offsetof(struct image, interp) + 11)
			assert_true(r == -ENOEXEC || r == -EIO);
		else
			assert_int_equal(r, 0);
		elf_done(&e);
	}
}

static void names(void **state)
{
	struct image m = good_image();
	struct elf_image e;
	struct error err;

	m.h.e_machine = EM_AARCH64;
	assert_int_equal(read_bytes(&m, sizeof m, &e, false, &err), -ENOEXEC);
	assert_string_equal(err.text, "is a program for aarch64, not for fake64");
	m.h.e_machine = 4242;
	assert_int_equal(read_bytes(&m, sizeof m, &e, false, &err), -ENOEXEC);
	assert_string_equal(err.text, "is a program for machine 4242, not for fake64");
	m = good_image();
	m.h.e_ident[EI_CLASS] = ELFCLASS32;
	assert_int_equal(read_bytes(&m, sizeof m, &e, false, &err), -ENOEXEC);
	assert_string_equal(err.text, "is a program for riscv32, not for fake64");
}

/* ---- files ---- */

static char folder[] = "/tmp/mimus-elf-XXXXXX";

static const char *file(const char *name, const char *text, mode_t mode)
{
	static char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	fchmod(fd, mode);
	close(fd);
	return path;
}

static int try(struct program *p, const char *path)
{
	struct error err;
	int r = program_open(p, AT_FDCWD, path, 0, &err);

	if (r == 0)
		close(p->fd);
	return r;
}

static void open_errors(void **state)
{
	static struct program p;
	char line[400], path[64];

	assert_int_equal(try(&p, "/nonexistent/x"), -ENOENT);
	assert_int_equal(try(&p, "/etc/passwd/x"), -ENOTDIR);
	assert_int_equal(try(&p, "/tmp"), -EACCES);
	assert_int_equal(try(&p, "/dev/null"), -EACCES);
	assert_int_equal(try(&p, file("noexec", "#!/bin/sh\n", 0600)), -EACCES);
	assert_int_equal(try(&p, file("empty", "#!\n", 0700)), -ENOEXEC);
	assert_int_equal(try(&p, file("blank", "#! \t \n", 0700)), -ENOEXEC);
	assert_int_equal(try(&p, file("gone", "#!/nonexistent/y\n", 0700)), -ENOENT);
	memset(line, 'a', sizeof line);
	memcpy(line, "#!/", 3);
	line[399] = 0;
	assert_int_equal(try(&p, file("long", line, 0700)), -ENOEXEC);
	snprintf(path, sizeof path, "%s/self", folder);
	snprintf(line, sizeof line, "#!%s\n", path);
	assert_int_equal(try(&p, file("self", line, 0700)), -ELOOP);
}

static void expect_words(const struct program *p, const char *const *want)
{
	u32 n = 0;

	while (want[n])
		n++;
	assert_int_equal(p->word_count, n);
	for (u32 i = 0; i < n; i++)
		assert_string_equal(p->word[n - 1 - i], want[i]);
}

static void scripts(void **state)
{
	static struct program p;
	char outer[64], inner[64], line[400];
	const char *path = file("plain", "#!/bin/cat\necho\n", 0700);

	assert_int_equal(try(&p, path), 0);
	expect_words(&p, (const char *[]){ "/bin/cat", path, NULL });
	assert_string_equal(p.path, "/bin/cat");
	assert_int_equal(p.machine, EM_X86_64);
	assert_string_equal(p.name, path);
	path = file("arg", "#! \t/bin/cat   -a  -b \t\n", 0700);
	assert_int_equal(try(&p, path), 0);
	expect_words(&p, (const char *[]){ "/bin/cat", "-a  -b", path, NULL });
	path = file("no-newline", "#!/bin/cat", 0700);
	assert_int_equal(try(&p, path), 0);
	expect_words(&p, (const char *[]){ "/bin/cat", path, NULL });
	snprintf(inner, sizeof inner, "%s", file("inner", "#!/bin/cat x\n", 0700));
	snprintf(line, sizeof line, "#!%s y z\n", inner);
	snprintf(outer, sizeof outer, "%s", file("outer", line, 0700));
	assert_int_equal(try(&p, outer), 0);
	expect_words(&p, (const char *[]){ "/bin/cat", "x", inner, "y z", outer, NULL });
	/* an interpreter's name that is whole may have a long argument, which is cut */
	memset(line, 'a', sizeof line);
	memcpy(line, "#!/bin/cat ", 11);
	line[399] = 0;
	assert_int_equal(try(&p, file("long-arg", line, 0700)), 0);
	assert_int_equal(strlen(p.word[1]), 256 - 11);
}

static void by_descriptor(void **state)
{
	static struct program p;
	int dir = open(folder, O_RDONLY | O_DIRECTORY), fd;
	char want[PATH_MAX];
	struct error err;

	file("plain", "#!/bin/cat\n", 0700);
	assert_int_equal(program_open(&p, dir, "plain", 0, &err), 0);
	close(p.fd);
	snprintf(want, sizeof want, "/dev/fd/%d/plain", dir);
	expect_words(&p, (const char *[]){ "/bin/cat", want, NULL });
	fd = openat(dir, "plain", O_RDONLY);
	assert_int_equal(program_open(&p, fd, "", AT_EMPTY_PATH, &err), 0);
	close(p.fd);
	snprintf(want, sizeof want, "/dev/fd/%d", fd);
	expect_words(&p, (const char *[]){ "/bin/cat", want, NULL });
	assert_int_equal(symlinkat("plain", dir, "link"), 0);
	assert_int_equal(program_open(&p, dir, "link", AT_SYMLINK_NOFOLLOW, &err), -ELOOP);
	close(fd);
	close(dir);
}

static int set_up(void **state)
{
	process.cfg = &cfg;
	process.target = &target;
	process.exe_fd = -1;
	return mkdtemp(folder) ? 0 : -1;
}

static int clean_up(void **state)
{
	static const char *const all[] = { "noexec", "empty", "blank", "gone", "long", "self", "plain", "arg",
					   "no-newline", "inner", "outer", "long-arg", "link" };
	char path[PATH_MAX];

	for (u32 i = 0; i < ARRAY_SIZE(all); i++) {
		snprintf(path, sizeof path, "%s/%s", folder, all[i]);
		unlink(path);
	}
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good), cmocka_unit_test(spoiled), cmocka_unit_test(cut), cmocka_unit_test(names),
		cmocka_unit_test(open_errors), cmocka_unit_test(scripts), cmocka_unit_test(by_descriptor),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
