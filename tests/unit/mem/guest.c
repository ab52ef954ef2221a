/* Unit tests of mem/guest.h: accesses that fault, at every kind of edge. */
#include "mem/guest.h"
#include "../unit.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

static gva page;	/* one page that can be written, between two that are not there */
static gva readonly;	/* the page behind those */
static int handled;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	handled++;
	if (!guest_fixup_signal(context, info))
		_exit(99);
}

/* cmocka puts its own handlers in place before each test. */
static void catch_faults(void)
{
	struct sigaction act = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	assert_int_equal(sigaction(SIGSEGV, &act, NULL) || sigaction(SIGBUS, &act, NULL), 0);
}

static int set_up(void **state)
{
	u8 *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || munmap(p, PAGE) || munmap(p + 2 * PAGE, PAGE) || mprotect(p + 3 * PAGE, PAGE, PROT_READ))
		return -1;
	page = (uintptr_t)p + PAGE - guest_base;
	readonly = page + 2 * PAGE;
	return 0;
}

static void expect_fault(gva addr, int code, bool write)
{
	assert_int_equal(guest_fault.addr, addr);
	assert_int_equal(guest_fault.signal, SIGSEGV);
	assert_int_equal(guest_fault.code, code);
	assert_int_equal(guest_fault.write, write);
}

static void copies(void **state)
{
	char in[100], out[100];

	for (int i = 0; i < 100; i++)
		in[i] = (char)(i * 7);
	assert_int_equal(guest_write(page + 5, in, 100), 0);
	assert_int_equal(guest_read(out, page + 5, 100), 0);
	assert_memory_equal(in, out, 100);
	assert_int_equal(guest_set(page + 10, 0xee, 3), 0);
	assert_int_equal(guest_read(out, page + 9, 5), 0);
	assert_memory_equal(out, ((char[]){ in[4], (char)0xee, (char)0xee, (char)0xee, in[8] }), 5);
	assert_int_equal(guest_read(out, 0, 0), 0);
}

static void copies_that_fault(void **state)
{
	char buf[PAGE] = { 1 };

	catch_faults();
	assert_int_equal(guest_read(buf, page + PAGE - 10, 11), -EFAULT);
	expect_fault(page + PAGE, SEGV_MAPERR, false);
	assert_int_equal(guest_write(page + PAGE - 10, buf, 30), -EFAULT);
	expect_fault(page + PAGE, SEGV_MAPERR, true);
	assert_int_equal(guest_set(page - 1, 0, 2), -EFAULT);
	expect_fault(page - 1, SEGV_MAPERR, true);
	assert_int_equal(guest_write(readonly + 8, buf, 1), -EFAULT);
	expect_fault(readonly + 8, SEGV_ACCERR, true);
	/* what comes before the fault has been copied */
	memset(buf, 9, sizeof buf);
	assert_int_equal(guest_write(page + PAGE - 4, buf, 8), -EFAULT);
	assert_int_equal(guest_read(buf, page + PAGE - 4, 4), 0);
	assert_memory_equal(buf, "\t\t\t\t", 4);
}

static void outside(void **state)
{
	const u64 all = ~(u64)0;
	int before = handled;
	char c = 0;
	u64 v;

	catch_faults();
	assert_int_equal(guest_read(&c, guest_va_end, 1), -EFAULT);
	expect_fault(guest_va_end, SEGV_MAPERR, false);
	assert_int_equal(guest_read(&c, guest_va_end - 1, 2), -EFAULT);
	assert_int_equal(guest_read(&c, all, 2), -EFAULT);	/* sums must not wrap */
	assert_int_equal(guest_write(1, &c, all), -EFAULT);
	assert_int_equal(guest_set(all - 3, 0, 8), -EFAULT);
	assert_false(guest_load(guest_va_end - 4, 3, &v));
	assert_false(guest_store(all - 6, 3, 0));
	assert_false(guest_cas(guest_va_end, 3, 0, 0, &v));
	assert_int_equal(guest_read_string(&c, all, 1), -EFAULT);
	assert_int_equal(handled, before);
}

