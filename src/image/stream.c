/* Reading a layer: file -> sum -> inflate or zstd or nothing -> sum -> reader.
 *
 * One buffer of file bytes is kept full; each decoder takes from it and writes straight
 * into the reader's buffer.  gzip members and zstd frames may follow each other.  Memory
 * is bounded: inflate's window is 32 KiB, zstd refuses windows above 128 MiB, and output
 * is made only as far as somebody reads it, so a bomb costs no more than its reader.
 * Not modelled: bzip2, xz, encrypted layers; they are refused by name.
 * Formats: RFC 1952, RFC 8878.
 */
#include "image/stream.h"
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { IN_SIZE = 256 << 10 };
enum { TAIL_MAX = 16 << 20 };	/* zeroes after a tar's end: GNU tar pads to a record */

enum coding { PLAIN, GZIP, ZSTD };

struct image_stream {
	struct image_piece piece;
	u64 taken;		/* bytes of the file read so far */
	enum coding coding;
	bool inside;		/* of a gzip member or zstd frame */
	z_stream z;
	ZSTD_DCtx *zstd;
	struct sha256 file_sum, data_sum;
	image_stream_progress *progress;
	void *progress_arg;
	size_t at, have;	/* in `in`: the next byte, and the end */
	u8 in[IN_SIZE];
};

