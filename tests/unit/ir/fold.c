/* The folding rules as a table: what is built, what is left of it; address
 * forms; what must not be looked through. */
#include "fixture.h"

static ir_ref x(struct ir *t) { return ir_get(t, X0); }
static ir_ref y(struct ir *t) { return ir_get(t, X0 + 1); }
static ir_ref k(struct ir *t, i64 v) { return ir_imm(t, v); }
static ir_ref k32(struct ir *t, i64 v) { return ir_const(t, IR_I32, (u64)v); }
/* The same value each time. */
static ir_ref made(const struct ir *t, enum ir_op op)
{
	for (u32 i = 1; i < t->n; i++)
		if (t->ins[i].op == op)
			return (ir_ref)i;
	return 0;
}

static ir_ref x32(struct ir *t) { return made(t, IR_TRUNC) ? made(t, IR_TRUNC) : ir_trunc(t, x(t)); }
static ir_ref lt(struct ir *t) { return made(t, IR_SETCC) ? made(t, IR_SETCC) : ir_setcc(t, CC_LT, x(t), y(t)); }
static ir_ref byte(struct ir *t) { return made(t, IR_LD) ? made(t, IR_LD) : ir_load(t, IR_I64, x(t), MEM_8); }
static ir_ref word(struct ir *t) { return made(t, IR_LD) ? made(t, IR_LD) : ir_load(t, IR_I64, x(t), MEM_S32); }
static ir_ref sum32(struct ir *t) { return made(t, IR_ADD) ? made(t, IR_ADD) : ir_add(t, x32(t), k32(t, 1)); }
static ir_ref zext8(struct ir *t) { return made(t, IR_ZEXT) ? made(t, IR_ZEXT) : ir_zext(t, x(t), 8); }
static ir_ref single(struct ir *t) { return made(t, IR_BITCAST) ? made(t, IR_BITCAST) : ir_bitcast(t, IR_F32, x32(t)); }

/* what is built = what it must be, both as expressions of t */
#define SAME(name, built, wanted) \
	static bool name(struct ir *t) { ir_ref r = (built), w = (wanted); return r == w; }
/* ... = an operation with these operands */
#define MAKES(name, built, o, oa, ob) \
	static bool name(struct ir *t) \
	{ \
		ir_ref r = (built), wa = (oa), wb = (ob); \
		const struct ir_ins *i = &t->ins[r]; \
		return i->op == o && i->a == wa && i->b == wb; \
	}

