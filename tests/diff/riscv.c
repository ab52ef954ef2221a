/* Random code and states for riscv64, from its INSN lines.
 *
 * A case takes a theme (arithmetic, floating point, memory, jumps, CSRs, or all)
 * and a pool of a few registers, so that instructions of a case use each other's
 * results.  What a line is, is read off its pattern and text: "(a)" is an
 * address, "p" a jump target, capital letters in the text are f registers.
 * Some x registers have roles: pointers into the data pages, the counter of a
 * loop, a register holding the address of a label for indirect jumps.
 * Immediates that must have a value (jump targets) are solved for: every imm
 * function copies bits, so each bit of the word stands for one bit of the result.
 */
#include "diff.h"
#include "base/bits.h"

extern const struct insn_set riscv_insns;

enum { SP = 2, ECALL = 0x73, EBREAK = 0x100073, C_EBREAK = 0x9002, NOP = 0x13, C_NOP = 1 };

enum kind { K_INT, K_FP, K_MEM, K_BRANCH, K_JUMP, K_CSR, K_LEAVE, K_KINDS };

static bool has_letter(const char *text, char letter)
{
	if (*text == '.')
		text++;
	for (; *text; text++)
		if (*text == letter)
			return true;
	return false;
}

static enum kind kind_of(const struct insn *in)
{
	const char *text = in->text;

	if (!text || !strcmp(in->name, "ecall") || !strcmp(in->name, "ebreak") ||
	    !strcmp(in->name, "c_ebreak") || !strcmp(in->name, "c_unimp") ||
	    !strcmp(in->name, "fence_i"))
		return K_LEAVE;
	if (str_starts(in->name, "csr"))
		return K_CSR;
	if (!strcmp(in->name, "jalr") || !strcmp(in->name, "c_jr") || !strcmp(in->name, "c_jalr"))
		return K_JUMP;
	if (has_letter(text, 'p'))
		return K_BRANCH;
	if (strstr(text, "(a)") || strstr(text, "(S)"))
		return K_MEM;
	return has_letter(text, 'D') || has_letter(text, 'A') ? K_FP : K_INT;
}

/* Bits of the word that the immediate is made of. */
static u32 imm_mask(const struct insn *in, u32 width)
{
	u32 mask = 0;

	for (const char *p = in->pattern; *p; p++) {
		if (*p == ' ')
			continue;
		width--;
		if (*p == 'i')
			mask |= 1u << width;
	}
	return mask;
}

/* Make the immediate of a word v; false if it cannot be. */
static bool imm_put(const struct insn *in, u32 *word, i64 v)
{
	u32 mask = imm_mask(in, insn_bits(&riscv_insns, in).width), w = *word & ~mask;

	if (!in->imm)
		return false;
	for (u32 left = mask; left; left &= left - 1) {
		u64 one = (u64)in->imm(1u << ctz32(left));

		if (one && (u64)v >> ctz64(one) & 1)
			w |= 1u << ctz32(left);
	}
	*word = w;
	return in->imm(w) == v;
}

/* ---- one instruction ---- */

struct making {
	struct rng r;
	struct diff_case *c;
	const struct diff_wish *wish;
	const struct insn *in; /* being made */
	enum kind kind;
	u8 pool[5], pointer[3];
	u8 counter, label;	 /* registers, 0 = none */
	u8 last;		 /* destination of the instruction before */
	bool chained;		 /* this one comes after it */
	const char *const *next; /* lines that go well after it, or NULL */
	bool loop;
	u32 body; /* its length: then comes the counting */
	u32 theme;
	u8 target[INSNS_MAX]; /* of a jump: instruction, 0xff = none */
};

static u32 any_register(struct making *m)
{
	u32 n = below(&m->r, 100);

	if (n < 12)
		return m->last;
	if (n < 70)
		return m->pool[below(&m->r, ARRAY_SIZE(m->pool))];
	if (n < 76)
		return 0;
	return below(&m->r, 32);
}

