/* IR text (text.h) back into a struct ir, for tests.  The caller has called
 * ir_begin, which says what slots there are.  Only the form is checked here:
 * ir_verify says whether the result makes sense.
 */
#include "ir/build.h"
#include "ir/text.h"
#include "base/bits.h"
#include "base/error.h"
#include "base/str.h"
#include <stdlib.h>

struct parser {
	struct ir *t;
	struct error *err;
	u32 line;
	bool has_imm;		/* the line gave the field */
};

static int bad(struct parser *p, const char *what, const char *word)
{
	return fail(p->err, EINVAL, "line %u: %s '%s'", p->line, what, word);
}

/* The next word of the line, its end overwritten by NUL; "" at the end. */
static char *word(char **at)
{
	char *start = *at + strspn(*at, " \t\r");

	*at = start + strcspn(start, " \t\r");
	if (**at)
		*(*at)++ = 0;
	return start;
}

static int find_name(const char *const *names, u32 count, const char *text)
{
	for (u32 i = 0; i < count; i++)
		if (names[i] && !strcmp(names[i], text))
			return (int)i;
	return -1;
}

static bool parse_number(const char *text, i64 min, i64 max, u32 *ret_v)
{
	char *end;
	i64 v;

	errno = 0;
	v = strtoll(text, &end, 0);
	if (errno || end == text || *end || v < min || v > max)
		return false;
	*ret_v = (u32)v;
	return true;
}

static bool parse_mem(const char *text, u32 *ret_v)
{
	u32 mem = 0, bits = 0;

	if (*text == 's') {
		mem |= MEM_SIGNED;
		text++;
	}
	while (*text >= '0' && *text <= '9' && bits < 100)
		bits = bits * 10 + (u32)(*text++ - '0');
	if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
		return false;
	mem |= ctz32(bits) - 3;
	if (str_starts(text, "be")) {
		mem |= MEM_BE;
		text += 2;
	}
	if (str_starts(text, "aligned")) {
		mem |= MEM_ALIGNED;
		text += 7;
	}
	*ret_v = mem;
	return !*text;
}

static bool parse_const(struct ir *t, const char *text, u32 *ret_v)
{
	char *end;
	u64 v;

	errno = 0;
	v = strtoull(text, &end, 0);
	if (errno || end == text || *end || t->konst_count == IR_KONST_MAX)
		return false;
	t->konst[t->konst_count] = v;
	*ret_v = t->konst_count++;
	return true;
}

static bool parse_slot(const struct ir *t, const char *text, u32 *ret_v)
{
	for (u32 i = 1; i < t->slot_count; i++)
		if (t->slots[i].name && !strcmp(t->slots[i].name, text)) {
			*ret_v = i;
			return true;
		}
	return false;
}

static bool parse_helper(const char *text, u32 *ret_v)
{
	const struct ir_helper *h;

	for (u32 i = 0; (h = ir_helper(i)); i++)
		if (!strcmp(h->name, text)) {
			*ret_v = i;
			return true;
		}
	return false;
}

static bool parse_value(struct ir *t, enum ir_field_kind kind, const char *text, u32 *ret_v)
{
	int cc;

	switch (kind) {
	case FIELD_NUMBER: return parse_number(text, 0, UINT8_MAX, ret_v);
	case FIELD_SIGNED: return parse_number(text, INT32_MIN, INT32_MAX, ret_v);
	case FIELD_CC:
		cc = find_name(ir_cc_names, CC_MAX, text);
		*ret_v = (u32)cc;
		return cc >= 0;
	case FIELD_MEM: return parse_mem(text, ret_v);
	case FIELD_SLOT: return parse_slot(t, text, ret_v);
	case FIELD_CONST: return parse_const(t, text, ret_v);
	case FIELD_HELPER: return parse_helper(text, ret_v);
	case FIELD_NONE: break;
	}
	return false;
}

