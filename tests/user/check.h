/* For guest programs that check themselves: CHECK(cond), count and exit. */
#ifndef TESTS_USER_CHECK_H
#define TESTS_USER_CHECK_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int check_failed;

#define CHECK(x) do { \
	if (!(x)) { \
		fprintf(stderr, "%s:%d: %s (errno %d)\n", __FILE__, __LINE__, #x, errno); \
		check_failed++; \
	} \
} while (0)
/* Cannot go on without it. */
#define NEED(x) do { \
	if (!(x)) { \
		fprintf(stderr, "%s:%d: %s (errno %d)\n", __FILE__, __LINE__, #x, errno); \
		_exit(1); \
	} \
} while (0)

static inline int check_result(void)
{
	return check_failed ? 1 : 0;
}

#endif
