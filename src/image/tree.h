/* A folder into which layers are unpacked, one on top of the other.
 *
 * Interface: image_tree_open a folder, image_tree_layer for each layer's stream from the
 * lowest up, image_tree_finish, image_tree_free.  Whatever the layers hold, nothing
 * outside the folder is read or changed.  One thread; nobody else may change the folder
 * meanwhile.
 */
#ifndef IMAGE_TREE_H
#define IMAGE_TREE_H

#include "base/error.h"
#include "image/stream.h"

struct image_tree;

struct image_left_out {		/* what an ordinary user cannot make */
	u64 devices, xattrs;
};

int image_tree_open(struct image_tree **ret_t, const char *path, struct error *err) MUST_CHECK;
void image_tree_free(struct image_tree *t);

/* Unpack what the stream holds; the caller finishes the stream. */
int image_tree_layer(struct image_tree *t, struct image_stream *s, struct error *err) MUST_CHECK;

/* Give the folders their modes, owners and times, after the last layer. */
int image_tree_finish(struct image_tree *t, struct image_left_out *ret_out,
		      struct error *err) MUST_CHECK;

/* Remove a folder and all in it. */
int image_tree_remove(const char *path, struct error *err);

#endif
