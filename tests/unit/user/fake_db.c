/* Unit tests of the database of --fake-root: what is set is found, births tell files apart, torn slots, crowding. */
#include "user/fake.h"
#include "../unit.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void set_and_find(void **state)
{
	struct fake_key a = { 100, 5, 0 }, later = { 100, 6, 0 };
	struct fake_record r;

	assert_false(fake_db_find(&a, &r));
	assert_int_equal(fake_db_set(&a, &(struct fake_record){ .has = FAKE_OWNER, .uid = 1, .gid = 2 }), 0);
	assert_int_equal(fake_db_set(&a, &(struct fake_record){ .has = FAKE_NODE, .mode = S_IFCHR, .rdev = 0x103 }), 0);
	assert_int_equal(fake_db_set(&a, &(struct fake_record){ .has = FAKE_MODE, .mode = 04755 }), 0);
	assert_true(fake_db_find(&a, &r));
	assert_int_equal(r.has, FAKE_OWNER | FAKE_MODE | FAKE_NODE);
	assert_int_equal(r.uid, 1);
	assert_int_equal(r.gid, 2);
	assert_int_equal(r.mode, S_IFCHR | 04755);
	assert_int_equal(r.rdev, 0x103);
	assert_false(fake_db_find(&later, &r));
	assert_int_equal(fake_db_set(&later, &(struct fake_record){ .has = FAKE_OWNER, .uid = 9 }), 0);
	assert_true(fake_db_find(&later, &r));
	assert_int_equal(r.has, FAKE_OWNER);
	fake_db_remove(&later);
	assert_false(fake_db_find(&later, &r));
}

/* A slot whose hash is wrong, as a crash in the middle of a write leaves it, is no record and may be used again. */
static void torn(void **state)
{
	struct fake_key k = { 5000, 1, 0 };
	struct fake_record r;
	u8 bad = 0xff;
	off_t slot = 64 + 5000 * 56 + 24 + 4;	/* its uid */

	assert_int_equal(fake_db_set(&k, &(struct fake_record){ .has = FAKE_OWNER, .uid = 3 }), 0);
	assert_int_equal(pwrite(fake_db_fd(), &bad, 1, slot), 1);
	assert_false(fake_db_find(&k, &r));
	assert_int_equal(fake_db_set(&k, &(struct fake_record){ .has = FAKE_OWNER, .uid = 4 }), 0);
	assert_true(fake_db_find(&k, &r));
	assert_int_equal(r.uid, 4);
}

/* Processes that write beside each other, their slots all in one place. */
static void several(void **state)
{
	enum { PROCESSES = 4, EACH = 200 };
	struct fake_record r;
	int status;

	for (u32 p = 0; p < PROCESSES; p++) {
		if (fork())
			continue;
		for (u32 i = 0; i < EACH; i++) {
			struct fake_key k = { 7000 + i % 10, 1 + i, p + 1 };

			if (fake_db_set(&k, &(struct fake_record){ .has = FAKE_OWNER, .uid = p, .gid = i }) < 0)
				_exit(1);
		}
		_exit(0);
	}
	for (u32 p = 0; p < PROCESSES; p++)
		assert_true(wait(&status) > 0 && status == 0);
	for (u32 p = 0; p < PROCESSES; p++) {
		/* the last births of each number: earlier ones may have given way */
		for (u32 i = EACH - 10; i < EACH; i++) {
			struct fake_key k = { 7000 + i % 10, 1 + i, p + 1 };

			assert_true(fake_db_find(&k, &r));
			assert_int_equal(r.uid, p);
			assert_int_equal(r.gid, i);
		}
	}
}

static int set_up(void **state)
{
	char path[] = "/tmp/mimus-owners-XXXXXX";
	struct error err;
	int fd = mkstemp(path), r;

	close(fd);
	r = fake_db_open(path, &err);
	unlink(path);
	return r;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_and_find), cmocka_unit_test(torn), cmocka_unit_test(several),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
