/* Unit tests of the guest memory map: results as Linux gives them, record and host in step, code dropped. */
#include "user/linux.h"
#include "../unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ull
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)

enum { NOREPLACE = 0x100000, GROWSDOWN = 0x100, HOLES = -1 };

static gva dropped;
static u64 dropped_len;

static void invalidate(gva start, u64 len)
{
	dropped = start;
	dropped_len = len;
}

static const struct accel accel = { .name = "fake", .invalidate = invalidate };
static const struct target target = { .name = "fake", .va_bits = 47, .elf_class = 2 };
static struct user_config cfg = { .accel = &accel };

static void on_fault(int sig, siginfo_t *info, void *context)
{
	if (!guest_fixup_signal(context, info))
		_exit(99);
}

static void catch_faults(void)
{
	struct sigaction act = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	assert_int_equal(sigaction(SIGSEGV, &act, NULL) || sigaction(SIGBUS, &act, NULL), 0);
}

static int set_up(void **state)
{
	struct error err;

	process.cfg = &cfg;
	process.target = &target;
	if (mm_init(&err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	return 0;
}

static int prot_of(gva va)
{
	gva end;

	return mm_prot(va, &end);
}

/* Record and host agree on one page. */
static void check_page(gva va, int prot)
{
	u64 v;

	assert_int_equal(prot_of(va), prot);
	if (prot > 0 && (prot & (PROT_READ | PROT_EXEC))) {
		assert_true(guest_load(va, 3, &v));
	} else if (prot == HOLES || prot == PROT_NONE) {
		assert_false(guest_load(va, 3, &v));
		assert_int_equal(guest_fault.code, prot == HOLES ? SEGV_MAPERR : SEGV_ACCERR);
	}
	if (prot > 0 && (prot & PROT_WRITE)) {
		assert_true(guest_store(va, 0, 1));
	} else {
		assert_false(guest_store(va, 0, 1));
	}
}

static gva map(u64 pages, u32 prot)
{
	i64 va = mm_mmap(0, pages * PAGE, prot, ANON, -1, 0);

	assert_true(va > 0 && va % PAGE == 0);
	return (gva)va;
}

static void map_and_unmap(void **state)
{
	gva a = map(10, RW);

	catch_faults();
	check_page(a, RW);
	check_page(a + 9 * PAGE, RW);
	assert_int_equal(mm_munmap(a + 3 * PAGE, 2 * PAGE), 0);
	check_page(a + 2 * PAGE, RW);
	check_page(a + 3 * PAGE, HOLES);
	check_page(a + 4 * PAGE, HOLES);
	check_page(a + 5 * PAGE, RW);
	assert_int_equal(mm_munmap(a, 10 * PAGE), 0);
	check_page(a, HOLES);
	assert_int_equal(mm_munmap(a, 10 * PAGE), 0);	/* nothing there is fine */
}

static void map_errors(void **state)
{
	gva a = map(2, RW);
	const u64 end = guest_va_end;

	assert_int_equal(mm_mmap(0, 0, RW, ANON, -1, 0), -EINVAL);
	assert_int_equal(mm_mmap(0, PAGE, RW, ANON, -1, 7), -EINVAL);
	assert_int_equal(mm_mmap(0, ~(u64)0, RW, ANON, -1, 0), -ENOMEM);
	assert_int_equal(mm_mmap(0, end + 1, RW, ANON, -1, 0), -ENOMEM);
	assert_int_equal(mm_mmap(0, PAGE, RW, MAP_ANONYMOUS, -1, 0), -EINVAL);	/* neither shared nor private */
	assert_int_equal(mm_mmap(0, PAGE, RW, MAP_PRIVATE, -1, 0), -EBADF);
	assert_int_equal(mm_mmap(a + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), -EINVAL);
	assert_int_equal(mm_mmap(a, PAGE, RW, ANON | NOREPLACE, -1, 0), -EEXIST);
	assert_int_equal(mm_mmap(a - PAGE, 2 * PAGE, RW, ANON | NOREPLACE, -1, 0), -EEXIST);
	assert_int_equal(mm_mmap(end, PAGE, RW, ANON | MAP_FIXED, -1, 0), -ENOMEM);
	assert_int_equal(mm_mmap(end - PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0), -ENOMEM);
	assert_int_equal(mm_mmap((uintptr_t)&accel & ~(PAGE - 1), PAGE, RW, ANON | MAP_FIXED, -1, 0), -ENOMEM);
	assert_int_equal(mm_munmap(a + 1, PAGE), -EINVAL);
	assert_int_equal(mm_munmap(a, 0), -EINVAL);
	assert_int_equal(mm_munmap(a, ~(u64)0), -EINVAL);
	assert_int_equal(mm_munmap(end, PAGE), -EINVAL);
	assert_int_equal(prot_of(a), RW);
	assert_int_equal(mm_munmap(a, 2 * PAGE), 0);
}

static void hints(void **state)
{
	gva a = map(1, RW), hint = 0x10000000;

	assert_int_equal(mm_mmap(hint, PAGE, RW, ANON, -1, 0), hint);
	assert_int_equal(mm_mmap(hint + 2 * PAGE + 5, PAGE, RW, ANON, -1, 0), hint + 3 * PAGE);
	assert_int_not_equal(mm_mmap(hint, PAGE, RW, ANON, -1, 0), hint);	/* taken */
	assert_int_equal(mm_mmap(hint + PAGE, PAGE, RW, ANON | NOREPLACE, -1, 0), hint + PAGE);
	assert_true(mm_mmap(guest_va_end + PAGE, PAGE, RW, ANON, -1, 0) > 0);
	assert_int_equal(mm_munmap(hint, 4 * PAGE), 0);
	/* the place just left is found again */
	assert_int_equal(mm_munmap(a, PAGE), 0);
	assert_int_equal(map(1, RW), a);
	assert_int_equal(mm_munmap(a, PAGE), 0);
}

static void fixed_replaces(void **state)
{
	gva a = map(4, RW);

	catch_faults();
	assert_true(guest_store(a + PAGE, 3, 0x1234));
	assert_int_equal(mm_mmap(a + PAGE, 2 * PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0), a + PAGE);
	check_page(a, RW);
	check_page(a + PAGE, PROT_READ);
	check_page(a + 2 * PAGE, PROT_READ);
	check_page(a + 3 * PAGE, RW);
	assert_int_equal(mm_munmap(a, 4 * PAGE), 0);
}

static void huge_reservation(void **state)
{
	i64 a = mm_mmap(0, (64 * GiB), PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	gva end;

	catch_faults();
	assert_true(a > 0);
	assert_int_equal(mm_prot((gva)a, &end), 0);
	assert_int_equal(end, (gva)a + (64 * GiB));
	assert_int_equal(mm_mprotect((gva)a + GiB, PAGE, RW), 0);
	check_page((gva)a + GiB, RW);
	check_page((gva)a, PROT_NONE);
	assert_int_equal(mm_munmap((gva)a, (64 * GiB)), 0);
}

static void protect(void **state)
{
	gva a = map(6, RW), end;

	catch_faults();
	assert_int_equal(mm_mprotect(a + 2 * PAGE, PAGE + 1, PROT_READ), 0);	/* rounds up: two pages */
	check_page(a + PAGE, RW);
	check_page(a + 2 * PAGE, PROT_READ);
	check_page(a + 3 * PAGE, PROT_READ);
	check_page(a + 4 * PAGE, RW);
	assert_int_equal(mm_mprotect(a, 6 * PAGE, PROT_READ | PROT_EXEC), 0);
	check_page(a + 5 * PAGE, PROT_READ | PROT_EXEC);
	assert_int_equal(mm_mprotect(a, PAGE, PROT_EXEC), 0);
	check_page(a, PROT_EXEC);
	assert_int_equal(mm_mprotect(a, 6 * PAGE, PROT_NONE), 0);
	check_page(a, PROT_NONE);
	assert_int_equal(mm_prot(a, &end), 0);
	assert_int_equal(end, a + 6 * PAGE);
	assert_int_equal(mm_mprotect(a, 0, RW), 0);
	assert_int_equal(mm_mprotect(a + 1, PAGE, RW), -EINVAL);
	assert_int_equal(mm_mprotect(a, PAGE, 0x100), -EINVAL);
	assert_int_equal(mm_mprotect(guest_va_end, PAGE, RW), -ENOMEM);
	assert_int_equal(mm_mprotect(a, ~(u64)0, RW), -ENOMEM);
	/* a hole ends it, what lies before has changed */
	assert_int_equal(mm_munmap(a + 3 * PAGE, PAGE), 0);
	assert_int_equal(mm_mprotect(a, 6 * PAGE, RW), -ENOMEM);
	check_page(a + 2 * PAGE, RW);
	check_page(a + 4 * PAGE, PROT_NONE);
	assert_int_equal(mm_munmap(a, 6 * PAGE), 0);
}

static void protect_file(void **state)
{
	char name[] = "/tmp/mimus-mm-XXXXXX";
	int fd = mkstemp(name), ro = open(name, O_RDONLY);
	i64 a;

	catch_faults();
	assert_true(fd >= 0 && ro >= 0);
	unlink(name);
	assert_int_equal(ftruncate(fd, 2 * PAGE), 0);
	assert_int_equal(mm_mmap(0, PAGE, RW, MAP_SHARED, ro, 0), -EACCES);
	a = mm_mmap(0, 3 * PAGE, PROT_READ, MAP_SHARED, ro, 0);
	assert_true(a > 0);
	assert_int_equal(mm_mprotect((gva)a, PAGE, RW), -EACCES);
	check_page((gva)a, PROT_READ);
	assert_false(guest_load((gva)a + 2 * PAGE, 3, &(u64){ 0 }));
	assert_int_equal(guest_fault.signal, SIGBUS);
	assert_int_equal(mm_munmap((gva)a, 3 * PAGE), 0);
	close(fd);
	close(ro);
}

static void moves(void **state)
{
	gva a = map(4, RW), b;
	u64 v;
	i64 r;

	catch_faults();
	assert_true(guest_store(a + 3 * PAGE, 3, 77));
	assert_int_equal(mm_mremap(a, 4 * PAGE, 2 * PAGE, 0, 0), a);
	check_page(a + 2 * PAGE, HOLES);
	assert_int_equal(mm_mremap(a, 2 * PAGE, 4 * PAGE, 0, 0), a);	/* back: there is room */
	check_page(a + 3 * PAGE, RW);
	assert_true(guest_load(a + 3 * PAGE, 3, &v) && v == 1);
	b = a + 4 * PAGE;
	assert_int_equal(mm_mmap(b, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0), b);
	assert_int_equal(mm_mremap(a, 4 * PAGE, 5 * PAGE, 0, 0), -ENOMEM);
	assert_true(guest_store(a, 3, 99));
	r = mm_mremap(a, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, 0);
	assert_true(r > 0 && (gva)r != a);
	check_page(a, HOLES);
	assert_true(guest_load((gva)r, 3, &v) && v == 99);
	check_page((gva)r + 7 * PAGE, RW);
	assert_int_equal(mm_mremap((gva)r, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 0x20000000), 0x20000000);
	check_page((gva)r, HOLES);
	assert_true(guest_load(0x20000000, 3, &v) && v == 99);
	assert_int_equal(mm_munmap(0x20000000, 8 * PAGE), 0);
	assert_int_equal(mm_munmap(b, PAGE), 0);
}

static void move_errors(void **state)
{
	gva a = map(4, RW);

	assert_int_equal(mm_mremap(a + 1, PAGE, PAGE, 0, 0), -EINVAL);
	assert_int_equal(mm_mremap(a, PAGE, 0, 0, 0), -EINVAL);
	assert_int_equal(mm_mremap(a, PAGE, PAGE, 8, 0), -EINVAL);
	assert_int_equal(mm_mremap(a, PAGE, PAGE, MREMAP_FIXED, 0x20000000), -EINVAL);
	assert_int_equal(mm_mremap(a, PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, a), -EINVAL);
	assert_int_equal(mm_mremap(a, 2 * PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, a + PAGE), -EINVAL);
	assert_int_equal(mm_mremap(a, PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, guest_va_end), -EINVAL);
	assert_int_equal(mm_mremap(a, 0, PAGE, MREMAP_MAYMOVE, 0), -EINVAL);	/* private: no second view */
	assert_int_equal(mm_mremap(a, 4 * PAGE, 8 * PAGE, 4 | MREMAP_MAYMOVE, 0), -EINVAL);
	assert_int_equal(mm_munmap(a + PAGE, PAGE), 0);
	assert_int_equal(mm_mremap(a, 3 * PAGE, 5 * PAGE, MREMAP_MAYMOVE, 0), -EFAULT);
	assert_int_equal(mm_mremap(a + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0), -EFAULT);
	assert_int_equal(mm_mremap(guest_va_end, PAGE, PAGE, 0, 0), -EFAULT);
	assert_int_equal(mm_munmap(a, 4 * PAGE), 0);
}

static void move_keeps_old(void **state)
{
	gva a = map(2, RW);
	u64 v;
	i64 r;

	catch_faults();
	assert_true(guest_store(a, 3, 5));
	r = mm_mremap(a, 2 * PAGE, 2 * PAGE, 4 | MREMAP_MAYMOVE, 0);	/* MREMAP_DONTUNMAP */
	assert_true(r > 0 && (gva)r != a);
	assert_true(guest_load((gva)r, 3, &v) && v == 5);
	assert_true(guest_load(a, 3, &v) && v == 0);
	check_page(a, RW);
	assert_int_equal(mm_munmap(a, 2 * PAGE) | mm_munmap((gva)r, 2 * PAGE), 0);
	/* a shared mapping seen twice */
	r = mm_mmap(0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(r > 0);
	a = (gva)mm_mremap((gva)r, 0, PAGE, MREMAP_MAYMOVE, 0);
	assert_true((i64)a > 0 && a != (gva)r);
	assert_true(guest_store(a, 3, 1234));
	assert_true(guest_load((gva)r, 3, &v) && v == 1234);
	assert_int_equal(mm_munmap(a, PAGE) | mm_munmap((gva)r, PAGE), 0);
}

static void breaks(void **state)
{
	gva start = 0x30000000;

	catch_faults();
	mm_set_brk(start);
	assert_int_equal(mm_brk(0), start);
	assert_int_equal(mm_brk(start - 1), start);
	assert_int_equal(mm_brk(start + 10), start + 10);
	check_page(start, RW);
	check_page(start + PAGE, HOLES);
	assert_int_equal(mm_brk(start + 5 * PAGE), start + 5 * PAGE);
	check_page(start + 4 * PAGE, RW);
	assert_int_equal(mm_brk(start + PAGE), start + PAGE);
	check_page(start + PAGE, HOLES);
	/* something in the way, and one page further */
	assert_int_equal(mm_mmap(start + 4 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0), start + 4 * PAGE);
	assert_int_equal(mm_brk(start + 4 * PAGE), start + PAGE);
	assert_int_equal(mm_brk(start + 3 * PAGE), start + 3 * PAGE);
	assert_int_equal(mm_brk(guest_va_end + 1), start + 3 * PAGE);
	assert_int_equal(mm_brk(start), start);
	check_page(start, HOLES);
	assert_int_equal(mm_munmap(start + 4 * PAGE, PAGE), 0);
}

/* Run f(va) and expect code of [va, va + pages) to be dropped, or nothing when pages is 0. */
#define EXPECT_DROP(va, pages, expr)                                                               \
	do {                                                                                       \
		dropped = dropped_len = 0;                                                         \
		assert_true((expr) >= 0);                                                          \
		assert_int_equal(dropped, (pages) ? (va) : 0);                                     \
		assert_int_equal(dropped_len, (pages) * PAGE);                                     \
	} while (0)

static void code_is_dropped(void **state)
{
	const u32 RX = PROT_READ | PROT_EXEC;
	gva a = map(4, RW), b;

	EXPECT_DROP(a, 0, mm_mprotect(a, 4 * PAGE, RX));	/* was no code before */
	EXPECT_DROP(a, 0, mm_mprotect(a, 4 * PAGE, RX));	/* no change */
	EXPECT_DROP(a, 1, mm_mprotect(a, PAGE, RX | PROT_WRITE));
	EXPECT_DROP(a, 1, mm_mprotect(a, PAGE, PROT_READ));
	EXPECT_DROP(a, 4, mm_madvise(a, 4 * PAGE, MADV_DONTNEED));
	EXPECT_DROP(a, 0, mm_madvise(a, 4 * PAGE, MADV_WILLNEED));
	EXPECT_DROP(a + PAGE, 1, mm_mmap(a + PAGE, PAGE, RX, ANON | MAP_FIXED, -1, 0));
	EXPECT_DROP(a + 3 * PAGE, 1, mm_munmap(a + 3 * PAGE, PAGE));
	EXPECT_DROP(a, 0, mm_munmap(a, PAGE));
	b = (gva)mm_mremap(a + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0);
	assert_true((i64)b > 0);
	EXPECT_DROP(b, 2, mm_munmap(b, 2 * PAGE));
	EXPECT_DROP(a, 4, mm_munmap(a, 4 * PAGE));
}

static void fetches(void **state)
{
	gva a = map(3, RW);
	struct vcpu *cpu = calloc(1, sizeof *cpu);
	bool writable = true;
	u8 buf[16];

	catch_faults();
	assert_true(guest_store(a + PAGE - 8, 3, 0x0807060504030201u));
	assert_int_equal(mm_mprotect(a, PAGE, PROT_READ | PROT_EXEC), 0);
	assert_int_equal(guest_code->fetch(cpu, a + PAGE - 8, buf, 16, &writable), 8);
	assert_false(writable);
	assert_int_equal(buf[7], 8);
	assert_int_equal(guest_code->fetch(cpu, a + PAGE, buf, 4, &writable), 0);
	assert_int_equal(cpu->fault_host_code, SEGV_ACCERR);
	assert_int_equal(cpu->fault_host_signal, SIGSEGV);
	assert_int_equal(mm_mprotect(a + PAGE, PAGE, PROT_EXEC | PROT_WRITE), 0);
	assert_int_equal(guest_code->fetch(cpu, a + PAGE - 8, buf, 16, &writable), 16);
	assert_true(writable);
	assert_int_equal(mm_munmap(a, 3 * PAGE), 0);
	assert_int_equal(guest_code->fetch(cpu, a, buf, 4, &writable), 0);
	assert_int_equal(cpu->fault_host_code, SEGV_MAPERR);
	assert_int_equal(guest_code->fetch(cpu, ~(u64)0 - 1, buf, 4, &writable), 0);
	assert_int_equal(guest_code->fetch(NULL, guest_va_end, buf, 4, &writable), 0);
	free(cpu);
}

static void grows(void **state)
{
	gva a = 0x50000000;

	catch_faults();
	assert_int_equal(mm_mmap(0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | GROWSDOWN, -1, 0), -EINVAL);
	assert_int_equal(mm_mmap(a, PAGE, RW, ANON | GROWSDOWN | MAP_FIXED, -1, 0), a);
	check_page(a - PAGE, HOLES);
	assert_true(mm_grow(a - 5 * PAGE + 8));
	check_page(a - 5 * PAGE, RW);
	check_page(a - PAGE, RW);
	assert_false(mm_grow(a));			/* is there */
	assert_false(mm_grow(a - 64 * MiB));		/* past RLIMIT_STACK */
	assert_int_equal(mm_mmap(a - 300 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0), a - 300 * PAGE);
	assert_false(mm_grow(a - 200 * PAGE));		/* too near to another mapping */
	/* PROT_GROWSDOWN: from its start */
	assert_int_equal(mm_mprotect(a - PAGE, PAGE, PROT_READ | 0x01000000), 0);
	check_page(a - 5 * PAGE, PROT_READ);
	check_page(a, RW);
	assert_int_equal(mm_mprotect(a - 300 * PAGE, PAGE, PROT_READ | 0x01000000), -EINVAL);
	assert_int_equal(mm_munmap(a - 300 * PAGE, 301 * PAGE), 0);
}

static void segments(void **state)
{
	int id = shmget(IPC_PRIVATE, 3 * PAGE, 0600 | IPC_CREAT);
	i64 a, b;
	u64 v;

	catch_faults();
	if (id < 0)
		skip();
	a = mm_shmat(id, 0, 0);
	b = mm_shmat(id, 0, SHM_RDONLY);
	shmctl(id, IPC_RMID, NULL);
	assert_true(a > 0 && b > 0 && a != b);
	check_page((gva)b, PROT_READ);
	assert_true(guest_store((gva)a, 3, 4711));
	assert_true(guest_load((gva)b, 3, &v) && v == 4711);
	assert_int_equal(mm_shmat(id, (gva)a, 0), -EINVAL);
	assert_int_equal(mm_shmat(id, 123, 0), -EINVAL);
	assert_int_equal(mm_shmdt((gva)a + PAGE), -EINVAL);
	assert_int_equal(mm_munmap((gva)b + PAGE, PAGE), 0);
	assert_int_equal(mm_shmdt((gva)b), 0);
	check_page((gva)b, HOLES);
	check_page((gva)a + 2 * PAGE, RW);
	assert_int_equal(mm_shmdt((gva)a), 0);
	check_page((gva)a + 2 * PAGE, HOLES);
	assert_int_equal(mm_shmdt((gva)a), -EINVAL);
}

static void residence(void **state)
{
	gva a = map(3, RW), vec = map(1, RW);
	u8 here[4] = { 0 };

	catch_faults();
	assert_true(guest_store(a + PAGE, 0, 1));
	assert_int_equal(mm_mincore(a, 2 * PAGE + 1, vec), 0);
	assert_int_equal(guest_read(here, vec, 4), 0);
	assert_int_equal(here[1] & 1, 1);
	assert_int_equal(here[3], 0);
	assert_int_equal(mm_mincore(a, PAGE, guest_va_end - 1), -EFAULT);
	assert_int_equal(mm_mincore(a + 1, PAGE, vec), -EINVAL);
	assert_int_equal(mm_mincore(guest_va_end, PAGE, vec), -ENOMEM);
	assert_int_equal(mm_msync(a, 3 * PAGE, MS_SYNC), 0);
	assert_int_equal(mm_msync(a + 1, PAGE, MS_SYNC), -EINVAL);
	assert_int_equal(mm_madvise(a, PAGE, 12345), -EINVAL);
	assert_int_equal(mm_madvise(a + 1, PAGE, MADV_NORMAL), -EINVAL);
	assert_int_equal(mm_munmap(a, 3 * PAGE) | mm_munmap(vec, PAGE), 0);
}

static void text(void **state)
{
	gva a = map(4, PROT_READ);
	char *maps, line[100];

	assert_int_equal(mm_mprotect(a + PAGE, PAGE, PROT_READ | PROT_EXEC), 0);
	maps = mm_maps_text(false);
	for (u32 i = 0; i < 3; i++) {
		snprintf(line, sizeof line, "%08llx-%08llx r-%cp 00000000 00:00 0 \n",
			 (unsigned long long)(a + i * PAGE), (unsigned long long)(a + (i + 1 + (i == 2)) * PAGE),
			 i == 1 ? 'x' : '-');
		assert_non_null(strstr(maps, line));
	}
	assert_null(strstr(maps, "libc"));	/* nothing of ours */
	assert_null(strstr(maps, "[heap]"));
	free(maps);
	maps = mm_maps_text(true);
	assert_non_null(strstr(maps, "Size:                  4 kB"));
	assert_non_null(strstr(maps, "VmFlags"));
	free(maps);
	assert_int_equal(mm_munmap(a, 4 * PAGE), 0);
}

/* Random calls in a window of pages against a table of protections. */
static void random_calls(void **state)
{
	enum { PAGES = 64, STEPS = 3000 };
	static const u32 prots[] = { PROT_NONE, PROT_READ, RW, PROT_READ | PROT_EXEC, RW | PROT_EXEC };
	const gva base = 0x60000000;
	int model[PAGES];
	u64 seed = 99;

	catch_faults();
	for (int i = 0; i < PAGES; i++)
		model[i] = HOLES;
	for (int step = 0; step < STEPS; step++) {
		u32 first, n, prot, end;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		first = (u32)(seed >> 33) % PAGES;
		n = 1 + (u32)(seed >> 45) % 12;
		n = first + n > PAGES ? PAGES - first : n;
		prot = prots[(seed >> 50) % ARRAY_SIZE(prots)];
		end = first;
		switch ((seed >> 55) % 4) {
		case 0:
			assert_int_equal(mm_munmap(base + first * PAGE, n * PAGE), 0);
			for (u32 i = first; i < first + n; i++)
				model[i] = HOLES;
			break;
		case 1:
			assert_int_equal(mm_mmap(base + first * PAGE, n * PAGE, prot, ANON | MAP_FIXED, -1, 0),
					 base + first * PAGE);
			for (u32 i = first; i < first + n; i++)
				model[i] = (int)prot;
			break;
		default:
			while (end < first + n && model[end] != HOLES)
				model[end++] = (int)prot;
			assert_int_equal(mm_mprotect(base + first * PAGE, n * PAGE, prot),
					 end == first + n ? 0 : -ENOMEM);
			break;
		}
		if (step % 50 == 0) {
			for (u32 i = 0; i < PAGES; i++)
				check_page(base + i * PAGE, model[i]);
		}
	}
	assert_int_equal(mm_munmap(base, PAGES * PAGE), 0);
}

int main(int argc, char **argv)
{
	char base[40];
	int failed;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_and_unmap), cmocka_unit_test(map_errors), cmocka_unit_test(hints),
		cmocka_unit_test(fixed_replaces), cmocka_unit_test(huge_reservation), cmocka_unit_test(protect),
		cmocka_unit_test(protect_file), cmocka_unit_test(moves), cmocka_unit_test(move_errors),
		cmocka_unit_test(move_keeps_old), cmocka_unit_test(breaks), cmocka_unit_test(code_is_dropped),
		cmocka_unit_test(fetches), cmocka_unit_test(grows), cmocka_unit_test(segments),
		cmocka_unit_test(residence), cmocka_unit_test(text), cmocka_unit_test(random_calls),
	};

	if (argc > 1) {
		cfg.guest_base_set = true;
		cfg.guest_base = strtoull(argv[1], NULL, 0);
	}
	failed = cmocka_run_group_tests(tests, set_up, NULL);
	if (argc > 1 || failed)
		return failed;
	/* Once more with a guest_base, as sanitizer builds and -B have it: in a new process, as it is set once. */
	snprintf(base, sizeof base, "%#llx",
		 (unsigned long long)(guest_base + (guest_va_end / 2 & ~(u64)(GiB - 1))));
	execl("/proc/self/exe", argv[0], base, NULL);
	return 1;
}
