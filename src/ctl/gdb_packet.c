/* Framing, words and replies of the remote protocol (gdb_packet.h).
 *
 * Not modelled: run-length encoding of replies, notifications.
 * Pure functions of their arguments.
 */
#include "ctl/gdb_packet.h"
#include <stdarg.h>
#include <stdio.h>

enum { STATE_IDLE, STATE_BODY, STATE_SUM_HIGH, STATE_SUM_LOW };
enum { ESCAPE = 0x7d, ESCAPE_XOR = 0x20, INTERRUPT = 3 };

static int digit_value(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* ---- framing ---- */

static enum gdb_event body_byte(struct gdb_input *in, u8 byte)
{
	if (byte == '#') {
		in->state = STATE_SUM_HIGH;
		return GDB_MORE;
	}
	in->sum = (u8)(in->sum + byte);
	if (in->len < GDB_PACKET_MAX)
		in->buf[in->len++] = byte;
	else
		in->too_long = true;
	return GDB_MORE;
}

static void begin(struct gdb_input *in)
{
	in->state = STATE_BODY;
	in->len = in->sum = 0;
	in->too_long = false;
}

enum gdb_event gdb_input_byte(struct gdb_input *in, u8 byte)
{
	switch (in->state) {
	case STATE_IDLE:
		if (byte == '$')
			begin(in);
		return byte == INTERRUPT ? GDB_INTERRUPT : byte == '-' ? GDB_NACK : GDB_MORE;
	case STATE_BODY:
		if (byte == '$') {	/* never inside a packet: the last one was cut off */
			begin(in);
			return GDB_MORE;
		}
		return body_byte(in, byte);
	case STATE_SUM_HIGH:
		in->digit = byte;
		in->state = STATE_SUM_LOW;
		return GDB_MORE;
	default:
		in->state = STATE_IDLE;
		in->buf[in->len] = 0;
		if (in->too_long || digit_value(in->digit) < 0 || digit_value(byte) < 0 ||
		    in->sum != digit_value(in->digit) * 16 + digit_value(byte))
			return GDB_BAD;
		return GDB_PACKET;
	}
}

/* ---- reading ---- */

bool gdb_char(struct gdb_args *a, char c)
{
	if (a->p == a->end || *a->p != (u8)c)
		return false;
	a->p++;
	return true;
}

bool gdb_word(struct gdb_args *a, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(a->end - a->p) < len || memcmp(a->p, word, len) != 0)
		return false;
	a->p += len;
	return true;
}

bool gdb_hex(struct gdb_args *a, u64 *ret)
{
	const u8 *p = a->p;
	u64 v = 0;

	for (; p < a->end && digit_value(*p) >= 0; p++) {
		if (v >> 60)
			return false;
		v = v << 4 | (u64)digit_value(*p);
	}
	if (p == a->p)
		return false;
	a->p = p;
	*ret = v;
	return true;
}

bool gdb_hex_bytes(struct gdb_args *a, u8 *buf, u32 len)
{
	if ((u64)(a->end - a->p) < 2ull * len)
		return false;
	for (u32 i = 0; i < len; i++) {
		int high = digit_value(a->p[2 * i]), low = digit_value(a->p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		buf[i] = (u8)(high * 16 + low);
	}
	a->p += 2 * (size_t)len;
	return true;
}

i32 gdb_hex_text(struct gdb_args *a, char end, char *buf, u32 size)
{
	const u8 *p = a->p;
	u32 len;

	while (p < a->end && *p != (u8)end)
		p++;
	len = (u32)(p - a->p);
	if (len % 2 || len / 2 >= size || !gdb_hex_bytes(a, (u8 *)buf, len / 2))
		return -1;
	buf[len / 2] = 0;
	return strlen(buf) == len / 2 ? (i32)(len / 2) : -1;
}

bool gdb_binary(struct gdb_args *a, u8 *buf, u64 len)
{
	const u8 *p = a->p;
	u64 n = 0;

	for (; p < a->end; p++) {
		u8 byte = *p;

		if (byte == ESCAPE) {
			if (++p == a->end)
				return false;
			byte = *p ^ ESCAPE_XOR;
		}
		if (n == len)
			return false;
		buf[n++] = byte;
	}
	a->p = p;
	return n == len;
}

static bool thread_word(struct gdb_args *a, u64 *ret)
{
	if (gdb_word(a, "-1")) {
		*ret = ~0ull;
		return true;
	}
	return gdb_hex(a, ret);
}

bool gdb_thread(struct gdb_args *a, u64 *ret_pid, u64 *ret)
{
	struct gdb_args b = *a;
	u64 pid = 0, tid;

	if (gdb_char(&b, 'p')) {
		if (!thread_word(&b, &pid))
			return false;
		if (!gdb_char(&b, '.'))
			tid = ~0ull;	/* a process alone: all its threads */
		else if (!thread_word(&b, &tid))
			return false;
	} else if (!thread_word(&b, &tid)) {
		return false;
	}
	*ret_pid = pid == ~0ull ? 0 : pid;
	*ret = tid;
	*a = b;
	return true;
}

/* ---- replies ---- */

void gdb_put(struct gdb_reply *r, const char *fmt, ...)
{
	u32 room = sizeof r->buf - r->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf((char *)r->buf + r->len, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (u32)n >= room)
		r->cut = true;
	else
		r->len += (u32)n;
}

void gdb_put_hex(struct gdb_reply *r, const void *bytes, u32 len)
{
	static const char digits[] = "0123456789abcdef";
	const u8 *p = bytes;

	if (2ull * len > sizeof r->buf - r->len) {
		r->cut = true;
		return;
	}
	for (u32 i = 0; i < len; i++) {
		r->buf[r->len++] = (u8)digits[p[i] >> 4];
		r->buf[r->len++] = (u8)digits[p[i] & 15];
	}
}

u32 gdb_put_binary(struct gdb_reply *r, const void *bytes, u64 len)
{
	const u8 *p = bytes;
	u32 n;

	for (n = 0; n < len && r->len + 2 <= sizeof r->buf; n++) {
		u8 c = p[n];

		if (c == '#' || c == '$' || c == '*' || c == ESCAPE) {
			r->buf[r->len++] = ESCAPE;
			c ^= ESCAPE_XOR;
		}
		r->buf[r->len++] = c;
	}
	return n;
}

u32 gdb_frame(const struct gdb_reply *r, u8 *buf)
{
	u8 sum = 0;
	char tail[4];

	buf[0] = '$';
	memcpy(buf + 1, r->buf, r->len);
	for (u32 i = 0; i < r->len; i++)
		sum = (u8)(sum + r->buf[i]);
	snprintf(tail, sizeof tail, "#%02x", sum);
	memcpy(buf + 1 + r->len, tail, 3);
	return r->len + 4;
}
