/* Instruction registry: patterns, "more fixed bits wins", features, overlap check. */
#include "target/insn.h"
#include "../unit.h"

static void nothing(struct ir *t UNUSED, const struct operands *o UNUSED)
{
}

static void operand(struct str *s, char letter, const struct operands *o, u64 pc)
{
	str_add(s, "%c%u", letter, letter == 'd' ? o->d : letter == 'a' ? o->a : (u32)(pc + (u64)o->imm));
}

static i64 imm_negative(u32 w)
{
	return -(i64)(w >> 24);
}

#define LINE(n, p, i, f, x) { .name = #n, .pattern = p, .imm = i, .emit = nothing, .feature = f, .text = x, \
	.file = "here", .line = __LINE__ }
/* A table lives as long as its set: for ever. */
#define SET(lines) { .name = "t", .begin = lines, .end = lines + ARRAY_SIZE(lines), \
	.operand = operand, .table = &table }

static const struct insn good[] = {
	LINE(wide_i, "iiiiiiii ........ aaaaa 000 ddddd 001", imm_negative, 1, "d, i(a)"),
	LINE(wide_f, "0000zzzz ........ aaaaa 000 ddddd 001", NULL, 2, ".z d"),
	LINE(other, "iiiiiiii ........ aaaaa 001 ddddd 001", NULL, 1, ""),
	LINE(short, "00000000 00000000 00000 AAA DDD 00 010", NULL, 1, "d, a"),
	LINE(half, "iiii AAAA DDDD mm 10", NULL, 4, NULL),
};

static void test_decode(void **state UNUSED)
{
	static struct insn_table *table;
	const struct insn_set set = SET(good);
	struct operands o;
	char buf[80];
	struct str s = STR(buf);

	assert_true(insn_check(&set, &s));
	/* 0x05...: both wide lines match; the second has more fixed bits but needs feature 2 */
	u32 word = 0x05000000 | 7 << 11 | 9 << 3 | 1;

	assert_ptr_equal(insn_decode(&set, word, 1, &o), &good[0]);
	assert_int_equal(o.imm, -5);
	assert_int_equal(o.a, 7);
	assert_int_equal(o.d, 9);
	assert_int_equal(o.z, 0);
	insn_print(&set, &good[0], &o, 105, &s);
	assert_string_equal(buf, "wide.i  d9,i100(a7)");
	assert_ptr_equal(insn_decode(&set, word, 3, &o), &good[1]);
	assert_int_equal(o.z, 5);
	assert_ptr_equal(insn_decode(&set, word | 0x10000000, 3, &o), &good[0]);
	assert_ptr_equal(insn_decode(&set, word | 1 << 8, 3, &o), &good[2]);
	assert_int_equal(o.imm, 5);
	assert_null(insn_decode(&set, word, 4, &o));
	assert_null(insn_decode(&set, 7, ~0ull, &o));
	assert_ptr_equal(insn_decode(&set, 5 << 8 | 3 << 5 | 2, 1, &o), &good[3]);
	assert_int_equal(o.a, 8 + 5);
	assert_int_equal(o.d, 8 + 3);
}

static void test_overlap(void **state UNUSED)
{
	static const struct insn bad[] = {
		LINE(one, "iiiiiiii ........ aaaaa 000 ddddd 001", imm_negative, 1, ""),
		LINE(two, "........ ........ aaaaa 0.0 ddd00 001", NULL, 1, ""),
		LINE(three, "0....... ........ aaaaa 0.0 ddd0. 001", NULL, 1, ""),
	};
	static struct insn_table *table;
	const struct insn_set set = SET(bad);
	char buf[200];
	struct str s = STR(buf);

	assert_false(insn_check(&set, &s));
	assert_non_null(strstr(buf, "two"));
	assert_non_null(strstr(buf, "three"));
	assert_null(strstr(buf, "one"));
}

static u32 pick_low(void *opaque, char letter, u32 bits, u32 random)
{
	++*(u32 *)opaque;
	if (letter == 'd')
		assert_int_equal(bits, 5);
	return letter == 'd' ? 3 : random;
}

static void test_random(void **state UNUSED)
{
	static struct insn_table *table;
	const struct insn_set set = SET(good);
	u64 seed = 1;
	u32 picks = 0, seen = 0;
	struct operands o;

	for (u32 i = 0; i < 1000; i++) {
		u32 word = insn_random(&set, &good[0], 3, &seed, pick_low, &picks);

		assert_ptr_equal(insn_decode(&set, word, 3, &o), &good[0]);
		assert_int_equal(o.d, 3);
		assert_true(o.imm <= -16);	/* else it were wide_f */
		seen |= 1u << o.a;
	}
	assert_int_equal(seen, ~0u);
	assert_true(picks >= 4000);
}

static void test_find_coverage(void **state UNUSED)
{
	static struct insn_table *table;
	const struct insn_set set = SET(good);
	struct operands o;

	assert_ptr_equal(insn_find(&set, "wide.*", 1), &good[1]);
	assert_null(insn_find(&set, "wide.*", 2));
	insn_decode(&set, 1, 1, &o);
	assert_int_equal(insn_coverage(&set, &good[0]), 0);
	insn_coverage_start(&set);
	insn_decode(&set, 1, 1, &o);
	insn_decode(&set, 1, 1, &o);
	assert_int_equal(insn_coverage(&set, &good[0]), 2);
	assert_int_equal(insn_bits(&set, &good[2]).value, 1 << 8 | 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_find_coverage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
