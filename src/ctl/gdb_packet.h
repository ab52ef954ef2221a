/* The remote protocol's envelope: framing of packets, reading their words, building replies.
 *
 * Nothing here knows what a packet means.  Every reader checks against the packet's end; a reply never outgrows its
 * buffer: what does not fit is dropped and `cut` is set, and then an error is sent in its place.
 * A struct belongs to one thread; no lock.
 * Spec: Debugging with GDB, appendix E (Remote Protocol).
 */
#ifndef CTL_GDB_PACKET_H
#define CTL_GDB_PACKET_H

#include "base/base.h"

enum { GDB_PACKET_MAX = 16384 };	/* bytes between $ and #, both ways */

/* ---- from gdb ---- */

enum gdb_event {
	GDB_MORE,	/* nothing is complete yet */
	GDB_PACKET,	/* in->buf has a packet, NUL behind it */
	GDB_BAD,	/* its checksum is wrong, or it is too long */
	GDB_INTERRUPT,	/* 0x03 between packets */
	GDB_NACK,	/* gdb asks for the last reply again */
};

struct gdb_input {
	u32 len;
	u8 state, sum, digit;
	bool too_long;
	u8 buf[GDB_PACKET_MAX + 1];
};

enum gdb_event gdb_input_byte(struct gdb_input *in, u8 byte);

/* ---- reading a packet ---- */

struct gdb_args {
	const u8 *p, *end;
};

/* Each moves on only when it returns true. */
bool gdb_char(struct gdb_args *a, char c);
bool gdb_word(struct gdb_args *a, const char *word);
bool gdb_hex(struct gdb_args *a, u64 *ret);	/* at least one digit, at most 16 */
bool gdb_hex_bytes(struct gdb_args *a, u8 *buf, u32 len);	/* exactly 2 * len digits */
/* A text in hex that goes up to `end` or the packet's end: its length, or -1. */
i32 gdb_hex_text(struct gdb_args *a, char end, char *buf, u32 size);
/* The rest, unescaped from the binary form, must be exactly len bytes. */
bool gdb_binary(struct gdb_args *a, u8 *buf, u64 len);
/* A thread id, with or without "pPID.": ret is 0 for any, ~0 for all.  *ret_pid is 0 when none is given or for any. */
bool gdb_thread(struct gdb_args *a, u64 *ret_pid, u64 *ret);

/* ---- building a reply ---- */

struct gdb_reply {
	u32 len;
	bool cut;
	u8 buf[GDB_PACKET_MAX];
};

void gdb_put(struct gdb_reply *r, const char *fmt, ...) PRINTF(2, 3);
void gdb_put_hex(struct gdb_reply *r, const void *bytes, u32 len);
/* Escaped; as many of the bytes as fit: how many. */
u32 gdb_put_binary(struct gdb_reply *r, const void *bytes, u64 len);

/* The whole envelope, $...#sum, into buf of at least GDB_PACKET_MAX + 4 bytes: its length. */
u32 gdb_frame(const struct gdb_reply *r, u8 *buf);

#endif
