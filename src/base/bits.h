/* Bits and bytes of integers.
 *
 * Interface:
 * - Positions count from bit 0, the lowest; a field is (pos, len), len 1..64.
 * - Counting functions are defined for 0 and then return the width.
 * - get_* and put_* read and write unaligned memory in a named byte order.
 */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include "base/base.h"

static inline u64 bits_mask(u32 len) { return len >= 64 ? ~0ull : (1ull << len) - 1; }
static inline u64 bits_get(u64 v, u32 pos, u32 len) { return v >> pos & bits_mask(len); }

/* v with the field replaced by the low bits of `field`. */
static inline u64 bits_put(u64 v, u32 pos, u32 len, u64 field)
{
	u64 mask = bits_mask(len) << pos;

	return (v & ~mask) | (field << pos & mask);
}

static inline u32 clz32(u32 v) { return v ? (u32)__builtin_clz(v) : 32; }
static inline u32 clz64(u64 v) { return v ? (u32)__builtin_clzll(v) : 64; }
static inline u32 ctz32(u32 v) { return v ? (u32)__builtin_ctz(v) : 32; }
static inline u32 ctz64(u64 v) { return v ? (u32)__builtin_ctzll(v) : 64; }
static inline u32 popcount64(u64 v) { return (u32)__builtin_popcountll(v); }

static inline u32 rotl32(u32 v, u32 by) { return v << (by & 31) | v >> (-by & 31); }
static inline u64 rotl64(u64 v, u32 by) { return v << (by & 63) | v >> (-by & 63); }
static inline u32 rotr32(u32 v, u32 by) { return rotl32(v, -by & 31); }
static inline u64 rotr64(u64 v, u32 by) { return rotl64(v, -by & 63); }

static inline u16 swap16(u16 v) { return __builtin_bswap16(v); }
static inline u32 swap32(u32 v) { return __builtin_bswap32(v); }
static inline u64 swap64(u64 v) { return __builtin_bswap64(v); }

/* The host is little-endian (meson.build refuses others). */
static inline u16 get_le16(const void *p) { u16 v; memcpy(&v, p, 2); return v; }
static inline u32 get_le32(const void *p) { u32 v; memcpy(&v, p, 4); return v; }
static inline u64 get_le64(const void *p) { u64 v; memcpy(&v, p, 8); return v; }
static inline u16 get_be16(const void *p) { return swap16(get_le16(p)); }
static inline u32 get_be32(const void *p) { return swap32(get_le32(p)); }
static inline u64 get_be64(const void *p) { return swap64(get_le64(p)); }
static inline void put_le16(void *p, u16 v) { memcpy(p, &v, 2); }
static inline void put_le32(void *p, u32 v) { memcpy(p, &v, 4); }
static inline void put_le64(void *p, u64 v) { memcpy(p, &v, 8); }
static inline void put_be16(void *p, u16 v) { put_le16(p, swap16(v)); }
static inline void put_be32(void *p, u32 v) { put_le32(p, swap32(v)); }
static inline void put_be64(void *p, u64 v) { put_le64(p, swap64(v)); }

#endif
