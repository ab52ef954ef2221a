/* Slots and exact state: forwarding, dead PUTs and what keeps them alive, the
 * verifier's answer to a rule broken on purpose, the quiet-compare rule. */
#include "fixture.h"

HELPER(test_pure, HELPER_PURE) { return a; }
HELPER(test_reads, HELPER_READS) { return a; }
HELPER(test_faults, HELPER_FAULTS) { return a; }

static ir_ref k(struct ir *t, i64 v) { return ir_imm(t, v); }

static void forwarding(void **state)
{
	struct ir *t = test_begin(NULL);
	ir_ref a = ir_get(t, X0), v;

	assert_int_equal(ir_get(t, X0), a);
	v = ir_add(t, a, k(t, 1));
	ir_put(t, X0, v);
	test_insn(t);
	assert_int_equal(ir_get(t, X0), v);
	ir_put(t, X0, v);	/* it holds that already */
	ir_put(t, X0 + 1, v);
	assert_int_equal(test_count(t, IR_PUT), 2);
	assert_int_equal(test_count(t, IR_GET), 1);
	ir_goto(t, t->next_pc);
	test_valid(t);
	ir_free(t);
}

enum between { PC, OTHER_PUT, FLAGS, PURE_OP, FP_OP, PURE_CALL, LOAD, STORE, EXIT, KICK, READS,
	       FAULTS, FENCE, AMO, MANY };

static void do_between(struct ir *t, enum between what)
{
	ir_ref x = ir_get(t, X0 + 1), f = ir_get(t, F0);

	switch (what) {
	case PC: test_insn(t); break;
	case OTHER_PUT: ir_put(t, X0 + 2, k(t, 99)); break;
	case FLAGS: ir_fflags_set(t, ir_fflags_get(t)); break;
	case PURE_OP: ir_bin(t, IR_DIVS, x, k(t, 0)); break;
	case FP_OP: ir_fbin(t, IR_FDIV, f, f, FP_RNE); break;
	case PURE_CALL: ir_call(t, &helper_test_pure, IR_I64, 0, 0, 0); break;
	case LOAD: ir_load(t, IR_I64, x, MEM_64); break;
	case STORE: ir_store(t, x, x, MEM_64); break;
	case EXIT: ir_branch(t, CC_EQ, x, k(t, 0), START + 64); break;
	case KICK: ir_branch(t, CC_EQ, x, k(t, 0), START); break;
	case READS: ir_call(t, &helper_test_reads, IR_I64, 0, 0, 0); break;
	case FAULTS: ir_call(t, &helper_test_faults, IR_I64, 0, 0, 0); break;
	case FENCE: ir_fence(t, true); break;
	case AMO: ir_amo(t, AMO_ADD, x, x, MEM_64); break;
	case MANY: break;
	}
}

static u32 puts_of(const struct ir *t, u32 slot)
{
	u32 n = 0;

	for (u32 i = 1; i < t->n; i++)
		n += t->ins[i].op == IR_PUT && t->ins[i].imm == slot;
	return n;
}

static void dead_puts(void **state)
{
	struct ir *t = test_begin(NULL);

	for (enum between what = 0; what < MANY; what++) {
		bool is_barrier = what >= LOAD;

		test_begin(t);
		ir_put(t, X0, k(t, 1));
		do_between(t, what);
		ir_put(t, X0, k(t, 2));
		if (puts_of(t, X0) != 1u + is_barrier)
			test_fail("case %u", what);
		do_between(t, what);
		ir_put(t, X0, k(t, 3));
		if (puts_of(t, X0) != 1u + 2 * is_barrier)
			test_fail("case %u, second", what);
		ir_goto(t, t->next_pc);
		test_valid(t);
		ir_count_uses(t);
		test_valid(t);
	}
	ir_free(t);
}

/* Drop each PUT that must stay: the verifier must say so each time. */
static void broken_on_purpose(void **state)
{
	struct ir *t = test_begin(NULL);

	for (enum between what = LOAD; what < MANY; what++) {
		ir_ref put;

		test_begin(t);
		ir_put(t, X0, k(t, 1));
		put = t->last_put[X0];
		do_between(t, what);
		ir_put(t, X0, k(t, 2));
		ir_goto(t, t->next_pc);
		test_valid(t);
		t->ins[put] = (struct ir_ins){ .op = IR_NOP, .imm = X0 };
		assert_non_null(ir_verify(t));
		assert_non_null(strstr(ir_verify(t), "was a PUT that can be missed"));
	}
	/* the last PUT before the end */
	test_begin(t);
	ir_put(t, X0, k(t, 1));
	ir_goto(t, t->next_pc);
	t->ins[t->last_put[X0]] = (struct ir_ins){ .op = IR_NOP, .imm = X0 };
	assert_non_null(ir_verify(t));
	/* a GET that would see the old value */
	test_begin(t);
	t->plain = true;
	ir_put(t, X0, k(t, 1));
	t->ins[t->last_put[X0]] = (struct ir_ins){ .op = IR_NOP, .imm = X0 };
	ir_get(t, X0);
	ir_put(t, X0, k(t, 2));
	ir_goto(t, t->next_pc);
	assert_non_null(ir_verify(t));
	ir_free(t);
}

/* Random blocks: no PUT that stays could have gone, by the rule read from its definition. */
static void random_puts(void **state)
{
	struct ir *t = test_begin(NULL);
	u64 seed = 88172645463325252;

	for (u32 round = 0; round < 2000; round++) {
		u32 last = 0;	/* PUT to X0 with no barrier since */

		test_begin(t);
		for (u32 i = 0; i < 12; i++) {
			u64 r = test_random(&seed);

			if (r & 1) {
				ir_put(t, X0, k(t, (i64)(100 + i)));
				if (last)
					assert_int_equal(t->ins[last].op, IR_NOP);
				last = t->last_put[X0];
			} else {
				enum between what = (enum between)(r >> 8) % MANY;

				do_between(t, what);
				if (last)
					assert_int_equal(t->ins[last].op, IR_PUT);
				last = what >= LOAD ? 0 : last;
			}
		}
		ir_goto(t, t->next_pc);
		test_valid(t);
	}
	ir_free(t);
}