SAME(add_0, ir_add(t, x(t), k(t, 0)), x(t))
SAME(add_0_left, ir_add(t, k(t, 0), x(t)), x(t))
SAME(add_const, ir_add(t, k(t, 3), k(t, 4)), k(t, 7))
SAME(add_const32, ir_add(t, k32(t, -1), k32(t, 2)), k32(t, 1))
MAKES(add_swap, ir_add(t, k(t, 5), x(t)), IR_ADD, x(t), k(t, 5))
MAKES(add_add, ir_add(t, ir_add(t, x(t), k(t, 5)), k(t, 6)), IR_ADD, x(t), k(t, 11))
SAME(add_back, ir_add(t, ir_add(t, x(t), k(t, 5)), k(t, -5)), x(t))
MAKES(sub_const, ir_sub(t, x(t), k(t, 5)), IR_ADD, x(t), k(t, -5))
MAKES(sub_const32, ir_sub(t, x32(t), k32(t, 5)), IR_ADD, x32(t), k32(t, -5))
SAME(sub_same, ir_sub(t, x(t), x(t)), k(t, 0))
MAKES(sub_from_0, ir_sub(t, k(t, 0), x(t)), IR_NEG, x(t), 0)
MAKES(add_neg, ir_add(t, x(t), ir_un(t, IR_NEG, y(t))), IR_SUB, x(t), y(t))
MAKES(neg_sub, ir_un(t, IR_NEG, ir_sub(t, x(t), y(t))), IR_SUB, y(t), x(t))
SAME(neg_neg, ir_un(t, IR_NEG, ir_un(t, IR_NEG, x(t))), x(t))
SAME(not_not, ir_un(t, IR_NOT, ir_un(t, IR_NOT, x(t))), x(t))
SAME(and_0, ir_and(t, x(t), k(t, 0)), k(t, 0))
SAME(and_ones, ir_and(t, x(t), k(t, -1)), x(t))
SAME(and_ones32, ir_and(t, x32(t), k32(t, -1)), x32(t))
SAME(and_same, ir_and(t, x(t), x(t)), x(t))
SAME(and_known, ir_and(t, lt(t), k(t, 3)), lt(t))
MAKES(and_and, ir_and(t, ir_and(t, x(t), k(t, 0x70)), k(t, 0x3c)), IR_AND, x(t), k(t, 0x30))
MAKES(and_byte, ir_and(t, x(t), k(t, 0xff)), IR_ZEXT, x(t), 0)
MAKES(and_not, ir_and(t, ir_un(t, IR_NOT, x(t)), y(t)), IR_ANDN, y(t), x(t))
MAKES(andn_const, ir_bin(t, IR_ANDN, x(t), k(t, ~0x70)), IR_AND, x(t), k(t, 0x70))
SAME(or_0, ir_or(t, x(t), k(t, 0)), x(t))
SAME(or_ones, ir_or(t, x(t), k(t, -1)), k(t, -1))
SAME(xor_same, ir_xor(t, x(t), x(t)), k(t, 0))
MAKES(xor_ones, ir_xor(t, x(t), k(t, -1)), IR_NOT, x(t), 0)
SAME(mul_0, ir_mul(t, x(t), k(t, 0)), k(t, 0))
SAME(mul_1, ir_mul(t, x(t), k(t, 1)), x(t))
MAKES(mul_8, ir_mul(t, k(t, 8), x(t)), IR_SHL, x(t), k(t, 3))
MAKES(mul_minus, ir_mul(t, x(t), k(t, -1)), IR_NEG, x(t), 0)
MAKES(divu_8, ir_bin(t, IR_DIVU, x(t), k(t, 8)), IR_SHR, x(t), k(t, 3))
MAKES(remu_8, ir_bin(t, IR_REMU, x(t), k(t, 8)), IR_AND, x(t), k(t, 7))
SAME(remu_1, ir_bin(t, IR_REMU, x(t), k(t, 1)), k(t, 0))
SAME(divs_1, ir_bin(t, IR_DIVS, x(t), k(t, 1)), x(t))
SAME(div_0, ir_bin(t, IR_DIVS, k(t, 9), k(t, 0)), k(t, -1))
SAME(rem_0, ir_bin(t, IR_REMS, k(t, 9), k(t, 0)), k(t, 9))
SAME(div_min, ir_bin(t, IR_DIVS, k(t, INT64_MIN), k(t, -1)), k(t, INT64_MIN))
SAME(shl_0, ir_shl(t, x(t), k(t, 64)), x(t))
SAME(shl_0_32, ir_shl(t, x32(t), k32(t, 32)), x32(t))
MAKES(shl_shl, ir_shl(t, ir_shl(t, x(t), k(t, 3)), k(t, 4)), IR_SHL, x(t), k(t, 7))
SAME(shl_out, ir_shl(t, ir_shl(t, x(t), k(t, 33)), k(t, 34)), k(t, 0))
SAME(shl_edge, ir_shl(t, ir_shl(t, x(t), k(t, 60)), k(t, 4)), k(t, 0))
MAKES(sar_edge, ir_sar(t, ir_sar(t, x(t), k(t, 60)), k(t, 4)), IR_SAR, x(t), k(t, 63))
MAKES(shl_sar, ir_sar(t, ir_shl(t, x(t), k(t, 32)), k(t, 32)), IR_SEXT, x(t), 0)
MAKES(shl_shr, ir_shr(t, ir_shl(t, x(t), k(t, 48)), k(t, 48)), IR_ZEXT, x(t), 0)
SAME(shr_small, ir_shr(t, byte(t), k(t, 8)), k(t, 0))
SAME(sext_load, ir_sext(t, word(t), 32), word(t))
SAME(sext_byte, ir_sext(t, byte(t), 32), byte(t))
SAME(sext_setcc, ir_sext(t, lt(t), 8), lt(t))
SAME(zext_byte, ir_zext(t, byte(t), 8), byte(t))
SAME(zext_zext, ir_zext(t, zext8(t), 16), zext8(t))
MAKES(sext_sext, ir_sext(t, ir_sext(t, x(t), 32), 8), IR_SEXT, x(t), 0)
MAKES(zext_sext, ir_zext(t, ir_sext(t, x(t), 32), 32), IR_ZEXT, x(t), 0)
MAKES(sext_trunc, ir_sext(t, ir_trunc(t, x(t)), 32), IR_SEXT, x(t), 0)
SAME(trunc_sext, ir_trunc(t, ir_sext(t, sum32(t), 32)), sum32(t))
MAKES(trunc_zext, ir_trunc(t, ir_zext(t, x(t), 32)), IR_TRUNC, x(t), 0)
MAKES(setcc_swap, ir_setcc(t, CC_LT, k(t, 5), x(t)), IR_SETCC, x(t), k(t, 5))
SAME(setcc_const, ir_setcc(t, CC_LTU, k(t, 5), k(t, -1)), k(t, 1))
SAME(setcc_same, ir_setcc(t, CC_LE, x(t), x(t)), k(t, 1))
SAME(setcc_never, ir_setcc(t, CC_LTU, x(t), k(t, 0)), k(t, 0))
SAME(setcc_always, ir_setcc(t, CC_GEU, x(t), k(t, 0)), k(t, 1))
MAKES(setcc_seqz, ir_setcc(t, CC_LTU, x(t), k(t, 1)), IR_SETCC, x(t), k(t, 0))
MAKES(setcc_snez, ir_setcc(t, CC_LTU, k(t, 0), x(t)), IR_SETCC, x(t), k(t, 0))
MAKES(setcc_ne_0, ir_setcc(t, CC_NE, lt(t), k(t, 0)), IR_SETCC, x(t), y(t))
MAKES(setcc_not, ir_xor(t, lt(t), k(t, 1)), IR_SETCC, x(t), y(t))
SAME(select_1, ir_select(t, k(t, 9), x(t), y(t)), x(t))
SAME(select_0, ir_select(t, k(t, 0), x(t), y(t)), y(t))
SAME(select_same, ir_select(t, lt(t), y(t), y(t)), y(t))
SAME(bitcast_back, ir_bitcast(t, IR_I64, ir_bitcast(t, IR_F64, x(t))), x(t))
SAME(bitcast_const, ir_bitcast(t, IR_F64, k(t, 5)), ir_const(t, IR_F64, 5))
SAME(box_const, ir_box(t, ir_const(t, IR_F32, 5)), ir_const(t, IR_F64, 0xffffffff00000005))
SAME(unbox_const, ir_unbox(t, ir_const(t, IR_F64, 5)), ir_const(t, IR_F32, 0x7fc00000))
SAME(unbox_box, ir_unbox(t, ir_box(t, single(t))), single(t))
SAME(fsgn_same, ir_fsgn(t, SGN_COPY, ir_get(t, F0), ir_get(t, F0)), ir_get(t, F0))