static bool is_kept(const struct making *m, u32 reg)
{
	enum role role = (enum role)m->c->role[reg];

	return role > ROLE_POINTER;
}

static u32 destination(struct making *m)
{
	u32 r;

	do
		r = any_register(m);
	while (m->c->role[r] == ROLE_POINTER && !chance(&m->r, 8));
	return r;
}

static u32 pick_imm(struct making *m, u32 bits, u32 random)
{
	static const u16 fp_csr[] = { 1, 2, 3 };

	if (m->kind == K_CSR)
		return chance(&m->r, 96) ? fp_csr[below(&m->r, 3)] : random;
	switch (below(&m->r, 6)) {
	case 0: return 0;
	case 1: return ~0u;
	case 2: return 1u << below(&m->r, bits);
	case 3: return 1;
	default: return random;
	}
}

static u32 pick(void *opaque, char letter, u32 bits, u32 random)
{
	struct making *m = opaque;
	bool address = m->kind == K_MEM && strstr(m->in->text, "(a)");
	u32 v;

	switch (letter) {
	case 'd':
	case 'D': v = destination(m); break;
	case 'a':
	case 'A':
		v = any_register(m);
		if (address && !chance(&m->r, 4))
			v = m->pointer[below(&m->r, 3)];
		if (m->chained && chance(&m->r, 60))
			v = m->last;
		if (m->kind == K_JUMP && m->label && !chance(&m->r, 5))
			v = m->label;
		break;
	case 'b':
	case 'B':
	case 'c':
	case 'C': v = any_register(m); break;
	case 'm': return chance(&m->r, 60) ? 7 : chance(&m->r, 95) ? below(&m->r, 5) : random;
	case 'i': return pick_imm(m, bits, random);
	default: return random;
	}
	return letter <= 'D' ? v - 8 : v; /* of capitals, what has not three bits is cut */
}

/* Does the word write, as an x register, one that has to be kept?  (f registers of that number are
 * taken for x.) */
static bool writes_kept(const struct making *m, const struct insn *in, const struct operands *o)
{
	bool implied_ra = !strcmp(in->name, "c_jalr"), implied_sp = !strcmp(in->name, "c_addi16sp");

	if (m->kind == K_JUMP && o->d == m->label && m->label && !m->loop)
		return false; /* jalr x, x */
	return (has_letter(in->pattern, 'd') && is_kept(m, o->d)) ||
	       (has_letter(in->pattern, 'D') && is_kept(m, o->d)) ||
	       (implied_ra && is_kept(m, 1)) || (implied_sp && is_kept(m, SP));
}

static bool counts_time(u32 csr) { return csr - 0xc00 <= 2; }

/* Waits give the processor away: only where they are asked for. */
static bool is_slow(const struct insn *in) { return str_starts(in->name, "wrs_"); }

