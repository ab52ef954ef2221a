/* The bytes of a layer: a piece of a file, decompressed if it has to be, and summed on the way.
 *
 * Interface:
 * - image_stream_open finds out by the first bytes whether the data are gzip, zstd or
 *   neither; names of media types are not believed.
 * - image_stream_read gives what was asked for unless the data end before.
 * - image_stream_finish reads what is left of the file and checks both sums.
 * - The file descriptor is borrowed.  One thread.
 */
#ifndef IMAGE_STREAM_H
#define IMAGE_STREAM_H

#include "base/error.h"
#include "image/sha256.h"

struct image_stream;

struct image_piece {
	int fd;			/* borrowed */
	u64 offset, size;	/* in bytes, in that file */
};

/* Called now and then with the bytes of the file read since the last call. */
typedef void image_stream_progress(void *arg, u64 bytes);

int image_stream_open(struct image_stream **ret_s, const struct image_piece *piece,
		      image_stream_progress *progress, void *arg, struct error *err) MUST_CHECK;
void image_stream_free(struct image_stream *s);

/* Returns how many bytes: len, or fewer at the end of the data; or -errno. */
i64 image_stream_read(struct image_stream *s, void *buf, size_t len, struct error *err) MUST_CHECK;

/* Read to the end, and compare with the sums of the file and of the data in it; either
 * may be NULL.  More than a padding's worth of data after the last read is an error. */
int image_stream_finish(struct image_stream *s, const char *file_hex, const char *data_hex,
			struct error *err) MUST_CHECK;

#endif
