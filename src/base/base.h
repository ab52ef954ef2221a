/* The integers and small helpers that every file may use.
 *
 * Interface:
 * - u8..u64, i8..i64, and gva/gpa for guest virtual and physical addresses;
 *   guest addresses are 64 bits wide for every guest.
 * - assert stays on in release builds and means "our fault": never assert on
 *   what a guest, a file or a peer sent.  debug_assert is for hot paths.
 * - xnew and xcalloc abort when memory is out: use them for sizes that we
 *   chose.  Sizes from outside go through try_alloc (base/alloc.c).
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t i8;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;
typedef u64 gva;	/* guest virtual address */
typedef u64 gpa;	/* guest physical address */

#define KiB 1024ull
#define MiB (1024 * KiB)
#define GiB (1024 * MiB)
#define TiB (1024 * GiB)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))

#ifdef NDEBUG
#error "asserts stay on in every build"
#endif
#ifdef MIMUS_DEBUG
#define debug_assert(x) assert(x)
#else
#define debug_assert(x) ((void)sizeof(x))
#endif

static inline u64 min_u64(u64 a, u64 b) { return a < b ? a : b; }
static inline u64 max_u64(u64 a, u64 b) { return a > b ? a : b; }
static inline u64 align_down(u64 v, u64 to) { return v & ~(to - 1); }	/* to: a power of two */
static inline u64 align_up(u64 v, u64 to) { return (v + to - 1) & ~(to - 1); }
static inline bool is_power_of_2(u64 v) { return v && !(v & (v - 1)); }

/* Sign-extend the low `bits` (1..64) of v. */
static inline i64 sign_extend(u64 v, u32 bits)
{
	return (i64)(v << (64 - bits)) >> (64 - bits);
}

/* Allocate, zeroed; abort when memory is out.  Caller frees with free(). */
void *xcalloc(size_t count, size_t size) __attribute__((malloc));
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *s) __attribute__((malloc));
char *xasprintf(const char *fmt, ...) PRINTF(1, 2) __attribute__((malloc));
#define xnew(type) ((type *)xcalloc(1, sizeof(type)))

/* Allocate, zeroed, for a size that came from outside; NULL when memory is out. */
void *try_alloc(size_t count, size_t size) __attribute__((malloc));

/* A pointer freed when it leaves its scope: AUTO_FREE char *s = xstrdup(x); */
void auto_free(void *pointer_to_pointer);
#define AUTO_FREE __attribute__((cleanup(auto_free)))

/* Print one line "mimus: ..." to stderr and abort: only for broken invariants. */
NORETURN void panic(const char *fmt, ...) PRINTF(1, 2);

#endif
