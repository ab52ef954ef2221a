/* A table from u64 keys to pointers, and hashes of bytes.
 *
 * Interface:
 * - struct hash h = {0}; is an empty table; hash_done frees the table, not
 *   what it points to.
 * - NULL values are not stored: hash_get returns NULL for "not there".
 * - No lock inside: the owner's.  hash_get alone may run in several threads.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/base.h"

struct hash_slot {
	u64 key;
	void *value;		/* NULL: free */
};

struct hash {
	struct hash_slot *slot;
	u32 size;		/* 0 or a power of two */
	u32 count;
};

void hash_done(struct hash *h);
void *hash_get(const struct hash *h, u64 key);

/* Set the value of a key, new or old; returns the old value or NULL. */
void *hash_set(struct hash *h, u64 key, void *value);

/* Returns the value removed, or NULL. */
void *hash_remove(struct hash *h, u64 key);

/* Walk: u32 at = 0; while ((s = hash_next(h, &at))) ...  The table must not
 * change on the way. */
const struct hash_slot *hash_next(const struct hash *h, u32 *at);

/* Spread the bits of a key over all 64. */
static inline u64 hash_u64(u64 key)
{
	key ^= key >> 32;
	key *= 0x9e3779b97f4a7c15u;
	return key ^ key >> 29;
}

/* The same in every build and run; not for input meant to collide. */
u64 hash_bytes(const void *data, size_t len);
u64 hash_string(const char *text);

#endif