/* clang-format off */
/* Pairs that translators look at as one, or that depend on more than registers. */
static const struct {
	const char *first, *then[6];
} pairs[] = {
	{ "lr_w", { "sc_w", "sc_w", "sc_d", "addi" } },
	{ "lr_d", { "sc_d", "sc_d", "sc_w", "addi" } },
	{ "slt", { "bne", "beq", "c_beqz", "sub", "and" } },
	{ "sltu", { "bne", "beq", "c_bnez", "add" } }, { "slti", { "bne", "c_beqz" } },
	{ "sltiu", { "beq", "c_bnez", "bne" } }, { "lui", { "addi", "addiw", "lw", "sd" } },
	{ "auipc", { "addi", "ld", "jalr", "lw" } },
	{ "slli", { "srli", "srai", "add", "slli" } },
	{ "c_slli", { "c_srli", "c_srai", "c_add" } },
	{ "addw", { "slli", "srli", "add_uw", "bge" } }, { "sllw", { "sraiw", "srlw" } },
	{ "feq_d", { "bne", "beq", "feq_d", "fle_d" } },
	{ "flt_d", { "beq", "c_bnez", "csrrs" } }, { "fle_s", { "c_beqz", "flt_s", "bne" } },
	{ "flt_s", { "bne", "feq_s" } },
	{ "csrrw", { "fadd_d", "fmul_s", "csrrs", "fcvt_w_d", "fdiv_d" } },
	{ "csrrwi", { "fsub_s", "fcvt_s_d", "fsqrt_d" } },
	{ "fadd_d", { "fmul_d", "fsd", "fmadd_d", "fadd_d", "csrrs", "flt_d" } },
	{ "fmul_d", { "fadd_d", "fsub_d", "fcvt_s_d", "fsd", "fle_d" } },
	{ "fmul_s", { "fadd_s", "fsw", "fcvt_d_s", "fmul_s", "fsgnj_s" } },
	{ "fmadd_s", { "fmadd_s", "fsw", "feq_s" } },
	{ "fdiv_d", { "fclass_d", "fmv_x_d", "csrrs", "fmin_d" } },
	{ "fcvt_d_w", { "fmadd_d", "fcvt_w_d", "fdiv_d" } },
	{ "fld", { "fadd_d", "fmul_d", "fcvt_s_d", "fsd", "fadd_s" } },
	{ "flw", { "fadd_s", "fmul_s", "fmv_x_w", "fsd" } },
	{ "fmv_d_x", { "fadd_d", "fmul_s", "fmadd_d" } }, { "fmv_w_x", { "fmadd_s", "fdiv_s" } },
	{ "ld", { "add", "beq", "jalr", "sd" } },
	{ "c_li", { "c_add", "sll", "divw", "c_beqz" } }, { "mul", { "mulh", "mulhu" } },
	{ "mulhsu", { "mul" } }, { "div", { "rem" } }, { "divuw", { "remuw" } },
	{ "sh1add", { "lh", "sh" } }, { "sh3add", { "ld", "sd", "fld" } },
	{ "add", { "lb", "sw", "ld", "add_uw" } },
};
/* clang-format on */

static const char *const *after(const struct insn *in)
{
	for (u32 i = 0; i < ARRAY_SIZE(pairs); i++)
		if (!strcmp(pairs[i].first, in->name))
			return pairs[i].then;
	return NULL;
}

static u32 make_word(struct making *m, const struct insn *in)
{
	struct operands o;
	u32 word;

	m->in = in;
	m->kind = kind_of(in);
	for (u32 tries = 0; tries < 100; tries++) {
		word = insn_random(&riscv_insns, in, m->wish->features, &m->r.s, pick, m);
		if (insn_decode(&riscv_insns, word, m->wish->features, &o) != in ||
		    writes_kept(m, in, &o))
			continue;
		if (m->kind == K_CSR && counts_time((u32)o.imm))
			continue;
		if (!strcmp(in->name, "lui") && chance(&m->r, 40))
			imm_put(in, &word, (i64)DATA_AT + below(&m->r, 2) * 4096);
		/* most addresses stay near their pointer */
		if (m->kind == K_MEM && in->imm && chance(&m->r, 70))
			imm_put(in, &word, ((i64)below(&m->r, 16) - 4) * 8);
		if (insn_decode(&riscv_insns, word, m->wish->features, &o) != in)
			continue;
		m->last = o.d;
		m->next = after(in);
		return word;
	}
	return NOP;
}

/* ---- a case ---- */

static void put(struct making *m, const struct insn *in, u32 word)
{
	struct diff_case *c = m->c;
	u32 len = (word & 3) == 3 ? 4 : 2;

	assert(c->count < INSNS_MAX && c->len + len <= CODE_MAX);
	c->line[c->count] = in;
	c->at[c->count++] = (u16)c->len;
	put_le16(c->code + c->len, (u16)word);
	if (len == 4)
		put_le16(c->code + c->len + 2, (u16)(word >> 16));
	c->len += len;
	c->at[c->count] = (u16)c->len;
}

static u32 word_at(const struct diff_case *c, u32 i)
{
	u32 low = get_le16(c->code + c->at[i]);

	return (low & 3) == 3 ? get_le32(c->code + c->at[i]) : low;
}

