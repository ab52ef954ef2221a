/* Container images: OCI image layouts and what docker save writes, as folder or tar.
 *
 * Interface: image_open chooses and checks one image of the source; image_unpack makes
 * its files.  Every part's digest is verified.  One thread.
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "base/error.h"

enum { IMAGE_LAYERS_MAX = 500 };

struct image_choice {
	const char *platform;	/* "linux/arm64" or "arm64"; NULL: the first of `runnable` */
	const char *const *runnable;	/* architectures by their names in images, NULL at the end */
	const char *name;	/* of the image where there are several, or NULL */
};

struct image_layer {
	char *part;		/* its name in the source */
	char *file_hex;		/* SHA-256 of that, or NULL: the tar's must do */
	char *data_hex;		/* SHA-256 of the tar in it */
};

struct image {
	struct image_source *source;
	char *digest;		/* SHA-256 that names this image: 64 hexadecimal digits */
	char *arch;
	char **env, **command;	/* NULL at the end; command: Entrypoint and Cmd */
	char *folder, *user;	/* "" when the image does not say */
	struct image_layer layer[IMAGE_LAYERS_MAX];
	u32 layers;
};

struct image_result {
	u64 devices, xattrs;	/* left out */
};

/* Fraction of the work done: bytes of the layers' files. */
typedef void image_progress(void *arg, u64 done, u64 total);

/* The source is an image, not some folder or file. */
bool image_is(const char *path);

int image_open(struct image **ret_i, const char *path, const struct image_choice *choice,
	       struct error *err) MUST_CHECK;
void image_free(struct image *i);

/* Unpack into a folder that is not there or empty; there is all of it in the end, or nothing. */
int image_unpack(struct image *i, const char *path, image_progress *progress, void *arg,
		 struct image_result *ret_result, struct error *err) MUST_CHECK;

#endif
