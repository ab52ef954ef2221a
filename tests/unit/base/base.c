/* Unit tests of the small parts of base: integers, bits, lists, arena, errors, strings. */
#include "base/arena.h"
#include "base/bits.h"
#include "base/error.h"
#include "base/list.h"
#include "../unit.h"
#include <stdlib.h>

static void integers(void **state)
{
	assert_int_equal(align_up(1, 16), 16);
	assert_int_equal(align_up(16, 16), 16);
	assert_int_equal(align_down(31, 16), 16);
	assert_int_equal(sign_extend(0x80, 8), -128);
	assert_int_equal(sign_extend(0x7f, 8), 127);
	assert_int_equal(sign_extend(0x1234567890, 64), 0x1234567890);
	assert_true(is_power_of_2(1) && is_power_of_2(1ull << 63));
	assert_false(is_power_of_2(0) || is_power_of_2(3));
}

static void bits(void **state)
{
	u8 m[9] = { 0 };

	assert_int_equal(bits_mask(64), UINT64_MAX);
	assert_int_equal(bits_get(0xabcd, 4, 8), 0xbc);
	assert_int_equal(bits_put(0xabcd, 4, 8, 0x112), 0xa12d);
	assert_int_equal(bits_put(0, 0, 64, UINT64_MAX), UINT64_MAX);
	assert_int_equal(clz32(0), 32);
	assert_int_equal(clz64(0), 64);
	assert_int_equal(ctz64(0), 64);
	assert_int_equal(clz64(1), 63);
	assert_int_equal(ctz32(8), 3);
	assert_int_equal(rotl32(0x80000001, 0), 0x80000001);
	assert_int_equal(rotl32(0x80000001, 1), 3);
	assert_int_equal(rotr64(1, 1), 1ull << 63);
	assert_int_equal(rotr32(3, 33), 0x80000001);
	put_be32(m + 1, 0x11223344);
	assert_int_equal(m[1], 0x11);
	assert_int_equal(get_be32(m + 1), 0x11223344);
	assert_int_equal(get_le32(m + 1), 0x44332211);
	put_be64(m + 1, 0x1122334455667788);
	assert_int_equal(get_le64(m + 1), 0x8877665544332211);
	put_be16(m, 0x1234);
	assert_int_equal(get_le16(m), 0x3412);
}

struct item {
	int n;
	struct list link;
};

static void lists(void **state)
{
	struct item item[5];
	struct list head;
	int seen = 0;

	list_init(&head);
	assert_true(list_empty(&head));
	assert_null(LIST_FIRST(&head, struct item, link));
	for (int i = 0; i < 5; i++) {
		item[i].n = i;
		list_add_last(&head, &item[i].link);
	}
	LIST_EACH(it, &head, struct item, link) {
		assert_int_equal(it->n, seen++);
		if (it->n % 2) {
			list_remove(&it->link);
			list_remove(&it->link);
			it->n = -1;
		}
	}
	assert_int_equal(seen, 5);
	seen = 0;
	LIST_EACH(it, &head, struct item, link) {
		if (it->n == 2)
			break;	/* leaves the inner loop of the macro */
		seen++;
	}
	assert_int_equal(LIST_FIRST(&head, struct item, link)->n, 0);
	list_add(&head, &item[1].link);
	assert_int_equal(LIST_FIRST(&head, struct item, link)->n, -1);
}

static void arena(void **state)
{
	struct arena a;
	u8 *p[200];

	arena_init(&a, 256);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 200; i++) {
			p[i] = arena_alloc(&a, i * 7);
			assert_int_equal((uintptr_t)p[i] % 16, 0);
			memset(p[i], (int)i, i * 7);
		}
		for (size_t i = 0; i < 200; i++) {
			for (size_t j = 0; j < i * 7; j++)
				assert_int_equal(p[i][j], (u8)i);
		}
		arena_reset(&a);
	}
	assert_int_equal(*arena_new(&a, u64), 0);
	assert_int_equal(arena_array(&a, u32, 9)[8], 0);
	arena_done(&a);
}

static int failing(struct error *err)
{
	return fail(err, ENOENT, "no '%s'", "x");
}

static void errors(void **state)
{
	struct error err = { 0 };
	char longer[600];
	int r = failing(&err);

	assert_int_equal(r, -ENOENT);
	assert_int_equal(err.code, ENOENT);
	assert_string_equal(err.text, "no 'x'");
	assert_int_equal(prefix(&err, r, "drive %d", 3), -ENOENT);
	assert_string_equal(err.text, "drive 3: no 'x'");
	memset(longer, 'y', sizeof longer - 1);
	longer[sizeof longer - 1] = 0;
	fail(&err, EINVAL, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_int_equal(prefix(&err, -EINVAL, "%s", longer), -EINVAL);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void strings(void **state)
{
	AUTO_FREE char *s = xasprintf("%d %s", 7, "x"), *t = xstrdup(s);
	AUTO_FREE u32 *none = try_alloc(SIZE_MAX / 2, 16);

	assert_string_equal(t, "7 x");
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers), cmocka_unit_test(bits), cmocka_unit_test(lists),
		cmocka_unit_test(arena), cmocka_unit_test(errors), cmocka_unit_test(strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
