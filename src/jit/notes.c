/* Bytes kept beside a block: a copy of its source when that is in writable
 * memory, and the points where it may fault.
 *
 *	source bytes (block.len, WRITABLE blocks only)
 *	number of points
 *	per point: host bytes since the last << 1 | has a jit_pend,
 *	           guest halfwords since the last (zigzag),
 *	           f64 mask, f32 mask | flags << 16 | kick << 24 if it has
 *
 * Numbers are LEB128: seven bits a byte, low first, high bit = more follows;
 * most take one byte.  Read by the SIGSEGV handler: no lock, no allocation.
 */
#include "jit/core.h"

struct out {
	u8 *p, *end;
	bool full;
};

static void put(struct out *o, u32 v)
{
	do {
		u8 byte = (u8)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));

		if (o->p == o->end) {
			o->full = true;
			return;
		}
		*o->p++ = byte;
		v >>= 7;
	} while (v);
}

static u32 take(const u8 **p)
{
	u32 v = 0, shift = 0;
	u8 byte;

	do {
		byte = *(*p)++;
		v |= (u32)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return v;
}

u32 notes_write(u8 *p, u32 room, const struct jit_code *code, const u8 *source, u32 len)
{
	struct out o = { p, p + room, false };
	u32 host = 0;
	i32 guest = 0;

	if (source) {
		if (len > room)
			return 0;
		memcpy(o.p, source, len);
		o.p += len;
	}
	put(&o, code->point_count);
	for (u32 i = 0; i < code->point_count && !o.full; i++) {
		const struct jit_point *at = &code->points[i];
		i32 step = (i32)at->guest - guest;

		assert(at->host >= host);
		put(&o, (at->host - host) << 1 | (at->pend != 0));
		put(&o, (u32)step << 1 ^ (u32)(step >> 31));
		if (at->pend) {
			const struct jit_pend *pend = &code->pends[at->pend - 1];

			assert(at->pend <= code->pend_count);
			put(&o, pend->f64);
			put(&o, pend->f32 | (u32)pend->flags << 16 | (u32)pend->kick << 24);
		}
		host = at->host;
		guest = at->guest;
	}
	return o.full ? 0 : (u32)(o.p - p);
}

void notes_start(const struct jit_block *b, struct note_point *at)
{
	*at = (struct note_point){ .p = jit.note + b->notes };
	if (block_flags(b) & BLOCK_WRITABLE)
		at->p += b->len;
	at->left = take(&at->p);
}

bool notes_next(struct note_point *at)
{
	u32 v, step;

	if (!at->left)
		return false;
	at->left--;
	v = take(&at->p);
	step = take(&at->p);
	at->point.host += v >> 1;
	at->point.guest = (u16)(at->point.guest + (step >> 1 ^ -(step & 1)));
	at->point.pend = v & 1;
	at->pend = (struct jit_pend){ 0 };
	if (v & 1) {
		at->pend.f64 = (u16)take(&at->p);
		v = take(&at->p);
		at->pend.f32 = (u16)v;
		at->pend.flags = (u8)(v >> 16);
		at->pend.kick = v >> 24;
	}
	return true;
}

u32 notes_find(const struct jit_block *b, u32 host, struct jit_pend *ret_pend, bool *ret_has_pend)
{
	struct note_point at;
	u32 guest = 0;

	*ret_has_pend = false;
	notes_start(b, &at);
	while (notes_next(&at) && at.point.host <= host) {
		guest = at.point.guest * 2u;
		*ret_has_pend = at.point.pend;
		*ret_pend = at.pend;
	}
	return guest;
}

u64 guest_pc(const struct jit_block *b, u32 off)
{
	u32 cold = off - b->cold;
	struct jit_pend pend;
	bool has;

	return b->pc + notes_find(b, cold < b->cold_len ? b->hot_len + cold : off - b->hot, &pend, &has);
}

const u8 *notes_source(const struct jit_block *b)
{
	assert(block_flags(b) & BLOCK_WRITABLE);
	return jit.note + b->notes;
}