static int parse_field(struct parser *p, struct ir_ins *n, char *text)
{
	const struct ir_fields *f = &ir_fields[n->op];
	char *value = strchr(text, '=');
	u32 v;

	if (!value)
		return bad(p, "neither operand nor field", text);
	*value++ = 0;
	if (f->aux.key && !strcmp(f->aux.key, text) && parse_value(p->t, f->aux.kind, value, &v))
		n->aux = (u8)v;
	else if (f->d.key && !strcmp(f->d.key, text) && parse_value(p->t, f->d.kind, value, &v))
		n->d = (u8)v;
	else if (f->imm.key && !strcmp(f->imm.key, text) && parse_value(p->t, f->imm.kind, value, &v)) {
		n->imm = v;
		p->has_imm = true;
	} else {
		return bad(p, "bad field", text);
	}
	return 0;
}

/* "add.i64" */
static int parse_op(struct parser *p, struct ir_ins *n, char *text)
{
	char *dot = strrchr(text, '.');
	int type = dot ? find_name(ir_type_names + 1, IR_TYPE_MAX - 1, dot + 1) : -1;

	if (type >= 0) {	/* else the dot is part of the name */
		n->type = (u8)(type + 1);
		*dot = 0;
	}
	for (u32 op = 0; op < IR_OP_MAX; op++)
		if (!strcmp(ir_opinfo[op].text, text)) {
			n->op = (u8)op;
			return 0;
		}
	return bad(p, "no such operation", text);
}

static int parse_operand(struct parser *p, struct ir_ins *n, u32 k, const char *text)
{
	u32 v = 0;

	if (k >= 3)
		return bad(p, "too many operands at", text);
	if (strcmp(text, "-") && !parse_number(text + 1, 0, IR_INS_MAX - 1, &v))
		return bad(p, "bad operand", text);
	*(k == 0 ? &n->a : k == 1 ? &n->b : &n->c) = (ir_ref)v;
	return 0;
}

static int parse_line(struct parser *p, char *line)
{
	struct ir *t = p->t;
	struct ir_ins n = { 0 };
	char *w = word(&line), *colon;
	u32 number, operands = 0;
	enum ir_field_kind imm;
	int r;

	if (!*w || *w == '#')
		return 0;
	colon = strchr(w, ':');
	if (colon && !colon[1])
		*colon = 0;
	if (!colon || !parse_number(w, 1, IR_INS_MAX - 1, &number) || number < t->n)
		return bad(p, "bad number of an instruction", w);
	p->has_imm = false;
	r = parse_op(p, &n, word(&line));
	while (!r && *(w = word(&line))) {
		if ((*w == 'v' && w[1] >= '0' && w[1] <= '9') || !strcmp(w, "-"))
			r = parse_operand(p, &n, operands++, w);
		else
			r = parse_field(p, &n, w);
	}
	if (r < 0)
		return r;
	imm = ir_fields[n.op].imm.kind;
	if (!p->has_imm && n.op != IR_NOP && (imm == FIELD_SLOT || imm == FIELD_CONST || imm == FIELD_HELPER))
		return bad(p, "field left out:", ir_fields[n.op].imm.key);
	while (t->n < number)
		t->ins[t->n++] = (struct ir_ins){ .op = IR_NOP };
	t->ins[t->n++] = n;
	t->insns += n.op == IR_PC;
	t->ended = ir_opinfo[n.op].flags & IR_END;
	t->counted = true;	/* uses may have been given */
	return 0;
}

int ir_parse(struct ir *t, const char *text, struct error *err)
{
	struct parser p = { .t = t, .err = err };
	int r = 0;

	while (*text && !r) {
		char line[256];
		size_t len = strcspn(text, "\n");

		p.line++;
		if (len >= sizeof line)
			return fail(err, EINVAL, "line %u is too long", p.line);
		memcpy(line, text, len);
		line[len] = 0;
		r = parse_line(&p, line);
		text += len + (text[len] == '\n');
	}
	return r;
}