static void word_set(struct diff_case *c, u32 i, u32 word)
{
	if (c->at[i + 1] - c->at[i] == 4)
		put_le32(c->code + c->at[i], word);
	else
		put_le16(c->code + c->at[i], (u16)word);
}

static void drop(struct diff_case *c, u32 i)
{
	word_set(c, i, c->at[i + 1] - c->at[i] == 4 ? NOP : C_NOP);
}

static const struct insn *next_of_pair(struct making *m)
{
	const char *name = m->next ? m->next[below(&m->r, 6)] : NULL;

	m->next = NULL;
	m->chained = false;
	for (const struct insn *in = riscv_insns.begin; name && in < riscv_insns.end; in++)
		if (!strcmp(in->name, name) && !(in->feature & ~m->wish->features)) {
			m->chained = true;
			return in;
		}
	return NULL;
}

static bool is_nop(const u8 *code, u32 len)
{
	return len == 4 ? get_le32(code) == NOP : get_le16(code) == C_NOP;
}

static bool any_access(const struct diff_case *c, gva pc)
{
	for (u32 i = 0; i < c->count; i++)
		if (c->pc + c->at[i] == pc)
			return c->line[i] && str_starts(c->line[i]->name, "amo");
	return false;
}

/* False: it leaves the code in a way that is not wanted here. */
static bool may_leave(const struct making *m, const struct insn *in)
{
	if (!m->wish->tame || kind_of(in) != K_LEAVE)
		return true;
	return m->wish->faults && strcmp(in->name, "ecall");
}

static const struct insn *random_line(struct making *m)
{
	static const u8 weight[][K_KINDS] = {
		/* int fp mem branch jump csr leave */
		{ 20, 20, 20, 12, 2, 4, 1 }, { 60, 1, 4, 6, 1, 0, 0 },	{ 4, 70, 8, 3, 0, 4, 0 },
		{ 20, 4, 60, 3, 0, 0, 0 },   { 25, 2, 5, 60, 8, 0, 0 }, { 4, 50, 2, 2, 0, 30, 2 },
	};
	const struct insn *in;
	u32 count = (u32)(riscv_insns.end - riscv_insns.begin);

	m->chained = false;
	in = chance(&m->r, 50) ? next_of_pair(m) : NULL;
	if (in && may_leave(m, in))
		return in;
	for (;;) {
		in = &riscv_insns.begin[below(&m->r, count)];
		if (in->feature & ~m->wish->features || is_slow(in))
			continue;
		if (!may_leave(m, in))
			continue;
		if (below(&m->r, 70) < weight[m->theme][kind_of(in)])
			return in;
	}
}

/* Registers for roles: distinct, never x0. */
static u8 take_register(struct making *m, enum role role, u32 from, u32 count)
{
	for (;;) {
		u32 r = from + below(&m->r, count);

		if (r && m->c->role[r] == ROLE_ANY) {
			m->c->role[r] = (u8)role;
			return (u8)r;
		}
	}
}

static void take_roles(struct making *m)
{
	struct rng *r = &m->r;

	if (m->wish->keep)
		m->c->role[m->wish->keep] = ROLE_KEEP;
	m->c->role[SP] = ROLE_POINTER;
	m->pointer[0] = SP;
	m->pointer[1] = take_register(m, ROLE_POINTER, 8, 8);
	m->pointer[2] = take_register(m, ROLE_POINTER, 1, 31);
	m->loop = chance(r, m->theme == 4 ? 45 : 18);
	if (m->loop)
		m->counter = take_register(m, ROLE_COUNTER, chance(r, 50) ? 8 : 1, 8);
	if (chance(r, m->theme == 4 ? 70 : 25))
		m->label = take_register(m, ROLE_LABEL, 1, 31);
	for (u32 i = 0; i < ARRAY_SIZE(m->pool); i++)
		m->pool[i] = (u8)(chance(r, 60) ? 8 + below(r, 8) : below(r, 32));
}

