/* Guest instruction tables: patterns to decode trees, text, random instances.
 *
 * At first use of a set each pattern string is read into mask, value and field
 * positions, and a tree is built over the fixed bits: a node takes a run of
 * bits that most of its lines fix and has an entry for each value of the run;
 * a line that leaves such a bit open goes under both.  A leaf is a list of a
 * few lines, those with more fixed bits first.  The steps from the root that
 * look at the bits in FIRST alone are taken in advance, for all their values.
 * Decoding is then one to three indexed loads, one compare and the field
 * extraction.
 * The table is published by one atomic exchange; a thread that loses the race
 * frees its own.  Not modelled: encodings longer than 32 bits, fields of which
 * the bits are apart (other than immediates).
 */
#include "target/insn.h"
#include "base/bits.h"

#include <stdlib.h>

enum { FIELDS = 9, PLUS_FIELDS = 4, RUN_MAX = 7, LEAF_LINES = 4 };

/* Bits that choose where a walk begins: opcode and the bits in which most 16 and 32-bit lines differ first. */
enum { FIRST = 0xf07f, FIRST_COUNT = 1 << 11 };
static inline u32 first_index(u32 word) { return (word & 0x7f) | (word >> 12 & 15) << 7; }
static inline u32 first_word(u32 index) { return (index & 0x7f) | index >> 7 << 12; }

/* A pattern, read.  What decoding needs is one cache line. */
struct insn_code {
	u32 mask, value;
	u64 feature;
	void (*emit)(struct ir *t, const struct operands *o);
	i64 (*imm)(u32 word);
	u32 imm_mask;
	u8 imm_at;		/* of adjacent bits */
	u8 at[FIELDS];		/* of a field: lowest bit, */
	u8 field[FIELDS];	/* mask; 0: the line has no such field, */
	u8 plus[PLUS_FIELDS];	/* what is added */
	bool more;		/* has a field other than d a b */
	u8 width, weight;
	u16 single;		/* the list of this line alone, 0: not made */
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct insn_code) == 64, "one cache line");

/* An entry of the tree: LEAF | index in lists, or where its children are. */
enum { LEAF = 1u << 31 };
#define NODE(base, at, bits) ((u32)(base) << 8 | (u32)(at) << 3 | (u32)(bits))

struct insn_table {
	struct insn_code *code;	/* in the order of the section, [0] is line 0 */
	u32 count;
	u32 first[FIRST_COUNT];	/* entries of the tree */
	u32 *tree;
	u32 tree_count, tree_size;
	u16 *list;		/* code number + 1, each list ended by 0 */
	u32 list_count, list_size;
	u64 *hits;		/* NULL: not counting */
};

/* ---- patterns ---- */

/* Classes of the characters of a pattern; the fields d a b c m s x y z, then D A B C. */
enum { BAD, SPACE, FIXED, ANY, IMMEDIATE, FIELD, SMALL = FIELD + FIELDS, CLASSES = SMALL + 4 };
static const u8 class_of[256] = {
	[' '] = SPACE, ['0'] = FIXED, ['1'] = FIXED, ['.'] = ANY, ['i'] = IMMEDIATE,
	['d'] = FIELD, ['a'] = FIELD + 1, ['b'] = FIELD + 2, ['c'] = FIELD + 3, ['m'] = FIELD + 4,
	['s'] = FIELD + 5, ['x'] = FIELD + 6, ['y'] = FIELD + 7, ['z'] = FIELD + 8,
	['D'] = SMALL, ['A'] = SMALL + 1, ['B'] = SMALL + 2, ['C'] = SMALL + 3,
};

static NORETURN void bad_pattern(const struct insn *in, const char *what)
{
	panic("%s:%d: pattern of %s: %s", in->file, (int)in->line, in->name, what);
}

static bool adjacent(u32 bits)
{
	return !bits || is_power_of_2((u64)(bits >> ctz32(bits)) + 1);
}

static void add_field(const struct insn *in, struct insn_code *c, u32 number, u32 bits, u8 plus)
{
	u32 at = ctz32(bits);

	if (c->field[number] || !adjacent(bits) || bits >> at > 255)
		bad_pattern(in, "a field is in pieces or longer than 8 bits");
	c->at[number] = (u8)at;
	c->field[number] = (u8)(bits >> at);
	if (number < PLUS_FIELDS)
		c->plus[number] = plus;
	c->more |= number > 2;
}

