/* Open addressing with linear probing (hash.h).
 *
 * A table is kept at most three quarters full and doubles.  Removing moves
 * later members of the run back into the hole, so there are no tombstones and
 * a look-up ends at the first free slot.
 */
#include "base/hash.h"
#include <stdlib.h>

void hash_done(struct hash *h)
{
	free(h->slot);
	*h = (struct hash){ 0 };
}

/* The key's slot, or the free slot where it would go.  The table has room. */
static struct hash_slot *find(const struct hash *h, u64 key)
{
	u32 mask = h->size - 1, i = (u32)hash_u64(key) & mask;

	while (h->slot[i].value && h->slot[i].key != key)
		i = (i + 1) & mask;
	return &h->slot[i];
}

void *hash_get(const struct hash *h, u64 key)
{
	return h->size ? find(h, key)->value : NULL;
}

static void grow(struct hash *h)
{
	struct hash old = *h;

	h->size = old.size ? old.size * 2 : 16;
	assert(h->size > old.size);
	h->slot = xcalloc(h->size, sizeof *h->slot);
	for (u32 i = 0; i < old.size; i++) {
		if (old.slot[i].value)
			*find(h, old.slot[i].key) = old.slot[i];
	}
	free(old.slot);
}

void *hash_set(struct hash *h, u64 key, void *value)
{
	struct hash_slot *s;
	void *before;

	assert(value);
	if (h->count >= h->size / 4 * 3)
		grow(h);
	s = find(h, key);
	before = s->value;
	if (!before)
		h->count++;
	*s = (struct hash_slot){ key, value };
	return before;
}

void *hash_remove(struct hash *h, u64 key)
{
	u32 mask = h->size - 1, hole, i;
	void *before;

	if (!h->size || !(before = find(h, key)->value))
		return NULL;
	hole = (u32)(find(h, key) - h->slot);
	for (i = (hole + 1) & mask; h->slot[i].value; i = (i + 1) & mask) {
		u32 home = (u32)hash_u64(h->slot[i].key) & mask;

		/* May move only if its home is not between the hole and it. */
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			h->slot[hole] = h->slot[i];
			hole = i;
		}
	}
	h->slot[hole].value = NULL;
	h->count--;
	return before;
}

const struct hash_slot *hash_next(const struct hash *h, u32 *at)
{
	while (*at < h->size) {
		const struct hash_slot *s = &h->slot[(*at)++];

		if (s->value)
			return s;
	}
	return NULL;
}

u64 hash_bytes(const void *data, size_t len)
{
	const u8 *p = data;
	u64 h = len * 0x9e3779b97f4a7c15u, word;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&word, p, 8);
		h = (h ^ hash_u64(word)) * 0xff51afd7ed558ccdu;
	}
	word = 0;
	memcpy(&word, p, len);
	h = (h ^ hash_u64(word)) * 0xff51afd7ed558ccdu;
	return h ^ h >> 32;
}

u64 hash_string(const char *text)
{
	return hash_bytes(text, strlen(text));
}
