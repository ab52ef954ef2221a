/* Unit tests of base/str.h. */
#include "base/str.h"
#include "../unit.h"

static void builder_never_overflows(void **state)
{
	char buf[8];
	struct str s = STR(buf);

	str_add(&s, "%d-", 12);
	assert_string_equal(buf, "12-");
	assert_false(s.cut);
	str_puts(&s, "abcd");
	assert_string_equal(buf, "12-abcd");
	assert_false(s.cut);
	str_puts(&s, "e");
	assert_string_equal(buf, "12-abcd");
	assert_true(s.cut);
	s = STR(buf);
	str_add(&s, "%s", "0123456789");
	assert_string_equal(buf, "0123456");
	assert_true(s.cut);
	assert_int_equal(s.len, 7);
	s = STR(buf);
	str_putc(&s, 'x');
	str_pad(&s, 4);
	assert_string_equal(buf, "x   ");
	str_pad(&s, 100);
	assert_int_equal(s.len, 7);
}

static void glob(void **state)
{
	static const struct { const char *pattern, *text; bool match; } t[] = {
		{ "*", "", true }, { "", "", true }, { "", "a", false }, { "a", "a", true },
		{ "a*", "abc", true }, { "*c", "abc", true }, { "*b*", "abc", true },
		{ "a?c", "abc", true }, { "a?c", "ac", false }, { "*a*b*c", "xxaxxbxxbc", true },
		{ "*a*b*c", "xxaxxbxxbcd", false }, { "?", "", false }, { "**", "ab", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		assert_int_equal(str_glob(t[i].pattern, t[i].text), t[i].match);
}

static void ends(void **state)
{
	assert_true(str_starts("mimus-x", "mimus-"));
	assert_false(str_starts("mimus", "mimus-"));
	assert_true(str_ends("a-static", "-static"));
	assert_false(str_ends("static", "-static"));
	assert_true(str_ends("a", ""));
}

static void numbers(void **state)
{
	static const struct { const char *text; bool units, good; u64 v; } t[] = {
		{ "0", false, true, 0 }, { "12", false, true, 12 }, { "0x1F", false, true, 31 },
		{ "18446744073709551615", false, true, UINT64_MAX },
		{ "18446744073709551616", false, false, 0 },
		{ "0xffffffffffffffff", false, true, UINT64_MAX },
		{ "0x10000000000000000", false, false, 0 },
		{ "", false, false, 0 }, { "0x", false, false, 0 }, { "-1", false, false, 0 },
		{ "1f", false, false, 0 }, { " 1", false, false, 0 }, { "1 ", false, false, 0 },
		{ "4K", false, false, 0 }, { "4K", true, true, 4096 },
		{ "2m", true, true, 2 * MiB },
		{ "1G", true, true, GiB }, { "16777215T", true, true, 16777215 * TiB },
		{ "16777216T", true, false, 0 }, { "1KB", true, false, 0 },
		{ "1q", true, false, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		u64 v = 77;

		assert_int_equal(str_to_u64(t[i].text, t[i].units, &v), t[i].good);
		assert_int_equal(v, t[i].good ? t[i].v : 77);
	}
}

static void distance(void **state)
{
	assert_int_equal(str_distance("", ""), 0);
	assert_int_equal(str_distance("abc", ""), 3);
	assert_int_equal(str_distance("", "abc"), 3);
	assert_int_equal(str_distance("strace", "strase"), 1);
	assert_int_equal(str_distance("strace", "starce"), 1);
	assert_int_equal(str_distance("kitten", "sitting"), 3);
	assert_true(str_distance("0123456789012345678901234567890123456789012345678901234567890123",
				 "a") > 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builder_never_overflows), cmocka_unit_test(glob),
		cmocka_unit_test(ends), cmocka_unit_test(numbers), cmocka_unit_test(distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