/* No branch depends on the characters: their order is hard to predict, and this runs at each start. */
static void read_pattern(struct insn_code *c, const struct insn *in)
{
	u32 set[CLASSES] = { 0 }, value = 0, bit = 1u << 31, bits = 0, down;

	for (const char *p = in->pattern; *p; p++) {
		u32 class = class_of[(u8)*p], counts = class != SPACE;

		set[class] |= bit;
		value |= *p == '1' ? bit : 0;
		bit >>= counts;
		bits += counts;
	}
	if (set[BAD] || (bits != 32 && bits != 16))
		bad_pattern(in, "an unknown character, or not 16 or 32 bits");
	down = 32 - bits;
	*c = (struct insn_code){
		.emit = in->emit, .feature = in->feature, .imm = in->imm, .width = (u8)bits,
		.mask = set[FIXED] >> down, .value = value >> down, .imm_mask = set[IMMEDIATE] >> down,
	};
	for (u32 i = 0; i < FIELDS; i++)
		if (set[FIELD + i])
			add_field(in, c, i, set[FIELD + i] >> down, 0);
	for (u32 i = 0; i < PLUS_FIELDS; i++)
		if (set[SMALL + i])
			add_field(in, c, i, set[SMALL + i] >> down, 8);
	c->weight = (u8)popcount64(c->mask);
	c->imm_at = (u8)(ctz32(c->imm_mask) & 31);
	if (!c->imm && !adjacent(c->imm_mask))
		bad_pattern(in, "the immediate is in pieces and has no function");
}

/* ---- the tree ---- */

static u32 new_list(struct insn_table *t, u16 *lines, u32 n)
{
	u32 at = t->list_count;

	if (n == 1 && t->code[lines[0]].single)
		return LEAF | t->code[lines[0]].single;
	assert(at <= UINT16_MAX);
	if (n == 1)
		t->code[lines[0]].single = (u16)at;
	while (t->list_count + n + 1 > t->list_size) {
		t->list_size = t->list_size ? 2 * t->list_size : 1024;
		t->list = xrealloc(t->list, t->list_size * sizeof *t->list);
	}
	/* by weight, heaviest first; lists are short */
	for (u32 i = 1; i < n; i++) {
		for (u32 k = i; k && t->code[lines[k]].weight > t->code[lines[k - 1]].weight; k--) {
			u16 other = lines[k];

			lines[k] = lines[k - 1];
			lines[k - 1] = other;
		}
	}
	for (u32 i = 0; i < n; i++)
		t->list[t->list_count++] = (u16)(lines[i] + 1);
	t->list[t->list_count++] = 0;
	return LEAF | at;
}

/* The bits to split lines by: a run of unused bits that as many lines as possible fix, from the lowest to the
 * highest bit that tells two of them apart. */
static u32 choose_run(const struct insn_table *t, const u16 *lines, u32 n, u32 used, u32 *ret_bits)
{
	u32 common = ~used, differ = 0, at, bits = 0, fixed[32] = { 0 }, best = 0;

	for (u32 i = 0; i < n; i++) {
		common &= t->code[lines[i]].mask;
		differ |= t->code[lines[i]].value ^ t->code[lines[0]].value;
	}
	common &= differ;
	if (!common) {
		for (u32 i = 0; i < n; i++)
			for (u32 m = t->code[lines[i]].mask & ~used; m; m &= m - 1)
				fixed[ctz32(m)]++;
		for (u32 bit = 0; bit < 32; bit++)
			best = fixed[bit] > best ? fixed[bit] : best;
		if (!best)
			return *ret_bits = 0;
		for (u32 bit = 0; bit < 32; bit++)
			common |= (u32)(fixed[bit] == best) << bit;
	}
	at = ctz32(common);
	while (bits < RUN_MAX && at + bits < 32 && (common >> (at + bits) & 1))
		bits++;
	*ret_bits = bits;
	return at;
}

/* The lines of a group, sorted by the values of a run of bits: those of value v are
 * line[start[v]] to line[start[v + 1] - 1].  A line that leaves bits of the run open is in several. */
struct buckets {
	u16 start[(1 << RUN_MAX) + 2];
	u16 *line;
};

/* The next value of the run that a line covers, after v; the first for v = ~0; size at the end. */
static inline u32 next_value(const struct insn_code *c, u32 at, u32 size, u32 v)
{
	u32 mask = c->mask >> at & (size - 1), value = c->value >> at & (size - 1);

	if (v == ~0u)
		return value;
	v = ((v | mask) + 1) & ~mask;	/* count in the open bits alone */
	return v >= size ? size : v | value;
}

static void sort_lines(const struct insn_table *t, const u16 *lines, u32 n, u32 at, u32 size, struct buckets *b)
{
	memset(b->start, 0, (size + 2) * sizeof b->start[0]);
	for (u32 i = 0; i < n; i++)
		for (u32 v = ~0u; (v = next_value(&t->code[lines[i]], at, size, v)) < size;)
			b->start[v + 2]++;
	for (u32 v = 2; v < size + 2; v++)
		b->start[v] += b->start[v - 1];
	b->line = xcalloc(b->start[size + 1] + 1u, sizeof *b->line);
	for (u32 i = 0; i < n; i++)
		for (u32 v = ~0u; (v = next_value(&t->code[lines[i]], at, size, v)) < size;)
			b->line[b->start[v + 1]++] = lines[i];
}