#define CASE(name) { #name, name }
static const struct {
	const char *name;
	bool (*check)(struct ir *t);
} cases[] = {
	CASE(add_0), CASE(add_0_left), CASE(add_const), CASE(add_const32), CASE(add_swap), CASE(add_add),
	CASE(add_back), CASE(sub_const), CASE(sub_const32), CASE(sub_same), CASE(sub_from_0), CASE(add_neg),
	CASE(neg_sub), CASE(neg_neg), CASE(not_not), CASE(and_0), CASE(and_ones), CASE(and_ones32), CASE(and_same),
	CASE(and_known), CASE(and_and), CASE(and_byte), CASE(and_not), CASE(andn_const), CASE(or_0), CASE(or_ones),
	CASE(xor_same), CASE(xor_ones), CASE(mul_0), CASE(mul_1), CASE(mul_8), CASE(mul_minus), CASE(divu_8),
	CASE(remu_8), CASE(remu_1), CASE(divs_1), CASE(div_0), CASE(rem_0), CASE(div_min), CASE(shl_0),
	CASE(shl_0_32), CASE(shl_shl), CASE(shl_out), CASE(shl_edge), CASE(sar_edge),
	CASE(shl_sar), CASE(shl_shr), CASE(shr_small), CASE(sext_load),
	CASE(sext_byte), CASE(sext_setcc), CASE(zext_byte), CASE(zext_zext), CASE(sext_sext), CASE(zext_sext),
	CASE(sext_trunc), CASE(trunc_sext), CASE(trunc_zext), CASE(setcc_swap), CASE(setcc_const), CASE(setcc_same),
	CASE(setcc_never), CASE(setcc_always), CASE(setcc_seqz), CASE(setcc_snez), CASE(setcc_ne_0), CASE(setcc_not),
	CASE(select_1), CASE(select_0), CASE(select_same), CASE(bitcast_back), CASE(bitcast_const), CASE(box_const),
	CASE(unbox_const), CASE(unbox_box), CASE(fsgn_same),
};

