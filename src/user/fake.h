/* --fake-root: an ordinary user's programs that believe to be root.  See fake_db.c, fake_ids.c and call_fake.c. */
#ifndef USER_FAKE_H
#define USER_FAKE_H

#include "user/linux.h"

/* ---- who owns what (fake_db.c) ---- */

/* One file for good: inode numbers are used again, births are not. */
struct fake_key {
	u64 ino;
	u64 birth;	/* ns since 1970; 0: the file system keeps none */
	u64 dev;	/* only where birth is 0 */
};
enum { FAKE_OWNER = 1, FAKE_MODE = 2, FAKE_NODE = 4 };	/* what is known of a file */
struct fake_record {
	u32 has;	/* FAKE_* */
	u32 uid, gid;	/* FAKE_OWNER */
	u32 mode;	/* FAKE_MODE: 07777; FAKE_NODE: S_IFMT */
	u64 rdev;	/* FAKE_NODE: host's dev_t */
};

/* Open or make the database.  0 or -errno.  Main thread, once; so has fake_db_use, for a descriptor of one that
 * an earlier program had open, which becomes ours. */
int fake_db_open(const char *path, struct error *err) MUST_CHECK;
int fake_db_use(int fd) MUST_CHECK;
int fake_db_fd(void);
/* False: nothing is known.  Any thread. */
bool fake_db_find(const struct fake_key *key, struct fake_record *ret);
/* Set what `with` has, the rest stays; forget all of it.  0 or -errno.  Any thread; takes the database's lock. */
int fake_db_set(const struct fake_key *key, const struct fake_record *with) MUST_CHECK;
void fake_db_remove(const struct fake_key *key);
/* Around the host's fork: the lock is held while memory is copied. */
void fake_db_fork_prepare(void);
void fake_db_fork_done(void);

/* ---- who a task is (fake_ids.c) ---- */

enum { FAKE_GROUPS_MAX = 256 };
struct fake_id { u32 real, effective, saved, fs; };
struct fake_ids {
	struct fake_id uid, gid;
	u64 permitted, cap_effective, inheritable, bounding;
	u32 keep_caps, group_count;
	u32 groups[FAKE_GROUPS_MAX];
};

/* At the start of a program: fd is what fake_hand_over made, or -1.  0 or -errno. */
int fake_start(int fd, struct error *err) MUST_CHECK;
void fake_inherit(struct task *child, const struct task *parent);
/* For execve of the program open at program_fd: *ret_fd is a file that execve keeps, -1 without --fake-root.
 * *ret_db is a second such descriptor, to close when execve fails.  0 or -errno. */
int fake_hand_over(const struct task *task, int program_fd, int *ret_fd, int *ret_db) MUST_CHECK;
/* AT_UID, AT_EUID, AT_GID, AT_EGID, AT_SECURE of the program that starts. */
u64 fake_aux(u64 type);
/* The line of /proc/self/status that begins at p, as it should be; false: as the host has it. */
struct str;
bool fake_status_line(const struct task *task, const char *p, struct str *s);
/* prctl's options about capabilities: false when it is another one. */
bool fake_prctl(struct call *c, i64 *ret);

/* ---- files (call_fake.c) ---- */

/* What is known of the file; 0 or -errno. */
i64 fake_find(int dirfd, const char *path, int at_flags, struct fake_record *ret, struct fake_key *ret_key);
/* Will openat with O_CREAT make this file?  fake_made tells who made it. */
bool fake_makes(const struct task *task, int dirfd, const char *path);
void fake_made(const struct task *task, int dirfd, const char *path, int at_flags);

#endif
