/* Structure layouts by ABI, and copies between the guest's and the host's.
 *
 * structs.def is text: for each structure its size and, where some ABI differs, its fields. The
 * first use of a structure by an ABI parses its line into a struct layout that is kept for ever;
 * a layout equal to the host's in every field is marked `same` and its bytes are never copied
 * field by field. A field missing on one side is left zero on the other.
 *
 * Not modelled: arrays whose size differs between ABIs (reserved words: zero) and unions whose
 * members differ by use.
 * Threads: any; a layout is published by one atomic exchange, a loser of that race is freed.
 * Facts: the kernel's exported headers, measured with each ABI's compiler.
 */
#include "user/syscall.h"
#include <stdlib.h>

struct struct_text {
	const char *name;
	u16 size[ABI_MAX];
	const char *fields;
};

static const struct struct_text struct_texts[] = {
#define STRUCT(n, a, b, c, d, e, text) { #n, { a, b, c, d, e }, text },
#include "user/structs.def"
#undef STRUCT
};

/* Plain types: bytes, or 0 for a guest long. */
static const struct { const char *name; u8 bytes; char kind; } scalars[] = {
	{ "int", 4, 's' }, { "uint", 4, 'u' }, { "u8", 1, 'u' }, { "u32", 4, 'u' }, { "u64", 8, 'u' },
	{ "loff_t", 8, 's' }, { "uid_t", 4, 'u' }, { "gid_t", 4, 'u' }, { "off", 0, 's' }, { "size", 0, 'u' },
	{ "ulong", 0, 'u' }, { "ptr", 0, 'p' }, { "iocb_ptr", 0, 'p' }, { "time_t", 0, 's' },
	{ "landlock_rule", 16, 'a' },
};

enum { STRUCTS = ARRAY_SIZE(struct_texts), SCALARS = ARRAY_SIZE(scalars), MAX_FIELDS = 64 };

static struct layout *_Atomic known[STRUCTS + SCALARS][ABI_MAX];

/* "12:8" or "-": false for "-".  *p moves past the word and the blank or ';' behind it. */
static bool parse_place(const char **p, u16 *ret_offset, u16 *ret_size)
{
	char *end;
	bool there = **p != '-';

	*ret_offset = *ret_size = 0;
	if (there) {
		*ret_offset = (u16)strtoul(*p, &end, 10);
		assert(*end == ':');
		*ret_size = (u16)strtoul(end + 1, &end, 10);
		*p = end + 1;
	} else {
		*p += 2;
	}
	return there;
}

/* Parse the fields that both the ABI and the host have. */
static u32 parse_fields(const char *p, enum linux_abi_id abi, struct layout_field *out)
{
	u32 n = 0;

	while (p && *p) {
		struct layout_field f = { .name = p };
		bool guest = false, host = false;

		p = strchr(p, ' ') + 1;
		f.kind = *p;
		p += 2;
		for (u32 i = 0; i < ABI_MAX; i++) {
			u16 offset, size;
			bool there = parse_place(&p, &offset, &size);

			if (i == abi) {
				f.guest = offset;
				f.guest_size = size;
				guest = there;
			}
			if (i == ABI_X86_64) {
				f.host = offset;
				f.host_size = size;
				host = there;
			}
		}
		if (guest && host) {
			assert(n < MAX_FIELDS);
			out[n++] = f;
		}
	}
	return n;
}

static bool all_same(const struct layout *l)
{
	if (l->guest_size != l->host_size || l->swap)
		return false;
	for (u32 i = 0; i < l->count; i++) {
		const struct layout_field *f = &l->field[i];

		if (f->guest != f->host || f->guest_size != f->host_size)
			return false;
	}
	return true;
}

static struct layout *layout_build(u32 index, enum linux_abi_id abi)
{
	struct layout_field fields[MAX_FIELDS];
	u32 n = 0, guest_size, host_size;
	const char *name;
	struct layout *l;

	if (index < STRUCTS) {
		const struct struct_text *t = &struct_texts[index];

		name = t->name;
		guest_size = t->size[abi];
		host_size = t->size[ABI_X86_64];
		n = parse_fields(t->fields, abi, fields);
	} else {
		u32 bytes = scalars[index - STRUCTS].bytes;
		u32 word = abi_is_32(abi) ? 4 : 8;

		name = scalars[index - STRUCTS].name;
		guest_size = bytes ? bytes : word;
		host_size = bytes ? bytes : 8;
		fields[n++] = (struct layout_field){ 0, 0, (u16)guest_size, (u16)host_size,
						     scalars[index - STRUCTS].kind, "value " };
	}
	l = xcalloc(1, sizeof(*l) + n * sizeof(l->field[0]));
	l->name = name;
	l->name_len = (u32)strlen(name);
	l->guest_size = guest_size;
	l->host_size = host_size;
	l->count = n;
	memcpy(l->field, fields, n * sizeof(fields[0]));
	l->same = all_same(l);
	return l;
}

