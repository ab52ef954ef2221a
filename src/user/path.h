/* Paths, inside: see path.c and proc.c. */
#ifndef USER_PATH_H
#define USER_PATH_H

#include "user/linux.h"
#include <limits.h>

/* Take -L; 0 or -errno.  Main thread, once. */
int path_init(struct error *err) MUST_CHECK;
/* Like path_host for a file that will be followed: absolute links inside the sysroot stay inside. */
const char *path_host_follow(int dirfd, const char *guest, char *buf);
/* Host path of a program's interpreter, usual folders of cross libraries tried too. */
const char *path_interp(const char *interp, const struct target *target, char *buf);
/* Does this path, whose last part is "exe", lead to /proc/<this process>/exe? */
bool proc_is_exe(int dirfd, const char *path);

#endif
