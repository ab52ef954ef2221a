/* vFile: gdb reads the program, its libraries and /proc through us.
 *
 * Names are the guest's: the machine finds the host's file.  Descriptors are ours; gdb gets the index of a table.
 * Not modelled: writing, unlink, setfs of another process (there is one).
 * Spec: Debugging with GDB, appendix E.7 (host I/O packets), E.13.8 (errno, struct stat).
 */
#include "ctl/gdb_stub.h"
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_ENAMETOOLONG = 91, FILE_EUNKNOWN = 9999, OPEN_WRITE_BITS = 0x3 | 0x8 | 0x200 | 0x400, STAT_BYTES = 64 };

/* The protocol's errno: Linux's for these, but for two. */
static int file_errno(int e)
{
	static const u8 same[] = {
		EPERM, ENOENT, EINTR, EBADF, EACCES, EFAULT, EBUSY, EEXIST, ENODEV, ENOTDIR, EISDIR,
		EINVAL, ENFILE, EMFILE, EFBIG, ENOSPC, ESPIPE, EROFS,
	};

	for (u32 i = 0; i < ARRAY_SIZE(same); i++)
		if (same[i] == e)
			return e;
	return e == ENAMETOOLONG ? FILE_ENAMETOOLONG : FILE_EUNKNOWN;
}

static void fails(struct gdb_conn *g, i64 r)
{
	gdb_put(&g->reply, "F-1,%x", (u32)file_errno((int)-r));
}

static void put_data(struct gdb_conn *g, const void *data, u64 len)
{
	struct gdb_reply *r = &g->reply;
	u32 head = 12;

	/* The count comes first: bytes that need an escape may leave room for fewer. */
	while (len > 0) {
		r->len = head;
		if (gdb_put_binary(r, data, len) == len)
			break;
		len -= len / 8 + 1;
	}
	r->len = 0;
	gdb_put(r, "F%llx;", (unsigned long long)len);
	gdb_put_binary(r, data, len);
}

/* The descriptor that gdb calls n, or -EBADF. */
static int file_of(struct gdb_conn *g, struct gdb_args *a, u64 *ret_n)
{
	if (!gdb_hex(a, ret_n) || *ret_n >= GDB_FILES_MAX || !g->files[*ret_n])
		return -EBADF;
	return g->files[*ret_n] - 1;
}

static void file_open(struct gdb_conn *g, struct gdb_args *a)
{
	char path[PATH_MAX];
	u64 flags = 0, n = 0;
	int fd;

	if (gdb_hex_text(a, ',', path, sizeof path) < 0 || !gdb_char(a, ',') || !gdb_hex(a, &flags)) {
		fails(g, -EINVAL);
		return;
	}
	while (n < GDB_FILES_MAX && g->files[n])
		n++;
	fd = flags & OPEN_WRITE_BITS ? -EACCES : n == GDB_FILES_MAX ? -EMFILE : debug_machine->open(path);
	if (fd < 0) {
		fails(g, fd);
		return;
	}
	g->files[n] = fd + 1;
	gdb_put(&g->reply, "F%x", (u32)n);
}

static void file_pread(struct gdb_conn *g, struct gdb_args *a)
{
	u64 n, count, offset;
	int fd = file_of(g, a, &n);
	ssize_t got;

	if (fd < 0 || !gdb_char(a, ',') || !gdb_hex(a, &count) || !gdb_char(a, ',') || !gdb_hex(a, &offset)) {
		fails(g, fd < 0 ? fd : -EINVAL);
		return;
	}
	got = offset > INT64_MAX ? 0 : pread(fd, g->data, min_u64(count, sizeof g->data - 16), (off_t)offset);
	if (got < 0)
		fails(g, -errno);
	else
		put_data(g, g->data, (u64)got);
}

static void put_be(u8 **p, u64 v, u32 bytes)
{
	for (u32 i = bytes; i-- > 0;)
		*(*p)++ = (u8)(v >> 8 * i);
}

static void put_stat(struct gdb_conn *g, const struct stat *st)
{
	u8 bytes[STAT_BYTES], *p = bytes;
	/* Type and permission bits are Linux's. */
	const u64 words[7] = { st->st_dev, st->st_ino, st->st_mode, st->st_nlink, st->st_uid, st->st_gid, st->st_rdev };

	for (u32 i = 0; i < ARRAY_SIZE(words); i++)
		put_be(&p, words[i], 4);
	put_be(&p, (u64)st->st_size, 8);
	put_be(&p, (u64)st->st_blksize, 8);
	put_be(&p, (u64)st->st_blocks, 8);
	put_be(&p, (u64)st->st_atime, 4);
	put_be(&p, (u64)st->st_mtime, 4);
	put_be(&p, (u64)st->st_ctime, 4);
	assert(p == bytes + sizeof bytes);
	put_data(g, bytes, sizeof bytes);
}

static void file_fstat(struct gdb_conn *g, struct gdb_args *a)
{
	struct stat st;
	u64 n;
	int fd = file_of(g, a, &n);

	if (fd < 0 || fstat(fd, &st) < 0)
		fails(g, fd < 0 ? fd : -errno);
	else
		put_stat(g, &st);
}

static void file_close(struct gdb_conn *g, struct gdb_args *a)
{
	u64 n;
	int fd = file_of(g, a, &n);

	if (fd < 0) {
		fails(g, fd);
		return;
	}
	close(fd);
	g->files[n] = 0;
	gdb_put(&g->reply, "F0");
}

static void file_readlink(struct gdb_conn *g, struct gdb_args *a)
{
	char path[PATH_MAX], target[PATH_MAX];
	i64 n = -EINVAL;

	if (gdb_hex_text(a, 0, path, sizeof path) >= 0)
		n = debug_machine->readlink(path, target, sizeof target);
	if (n < 0)
		fails(g, n);
	else
		put_data(g, target, (u64)n);
}

void gdb_file(struct gdb_conn *g, struct gdb_args *a)
{
	static const struct {
		const char *name;
		void (*fn)(struct gdb_conn *g, struct gdb_args *a);
	} calls[] = {
		{ "open:", file_open },
		{ "pread:", file_pread },
		{ "fstat:", file_fstat },
		{ "close:", file_close },
		{ "readlink:", file_readlink },
	};
	u64 pid;

	if (gdb_word(a, "setfs:")) {
		if (gdb_hex(a, &pid) && (!pid || pid == debug_machine->process_id()))
			gdb_put(&g->reply, "F0");
		else
			fails(g, -EINVAL);
		return;
	}
	for (u32 i = 0; i < ARRAY_SIZE(calls); i++) {
		if (gdb_word(a, calls[i].name)) {
			calls[i].fn(g, a);
			return;
		}
	}
}
