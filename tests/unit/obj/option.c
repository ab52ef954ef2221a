/* Unit tests of obj/option.h. */
#include "obj/option.h"
#include "../unit.h"
#include <stdlib.h>

struct opts {
	char *path;
	u64 size;
	bool quiet;
	u32 calls;
};

static int count_call(void *into, const char *arg, struct error *err)
{
	struct opts *o = into;

	if (!strcmp(arg, "bad"))
		return fail(err, EINVAL, "bad is not good");
	o->calls++;
	return 0;
}

static const struct option_group group = {
	.name = "test", .usage = "[options] file", .intro = "Intro.",
	.props = PROPS(PROP(struct opts, path, NULL, NULL), PROP(struct opts, size, 5, NULL),
		       PROP(struct opts, quiet, false, NULL)),
	.options = OPTIONS({ "L", "path", "TEST_PATH", "a path to look under when there is a "
			     "reason to look there, and this text is long", "path" },
			   { "size", "n", NULL, "a size", "size" },
			   { "quiet", NULL, NULL, "say less", "quiet" },
			   { "call", "x", NULL, "call it", NULL, count_call }),
};

/* Parse words (NULL-ended, after the program's name) into o, made new. */
static int parse(struct opts *o, struct error *err, char **words)
{
	int argc = 0;

	props_init(group.props, o);
	o->calls = 0;
	while (words[argc])
		argc++;
	return options_parse(&group, o, argc, words, err);
}

#define WORDS(...) ((char *[]){ (char *)"prog", __VA_ARGS__, NULL })

static void good(void **state)
{
	struct error err = { 0 };
	struct opts o;

	assert_int_equal(parse(&o, &err, WORDS("-L", "/x", "--size=4K", "-quiet", "f", "-L")), 5);
	assert_string_equal(o.path, "/x");
	assert_int_equal(o.size, 4096);
	assert_true(o.quiet);
	props_done(group.props, &o);
	assert_int_equal(parse(&o, &err, WORDS("--", "-quiet")), 2);
	assert_false(o.quiet);
	assert_int_equal(o.size, 5);
	assert_int_equal(parse(&o, &err, WORDS("-")), 1);
	assert_int_equal(parse(&o, &err, WORDS("--call", "-L", "-call", "y", "z")), 5);
	assert_int_equal(o.calls, 2);
	props_done(group.props, &o);
}

static void bad(void **state)
{
	static const struct { const char *a, *b, *text; } t[] = {
		{ "-quite", NULL, "unknown option '-quite'; did you mean '-quiet'?" },
		{ "--xyzzy", NULL, "unknown option '-xyzzy'; '-help' lists the options" },
		{ "-size", NULL, "option '-size' needs an argument: -size n" },
		{ "-size", "x", "option '-size': 'x' is not right: give a number, also with K, M, "
		  "G or T" },
		{ "--quiet=1", NULL, "option '-quiet' takes no argument" },
		{ "-call", "bad", "option '-call': bad is not good" },
		{ "-size=4", NULL, "unknown option '-size=4'; did you mean '-size'?" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct error err = { 0 };
		struct opts o;

		assert_int_equal(parse(&o, &err, WORDS((char *)t[i].a, (char *)t[i].b)), -EINVAL);
		assert_string_equal(err.text, t[i].text);
		props_done(group.props, &o);
	}
}

static void environment(void **state)
{
	struct error err = { 0 };
	struct opts o;

	props_init(group.props, &o);
	setenv("QEMU_TEST_PATH", "/qemu", 1);
	assert_int_equal(options_from_env(&group, &o, &err), 0);
	assert_string_equal(o.path, "/qemu");
	setenv("MIMUS_TEST_PATH", "/mimus", 1);
	assert_int_equal(options_from_env(&group, &o, &err), 0);
	assert_string_equal(o.path, "/mimus");
	props_done(group.props, &o);
}

static void help(void **state)
{
	AUTO_FREE char *text = options_help(&group, "/usr/bin/prog");

	assert_non_null(strstr(text, "Usage: prog [options] file\nIntro.\n"));
	assert_non_null(strstr(text, "\n  -size n               a size\n"));
	assert_non_null(strstr(text, "\n  TEST_PATH             -L\n"));
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 100);
}

static void groups(void **state)
{
	option_group_add(&group);
	assert_ptr_equal(option_group_find("test"), &group);
	assert_null(option_group_find("nosuch"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good), cmocka_unit_test(bad), cmocka_unit_test(environment),
		cmocka_unit_test(help), cmocka_unit_test(groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