static u32 build(struct insn_table *t, u16 *lines, u32 n, u32 used)
{
	u32 bits, at, base, size;
	struct buckets b;

	if (!n)
		return LEAF;	/* list 0 is empty */
	if (n <= LEAF_LINES)
		return new_list(t, lines, n);
	at = choose_run(t, lines, n, used, &bits);
	if (!bits)
		return new_list(t, lines, n);
	size = 1u << bits;
	base = t->tree_count;
	t->tree_count += size;
	if (t->tree_count > t->tree_size) {
		t->tree_size = 2 * t->tree_count + 2048;
		t->tree = xrealloc(t->tree, t->tree_size * sizeof *t->tree);
	}
	sort_lines(t, lines, n, at, size, &b);
	for (u32 v = 0; v < size; v++) {
		u32 entry = build(t, b.line + b.start[v], (u32)(b.start[v + 1] - b.start[v]), used | (size - 1) << at);

		t->tree[base + v] = entry;
	}
	free(b.line);
	return NODE(base, at, bits);
}

static inline u32 step(const struct insn_table *t, u32 e, u32 word)
{
	return t->tree[(e >> 8) + (word >> (e >> 3 & 31) & ((1u << (e & 7)) - 1))];
}

static void take_first_steps(struct insn_table *t, u32 root)
{
	for (u32 i = 0; i < FIRST_COUNT; i++) {
		u32 e = root;

		while (!(e & LEAF) && !((((1u << (e & 7)) - 1) << (e >> 3 & 31)) & ~(u32)FIRST))
			e = step(t, e, first_word(i));
		t->first[i] = e;
	}
}

static void free_table(struct insn_table *t)
{
	free(t->code);
	free(t->tree);
	free(t->list);
	free(t);
}

static struct insn_table *make_table(const struct insn_set *set)
{
	struct insn_table *t = xnew(struct insn_table), *old = NULL;
	u16 *all;

