/* Unit tests of base/hash.h: against a plain array as the model. */
#include "base/hash.h"
#include "../unit.h"

enum { KEYS = 512 };

static u32 random_next(u32 *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void against_model(void **state)
{
	static int values[4];
	void *model[KEYS] = { NULL };
	struct hash h = { 0 };
	u32 seed = 1, count = 0;

	assert_null(hash_get(&h, 5));
	assert_null(hash_remove(&h, 5));
	for (u32 i = 0; i < 100000; i++) {
		/* The number that grows by turns makes full and empty phases. */
		u32 k = random_next(&seed) % KEYS, add = i / 10000 % 2 ? 3 : 1;
		u64 key = (u64)k << 20;
		void *v = &values[random_next(&seed) % 4];

		if (random_next(&seed) % 4 < add) {
			count += !model[k];
			assert_ptr_equal(hash_set(&h, key, v), model[k]);
			model[k] = v;
		} else {
			count -= model[k] != NULL;
			assert_ptr_equal(hash_remove(&h, key), model[k]);
			model[k] = NULL;
		}
		assert_int_equal(h.count, count);
		k = random_next(&seed) % KEYS;
		assert_ptr_equal(hash_get(&h, (u64)k << 20), model[k]);
	}
	for (u32 k = 0; k < KEYS; k++)
		assert_ptr_equal(hash_get(&h, (u64)k << 20), model[k]);
	hash_done(&h);
	assert_null(hash_get(&h, 0));
}

static void walk(void **state)
{
	const struct hash_slot *s;
	struct hash h = { 0 };
	u64 sum = 0;
	u32 at = 0;
	int x;

	assert_null(hash_next(&h, &at));
	for (u64 k = 0; k < 100; k++)
		hash_set(&h, k * 0x100000000, &x);
	while ((s = hash_next(&h, &at)))
		sum += s->key >> 32;
	assert_int_equal(sum, 4950);
	hash_done(&h);
}

static void bytes(void **state)
{
	const char text[] = "abcdefghijklmnopqrstuvwxyz";

	for (size_t a = 0; a <= 26; a++) {
		for (size_t b = 0; b < a; b++)
			assert_true(hash_bytes(text, a) != hash_bytes(text, b));
	}
	assert_true(hash_bytes("\0", 1) != hash_bytes("\0\0", 2));
	assert_int_equal(hash_string("abc"), hash_bytes(text, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_model), cmocka_unit_test(walk), cmocka_unit_test(bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
