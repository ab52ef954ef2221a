/* Random blocks, built from the same numbers with the builder's rules, with
 * those and narrowing, and plain: all must leave the same state, at faults and
 * exits too.
 * And their text must read back to itself. */
#include "base/error.h"
#include "fixture.h"

enum { POOL = 24, BLOCKS = 20000 };

struct generator {
	struct ir *t;
	u64 seed;
	ir_ref i64[POOL], i32[POOL], f64[POOL], f32[POOL];	/* values to choose from */
	u32 n64, n32, nd, ns;
};

static u32 pick(struct generator *g, u32 n)
{
	return (u32)(test_random(&g->seed) >> 11) % n;
}

static void keep(struct generator *g, ir_ref *pool, u32 *n, ir_ref r)
{
	if (*n < POOL)
		pool[(*n)++] = r;
	else
		pool[pick(g, POOL)] = r;
}

static u64 number(struct generator *g)
{
	u64 v = test_corners[pick(g, ARRAY_SIZE(test_corners))];

	return pick(g, 4) ? v : test_random(&g->seed);
}

static ir_ref any64(struct generator *g)
{
	u32 how = pick(g, 8);

	if (how == 0)
		return ir_const(g->t, IR_I64, number(g));
	if (how < 3 || !g->n64)
		return ir_get(g->t, X0 + pick(g, X_COUNT));
	return g->i64[pick(g, g->n64)];
}

static ir_ref any32(struct generator *g)
{
	u32 how = pick(g, 8);

	if (how == 0)
		return ir_const(g->t, IR_I32, number(g));
	if (how < 3 || !g->n32)
		return ir_trunc(g->t, any64(g));
	return g->i32[pick(g, g->n32)];
}

static ir_ref any_double(struct generator *g)
{
	return g->nd && pick(g, 3) ? g->f64[pick(g, g->nd)] : ir_get(g->t, F0 + pick(g, F_COUNT));
}

static ir_ref any_single(struct generator *g)
{
	return g->ns && pick(g, 3) ? g->f32[pick(g, g->ns)] : ir_unbox(g->t, any_double(g));
}

static ir_ref binary(struct generator *g, bool wide)
{
	static const u8 ops[] = {
		IR_ADD, IR_SUB, IR_MUL, IR_MULHS, IR_MULHU, IR_MULHSU, IR_DIVS, IR_DIVU, IR_REMS, IR_REMU, IR_AND,
		IR_OR, IR_XOR, IR_ANDN, IR_SHL, IR_SHR, IR_SAR, IR_ROL, IR_ROR, IR_MINS, IR_MAXS, IR_MINU, IR_MAXU,
		IR_ADD, IR_AND, IR_XOR, IR_SHL, IR_SHR, IR_SAR, IR_SUB,
	};
	enum ir_op op = ops[pick(g, ARRAY_SIZE(ops))];
	ir_ref a = wide ? any64(g) : any32(g), b = wide ? any64(g) : any32(g);

	return ir_bin(g->t, op, a, b);
}

/* A rotation as compilers write it; now and then not quite one. */
static ir_ref rotation(struct generator *g, bool wide)
{
	static const u8 joins[] = { IR_OR, IR_XOR, IR_ADD };
	enum ir_type type = wide ? IR_I64 : IR_I32;
	u32 width = wide ? 64 : 32, n = 1 + pick(g, width - 1), m = width - n + (pick(g, 8) == 0);
	ir_ref a = wide ? any64(g) : any32(g), down, up;
	enum ir_op join = joins[pick(g, 3)];

	down = ir_shr(g->t, a, ir_const(g->t, type, n));
	up = ir_shl(g->t, a, ir_const(g->t, type, m));
	return pick(g, 2) ? ir_bin(g->t, join, down, up) : ir_bin(g->t, join, up, down);
}

static ir_ref unary(struct generator *g, bool wide)
{
	static const u8 ops[] = { IR_NEG, IR_NOT, IR_BSWAP, IR_CLZ, IR_CTZ, IR_POPC, IR_ORCB, IR_NEG, IR_NOT };

	return ir_un(g->t, ops[pick(g, ARRAY_SIZE(ops))], wide ? any64(g) : any32(g));
}