static void malformed(void **state)
{
	struct ir *t = test_begin(NULL);
	ir_ref a = ir_get(t, X0), b = ir_add(t, a, k(t, 5)), c;

	c = ir_load(t, IR_F64, b, MEM_64);
	ir_put(t, X0, b);
	ir_put(t, F0, c);
	ir_goto(t, t->next_pc);
	test_valid(t);
#define BROKEN(ref, member, value) \
	do { \
		struct ir_ins was = t->ins[ref]; \
		t->ins[ref].member = value; \
		assert_non_null(ir_verify(t)); \
		t->ins[ref] = was; \
		test_valid(t); \
	} while (0)
	BROKEN(b, op, IR_OP_MAX);
	BROKEN(b, type, IR_I32);
	BROKEN(b, type, IR_NONE);
	BROKEN(b, a, 0);
	BROKEN(b, a, c);		/* later, and of another type */
	BROKEN(b, c, a);		/* too many */
	BROKEN(b, a, t->mark);		/* no value */
	BROKEN(a, imm, SLOTS);
	BROKEN(a, imm, 0);
	BROKEN(a, imm, F0);
	BROKEN(c, aux, MEM_32);
	BROKEN(c, d, 4);
	BROKEN(t->n - 1, op, IR_KICK);	/* ends nothing */
	BROKEN(t->n - 2, op, IR_JUMP);	/* ends too early */
	BROKEN(t->mark, op, IR_NOP);	/* then nothing is in an instruction */
	BROKEN(t->n - 2, a, b);
#undef BROKEN
	ir_free(t);
}

/* frflags a; flt b; fsflags a */
static void quiet_compare(void **state)
{
	struct ir *t = test_begin(NULL);
	struct env e = { .f = { 0x7ff0000000000001, 0x3ff0000000000000 }, .fp_flags = 1 };
	ir_ref fl, f0 = ir_get(t, F0), f1 = ir_get(t, F0 + 1), cmp;
	u64 pc;
	u32 aux;

	fl = ir_fflags_get(t);
	ir_put(t, X0, fl);
	test_insn(t);
	cmp = ir_fcmp(t, FCMP_LT, f0, f1, false);
	ir_put(t, X0 + 1, cmp);
	test_insn(t);
	ir_fflags_set(t, ir_and(t, ir_get(t, X0), k(t, 31)));
	assert_int_equal(test_count(t, IR_FFLAGS_SET), 0);
	assert_int_equal(t->ins[cmp].d, FCMP_QUIET | FCMP_SILENT);
	ir_goto(t, t->next_pc);
	test_valid(t);
	ir_count_uses(t);
	assert_int_equal(ir_interp(t, &test_machine, &e, &pc, &aux), STOP_GOTO);
	assert_int_equal(e.fp_flags, 1);
	assert_int_equal(e.x[1], 0);
	/* not when something between sets flags for good, or when control could leave */
	for (u32 way = 0; way < 4; way++) {
		test_begin(t);
		f0 = ir_get(t, F0);
		fl = ir_fflags_get(t);
		cmp = ir_fcmp(t, FCMP_LE, f0, f0, false);
		if (way == 0)
			ir_fbin(t, IR_FADD, f0, f0, FP_RNE);
		else if (way == 1)
			ir_branch(t, CC_EQ, fl, k(t, 0), START + 64);
		else if (way == 2)
			ir_fcmp(t, FCMP_EQ, f0, f0, false);
		ir_fflags_set(t, way == 3 ? k(t, 0) : fl);
		assert_int_equal(test_count(t, IR_FFLAGS_SET), 1);
		assert_int_equal(t->ins[cmp].d, 0);
	}
	ir_free(t);
}

static void dead_code(void **state)
{
	struct ir *t = test_begin(NULL);
	ir_ref a = ir_get(t, X0), b = ir_add(t, a, k(t, 5)), dead = ir_mul(t, b, b), f = ir_get(t, F0);

	ir_fbin(t, IR_FDIV, f, f, FP_RNE);	/* sets flags: stays */
	ir_load(t, IR_I64, b, MEM_64);		/* may fault: stays */
	ir_fflags_get(t);
	ir_goto(t, t->next_pc);
	ir_count_uses(t);
	test_valid(t);
	assert_int_equal(t->ins[dead].op, IR_NOP);
	assert_int_equal(test_count(t, IR_MUL) + test_count(t, IR_FFLAGS_GET), 0);
	assert_int_equal(test_count(t, IR_ADD) + test_count(t, IR_CONST), 0);	/* folded into the address */
	assert_int_equal(test_count(t, IR_FDIV) + test_count(t, IR_LD), 2);
	assert_int_equal(t->ins[a].uses, 1);
	assert_int_equal(t->ins[f].uses, 2);
	/* a call may have its second operand alone */
	test_begin(t);
	a = ir_get(t, X0);
	ir_call(t, &helper_test_pure, IR_I64, 0, a, 0);
	ir_goto(t, t->next_pc);
	ir_count_uses(t);
	test_valid(t);
	assert_int_equal(t->ins[a].uses, 1);
	ir_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forwarding), cmocka_unit_test(dead_puts), cmocka_unit_test(broken_on_purpose),
		cmocka_unit_test(random_puts), cmocka_unit_test(malformed), cmocka_unit_test(quiet_compare),
		cmocka_unit_test(dead_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