/* Where does jump i go?  Forwards, for most; back only where the loop does. */
static void aim(struct making *m, u32 i, u32 word)
{
	struct diff_case *c = m->c;
	u32 to = m->target[i];
	const struct insn *in = c->line[i];
	struct operands o;

	if (to == 0xff)
		to = i + 1 + below(&m->r, c->count - i);
	if (m->loop && to == m->body + 1) /* never past the counting */
		to = m->body;
	if (chance(&m->r, 1) && !m->wish->tame)
		to = below(&m->r, c->count);
	if (!imm_put(in, &word, (i64)c->at[to] - c->at[i]) ||
	    insn_decode(&riscv_insns, word, m->wish->features, &o) != in) {
		drop(c, i);
		return;
	}
	word_set(c, i, word);
}

/* Indirect jumps go to label + their offset. */
static void aim_register(struct making *m, u32 i, u32 word)
{
	struct operands o;

	if (insn_decode(&riscv_insns, word, m->wish->features, &o) != m->c->line[i] ||
	    o.a != m->label || !m->label || m->c->at[i] >= m->c->label - m->c->pc) {
		if (m->wish->tame || chance(&m->r, 95))
			drop(m->c, i);
		return;
	}
	if (m->c->line[i]->imm && imm_put(m->c->line[i], &word, chance(&m->r, 80) ? 0 : 1))
		word_set(m->c, i, word);
}

static void finish(struct making *m)
{
	static const u32 ends[] = { ECALL, ECALL, ECALL, ECALL, EBREAK, C_EBREAK, 0 };
	struct diff_case *c = m->c;
	const struct insn *addi = insn_find(&riscv_insns, "addi", 0),
			  *bne = insn_find(&riscv_insns, "bne", 0);
	u32 n, i;

	m->body = c->count;
	if (m->loop) {
		put(m, addi, 0xfff00013u | m->counter << 15 | m->counter << 7);
		m->target[c->count] = (u8)below(&m->r, m->body);
		put(m, bne, 0x1063u | m->counter << 15);
	}
	n = c->count;
	if (!m->wish->tame) {
		u32 end = ends[below(&m->r, ARRAY_SIZE(ends))];

		if ((end & 3) != 3 &&
		    !(m->wish->features & insn_find(&riscv_insns, "c.nop", 0)->feature))
			end = ECALL;
		put(m, NULL, end);
	}
	/* indirect jumps that do not come before the label are dropped: few cases may run for ever
	 */
	i = n - below(&m->r, (n + 1) / 2);
	c->label = c->pc + c->at[m->loop && i == m->body + 1 ? m->body : i];
	for (i = 0; i < n; i++) {
		enum kind k = kind_of(c->line[i]);

		if (k == K_BRANCH)
			aim(m, i, word_at(c, i));
		else if (k == K_JUMP)
			aim_register(m, i, word_at(c, i));
	}
}

/* Code may lie anywhere, also where addresses do not fit 31 or 32 bits, but not near our own memory:
 * auipc makes pointers. */
static gva random_pc(struct rng *r)
{
	static const gva windows[] = { CODE_AT, CODE_AT, 0x7ffe0000, 0xfffe0000, 0x450000000000 };
	gva page = windows[below(r, ARRAY_SIZE(windows))] + below(r, CODE_PAGES - 1) * 4096;

	return chance(r, 25) ? page + 4096 - 2 * (1 + below(r, 20)) : page + 2 * below(r, 2048);
}

