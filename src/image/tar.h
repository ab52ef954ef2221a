/* Reading tar: ustar, pax and GNU, one entry after the other, from any source of bytes.
 *
 * Interface:
 * - struct tar t; tar_init(&t, &input); while (tar_next(&t, &e, err) == 1) { ... }
 * - Between two tar_next, tar_read gives the entry's data; what nobody read is skipped.
 * - Names are as written, not judged: whoever uses them must expect "../..".
 * - An entry's texts live until the next tar_next or tar_done.  One thread.
 */
#ifndef IMAGE_TAR_H
#define IMAGE_TAR_H

#include "base/error.h"

enum { TAR_XATTRS = 64 };	/* of one entry, at most */

struct tar_input {
	/* len bytes, or fewer at the end of the data; or -errno */
	i64 (*read)(void *arg, void *buf, size_t len, struct error *err);
	/* Go on by len bytes without reading; NULL: read them.  Past the end is noticed
	 * by the next read. */
	int (*skip)(void *arg, u64 len, struct error *err);
	void *arg;
};

struct tar_xattr {
	const char *name;
	const void *value;
	size_t len;
};

struct tar_entry {
	char type;		/* '0' file, '1' hard link, '2' symlink, '3' character device,
				 * '4' block device, '5' folder, '6' fifo: ustar's letters */
	const char *path, *link;	/* link: "" when the type has none */
	u32 mode;		/* permissions and set-id bits, 07777 at most */
	u32 uid, gid;		/* never (u32)-1 */
	u64 size;		/* of the data, bytes */
	i64 mtime;		/* seconds since 1970 */
	u32 mtime_ns;
	u32 major, minor;	/* of a device */
	struct tar_xattr xattr[TAR_XATTRS];
	u32 xattrs;
};

struct tar {
	struct tar_input in;
	u64 data_left;		/* of this entry's data */
	u32 padding;		/* bytes after those, to a multiple of 512 */
	char *path, *link;	/* long names, or those of the header; owned */
	char *pax;		/* records of this entry, taken apart in place; owned */
	size_t pax_len;
};

void tar_init(struct tar *t, const struct tar_input *input);
void tar_done(struct tar *t);

/* 1: an entry; 0: the end; or -errno. */
int tar_next(struct tar *t, struct tar_entry *ret_e, struct error *err) MUST_CHECK;

/* Up to len bytes of the entry's data: how many, 0 at their end, or -errno. */
i64 tar_read(struct tar *t, void *buf, size_t len, struct error *err) MUST_CHECK;

#endif