static ir_ref extension(struct generator *g)
{
	static const u8 widths[] = { 8, 16, 32, 32 };
	bool is_signed = pick(g, 2);
	ir_ref a = pick(g, 2) ? any64(g) : any32(g);
	u32 bits = widths[pick(g, 4)];

	return is_signed ? ir_sext(g->t, a, bits) : ir_zext(g->t, a, bits);
}

static ir_ref comparison(struct generator *g)
{
	bool wide = pick(g, 2);
	enum ir_cc cc = pick(g, CC_MAX);
	ir_ref a = wide ? any64(g) : any32(g), b = wide ? any64(g) : any32(g);

	return ir_setcc(g->t, cc, a, b);
}

/* Mostly inside the memory. */
static ir_ref address(struct generator *g)
{
	struct ir *t = g->t;
	ir_ref a = ir_and(t, any64(g), ir_imm(t, 0x3f8)), b;
	u32 form = pick(g, 8);

	if (form == 0)
		return any64(g);
	if (form < 3)
		return ir_add(t, a, ir_imm(t, (i64)pick(g, 64) - 8));
	if (form < 4)
		return a;
	b = ir_and(t, any64(g), ir_imm(t, 0x78));
	if (form < 6)
		b = ir_shl(t, b, ir_imm(t, pick(g, 5)));
	a = form & 1 ? ir_add(t, a, b) : ir_add(t, b, a);
	return form < 7 ? a : ir_add(t, a, ir_imm(t, 16));
}

static void memory(struct generator *g)
{
	struct ir *t = g->t;
	u32 mem = pick(g, 16), how = pick(g, 6);
	ir_ref a = address(g);

	switch (how) {
	case 0: ir_store(t, a, any64(g), mem); break;
	case 1: ir_store(t, a, any_double(g), MEM_64); break;
	case 2: keep(g, g->f64, &g->nd, ir_load(t, IR_F64, a, MEM_64)); break;
	case 3: keep(g, g->f32, &g->ns, ir_load(t, IR_F32, a, MEM_32)); break;
	default: keep(g, g->i64, &g->n64, ir_load(t, IR_I64, a, mem)); break;
	}
}

static void floating(struct generator *g)
{
	static const u8 ops[] = { IR_FADD, IR_FSUB, IR_FMUL, IR_FDIV, IR_FMIN, IR_FMAX };
	struct ir *t = g->t;
	u32 op = ops[pick(g, ARRAY_SIZE(ops))], rm = pick(g, 5), how = pick(g, 9);
	ir_ref a = any_double(g), b = any_double(g), c = any_single(g), d = any_single(g);

	switch (how) {
	case 0: keep(g, g->f64, &g->nd, ir_fbin(t, op, a, b, rm)); break;
	case 1: keep(g, g->f32, &g->ns, ir_fbin(t, op, c, d, rm)); break;
	case 2: keep(g, g->i64, &g->n64, ir_fcmp(t, pick(g, 3), a, b, pick(g, 2))); break;
	case 3: keep(g, g->f64, &g->nd, ir_fsgn(t, pick(g, 3), a, b)); break;
	case 4: keep(g, g->f64, &g->nd, ir_box(t, c)); break;
	case 5: keep(g, g->i64, &g->n64, ir_bitcast(t, IR_I64, a)); break;
	case 6: keep(g, g->f64, &g->nd, ir_bitcast(t, IR_F64, any64(g))); break;
	case 7: keep(g, g->i32, &g->n32, ir_bitcast(t, IR_I32, c)); break;
	default: keep(g, g->i64, &g->n64, ir_ftoi(t, IR_I64, c, rm, pick(g, 2))); break;
	}
}

static void quiet(struct generator *g)
{
	struct ir *t = g->t;
	ir_ref flags = ir_fflags_get(t), a = any_double(g), b = any_double(g);

	keep(g, g->i64, &g->n64, ir_fcmp(t, 1 + pick(g, 2), a, b, false));
	if (pick(g, 3) == 0)
		keep(g, g->i64, &g->n64, ir_fcmp(t, FCMP_EQ, a, b, false));
	ir_fflags_set(t, ir_and(t, flags, ir_imm(t, 31)));
}