/* Make sure there is a byte in `in`, unless the file is at its end. */
static int fill(struct image_stream *s, struct error *err)
{
	u64 left = s->piece.size - s->taken;
	ssize_t n;

	if (s->at < s->have || left == 0)
		return 0;
	do {
		n = pread(s->piece.fd, s->in, (size_t)min_u64(left, IN_SIZE),
			  (off_t)(s->piece.offset + s->taken));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail(err, errno, "cannot read the layer: %s", strerror(errno));
	if (n == 0)
		return fail(err, EIO, "the file ends %llu bytes before the layer does",
			    (unsigned long long)left);
	sha256_add(&s->file_sum, s->in, (size_t)n);
	s->at = 0;
	s->have = (size_t)n;
	s->taken += (u64)n;
	if (s->progress)
		s->progress(s->progress_arg, (u64)n);
	return 0;
}

static int find_coding(struct image_stream *s, struct error *err)
{
	static const struct {
		u8 magic[6], len;
		const char *name;
		enum coding coding;
	} known[] = {
		{ { 0x1f, 0x8b, 8 }, 3, NULL, GZIP },
		{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, NULL, ZSTD },
		{ { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, "xz", PLAIN },
		{ { 'B', 'Z', 'h' }, 3, "bzip2", PLAIN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (s->have < known[i].len || memcmp(s->in, known[i].magic, known[i].len))
			continue;
		if (known[i].name)
			return fail(err, ENOTSUP, "compressed with %s; only gzip and zstd are known",
				    known[i].name);
		s->coding = known[i].coding;
	}
	if (s->coding == GZIP && inflateInit2(&s->z, 15 + 16) != Z_OK)
		return fail(err, ENOMEM, "no memory to decompress the layer");
	if (s->coding == ZSTD) {
		s->zstd = ZSTD_createDCtx();
		if (!s->zstd)
			return fail(err, ENOMEM, "no memory to decompress the layer");
	}
	return 0;
}

int image_stream_open(struct image_stream **ret_s, const struct image_piece *piece,
		      image_stream_progress *progress, void *arg, struct error *err)
{
	struct image_stream *s = xnew(struct image_stream);
	int r;

	s->piece = *piece;
	s->progress = progress;
	s->progress_arg = arg;
	sha256_init(&s->file_sum);
	sha256_init(&s->data_sum);
	r = fill(s, err);
	if (r == 0)
		r = find_coding(s, err);
	if (r < 0) {
		image_stream_free(s);
		return r;
	}
	*ret_s = s;
	return 0;
}

void image_stream_free(struct image_stream *s)
{
	if (!s)
		return;
	if (s->coding == GZIP)
		inflateEnd(&s->z);	/* harmless when it never began */
	ZSTD_freeDCtx(s->zstd);
	free(s);
}

/* The decoders below take some input, give some output, and return its length. */

static i64 copy_plain(struct image_stream *s, u8 *buf, size_t len)
{
	size_t n = (size_t)min_u64(len, s->have - s->at);

	memcpy(buf, s->in + s->at, n);
	s->at += n;
	return (i64)n;
}

static i64 inflate_gzip(struct image_stream *s, u8 *buf, size_t len, struct error *err)
{
	size_t room = (size_t)min_u64(len, 1u << 30);
	int r;

	s->z.next_in = s->in + s->at;
	s->z.avail_in = (uInt)(s->have - s->at);
	s->z.next_out = buf;
	s->z.avail_out = (uInt)room;
	r = inflate(&s->z, Z_NO_FLUSH);
	s->at = s->have - s->z.avail_in;
	s->inside = true;
	if (r == Z_STREAM_END) {
		s->inside = false;
		inflateReset(&s->z);
	} else if (r != Z_OK && r != Z_BUF_ERROR) {
		return fail(err, EBADMSG, "broken gzip data: %s", s->z.msg ? s->z.msg : "damaged");
	}
	return (i64)(room - s->z.avail_out);
}

static i64 decode_zstd(struct image_stream *s, u8 *buf, size_t len, struct error *err)
{
	ZSTD_inBuffer in = { s->in, s->have, s->at };
	ZSTD_outBuffer out = { buf, len, 0 };
	size_t r = ZSTD_decompressStream(s->zstd, &out, &in);

	if (ZSTD_isError(r))
		return fail(err, EBADMSG, "broken zstd data: %s", ZSTD_getErrorName(r));
	s->at = in.pos;
	s->inside = r != 0;
	return (i64)out.pos;
}

/* Some bytes, at least one unless the data are at their end. */
static i64 decode(struct image_stream *s, u8 *buf, size_t len, struct error *err)
{
	for (;;) {
		i64 n = fill(s, err);
		size_t before = s->at;
		bool dry = s->at == s->have;

		if (n < 0)
			return n;
		if (dry && !s->inside)
			return 0;
		n = s->coding == GZIP ? inflate_gzip(s, buf, len, err) :
		    s->coding == ZSTD ? decode_zstd(s, buf, len, err) :
					copy_plain(s, buf, len);
		if (n != 0)
			return n;
		if (dry && s->inside)
			return fail(err, EBADMSG, "the compressed data are cut short");
		if (s->at == before && !dry)
			return fail(err, EBADMSG, "the compressed data lead nowhere");
	}
}

i64 image_stream_read(struct image_stream *s, void *buf, size_t len, struct error *err)
{
	size_t done = 0;

	while (done < len) {
		i64 n = decode(s, (u8 *)buf + done, len - done, err);

		if (n < 0)
			return n;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	sha256_add(&s->data_sum, buf, done);
	return (i64)done;
}

static int check_sum(struct sha256 *h, const char *hex, const char *what, struct error *err)
{
	char found[SHA256_HEX];

	sha256_hex(h, found);
	if (hex && strcmp(hex, found))
		return fail(err, EBADMSG, "%s has digest sha256:%s where the image says sha256:%s",
			    what, found, hex);
	return 0;
}

int image_stream_finish(struct image_stream *s, const char *file_hex, const char *data_hex,
			struct error *err)
{
	u8 tail[4096];
	u64 total = 0;
	i64 n;
	int r;

	do {
		n = image_stream_read(s, tail, sizeof tail, err);
		if (n < 0)
			return (int)n;
		total += (u64)n;
		if (total > TAIL_MAX)
			return fail(err, EBADMSG, "the layer goes on for more than %d MiB after the "
				    "end of its tar", TAIL_MAX >> 20);
	} while (n > 0);
	r = check_sum(&s->file_sum, file_hex, "the layer's file", err);
	return r < 0 ? r : check_sum(&s->data_sum, data_hex, "the layer's tar", err);
}
