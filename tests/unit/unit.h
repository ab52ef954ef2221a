/* What every unit test includes, after the header under test: cmocka, with
 * what it needs before it and without its macro that shadows our fail(). */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail

#endif