static void branch(struct generator *g)
{
	ir_ref a, b;
	u64 target = START + pick(g, 64) * 2;
	enum ir_cc cc = pick(g, CC_MAX);

	if (pick(g, 2)) {
		a = comparison(g);
		b = ir_imm(g->t, 0);
		cc = pick(g, 2) ? CC_NE : CC_EQ;
	} else {
		a = any64(g);
		b = any64(g);
	}
	ir_branch(g->t, cc, a, b, target);
}

static void one(struct generator *g)
{
	struct ir *t = g->t;
	u32 how = pick(g, 40);
	ir_ref a, b, c;

	if (how < 1) {
		keep(g, g->i32, &g->n32, rotation(g, false));
		keep(g, g->i64, &g->n64, rotation(g, true));
	} else if (how < 12) {
		keep(g, g->i64, &g->n64, binary(g, true));
	} else if (how < 16) {
		keep(g, g->i32, &g->n32, binary(g, false));
	} else if (how < 18) {
		keep(g, g->i64, &g->n64, unary(g, true));
	} else if (how < 19) {
		keep(g, g->i32, &g->n32, unary(g, false));
	} else if (how < 23) {
		keep(g, g->i64, &g->n64, extension(g));
	} else if (how < 26) {
		keep(g, g->i64, &g->n64, comparison(g));
	} else if (how < 27) {
		a = pick(g, 2) ? comparison(g) : any64(g);
		b = any64(g);
		c = any64(g);
		keep(g, g->i64, &g->n64, ir_select(t, a, b, c));
	} else if (how < 30) {
		memory(g);
	} else if (how < 33) {
		floating(g);
	} else if (how < 34) {
		quiet(g);
	} else if (how < 35) {
		branch(g);
	} else if (how < 36) {
		ir_put(t, F0 + pick(g, F_COUNT), any_double(g));
	} else {
		u32 slot = X0 + pick(g, X_COUNT);

		ir_put(t, slot, any64(g));
	}
}

static void build(struct generator *g, struct ir *t, u64 seed, bool plain)
{
	*g = (struct generator){ .t = t, .seed = seed };
	test_begin(t);
	t->plain = plain;
	for (u32 i = 0; i < 40 && !t->ended; i++) {
		if (pick(g, 3) == 0)
			test_insn(t);
		one(g);
	}
	if (!t->ended) {
		ir_put(t, X0, any64(g));
		ir_goto(t, START + 0x1000);
	}
}

static void fill(struct env *e, u64 seed)
{
	struct generator g = { .seed = seed };

	memset(e, 0, sizeof *e);
	for (u32 i = 0; i < X_COUNT; i++)
		e->x[i] = number(&g);
	for (u32 i = 0; i < F_COUNT; i++)
		e->f[i] = pick(&g, 2) ? test_random(&g.seed) : number(&g) | 0xffffffff00000000;
	for (u32 i = 0; i < MEMORY; i++)
		e->memory[i] = (u8)test_random(&g.seed);
}

static void show(const struct ir *t, const char *what)
{
	static char text[1 << 17];

	ir_print(t, text, sizeof text);
	print_error("%s:\n%s", what, text);
}

enum { FOLDED, NARROWED, PLAIN, WAYS };

static void differ(struct ir *const *t, u32 block, u32 way)
{
	show(t[way], way == FOLDED ? "folded" : "narrowed");
	show(t[PLAIN], "plain");
	test_fail("block %u", block);
}

static void ways_agree(void **state)
{
	struct ir *t[WAYS] = { ir_new(), ir_new(), ir_new() };
	static struct env e[WAYS];
	u32 stops[5] = { 0 }, ops[WAYS] = { 0 }, rotates[WAYS] = { 0 };

	for (u32 block = 1; block <= BLOCKS; block++) {
		u64 pc[WAYS], seed = block * 0x9e3779b97f4a7c15;
		enum ir_stop stop[WAYS];
		u32 aux = 0;

		for (u32 k = WAYS; k-- > 0;) {
			struct generator g;

			build(&g, t[k], seed, k == PLAIN);
			test_valid(t[k]);
			ir_count_uses(t[k]);
			test_valid(t[k]);
			if (k == NARROWED)
				ir_narrow(t[k]);
			fill(&e[k], ~seed);
			stop[k] = ir_interp(t[k], &test_machine, &e[k], &pc[k], &aux);
			ops[k] += t[k]->n - 1 - test_count(t[k], IR_NOP);
			rotates[k] += test_count(t[k], IR_ROR);
			if (stop[k] != stop[PLAIN] || pc[k] != pc[PLAIN] || memcmp(&e[k], &e[PLAIN], sizeof e[k]))
				differ(t, block, k);
		}
		stops[stop[PLAIN]]++;
	}
	/* the blocks do what they are for */
	assert_true(stops[STOP_GOTO] > BLOCKS / 4 && stops[STOP_FAULT] > BLOCKS / 20);
	assert_true(ops[NARROWED] < ops[FOLDED] && ops[FOLDED] < ops[PLAIN]);
	assert_true(rotates[NARROWED] > rotates[FOLDED] + BLOCKS / 10);
	for (u32 k = 0; k < WAYS; k++)
		ir_free(t[k]);
}

