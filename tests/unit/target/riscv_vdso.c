/* The riscv64 vDSO's image, read as a dynamic linker and an unwinder read it. */
#include "../unit.h"
#include "cpu/target.h"
#include <elf.h>

static const u8 *image;
static u32 image_len;

static u64 dynamic(i64 tag)
{
	const Elf64_Ehdr *h = (const Elf64_Ehdr *)image;
	const Elf64_Phdr *ph = (const Elf64_Phdr *)(image + h->e_phoff);

	for (u32 i = 0; i < h->e_phnum; i++) {
		const Elf64_Dyn *d = (const Elf64_Dyn *)(image + ph[i].p_offset);

		if (ph[i].p_type != PT_DYNAMIC)
			continue;
		for (; d->d_tag != DT_NULL; d++)
			if (d->d_tag == tag)
				return d->d_un.d_val;
	}
	return ~0ull;
}

static u32 elf_hash(const char *s)
{
	u32 h = 0, g;

	for (; *s; s++) {
		h = (h << 4) + (u8)*s;
		g = h & 0xf0000000;
		h = (h ^ g >> 24) & ~g;
	}
	return h;
}

/* Through DT_HASH, with its version. */
static const Elf64_Sym *look_up(const char *name)
{
	const u32 *hash = (const u32 *)(image + dynamic(DT_HASH));
	const Elf64_Sym *sym = (const Elf64_Sym *)(image + dynamic(DT_SYMTAB));
	const char *str = (const char *)image + dynamic(DT_STRTAB);
	const u16 *version = (const u16 *)(image + dynamic(DT_VERSYM));

	for (u32 i = hash[2 + elf_hash(name) % hash[0]]; i; i = hash[2 + hash[0] + i]) {
		const Elf64_Verdef *v = (const Elf64_Verdef *)(image + dynamic(DT_VERDEF));
		const Elf64_Verdaux *aux;

		if (strcmp(str + sym[i].st_name, name))
			continue;
		while (v->vd_ndx != version[i])
			v = (const Elf64_Verdef *)((const u8 *)v + v->vd_next);
		aux = (const Elf64_Verdaux *)((const u8 *)v + v->vd_aux);
		assert_string_equal(str + aux->vda_name, "LINUX_4.15");
		assert_int_equal(v->vd_hash, elf_hash("LINUX_4.15"));
		return &sym[i];
	}
	return NULL;
}

static void test_symbols(void **state)
{
	static const struct { const char *name; u32 number; } functions[] = {
		{ "__vdso_rt_sigreturn", 139 }, { "__vdso_clock_gettime", 113 }, { "__vdso_gettimeofday", 169 },
		{ "__vdso_clock_getres", 114 }, { "__vdso_getcpu", 168 }, { "__vdso_flush_icache", 259 },
		{ "__vdso_riscv_hwprobe", 258 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(functions); i++) {
		const Elf64_Sym *s = look_up(functions[i].name);
		const u32 *code;

		assert_non_null(s);
		assert_true(s->st_value + s->st_size <= image_len);
		code = (const u32 *)(image + s->st_value);
		assert_int_equal(code[0], 0x893 | functions[i].number << 20);	/* li a7, number */
		assert_int_equal(code[1], 0x73);				/* ecall */
		if (i)
			assert_int_equal(code[2], 0x8067);			/* ret */
	}
	assert_null(look_up("__vdso_nothing"));
	assert_string_equal((const char *)image + dynamic(DT_STRTAB) + dynamic(DT_SONAME), "linux-vdso.so.1");
}

/* Where the unwind table says column `want` is in the frame; -1: not there. */
static i64 saved_at(const u8 *p, const u8 *end, u32 want)
{
	for (; p + 6 <= end; p += 6) {
		if (p[0] != 0x10)	/* DW_CFA_expression */
			return -1;
		assert_int_equal(p[2], 3);
		assert_int_equal(p[3], 0x72);	/* DW_OP_breg2 */
		if (p[1] == want)
			return (p[4] & 0x7f) | p[5] << 7;
	}
	return -1;
}

static void test_unwind(void **state)
{
	const Elf64_Ehdr *h = (const Elf64_Ehdr *)image;
	const Elf64_Phdr *ph = (const Elf64_Phdr *)(image + h->e_phoff);
	const Elf64_Sym *s = look_up("__vdso_rt_sigreturn");
	const u8 *frame = NULL, *fde, *rules, *end;
	i32 start;
	u32 len, size;

	for (u32 i = 0; i < h->e_phnum; i++) {
		if (ph[i].p_type != PT_GNU_EH_FRAME)
			continue;
		memcpy(&start, image + ph[i].p_offset + 4, 4);
		frame = image + ph[i].p_offset + 4 + start;
	}
	assert_non_null(frame);
	assert_string_equal((const char *)frame + 9, "zRS");
	memcpy(&len, frame, 4);
	fde = frame + 4 + len;
	memcpy(&len, fde, 4);
	end = fde + 4 + len;
	memcpy(&start, fde + 8, 4);
	memcpy(&size, fde + 12, 4);
	/* from before the function to its end */
	assert_true(fde + 8 + start < image + s->st_value);
	assert_true(fde + 8 + start + size == image + s->st_value + s->st_size);
	rules = fde + 17 + 6;	/* behind the augmentation's length and the CFA's expression */
	assert_int_equal(saved_at(rules, end, 64), 304);
	for (u32 r = 1; r < 32; r++)
		assert_int_equal(saved_at(rules, end, r), 304 + 8 * r);
	for (u32 r = 0; r < 32; r++)
		assert_int_equal(saved_at(rules, end, 32 + r), 560 + 8 * r);
	memcpy(&len, end, 4);
	assert_int_equal(len, 0);
}

static int setup(void **state)
{
	const struct linux_abi *abi = target_find("riscv64")->linux_abi;

	image = abi->vdso;
	image_len = abi->vdso_len;
	return look_up("__vdso_rt_sigreturn")->st_value == abi->vdso_sigreturn ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_symbols), cmocka_unit_test(test_unwind) };

	return cmocka_run_group_tests(tests, setup, NULL);
}
