/* Unit tests of user/mm_tree.h against a plain table of pages. */
#include "user/mm_tree.h"
#include "../unit.h"
#include <pthread.h>

enum { PAGE = 4096, PAGES = 300, STEPS = 20000 };

static u8 model[PAGES + 1];	/* attr and tag of each page: 0 none; [0] and the last stay free */
static u64 seed = 12345;

static u32 below(u32 n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (u32)(seed >> 33) % n;
}

/* Areas must be the runs of equal pages, neither less nor more. */
static void check_all(void)
{
	u32 page = 0;
	u64 bytes = 0;
	struct area a;

	for (u64 at = 0; areas_next(at, &a); at = a.end) {
		for (; page < a.start / PAGE; page++)
			assert_int_equal(model[page], 0);
		for (; page < a.end / PAGE; page++)
			assert_int_equal(model[page], a.attr | a.tag << 4);
		assert_int_not_equal(model[page], model[page - 1]);
		assert_int_not_equal(model[a.start / PAGE - 1], model[a.start / PAGE]);
		bytes += a.end - a.start;
	}
	for (; page < PAGES; page++)
		assert_int_equal(model[page], 0);
	assert_int_equal(areas_bytes(), bytes);
}

static u64 slow_gap(u32 low, u32 high, u32 len, u32 align)
{
	for (u32 p = high - len + 1; high >= len && p-- > low;) {
		u32 n = 0;

		while (n < len && !model[p + n])
			n++;
		if (n == len && p % align == 0)
			return (u64)p * PAGE;
	}
	return 0;
}

static void check_gaps(void)
{
	u32 low = 1 + below(20), high = PAGES - below(20), len = 1 + below(12), align = 1u << below(4);

	assert_int_equal(areas_gap((u64)low * PAGE, (u64)high * PAGE, (u64)len * PAGE, (u64)align * PAGE),
			 slow_gap(low, high, len, align));
}

static void check_point(void)
{
	u32 p = below(PAGES);
	struct area a, b;

	assert_int_equal(areas_next((u64)p * PAGE + 17, &a), areas_next_shared((u64)p * PAGE + 17, &b));
	if (a.end) {
		assert_memory_equal(&a, &b, sizeof a);
		assert_int_equal(a.start <= (u64)p * PAGE + 17, model[p] != 0);
	}
	if (areas_previous((u64)p * PAGE, &a)) {
		assert_true(a.start < (u64)p * PAGE);
		for (u32 q = (u32)(a.end / PAGE); q < p; q++)
			assert_int_equal(model[q], 0);
	}
}

static void random_changes(void **state)
{
	for (u32 step = 0; step < STEPS; step++) {
		u32 start = 1 + below(PAGES - 2), len = 1 + below(20), attr = below(3), tag = below(8) ? 0 : 1;
		struct area a;

		if (start + len > PAGES - 1)
			len = PAGES - 1 - start;
		if (!len)
			continue;
		a = (struct area){ (u64)start * PAGE, (u64)(start + len) * PAGE, attr, tag };
		areas_write_begin();
		areas_cut(a.start, a.end);
		if (attr)
			areas_add(&a);
		areas_write_end();
		memset(model + start, attr ? (int)(attr | tag << 4) : 0, len);
		check_gaps();
		check_point();
		if (step % 16 == 0)
			check_all();
	}
	areas_cut(0, (u64)PAGES * PAGE);
	memset(model, 0, sizeof model);
	check_all();
}

/* Many areas stay fast to change, and nodes are used again. */
static void many(void **state)
{
	enum { MANY = 50000 };

	for (u32 round = 0; round < 3; round++) {
		for (u64 i = 1; i <= MANY; i++) {
			struct area a = { i * 2 * PAGE, i * 2 * PAGE + PAGE, 1, 0 };

			areas_add(&a);
		}
		assert_int_equal(areas_bytes(), (u64)MANY * PAGE);
		assert_int_equal(areas_gap(PAGE, (u64)MANY * 2 * PAGE, 2 * PAGE, PAGE), 0);
		assert_int_equal(areas_gap(2 * PAGE, (u64)MANY * 2 * PAGE, PAGE, PAGE), ((u64)MANY * 2 - 1) * PAGE);
		for (u64 i = 1; i <= MANY; i++)
			areas_cut(i * 2 * PAGE, i * 2 * PAGE + PAGE);
		assert_int_equal(areas_bytes(), 0);
		assert_true(areas_room());
	}
}

static bool stop;

/* Page 10 always belongs to an area of attr 1 or 2 that reaches to page 20. */
static void *reader(void *wrong)
{
	struct area a;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		if (!areas_next_shared(10 * PAGE, &a) || a.start > 10 * PAGE || a.end != 20 * PAGE ||
		    (a.attr != 1 && a.attr != 2))
			++*(u32 *)wrong;
	}
	return NULL;
}

static void readers_see_whole_changes(void **state)
{
	struct area a = { 10 * PAGE, 20 * PAGE, 1, 0 };
	pthread_t thread;
	u32 wrong = 0;

	areas_add(&a);
	assert_int_equal(pthread_create(&thread, NULL, reader, &wrong), 0);
	for (u32 i = 0; i < 100000; i++) {
		a = (struct area){ (10 - i % 3) * PAGE, 20 * PAGE, 1 + i % 2, 0 };
		areas_write_begin();
		areas_cut(PAGE, 20 * PAGE);
		areas_add(&a);
		areas_write_end();
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_int_equal(wrong, 0);
}

static int set_up(void **state)
{
	return areas_init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_changes), cmocka_unit_test(many),
		cmocka_unit_test(readers_see_whole_changes),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