const struct layout *layout_find(const char *name, size_t name_len, enum linux_abi_id abi)
{
	struct layout *l, *none = NULL;
	u32 i;

	for (i = 0; i < STRUCTS + SCALARS; i++) {
		const char *n = i < STRUCTS ? struct_texts[i].name : scalars[i - STRUCTS].name;

		if (strncmp(n, name, name_len) == 0 && !n[name_len])
			break;
	}
	if (i == STRUCTS + SCALARS)
		return NULL;
	l = atomic_load_explicit(&known[i][abi], memory_order_acquire);
	if (l)
		return l;
	l = layout_build(i, abi);
	if (!atomic_compare_exchange_strong(&known[i][abi], &none, l)) {
		free(l);
		l = none;
	}
	return l;
}

const struct layout *layout_of(const char *name)
{
	const struct layout *l = layout_find(name, strlen(name), guest_abi());

	assert(l);
	return l;
}

static u64 load(const u8 *p, u32 size, bool swap, bool is_signed)
{
	u64 v = 0;

	for (u32 i = 0; i < size; i++)
		v |= (u64)p[swap ? size - 1 - i : i] << (8 * i);
	return is_signed && size && size < 8 ? (u64)sign_extend(v, size * 8) : v;
}

static void store(u8 *p, u32 size, bool swap, u64 v)
{
	for (u32 i = 0; i < size; i++)
		p[swap ? size - 1 - i : i] = (u8)(v >> (8 * i));
}

/* Most fields are words of one size on both sides. */
static void copy_field(u8 *to, const u8 *from, u32 size)
{
	switch (size) {
	case 8:
		memcpy(to, from, 8);
		break;
	case 4:
		memcpy(to, from, 4);
		break;
	default:
		memcpy(to, from, size);
		break;
	}
}

/* Copy all fields; to_host says which side is read. */
static void convert(const struct layout *l, u8 *host, u8 *guest, bool to_host)
{
	for (u32 i = 0; i < l->count; i++) {
		const struct layout_field *f = &l->field[i];
		u8 *h = host + f->host, *g = guest + f->guest;

		if (f->kind == 'a' || (f->guest_size == f->host_size && !l->swap)) {
			if (f->guest_size == f->host_size)
				copy_field(to_host ? h : g, to_host ? g : h, f->guest_size);
			continue;
		}
		if (to_host)
			store(h, f->host_size, false, load(g, f->guest_size, l->swap, f->kind == 's'));
		else
			store(g, f->guest_size, l->swap, load(h, f->host_size, false, f->kind == 's'));
	}
}

void layout_to_host(const struct layout *l, void *host, const void *guest)
{
	if (l->same) {
		memcpy(host, guest, l->host_size);
		return;
	}
	memset(host, 0, l->host_size);
	convert(l, host, (u8 *)guest, true);
}

void layout_to_guest(const struct layout *l, void *guest, const void *host)
{
	if (l->same) {
		memcpy(guest, host, l->guest_size);
		return;
	}
	memset(guest, 0, l->guest_size);
	convert(l, (u8 *)host, guest, false);
}

/* Structures larger than this are passed as they are on every ABI we know. */
enum { LAYOUT_MAX = 1024 };

int layout_read(const struct layout *l, void *host, gva src)
{
	u8 guest[LAYOUT_MAX];

	if (l->same)
		return guest_range_ok(src, l->guest_size) ? guest_read(host, src, l->guest_size) : -EFAULT;
	assert(l->guest_size <= sizeof(guest));
	if (!guest_range_ok(src, l->guest_size) || guest_read(guest, src, l->guest_size))
		return -EFAULT;
	layout_to_host(l, host, guest);
	return 0;
}

int layout_write(const struct layout *l, gva dst, const void *host)
{
	u8 guest[LAYOUT_MAX];

	if (l->same)
		return guest_range_ok(dst, l->guest_size) ? guest_write(dst, host, l->guest_size) : -EFAULT;
	assert(l->guest_size <= sizeof(guest));
	layout_to_guest(l, guest, host);
	return guest_range_ok(dst, l->guest_size) ? guest_write(dst, guest, l->guest_size) : -EFAULT;
}