static void make(struct diff_case *c, u64 seed, const struct diff_wish *wish)
{
	struct making m = { .r = { seed }, .c = c, .wish = wish };
	bool compressed = wish->features & insn_find(&riscv_insns, "c.nop", 0)->feature;
	u32 n, special;

	*c = (struct diff_case){ .seed = seed, .tame = wish->tame, .faults = wish->faults };
	memset(m.target, 0xff, sizeof m.target);
	c->states = 1 + below(&m.r, STATES_MAX);
	c->writable = chance(&m.r, 50);
	c->step = chance(&m.r, 6);
	c->kick = chance(&m.r, 10);
	c->pc = wish->pc ? wish->pc : compressed ? random_pc(&m.r) : random_pc(&m.r) & ~3ull;
	m.theme = below(&m.r, 6);
	take_roles(&m);
	n = 1 + below(&m.r, chance(&m.r, 12) ? 40 : 12);
	if (n > wish->max_insns)
		n = wish->max_insns;
	special = below(&m.r, n);
	for (u32 i = 0; i < n; i++) {
		const struct insn *in =
		    wish->line && (i == special || chance(&m.r, 10)) ? wish->line : random_line(&m);
		u32 word = make_word(&m, in);

		put(&m, word == NOP ? insn_find(&riscv_insns, "addi", 0) : in, word);
	}
	finish(&m);
}

/* ---- states ---- */

static u64 pointer(struct rng *r, u32 kinds)
{
	gva end = DATA_AT + DATA_BYTES;
	u32 n = below(r, kinds);

	if (n < 50) /* where accesses succeed, mostly aligned */
		return DATA_AT + 2100 +
		       (below(r, DATA_BYTES - 4200) & (chance(r, 75) ? ~63u : ~0u));
	if (n < 70) /* across the two pages */
		return DATA_AT + 4096 - below(r, 24);
	if (n < 78) /* across into the read-only page */
		return end - below(r, 24);
	if (n < 83) /* across into nothing */
		return end + 4096 - below(r, 24);
	if (n < 87)
		return DATA_AT - below(r, 24);
	if (n < 90)
		return end + 100000;
	if (n < 92)
		return below(r, 3000);
	if (n < 94) /* no such addresses for user programs */
		return 0x800000000000ull - below(r, 16);
	return n < 96 ? corner_int(r) : DATA_AT + 2048 + 8 * below(r, 512);
}

static u64 integer(struct rng *r)
{
	if (chance(r, 12))
		return corner_fp_register(r);
	return corner_int(r);
}

static void state(const struct diff_case *c, u32 n, struct diff_state *s)
{
	struct rng r = { mix(c->seed, n + 1) };
	u32 kinds = !c->tame ? 100 : c->faults ? 92 : 70;	/* of pointers */

	*s = (struct diff_state){ .excl_addr = ~0ull };
	for (u32 i = 0; i < DATA_BYTES; i += 8) {
		u64 v = rnd64(&r);

		memcpy(s->data + i, &v, 8);
	}
	for (u32 i = 0; i < DATA_BYTES; i += 8 * (1 + below(&r, 6))) {
		u64 v = chance(&r, 50) ? corner_fp_register(&r) : corner_int(&r);

		memcpy(s->data + i, &v, 8);
	}
	for (u32 i = 1; i < 32; i++) {
		switch ((enum role)c->role[i]) {
		case ROLE_POINTER: s->words[i] = pointer(&r, kinds); break;
		case ROLE_COUNTER: s->words[i] = 1 + below(&r, 12); break;
		case ROLE_LABEL: s->words[i] = c->label; break;
		case ROLE_ANY:
		case ROLE_KEEP: s->words[i] = integer(&r); break;
		}
	}
	for (u32 i = 0; i < 32; i++)
		s->words[32 + i] = corner_fp_register(&r);
	s->words[64] = chance(&r, 40) ? 0 : chance(&r, 95) ? below(&r, 5) : below(&r, 8);
	s->fflags = chance(&r, 60) ? 0 : (u8)below(&r, 32);
	if (chance(&r, 30)) {
		u64 p = s->words[chance(&r, 50) ? SP : 8 + below(&r, 8)];

		s->excl_addr = p;
		if (p - DATA_AT <= DATA_BYTES - 8)
			memcpy(&s->excl_val, s->data + (p - DATA_AT), 8);
	}
	if (chance(&r, 20))
		s->excl_val = (u64)(i64)(i32)s->excl_val;
}

const struct diff_guest diff_riscv64 = {
	.target = "riscv64",
	.set = &riscv_insns,
	.make = make,
	.state = state,
	.drop = drop,
	.is_nop = is_nop,
	.any_access = any_access,
};
