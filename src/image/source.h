/* Where an image's parts are: a folder, or a tar that is such a folder packed.
 *
 * Interface: open, then image_source_piece by name, relative to the top.  A piece is
 * closed with image_piece_close.  One thread.
 */
#ifndef IMAGE_SOURCE_H
#define IMAGE_SOURCE_H

#include "base/error.h"
#include "image/stream.h"

struct image_source;

int image_source_open(struct image_source **ret_s, const char *path, struct error *err) MUST_CHECK;
void image_source_free(struct image_source *s);

bool image_source_has(struct image_source *s, const char *name);
int image_source_piece(struct image_source *s, const char *name, struct image_piece *ret_p,
		       struct error *err) MUST_CHECK;
void image_piece_close(struct image_source *s, struct image_piece *p);

/* A whole part as a text with a NUL after it, at most `max` bytes; caller frees. */
int image_source_text(struct image_source *s, const char *name, u64 max, char **ret_text,
		      u64 *ret_len, struct error *err) MUST_CHECK;

#endif
