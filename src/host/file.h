/* Host files and descriptors. */
#ifndef HOST_FILE_H
#define HOST_FILE_H

#include "base/error.h"

/* Move a descriptor of ours to a high number, close-on-exec, out of the way of
 * the guest's; closes fd.  Returns the new one; when there is no room up there,
 * fd itself. */
int file_hide(int fd);

/* Read up to len bytes from the start of a file: how many, or -errno. */
i64 file_read_start(const char *path, void *buf, size_t len, struct error *err) MUST_CHECK;

#endif
