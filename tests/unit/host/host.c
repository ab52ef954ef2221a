/* Unit tests of host/: the processor's level and file helpers. */
#include "host/cpu.h"
#include "host/file.h"
#include "../unit.h"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void level(void **state)
{
	struct error err = { 0 };
	u32 real;

	unsetenv("MIMUS_HOST");
	real = host_cpu_level();
	assert_in_range(real, 1, 4);
	/* The compiler's own probe agrees on what v3 and v4 hinge on. */
	assert_int_equal(real >= 3, __builtin_cpu_supports("avx2") &&
			 __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma"));
	assert_int_equal(real >= 4, real >= 3 && __builtin_cpu_supports("avx512vl") &&
			 __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"));
	setenv("MIMUS_HOST", "v1", 1);
	assert_int_equal(host_cpu_level(), 1);
	setenv("MIMUS_HOST", "v4", 1);
	assert_int_equal(host_cpu_level(), real);
	unsetenv("MIMUS_HOST");
	assert_int_equal(host_check(&err), 0);
}

static void hide(void **state)
{
	int fd = open("/dev/null", O_RDONLY), high = file_hide(fd);

	assert_true(high > fd);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(fcntl(high, F_GETFD), FD_CLOEXEC);
	close(high);
}

static void read_start(void **state)
{
	struct error err = { 0 };
	char buf[4];

	assert_int_equal(file_read_start("/proc/self/exe", buf, 4, &err), 4);
	assert_memory_equal(buf, "\177ELF", 4);
	assert_int_equal(file_read_start("/dev/null", buf, 4, &err), 0);
	assert_int_equal(file_read_start("/nosuch", buf, 4, &err), -ENOENT);
	assert_string_equal(err.text, "/nosuch: No such file or directory");
	assert_int_equal(file_read_start("/tmp", buf, 4, &err), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(level), cmocka_unit_test(hide), cmocka_unit_test(read_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
