/* Fuzz target: a tar, from its own bytes and through the decompressors, and the same bytes as an image's file.
 *
 * Nothing is written: names and contents are read, and a source is opened from a memfd.
 */
#include "image/image.h"
#include "image/stream.h"
#include "image/tar.h"
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static i64 read_stream(void *arg, void *buf, size_t len, struct error *err)
{
	return image_stream_read(arg, buf, len, err);
}

static void read_tar(int fd, size_t size)
{
	struct image_piece piece = { fd, 0, size };
	struct image_stream *s;
	struct tar_entry e;
	struct error err;
	struct tar t;
	u8 buf[512];

	if (image_stream_open(&s, &piece, NULL, NULL, &err) < 0)
		return;
	tar_init(&t, &(struct tar_input){ .read = read_stream, .arg = s });
	for (u32 i = 0; i < 1000 && tar_next(&t, &e, &err) == 1; i++) {
		assert(strlen(e.path) < PATH_MAX && strlen(e.link) < PATH_MAX && e.xattrs <= TAR_XATTRS);
		assert(e.uid != UINT32_MAX && e.gid != UINT32_MAX && e.mode <= 07777);
		for (u32 n = 0; n < e.xattrs; n++)
			assert(((const u8 *)e.xattr[n].value)[e.xattr[n].len] == 0);
		if (tar_read(&t, buf, sizeof buf, &err) < 0)
			break;
	}
	tar_done(&t);
	image_stream_free(s);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const char *const runnable[] = { "arm64", "riscv64", NULL };
	struct image_choice choice = { .runnable = runnable };
	char path[64];
	struct image *im;
	struct error err;
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd >= 0 && size < 1 << 20 && write(fd, data, size) == (ssize_t)size) {
		read_tar(fd, size);
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		if (image_open(&im, path, &choice, &err) == 0)
			image_free(im);
	}
	close(fd);
	return 0;
}
