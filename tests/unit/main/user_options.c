/* Unit tests of main/user_options.h: the environment, and handing options on. */
#include "main/user_options.h"
#include "../unit.h"
#include <stdlib.h>

static const char *env(const struct user_options *o, const char *name)
{
	size_t len = strlen(name);

	for (char **e = o->envp; *e; e++) {
		if (!strncmp(*e, name, len) && (*e)[len] == '=')
			return *e + len + 1;
	}
	return NULL;
}

static int set(struct user_options *o, const char *name, const char *arg)
{
	struct error err = { 0 };

	return option_set(&user_option_group, o, name, arg, &err);
}

static void environment(void **state)
{
	struct user_options o;

	setenv("T_ONE", "1", 1);
	setenv("T_ONELONGER", "11", 1);
	user_options_init(&o);
	assert_string_equal(env(&o, "T_ONE"), "1");
	assert_int_equal(set(&o, "E", "T_ONE=2,T_NEW=a=b"), 0);
	assert_string_equal(env(&o, "T_ONE"), "2");
	assert_string_equal(env(&o, "T_ONELONGER"), "11");
	assert_string_equal(env(&o, "T_NEW"), "a=b");
	assert_int_equal(set(&o, "U", "T_ONE,T_NEW,T_NOSUCH"), 0);
	assert_null(env(&o, "T_ONE"));
	assert_null(env(&o, "T_NEW"));
	assert_string_equal(env(&o, "T_ONELONGER"), "11");
	assert_int_equal(set(&o, "E", "T_ONE="), 0);
	assert_string_equal(env(&o, "T_ONE"), "");
	assert_int_equal(set(&o, "E", "T_X"), -EINVAL);
	assert_int_equal(set(&o, "E", "=x"), -EINVAL);
	assert_int_equal(set(&o, "E", "A,B=1"), -EINVAL);
	assert_int_equal(set(&o, "U", "A=1"), -EINVAL);
	assert_string_equal(getenv("T_ONE"), "1");
	user_options_done(&o);
}

static void handed_on(void **state)
{
	struct user_options a, b;
	struct error err = { 0 };
	char *text;

	user_options_init(&a);
	text = user_options_save(&a);
	assert_string_equal(text, "");
	free(text);
	assert_int_equal(set(&a, "L", "/a%b\nc=%25,d"), 0);
	assert_int_equal(set(&a, "B", "0x10000"), 0);
	assert_int_equal(set(&a, "strace", NULL), 0);
	assert_int_equal(set(&a, "one-insn-per-tb", NULL), 0);
	assert_int_equal(set(&a, "g", "1234"), 0);
	assert_int_equal(set(&a, "0", "zero"), 0);
	assert_int_equal(set(&a, "root", "/r"), 0);
	assert_int_equal(set(&a, "bind", "/a:/b:ro"), 0);
	assert_int_equal(set(&a, "E", "T_ONE=5"), 0);
	assert_int_equal(a.bind_count, 1);
	assert_string_equal(a.binds[0].from, "/a");
	assert_string_equal(a.binds[0].to, "/b");
	assert_true(a.binds[0].read_only);
	text = user_options_save(&a);
	user_options_init(&b);
	assert_int_equal(user_options_load(&b, text, &err), 0);
	assert_string_equal(b.sysroot, "/a%b\nc=%25,d");
	assert_int_equal(b.guest_base, 0x10000);
	assert_true(b.strace && b.one_insn);
	assert_false(b.perfmap || b.help || b.version);
	/* these are about the first program alone */
	assert_null(b.gdb);
	assert_null(b.argv0);
	assert_null(b.root);
	assert_int_equal(b.bind_count, 0);
	assert_true(!env(&b, "T_ONE") || strcmp(env(&b, "T_ONE"), "5"));
	free(text);
	user_options_done(&a);
	user_options_done(&b);
}

static void bad_text(void **state)
{
	static const char *const texts[] = { "nosuch\n", "s=x\n", "s\n", "=\n", "\n", "-strace\n" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO_FREE char *text = xstrdup(texts[i]);
		struct user_options o;
		struct error err = { 0 };

		user_options_init(&o);
		assert_int_equal(user_options_load(&o, text, &err), -EINVAL);
		user_options_done(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(environment), cmocka_unit_test(handed_on),
		cmocka_unit_test(bad_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