static void rules(void **state)
{
	struct ir *t = test_begin(NULL);

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		bool held;

		test_begin(t);
		held = cases[i].check(t);
		if (!held)
			test_fail("%s", cases[i].name);
		ir_goto(t, t->next_pc);
		test_valid(t);
	}
	ir_free(t);
}

static void constants_once(void **state)
{
	struct ir *t = test_begin(NULL);

	assert_int_equal(k(t, 77), k(t, 77));
	assert_int_equal(k32(t, -1), ir_const(t, IR_I32, 0xffffffff));
	assert_int_not_equal(k(t, 1), k32(t, 1));
	assert_int_equal(t->konst[t->ins[k32(t, -1)].imm], 0xffffffff);
	ir_free(t);
}

static void addresses(void **state)
{
	struct ir *t = test_begin(NULL);
	const struct ir_ins *i;

	/* [x + 8] */
	i = &t->ins[ir_load(t, IR_I64, ir_add(t, x(t), k(t, 8)), MEM_64)];
	assert_true(i->a == x(t) && !i->b && i->imm == 8);
	/* [x + (y << 3) - 16] */
	i = &t->ins[ir_load(t, IR_I64, ir_add(t, ir_add(t, x(t), ir_shl(t, y(t), k(t, 3))), k(t, -16)), MEM_64)];
	assert_true(i->a == x(t) && i->b == y(t) && i->d == 3 && (i32)i->imm == -16);
	/* [(y << 2) + x] */
	i = &t->ins[ir_load(t, IR_I64, ir_add(t, ir_shl(t, y(t), k(t, 2)), x(t)), MEM_64)];
	assert_true(i->a == x(t) && i->b == y(t) && i->d == 2);
	/* [x + y], as a store */
	ir_store(t, ir_add(t, x(t), y(t)), k(t, 0), MEM_8);
	i = &t->ins[t->n - 1];
	assert_true(i->a == x(t) && i->b == y(t) && i->d == 0 && i->c == k(t, 0));
	/* too far for 32 bits */
	i = &t->ins[ir_load(t, IR_I64, ir_add(t, x(t), k(t, 1ll << 31)), MEM_64)];
	assert_true(i->imm == 0 && t->ins[i->a].op == IR_ADD);
	/* shifted by too much */
	i = &t->ins[ir_load(t, IR_I64, ir_add(t, x(t), ir_shl(t, y(t), k(t, 4))), MEM_64)];
	assert_true(i->a == x(t) && i->d == 0 && t->ins[i->b].op == IR_SHL);
	/* made by an earlier instruction: left alone */
	ir_put(t, X0 + 2, ir_add(t, x(t), k(t, 8)));
	test_insn(t);
	i = &t->ins[ir_load(t, IR_I64, ir_get(t, X0 + 2), MEM_64)];
	assert_true(t->ins[i->a].op == IR_ADD && i->imm == 0);
	ir_goto(t, t->next_pc);
	test_valid(t);
	ir_free(t);
}