	t->count = (u32)(set->end - set->begin);
	assert(t->count && t->count < 0xffff);
	t->code = aligned_alloc(sizeof *t->code, t->count * sizeof *t->code);
	if (!t->code)
		panic("out of memory");
	all = xcalloc(t->count, sizeof *all);
	new_list(t, all, 0);	/* list 0: nothing matches */
	for (u32 i = 0; i < t->count; i++) {
		read_pattern(&t->code[i], &set->begin[i]);
		all[i] = (u16)i;
	}
	take_first_steps(t, build(t, all, t->count, 0));
	free(all);
	/* pairs with the acquire load in table_of */
	if (__atomic_compare_exchange_n(set->table, &old, t, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return t;
	free_table(t);
	return old;
}

static inline struct insn_table *table_of(const struct insn_set *set)
{
	struct insn_table *t = __atomic_load_n(set->table, __ATOMIC_ACQUIRE);

	return likely(t) ? t : make_table(set);
}

/* ---- decoding ---- */

/* Field k; fields that a line has not are 0. */
static inline u8 field(const struct insn_code *c, u32 word, u32 k)
{
	return (u8)((word >> c->at[k] & c->field[k]) + (k < PLUS_FIELDS ? c->plus[k] : 0));
}

static inline void extract(const struct insn_code *c, u32 word, struct operands *o)
{
	o->d = field(c, word, 0);
	o->a = field(c, word, 1);
	o->b = field(c, word, 2);
	o->c = o->m = o->s = o->x = o->y = o->z = 0;
	if (c->more) {
		o->c = field(c, word, 3);
		o->m = field(c, word, 4);
		o->s = field(c, word, 5);
		o->x = field(c, word, 6);
		o->y = field(c, word, 7);
		o->z = field(c, word, 8);
	}
	o->word = word;
	o->imm = c->imm ? c->imm(word) : (word & c->imm_mask) >> c->imm_at;
}

static inline const struct insn_code *find(const struct insn_table *t, u32 word, u64 features)
{
	u32 e = t->first[first_index(word)];

	while (!(e & LEAF))
		e = step(t, e, word);
	for (const u16 *p = &t->list[e & ~LEAF]; *p; p++) {
		const struct insn_code *c = &t->code[*p - 1];

		if ((word & c->mask) != c->value || (c->feature & ~features))
			continue;
		if (unlikely(t->hits))
			t->hits[*p - 1]++;
		return c;
	}
	return NULL;
}

const struct insn *insn_decode(const struct insn_set *set, u32 word, u64 features, struct operands *ret_o)
{
	const struct insn_table *t = table_of(set);
	const struct insn_code *c = find(t, word, features);

	if (!c)
		return NULL;
	extract(c, word, ret_o);
	return &set->begin[c - t->code];
}

bool insn_translate(const struct insn_set *set, u32 word, u64 features, struct ir *t)
{
	const struct insn_code *c = find(table_of(set), word, features);
	struct operands o;

	if (unlikely(!c))
		return false;
	extract(c, word, &o);
	c->emit(t, &o);
	return true;
}

struct insn_bits insn_bits(const struct insn_set *set, const struct insn *in)
{
	const struct insn_code *c = &table_of(set)->code[in - set->begin];

	return (struct insn_bits){ .mask = c->mask, .value = c->value, .width = c->width };
}

/* ---- text ---- */

void insn_name(const struct insn *in, struct str *s)
{
	for (const char *p = in->name; *p; p++)
		str_putc(s, *p == '_' ? '.' : *p);
}

void insn_print(const struct insn_set *set, const struct insn *in, const struct operands *o, u64 pc, struct str *s)
{
	size_t start = s->len;
	const char *p = in->text ? in->text : "";

	insn_name(in, s);
	if (*p == '.') {
		set->operand(s, p[1], o, pc);
		p += 2;
	}
	while (*p == ' ')
		p++;
	if (*p) {
		str_putc(s, ' ');
		str_pad(s, start + 8);
	}
	for (; *p; p++) {
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'))
			set->operand(s, *p, o, pc);
		else if (*p != ' ')
			str_putc(s, *p);
	}
}

const struct insn *insn_find(const struct insn_set *set, const char *glob, u32 i)
{
	for (const struct insn *in = set->begin; in < set->end; in++) {
		char buf[64];
		struct str s = STR(buf);

		insn_name(in, &s);
		if (str_glob(glob, buf) && !i--)
			return in;
	}
	return NULL;
}

/* ---- random instances ---- */

static u32 next_random(u64 *seed)
{
	u64 v = *seed;	/* xorshift64* */

	v ^= v >> 12;
	v ^= v << 25;
	v ^= v >> 27;
	*seed = v;
	return (u32)(v * 0x2545f4914f6cdd1du >> 32);
}

static u32 fill(const struct insn_code *c, const char *pattern, u64 *seed, insn_pick_fn *pick, void *opaque)
{
	u32 word = c->value, bit = c->width;
	const char *p = pattern;

	while (*p) {
		char letter = *p;
		u32 run = 0, v;

		for (; *p == letter || *p == ' '; p++)
			run += *p == letter;
		if (letter == ' ')
			continue;
		bit -= run;
		if (letter == '0' || letter == '1')
			continue;
		v = next_random(seed);
		if (pick)
			v = pick(opaque, letter, run, v);
		word |= (v & (u32)bits_mask(run)) << bit;
	}
	return word;
}

u32 insn_random(const struct insn_set *set, const struct insn *in, u64 features, u64 *seed,
		insn_pick_fn *pick, void *opaque)
{
	const struct insn_code *c = &table_of(set)->code[in - set->begin];
	struct operands o;
	u32 word = c->value;

	assert(*seed && !(in->feature & ~features));
	for (u32 i = 0; i < 2000; i++) {
		word = fill(c, in->pattern, seed, i < 1000 ? pick : NULL, opaque);
		if (insn_decode(set, word, features, &o) == in)
			return word;
	}
	panic("%s:%d: no word decodes to %s", in->file, (int)in->line, in->name);
}

/* ---- coverage and checks ---- */

void insn_coverage_start(const struct insn_set *set)
{
	struct insn_table *t = table_of(set);

	if (!t->hits)
		t->hits = xcalloc(t->count, sizeof *t->hits);
}

u64 insn_coverage(const struct insn_set *set, const struct insn *in)
{
	const struct insn_table *t = table_of(set);

	return t->hits ? t->hits[in - set->begin] : 0;
}

bool insn_check(const struct insn_set *set, struct str *s)
{
	const struct insn_table *t = table_of(set);

	for (u32 i = 0; i < t->count; i++) {
		for (u32 k = i + 1; k < t->count; k++) {
			const struct insn_code *a = &t->code[i], *b = &t->code[k];
			const struct insn *ia = &set->begin[i], *ib = &set->begin[k];

			if (a->weight != b->weight || ((a->value ^ b->value) & a->mask & b->mask))
				continue;
			str_add(s, "%s (%s:%d) and %s (%s:%d) overlap", ia->name, ia->file,
				(int)ia->line, ib->name, ib->file, (int)ib->line);
			return false;
		}
	}
	return true;
}
