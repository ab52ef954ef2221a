/* Unit tests of base/log.h and base/trace.h. */
#include "base/log.h"
#include "base/trace.h"
#include "../unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void parse(void **state)
{
	struct error err = { 0 };
	u32 mask = 7;

	assert_int_equal(log_parse("in_asm,exec", &mask, &err), 0);
	assert_int_equal(mask, LOG_IN_ASM | LOG_EXEC);
	assert_int_equal(log_parse("", &mask, &err), 0);
	assert_int_equal(mask, 0);
	assert_int_equal(log_parse("op,nochain", &mask, &err), 0);
	assert_int_equal(mask, LOG_IR | LOG_NOCHAIN);
	assert_int_equal(log_parse("all", &mask, &err), 0);
	assert_int_equal(mask & (LOG_NOCHAIN | LOG_STRACE), 0);
	assert_true(mask & LOG_GUEST_ERROR);
	mask = 7;
	assert_int_equal(log_parse("exec,exe", &mask, &err), -EINVAL);
	assert_int_equal(mask, 7);
	assert_non_null(strstr(err.text, "'exe'"));
}

static size_t read_log(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(buf, 1, size - 1, f);
	fclose(f);
	buf[n] = 0;
	return n;
}

static void writes(void **state)
{
	char dir[] = "/tmp/mimus-log-XXXXXX", buf[8192];
	struct error err = { 0 };
	AUTO_FREE char *text = xcalloc(1, LOG_LINE_MAX + 100);
	AUTO_FREE char *name = NULL, *path = NULL;

	assert_non_null(mkdtemp(dir));
	name = xasprintf("%s/log.%%d", dir);
	path = xasprintf("%s/log.%d", dir, (int)getpid());
	assert_int_equal(log_open(name, false, &err), 0);
	errno = 5;
	log_write("%s %d\n", "one", 1);
	assert_int_equal(errno, 5);
	log_item(LOG_EXEC, "not written\n");
	log_mask = LOG_EXEC;
	log_item(LOG_EXEC, "two\n");
	log_mask = 0;
	read_log(path, buf, sizeof buf);
	assert_string_equal(buf, "one 1\ntwo\n");
	close(log_fd());

	assert_int_equal(log_open(name, true, &err), 0);
	memset(text, 'x', LOG_LINE_MAX + 50);
	log_write("%s", text);		/* cut, and still a line */
	assert_int_equal(read_log(path, buf, sizeof buf), 10 + LOG_LINE_MAX - 1);
	assert_int_equal(buf[10 + LOG_LINE_MAX - 2], '\n');
	close(log_fd());

	assert_int_equal(log_open(name, false, &err), 0);
	assert_int_equal(read_log(path, buf, sizeof buf), 0);
	trace(unit_test, "value %d", 4);
	assert_int_equal(trace_enable("unit_tes?"), 1);
	assert_int_equal(trace_enable("no such point"), 0);
	for (int i = 0; i < 2; i++)
		trace(unit_test_later, "i %d %s", i, "x");
	assert_int_equal(trace_enable("unit_test_later:i *"), 1);
	trace(unit_test_later, "plain");
	for (int i = 0; i < 2; i++)
		trace(unit_test_again, "again");
	read_log(path, buf, sizeof buf);
	assert_string_equal(buf, "");
	close(log_fd());
	log_use(STDERR_FILENO);

	unlink(path);
	rmdir(dir);
	assert_int_equal(log_open("/nosuch/dir/file", false, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nosuch/dir/file"));
}

static void one_point(int i)
{
	trace(unit_test_on, "i=%d", i);
}

static void tracing(void **state)
{
	int ends[2];
	char buf[100] = { 0 };

	assert_int_equal(pipe(ends), 0);
	log_use(ends[1]);
	one_point(1);
	assert_int_equal(trace_enable("unit_test_on:i=*"), 1);
	one_point(2);
	assert_int_equal(read(ends[0], buf, sizeof buf), 18);
	assert_string_equal(buf, "unit_test_on: i=2\n");
	log_use(STDERR_FILENO);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse), cmocka_unit_test(writes), cmocka_unit_test(tracing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
