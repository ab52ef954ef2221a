/* The database of --fake-root: owner, mode and device number of files that root would have set.
 *
 * One sparse file, mapped, is a table of slots found by inode number with linear probing: numbers that lie together
 * give slots that lie together, so few pages are in use.  A record is for one inode number and one birth time; a
 * file that gets the number later has another birth, so it never inherits.  Renames and links need no work.  Where a
 * file system keeps no birth times the device number stands in and removal is by unlink alone.
 * A slot ends in a hash of itself.  Readers take no lock: a slot with a wrong hash is read again under it.  After a
 * crash in the middle of a write such a slot counts as removed.
 * Not modelled: growing; a full table is ENOSPC.
 * Lock: fake_lock inside the process, then a POSIX record lock on the file among processes; both only for writes.
 */
#include "user/fake.h"
#include "base/hash.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS = 1 << 20, PROBES = 1 << 12, CHECK_EMPTY, CHECK_REMOVED, CHECK_WRITING };
#define MAGIC 0x31726e776f6d696dull	/* "mimownr1" */

struct slot {
	struct fake_key key;
	struct fake_record record;
	u64 check;	/* hash of the above, or CHECK_* */
};
struct table {
	u64 magic, slots, pad[6];
	struct slot slot[SLOTS];
};

static struct table *table;
static int table_fd = -1;
static pthread_mutex_t fake_lock = PTHREAD_MUTEX_INITIALIZER;

static void lock_file(short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };

	while (fcntl(table_fd, F_SETLKW, &l) < 0 && errno == EINTR)
		;
}

static void lock(void)
{
	pthread_mutex_lock(&fake_lock);
	lock_file(F_WRLCK);
}

static void unlock(void)
{
	lock_file(F_UNLCK);
	pthread_mutex_unlock(&fake_lock);
}

void fake_db_fork_prepare(void) { pthread_mutex_lock(&fake_lock); }
void fake_db_fork_done(void) { pthread_mutex_unlock(&fake_lock); }
int fake_db_fd(void) { return table_fd; }

int fake_db_use(int fd)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || (st.st_size && st.st_size != sizeof *table))
		return -EINVAL;
	/* Two that start at once do the same thing to an empty file. */
	if (!st.st_size && ftruncate(fd, sizeof *table) < 0)
		return -errno;
	p = mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	table = p;
	if (!table->magic) {
		table->slots = SLOTS;
		table->magic = MAGIC;
	}
	if (table->magic != MAGIC || table->slots != SLOTS) {
		munmap(table, sizeof *table);
		table = NULL;
		return -EINVAL;
	}
	table_fd = fd_keep(fd);
	return 0;
}

int fake_db_open(const char *path, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), r;

	if (fd < 0)
		return fail(err, errno, "option '-fake-root': '%s': %s", path, strerror(errno));
	r = fake_db_use(fd);
	if (r == -EINVAL)
		return fail(err, EINVAL, "option '-fake-root': '%s' is not a database of owners", path);
	return r < 0 ? fail(err, -r, "option '-fake-root': '%s': %s", path, strerror(-r)) : 0;
}

static u64 check_of(const struct slot *s)
{
	const u64 *word = (const u64 *)(const void *)s;
	u64 h = MAGIC;

	for (u32 i = 0; i < offsetof(struct slot, check) / sizeof *word; i++)
		h = hash_u64(h ^ word[i]);
	return h | 4;	/* never one of CHECK_* */
}

static bool same_key(const struct fake_key *a, const struct fake_key *b)
{
	return a->ino == b->ino && a->birth == b->birth && a->dev == b->dev;
}

/* The slot of key, or NULL; *ret_free is the first that a new one may use, NULL: none. *ret_torn: a slot was being
 * written. */
static struct slot *find(const struct fake_key *key, struct slot *ret_copy, struct slot **ret_free, bool *ret_torn)
{
	*ret_free = NULL;
	*ret_torn = false;
	for (u64 i = 0; i < PROBES; i++) {
		struct slot *s = &table->slot[(key->ino + i) % SLOTS];

		memcpy(ret_copy, s, sizeof *s);
		if (ret_copy->check == CHECK_EMPTY) {
			if (!*ret_free)
				*ret_free = s;
			return NULL;
		}
		if (ret_copy->check == check_of(ret_copy)) {
			if (same_key(&ret_copy->key, key))
				return s;
			/* The number's earlier file is gone. */
			if (key->birth && ret_copy->key.ino == key->ino && ret_copy->key.birth < key->birth &&
			    !*ret_free && ret_copy->key.dev == key->dev)
				*ret_free = s;
			continue;
		}
		*ret_torn |= ret_copy->check != CHECK_REMOVED;
		if (!*ret_free)
			*ret_free = s;
	}
	return NULL;
}

bool fake_db_find(const struct fake_key *key, struct fake_record *ret)
{
	struct slot copy, *at, *spare;
	bool torn;

	at = find(key, &copy, &spare, &torn);
	if (!at && torn) {
		lock();
		at = find(key, &copy, &spare, &torn);
		unlock();
	}
	*ret = at ? copy.record : (struct fake_record){ 0 };
	return at != NULL;
}

int fake_db_set(const struct fake_key *key, const struct fake_record *with)
{
	struct slot new, *at, *spare;
	bool torn;

	lock();
	at = find(key, &new, &spare, &torn);
	if (!at) {
		at = spare;
		memset(&new, 0, sizeof new);
		new.key = *key;
	}
	if (at) {
		if (with->has & FAKE_OWNER) {
			new.record.uid = with->uid;
			new.record.gid = with->gid;
		}
		if (with->has & FAKE_MODE)
			new.record.mode = (new.record.mode & S_IFMT) | (with->mode & 07777);
		if (with->has & FAKE_NODE) {
			new.record.mode = (new.record.mode & 07777) | (with->mode & S_IFMT);
			new.record.rdev = with->rdev;
		}
		new.record.has |= with->has;
		new.check = check_of(&new);
		__atomic_store_n(&at->check, CHECK_WRITING, __ATOMIC_SEQ_CST);
		at->key = new.key;
		at->record = new.record;
		__atomic_store_n(&at->check, new.check, __ATOMIC_SEQ_CST);
	}
	unlock();
	return at ? 0 : -ENOSPC;
}

void fake_db_remove(const struct fake_key *key)
{
	struct slot copy, *at, *spare;
	bool torn;

	lock();
	at = find(key, &copy, &spare, &torn);
	if (at)
		__atomic_store_n(&at->check, CHECK_REMOVED, __ATOMIC_SEQ_CST);
	unlock();
}