static void words(void **state)
{
	const u64 pattern = 0x8899aabbccddeeffu;
	u64 v;

	catch_faults();
	for (u32 log2 = 0; log2 <= 3; log2++) {
		u32 bits = 8u << log2;
		u64 want = bits == 64 ? pattern : pattern & (((u64)1 << bits) - 1);

		assert_true(guest_store(page + 1, 3, 0));
		assert_true(guest_store(page + 1, log2, pattern));
		assert_true(guest_load(page + 1, 3, &v));
		assert_int_equal(v, want);
		assert_true(guest_load(page + 1, log2, &v));
		assert_int_equal(v, want);
		assert_false(guest_load(page + PAGE, log2, &v));
		expect_fault(page + PAGE, SEGV_MAPERR, false);
		assert_int_equal(v, want);	/* untouched by the failure */
		assert_false(guest_store(readonly, log2, 1));
		expect_fault(readonly, SEGV_ACCERR, true);
	}
}

static void swaps(void **state)
{
	u64 old = 1;

	catch_faults();
	assert_true(guest_store(page, 3, 0x1122334455667788u));
	assert_true(guest_cas(page, 2, 0x55667788, 0xaaaaaaaa, &old));
	assert_int_equal(old, 0x55667788);
	assert_true(guest_cas(page, 2, 0xffffffff55667788u, 1, &old));	/* fails: something else is there */
	assert_int_equal(old, 0xaaaaaaaa);
	assert_true(guest_cas(page, 3, 0x11223344aaaaaaaau, 5, &old));
	assert_true(guest_load(page, 3, &old));
	assert_int_equal(old, 5);
	assert_false(guest_cas(readonly, 3, 0, 0, &old));
	expect_fault(readonly, SEGV_ACCERR, true);
}

static void strings(void **state)
{
	char buf[64];

	catch_faults();
	/* every alignment, up to the last byte before a page that is not there */
	for (u64 len = 0; len < 20; len++) {
		for (u64 gap = 0; gap < 12; gap++) {
			gva at = page + PAGE - gap - len - 1;

			assert_int_equal(guest_set(page + PAGE - 40, 'x', 40), 0);
			assert_int_equal(guest_store(at + len, 0, 0), true);
			memset(buf, 1, sizeof buf);
			assert_int_equal(guest_read_string(buf, at, len + 1), len);
			assert_int_equal(strlen(buf), len);
			assert_int_equal(buf[len + 1], 1);
			assert_int_equal(guest_read_string(buf, at, len), -ENAMETOOLONG);
			assert_int_equal(guest_read_string(buf, at, sizeof buf), len);
		}
	}
	assert_int_equal(guest_set(page + PAGE - 40, 'x', 40), 0);
	assert_int_equal(guest_read_string(buf, page + PAGE - 5, sizeof buf), -EFAULT);
	assert_int_equal(guest_read_string(buf, page - 3, sizeof buf), -EFAULT);
}

/* A byte of 0x80 or more, or of 1, must not be taken for the end. */
static void string_bytes(void **state)
{
	char buf[16];

	for (int c = 1; c < 256; c++) {
		char in[10] = { (char)c, 1, (char)0x80, (char)0x81, (char)c, 'a', (char)0xff, 0, 1, 0 };

		assert_int_equal(guest_write(page, in, sizeof in), 0);
		assert_int_equal(guest_read_string(buf, page, sizeof buf), 7);
		assert_memory_equal(buf, in, 8);
	}
}

static void past_file_end(void **state)
{
	char name[] = "/tmp/mimus-guest-XXXXXX";
	int fd = mkstemp(name);
	u8 *p;
	u64 v;

	catch_faults();
	assert_true(fd >= 0);
	unlink(name);
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(p != MAP_FAILED);
	assert_false(guest_load((uintptr_t)p - guest_base, 3, &v));
	assert_int_equal(guest_fault.signal, SIGBUS);
	assert_int_equal(guest_fault.code, BUS_ADRERR);
	munmap(p, PAGE);
	close(fd);
}

static void other_faults_are_not_ours(void **state)
{
	ucontext_t uc = { 0 };

	uc.uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)&other_faults_are_not_ours;
	assert_false(guest_fixup(&uc));
	assert_int_equal(uc.uc_mcontext.gregs[REG_RIP], (uintptr_t)&other_faults_are_not_ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies), cmocka_unit_test(copies_that_fault), cmocka_unit_test(outside),
		cmocka_unit_test(words), cmocka_unit_test(swaps), cmocka_unit_test(strings),
		cmocka_unit_test(string_bytes), cmocka_unit_test(past_file_end),
		cmocka_unit_test(other_faults_are_not_ours),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
