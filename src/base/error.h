/* Errors that are the user's or the host's fault: an option, a file, a peer.
 *
 * Interface:
 * - A function that can fail returns 0 (or a count) or -errno, takes a
 *   `struct error *err` last (the caller's, never NULL) and fills it once:
 *       return fail(err, EINVAL, "drive '%s': size must be a multiple of 512", id);
 * - A caller passes the number up: `if (r < 0) return r;` and may add where it
 *   happened: `return prefix(err, r, "device '%s'", id);`
 * - Only main/ and ctl/ print errors.  Guests' faults are never errors.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/base.h"
#include <errno.h>

struct error {
	int code;		/* positive errno, 0 while nothing failed */
	char text[500];		/* one line, no final full stop or newline */
};

/* Fill err and return -code.  code is a positive errno. */
int fail(struct error *err, int code, const char *fmt, ...) PRINTF(3, 4);

/* Put "where: " before err's text; returns r unchanged. */
int prefix(struct error *err, int r, const char *fmt, ...) PRINTF(3, 4);

#endif