static void text_reads_back(void **state)
{
	static char first[1 << 17], second[1 << 17];
	struct ir *t = ir_new(), *back = ir_new();
	static struct env e[2];

	for (u64 block = 1; block <= 500; block++) {
		u64 pc[2], seed = block * 0x9e3779b97f4a7c15;
		u32 aux = 0;
		struct error err = { 0 };
		struct generator g;

		build(&g, t, seed, false);
		if (block & 1)
			ir_count_uses(t);
		ir_print(t, first, sizeof first);
		ir_begin(back, test_slots, SLOTS, &fp_rules_riscv, START, 0, NULL);
		if (ir_parse(back, first, &err) < 0)
			test_fail("%s\n%s", err.text, first);
		test_valid(back);
		ir_print(back, second, sizeof second);
		assert_string_equal(first, second);
		fill(&e[0], seed);
		fill(&e[1], seed);
		assert_int_equal(ir_interp(t, &test_machine, &e[0], &pc[0], &aux),
				 ir_interp(back, &test_machine, &e[1], &pc[1], &aux));
		assert_int_equal(pc[0], pc[1]);
		assert_memory_equal(&e[0], &e[1], sizeof e[0]);
	}
	ir_free(t);
	ir_free(back);
}

HELPER(test_named, HELPER_READS) { return a; }

static void text_forms(void **state)
{
	static const char text[] =
		"    1: pc len=4 at=0\n"
		"    2: get.i64 slot=x0\n"
		"    3: const.i64 k=0x8000000000000000\n"
		"    4: ld.i64 v2 - mem=s32be disp=-8\n"
		"    5: ld.i64 v2 v3 mem=64 shift=3 disp=0\n"
		"    6: st v2 - v5 mem=8 disp=0\n"
		"    7: amo.i64 v2 v3 mem=s32aligned kind=1\n"
		"    8: call.i64 v2 - v3 fn=test_named\n"
		"    9: fflags.get.i64\n"
		"   11: setcc.i64 v2 v3 cc=ltu\n"
		"   12: exit_if v11 v3 cc=ne to=-4\n"
		"   13: raise exit=2 pc=16\n";
	static const char *const bad[] = {
		"0: pc len=4 at=0", "2 pc", "5: pc\n4: pc", "1: frob", "1: add.i64 v1 v2 v3 v4", "1: add.i64 v99999 v2",
		"1: get.i64 slot=nowhere", "1: ld.i64 v1 - mem=33 disp=0", "1: setcc.i64 v1 v2 cc=xx",
		"1: call fn=nobody",
		"1: const.i64 k=", "1: pc len=1000", "1: pc frob=1", "1: goto to=99999999999", "9999999: pc",
	};
	char out[2048];
	struct error err;
	struct ir *t = ir_new();

	ir_begin(t, test_slots, SLOTS, &fp_rules_riscv, START, 0, NULL);
	assert_int_equal(ir_parse(t, text, &err), 0);
	test_valid(t);
	ir_print(t, out, sizeof out);
	assert_string_equal(out, text);
	ir_print(t, out, 40);	/* cut, not overrun */
	assert_int_equal(strlen(out), 39);
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		ir_begin(t, test_slots, SLOTS, &fp_rules_riscv, START, 0, NULL);
		if (ir_parse(t, bad[i], &err) != -EINVAL)
			test_fail("'%s' was taken", bad[i]);
	}
	ir_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_agree), cmocka_unit_test(text_reads_back), cmocka_unit_test(text_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