/* Operands of earlier instructions are used only while a slot holds them. */
static void not_through_the_past(void **state)
{
	struct ir *t = test_begin(NULL);
	ir_ref old_x = x(t), truth = lt(t), r;

	ir_put(t, X0 + 2, truth);
	test_insn(t);
	r = ir_setcc(t, CC_EQ, truth, k(t, 0));
	assert_true(t->ins[r].a == old_x && t->ins[r].aux == CC_GE);	/* x0 and x1 are as they were */
	ir_put(t, X0, k(t, 1));
	test_insn(t);
	r = ir_setcc(t, CC_EQ, truth, k(t, 0));
	assert_true(t->ins[r].a == truth && t->ins[r].aux == CC_EQ);
	ir_branch(t, CC_NE, truth, k(t, 0), START + 64);
	assert_int_equal(t->ins[t->n - 1].a, truth);
	ir_goto(t, t->next_pc);
	test_valid(t);
	ir_free(t);
}

static void branches(void **state)
{
	struct ir *t = test_begin(NULL);

	ir_branch(t, CC_NE, lt(t), k(t, 0), START + 64);
	assert_true(t->ins[t->n - 1].op == IR_EXIT_IF && t->ins[t->n - 1].aux == CC_LT && t->ins[t->n - 1].a == x(t));
	ir_branch(t, CC_EQ, lt(t), k(t, 0), START + 64);
	assert_int_equal(t->ins[t->n - 1].aux, CC_GE);
	ir_branch(t, CC_LT, k(t, 3), x(t), START + 64);
	assert_true(t->ins[t->n - 1].aux == CC_GT && t->ins[t->n - 1].b == k(t, 3));
	assert_int_equal(test_count(t, IR_EXIT_IF), 3);
	ir_branch(t, CC_NE, k(t, 3), k(t, 3), START + 64);
	assert_int_equal(test_count(t, IR_EXIT_IF), 3);
	assert_false(t->ended);
	ir_branch(t, CC_EQ, k(t, 3), k(t, 3), START + 64);
	assert_true(t->ended);
	ir_goto(t, t->next_pc);	/* nothing any more */
	assert_int_equal(test_count(t, IR_GOTO), 1);
	assert_int_equal(test_count(t, IR_KICK), 0);
	test_valid(t);
	ir_free(t);
}

static void plain(void **state)
{
	struct ir *t = test_begin(NULL);

	t->plain = true;
	assert_int_equal(t->ins[ir_add(t, k(t, 1), k(t, 2))].op, IR_ADD);
	assert_int_not_equal(x(t), x(t));
	ir_put(t, X0, k(t, 1));
	ir_put(t, X0, k(t, 1));
	assert_int_equal(test_count(t, IR_PUT), 2);
	ir_goto(t, t->next_pc);
	test_valid(t);
	ir_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules), cmocka_unit_test(constants_once), cmocka_unit_test(addresses),
		cmocka_unit_test(not_through_the_past), cmocka_unit_test(branches), cmocka_unit_test(plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
