/* The interpreter, one operation at a time, against plain C on corner values;
 * the same operations folded from constants; floating point against fp/. */
#include "fixture.h"

struct op_case {
	enum ir_op op;
	u64 (*want)(u64 a, u64 b);
	u64 (*want32)(u64 a, u64 b);	/* NULL: the low half of want */
};

#define W(name, expr) static u64 name(u64 a, u64 b) { return (u64)(expr); }
typedef __int128 i128;
typedef unsigned __int128 u128;
W(c_add, a + b)
W(c_sub, a - b)
W(c_mul, a * b)
W(c_mulhs, (i128)(i64)a * (i64)b >> 64)
W(c_mulhs32, (i64)(i32)a * (i32)b >> 32)
W(c_mulhu, (u128)a * b >> 64)
W(c_mulhu32, (u64)(u32)a * (u32)b >> 32)
W(c_mulhsu, (i128)(i64)a * (i128)b >> 64)
W(c_mulhsu32, (i128)(i32)a * (u32)b >> 32)
W(c_divs, !b ? -1 : b == ~0ull ? (i64)-a : (i64)a / (i64)b)
W(c_divs32, !(u32)b ? -1 : (u32)b == ~0u ? (i64)-a : (i32)a / (i32)b)
W(c_divu, b ? a / b : ~0ull)
W(c_divu32, (u32)b ? (u32)a / (u32)b : ~0u)
W(c_rems, !b ? (i64)a : b == ~0ull ? 0 : (i64)a % (i64)b)
W(c_rems32, !(u32)b ? (i32)a : (u32)b == ~0u ? 0 : (i32)a % (i32)b)
W(c_remu, b ? a % b : a)
W(c_remu32, (u32)b ? (u32)a % (u32)b : (u32)a)
W(c_and, a & b)
W(c_or, a | b)
W(c_xor, a ^ b)
W(c_andn, a & ~b)
W(c_shl, a << (b & 63))
W(c_shl32, (u32)a << (b & 31))
W(c_shr, a >> (b & 63))
W(c_shr32, (u32)a >> (b & 31))
W(c_sar, (i64)a >> (b & 63))
W(c_sar32, (i32)a >> (b & 31))
W(c_rol, a << (b & 63) | a >> (-b & 63))
W(c_rol32, (u32)a << (b & 31) | (u32)a >> (-b & 31))
W(c_ror, a >> (b & 63) | a << (-b & 63))
W(c_ror32, (u32)a >> (b & 31) | (u32)a << (-b & 31))
W(c_mins, (i64)a < (i64)b ? a : b)
W(c_mins32, (i32)a < (i32)b ? a : b)
W(c_maxs, (i64)a > (i64)b ? a : b)
W(c_maxs32, (i32)a > (i32)b ? a : b)
W(c_minu, a < b ? a : b)
W(c_minu32, (u32)a < (u32)b ? a : b)
W(c_maxu, a > b ? a : b)
W(c_maxu32, (u32)a > (u32)b ? a : b)
W(c_neg, -a)
W(c_not, ~a)
W(c_bswap, __builtin_bswap64(a))
W(c_bswap32, __builtin_bswap32((u32)a))
W(c_clz, a ? __builtin_clzll(a) : 64)
W(c_clz32, (u32)a ? __builtin_clz((u32)a) : 32)
W(c_ctz, a ? __builtin_ctzll(a) : 64)
W(c_ctz32, (u32)a ? __builtin_ctz((u32)a) : 32)
W(c_popc, __builtin_popcountll(a))
W(c_popc32, __builtin_popcount((u32)a))

static u64 c_orcb(u64 a, u64 b)
{
	u8 bytes[8];

	memcpy(bytes, &a, 8);
	for (u32 i = 0; i < 8; i++)
		bytes[i] = bytes[i] ? 0xff : 0;
	memcpy(&a, bytes, 8);
	return a;
}

static const struct op_case binary[] = {
	{ IR_ADD, c_add, NULL }, { IR_SUB, c_sub, NULL }, { IR_MUL, c_mul, NULL },
	{ IR_MULHS, c_mulhs, c_mulhs32 }, { IR_MULHU, c_mulhu, c_mulhu32 }, { IR_MULHSU, c_mulhsu, c_mulhsu32 },
	{ IR_DIVS, c_divs, c_divs32 }, { IR_DIVU, c_divu, c_divu32 }, { IR_REMS, c_rems, c_rems32 },
	{ IR_REMU, c_remu, c_remu32 }, { IR_AND, c_and, NULL }, { IR_OR, c_or, NULL }, { IR_XOR, c_xor, NULL },
	{ IR_ANDN, c_andn, NULL }, { IR_SHL, c_shl, c_shl32 }, { IR_SHR, c_shr, c_shr32 },
	{ IR_SAR, c_sar, c_sar32 }, { IR_ROL, c_rol, c_rol32 }, { IR_ROR, c_ror, c_ror32 },
	{ IR_MINS, c_mins, c_mins32 }, { IR_MAXS, c_maxs, c_maxs32 }, { IR_MINU, c_minu, c_minu32 },
	{ IR_MAXU, c_maxu, c_maxu32 },
};

static const struct op_case unary[] = {
	{ IR_NEG, c_neg, NULL }, { IR_NOT, c_not, NULL }, { IR_BSWAP, c_bswap, c_bswap32 },
	{ IR_CLZ, c_clz, c_clz32 }, { IR_CTZ, c_ctz, c_ctz32 }, { IR_POPC, c_popc, c_popc32 },
	{ IR_ORCB, c_orcb, NULL },
};

enum how { PLAIN, FOLDED, CONSTANTS, CONST_RIGHT, CONST_LEFT, HOW_MAX };

static ir_ref operand(struct ir *t, enum ir_type type, bool constant, u32 slot, u64 v)
{
	ir_ref r;

	if (constant)
		return ir_const(t, type, v);
	r = ir_get(t, slot);
	return type == IR_I32 ? ir_trunc(t, r) : r;
}

static u64 finish(struct ir *t, struct env *e, ir_ref r)
{
	u64 pc;
	u32 aux;

	if (t->ins[r].type == IR_I32)
		r = ir_zext(t, r, 32);
	ir_put(t, X0 + 2, r);
	ir_goto(t, t->next_pc);
	test_valid(t);
	ir_count_uses(t);
	test_valid(t);
	assert_int_equal(ir_interp(t, &test_machine, e, &pc, &aux), STOP_GOTO);
	assert_int_equal(pc, START + 4);
	return e->x[2];
}

static u64 run_op(struct ir *t, enum ir_op op, enum ir_type type, enum how how, u64 a, u64 b, bool is_unary)
{
	struct env e = { .x = { a, b } };
	ir_ref va, vb;

	test_begin(t);
	t->plain = how == PLAIN;
	va = operand(t, type, how == CONSTANTS || how == CONST_LEFT, X0, a);
	if (is_unary)
		return finish(t, &e, ir_un(t, op, va));
	vb = operand(t, type, how == CONSTANTS || how == CONST_RIGHT, X0 + 1, b);
	return finish(t, &e, ir_bin(t, op, va, vb));
}

static void check_op(struct ir *t, const struct op_case *c, u64 a, u64 b, bool is_unary)
{
	u64 want = c->want(a, b), want32 = (u32)(c->want32 ? c->want32(a, b) : want);

	for (enum how how = 0; how < HOW_MAX; how++) {
		u64 got = run_op(t, c->op, IR_I64, how, a, b, is_unary);
		u64 got32 = run_op(t, c->op, IR_I32, how, a, b, is_unary);

		if (got != want || got32 != want32)
			test_fail("%s(%llx, %llx) way %u: %llx not %llx, or %llx not %llx", ir_opinfo[c->op].text,
				 (unsigned long long)a, (unsigned long long)b, how, (unsigned long long)got,
				 (unsigned long long)want, (unsigned long long)got32, (unsigned long long)want32);
	}
}

static void integers(void **state)
{
	struct ir *t = test_begin(NULL);
	u32 n = ARRAY_SIZE(test_corners);

	for (u32 k = 0; k < ARRAY_SIZE(binary); k++)
		for (u32 i = 0; i < n * n; i++)
			check_op(t, &binary[k], test_corners[i / n], test_corners[i % n], false);
	for (u32 k = 0; k < ARRAY_SIZE(unary); k++)
		for (u32 i = 0; i < n; i++)
			check_op(t, &unary[k], test_corners[i], 0, true);
	ir_free(t);
}

static bool c_holds(enum ir_cc cc, u64 a, u64 b)
{
	const bool holds[CC_MAX] = {
		[CC_EQ] = a == b, [CC_NE] = a != b, [CC_LT] = (i64)a < (i64)b, [CC_GE] = (i64)a >= (i64)b,
		[CC_LE] = (i64)a <= (i64)b, [CC_GT] = (i64)a > (i64)b, [CC_LTU] = a < b, [CC_GEU] = a >= b,
		[CC_LEU] = a <= b, [CC_GTU] = a > b,
	};

	return holds[cc];
}

static void check_cc(struct ir *t, enum ir_cc cc, enum ir_type type, enum how how, u64 a, u64 b)
{
	struct env e = { .x = { a, b } };
	bool want = type == IR_I64 ? c_holds(cc, a, b) : c_holds(cc, (u64)(i32)a, (u64)(i32)b);
	ir_ref va, vb, truth;
	u64 pc;
	u32 aux;

	test_begin(t);
	t->plain = how == PLAIN;
	va = operand(t, type, how == CONSTANTS || how == CONST_LEFT, X0, a);
	vb = operand(t, type, how == CONSTANTS || how == CONST_RIGHT, X0 + 1, b);
	truth = ir_setcc(t, cc, va, vb);
	ir_put(t, X0 + 2, truth);
	ir_put(t, X0 + 3, ir_select(t, truth, ir_imm(t, 11), ir_imm(t, 22)));
	ir_branch(t, CC_NE, truth, ir_imm(t, 0), START + 100);
	ir_goto(t, t->next_pc);
	test_valid(t);
	ir_count_uses(t);
	test_valid(t);
	assert_int_equal(ir_interp(t, &test_machine, &e, &pc, &aux), STOP_GOTO);
	assert_int_equal(e.x[2], want);
	assert_int_equal(e.x[3], want ? 11 : 22);
	assert_int_equal(pc, want ? START + 100 : START + 4);
}

static void conditions(void **state)
{
	struct ir *t = test_begin(NULL);
	u32 n = ARRAY_SIZE(test_corners);

	for (enum ir_cc cc = 0; cc < CC_MAX; cc++)
		for (u32 i = 0; i < n * n; i++)
			for (enum how how = 0; how < HOW_MAX; how++) {
				check_cc(t, cc, IR_I64, how, test_corners[i / n], test_corners[i % n]);
				check_cc(t, cc, IR_I32, how, test_corners[i / n], test_corners[i % n]);
			}
	ir_free(t);
}

static u64 run_extend(struct ir *t, bool is_signed, u32 bits, bool narrow, enum how how, u64 a)
{
	struct env e = { .x = { a } };
	ir_ref v;

	test_begin(t);
	t->plain = how == PLAIN;
	v = operand(t, narrow ? IR_I32 : IR_I64, how == CONSTANTS, X0, a);
	return finish(t, &e, is_signed ? ir_sext(t, v, bits) : ir_zext(t, v, bits));
}

static void extensions(void **state)
{
	struct ir *t = test_begin(NULL);

	for (u32 i = 0; i < ARRAY_SIZE(test_corners); i++)
		for (u32 way = 0; way < 6; way++) {
			u64 a = test_corners[i];
			bool narrow = way & 1;
			enum how how = way / 2 == 0 ? PLAIN : way / 2 == 1 ? FOLDED : CONSTANTS;

			assert_int_equal(run_extend(t, true, 8, narrow, how, a), (u64)(i8)a);
			assert_int_equal(run_extend(t, true, 16, narrow, how, a), (u64)(i16)a);
			assert_int_equal(run_extend(t, true, 32, narrow, how, a), (u64)(i32)a);
			assert_int_equal(run_extend(t, false, 8, narrow, how, a), (u8)a);
			assert_int_equal(run_extend(t, false, 16, narrow, how, a), (u16)a);
			assert_int_equal(run_extend(t, false, 32, narrow, how, a), (u32)a);
		}
	ir_free(t);
}

/* ---- memory ---- */

static enum ir_stop run(struct ir *t, struct env *e, u64 *ret_pc, u32 *ret_aux)
{
	if (!t->ended)
		ir_goto(t, t->next_pc);
	test_valid(t);
	ir_count_uses(t);
	return ir_interp(t, &test_machine, e, ret_pc, ret_aux);
}

static void loads(void **state)
{
	static const struct {
		u32 mem;
		u64 want;
	} c[] = {
		{ MEM_8, 0x88 }, { MEM_S8, 0xffffffffffffff88 }, { MEM_16, 0x9988 }, { MEM_S16, 0xffffffffffff9988 },
		{ MEM_32, 0xbbaa9988 }, { MEM_S32, 0xffffffffbbaa9988 }, { MEM_64, 0xffeeddccbbaa9988 },
		{ MEM_16 | MEM_BE, 0x8899 }, { MEM_S32 | MEM_BE, 0xffffffff8899aabb },
		{ MEM_64 | MEM_BE, 0x8899aabbccddeeff },
	};
	struct ir *t = test_begin(NULL);
	u64 pc;
	u32 aux;

	for (u32 i = 0; i < ARRAY_SIZE(c); i++) {
		struct env e = { .x = { 64 } };

		for (u32 k = 0; k < 8; k++)
			e.memory[72 + k] = (u8)(0x88 + k * 0x11);
		test_begin(t);
		ir_put(t, X0 + 1, ir_load(t, IR_I64, ir_add(t, ir_get(t, X0), ir_imm(t, 8)), c[i].mem));
		assert_int_equal(run(t, &e, &pc, &aux), STOP_GOTO);
		assert_int_equal(e.x[1], c[i].want);
		/* and back */
		test_begin(t);
		ir_store(t, ir_add(t, ir_shl(t, ir_get(t, X0), ir_imm(t, 1)), ir_imm(t, 8)), ir_get(t, X0 + 1),
			 c[i].mem);
		assert_int_equal(run(t, &e, &pc, &aux), STOP_GOTO);
		assert_memory_equal(e.memory + 136, e.memory + 72, 1u << (c[i].mem & MEM_SIZE));
		assert_int_equal(e.memory[136 + (1u << (c[i].mem & MEM_SIZE))], 0);
	}
	ir_free(t);
}

static void faults(void **state)
{
	struct ir *t = test_begin(NULL);
	struct env e = { .x = { MEMORY - 4, 5 } };
	u64 pc = 0;
	u32 aux;

	ir_put(t, X0 + 1, ir_imm(t, 6));
	test_insn(t);
	ir_put(t, X0 + 2, ir_load(t, IR_I64, ir_get(t, X0), MEM_64));
	test_insn(t);
	ir_put(t, X0 + 1, ir_imm(t, 7));
	assert_int_equal(run(t, &e, &pc, &aux), STOP_FAULT);
	assert_int_equal(pc, START + 4);
	assert_int_equal(e.x[1], 6);
	assert_int_equal(e.x[2], 0);
	ir_free(t);
}

static void atomics(void **state)
{
	struct ir *t = test_begin(NULL);
	struct env e = { .x = { 16, 0xffffffff80000000 }, .excl_addr = ~0ull };
	u64 pc;
	u32 aux;

	e.memory[19] = 0x80;	/* 0x80000000 */
	ir_put(t, X0 + 2, ir_amo(t, AMO_ADD, ir_get(t, X0), ir_get(t, X0 + 1), MEM_S32 | MEM_ALIGNED));
	ir_put(t, X0 + 3, ir_sc(t, ir_get(t, X0), ir_get(t, X0 + 1), MEM_32));	/* not reserved */
	ir_put(t, X0 + 4, ir_ll(t, ir_get(t, X0), MEM_64));
	ir_put(t, X0 + 5, ir_sc(t, ir_get(t, X0), ir_imm(t, 9), MEM_64));
	ir_put(t, X0 + 6, ir_sc(t, ir_get(t, X0), ir_imm(t, 8), MEM_64));	/* used up */
	ir_fence(t, true);
	assert_int_equal(run(t, &e, &pc, &aux), STOP_GOTO);
	assert_int_equal(e.x[2], 0xffffffff80000000);
	assert_int_equal(e.x[3], 1);
	assert_int_equal(e.x[4], 0);
	assert_int_equal(e.x[5], 0);
	assert_int_equal(e.x[6], 1);
	assert_int_equal(e.memory[16], 9);
	assert_int_equal(e.excl_addr, ~0ull);
	ir_free(t);
}

/* ---- floating point ---- */

static void floats(void **state)
{
	static const u64 v64[] = { 0x3ff8000000000000, 0x4000000000000000, 0x7ff8000000000001, 0x7ff0000000000001,
				   0x8000000000000000, 0xfff0000000000000, 0x0000000000000001, 0x3fd5555555555555 };
	struct ir *t = test_begin(NULL);
	u64 pc;
	u32 aux;

	for (u32 i = 0; i < ARRAY_SIZE(v64) * ARRAY_SIZE(v64); i++) {
		u64 a = v64[i / ARRAY_SIZE(v64)], b = v64[i % ARRAY_SIZE(v64)];
		struct env e = { .f = { a, b } };
		struct fp_status s = { .rules = &fp_rules_riscv, .rm = FP_RUP };
		ir_ref fa, fb, cut;
		u64 sum, lt, single, root, integer;

		test_begin(t);
		fa = ir_get(t, F0);
		fb = ir_get(t, F0 + 1);
		ir_put(t, F0 + 2, ir_fbin(t, IR_FADD, fa, fb, FP_RUP));
		ir_put(t, X0, ir_fcmp(t, FCMP_LT, fa, fb, false));
		cut = ir_fcvt(t, IR_F32, fa, FP_RUP);
		ir_put(t, F0 + 3, ir_box(t, ir_fsqrt(t, cut, FP_RUP)));
		ir_put(t, X0 + 1, ir_ftoi(t, IR_I64, fb, FP_RUP, true));
		ir_put(t, X0 + 2, ir_fclass(t, fa));
		ir_put(t, X0 + 3, ir_bitcast(t, IR_I64, ir_fsgn(t, SGN_XOR, fa, fb)));
		ir_put(t, X0 + 4, ir_fflags_get(t));
		assert_int_equal(run(t, &e, &pc, &aux), STOP_GOTO);
		sum = fp_add64(&s, a, b);
		lt = fp_lt64(&s, a, b);
		single = fp_f64_to_f32(&s, a);
		root = fp_sqrt32(&s, (u32)single);
		integer = fp_f64_to_u64(&s, FP_RUP, b);
		assert_int_equal(e.f[2], sum);
		assert_int_equal(e.x[0], lt);
		assert_int_equal(e.f[3], 0xffffffff00000000 | root);
		assert_int_equal(e.x[1], integer);
		assert_int_equal(e.x[2], fp_class64(a));
		assert_int_equal(e.x[3], a ^ (b & 1ull << 63));
		assert_int_equal(e.x[4], s.flags);
		assert_int_equal(e.fp_flags, s.flags);
	}
	ir_free(t);
}

static void boxes(void **state)
{
	struct ir *t = test_begin(NULL);
	struct env e = { .f = { 0xffffffff3f800000, 0xfffffffe3f800000 } };
	u64 pc;
	u32 aux;

	ir_put(t, X0, ir_zext(t, ir_bitcast(t, IR_I32, ir_unbox(t, ir_get(t, F0))), 32));
	ir_put(t, X0 + 1, ir_zext(t, ir_bitcast(t, IR_I32, ir_unbox(t, ir_get(t, F0 + 1))), 32));
	ir_put(t, F0 + 2, ir_itof(t, IR_F64, ir_const(t, IR_I32, 0xfffffffe), FP_RNE, false));
	ir_put(t, F0 + 3, ir_itof(t, IR_F64, ir_const(t, IR_I32, 0xfffffffe), FP_RNE, true));
	assert_int_equal(run(t, &e, &pc, &aux), STOP_GOTO);
	assert_int_equal(e.x[0], 0x3f800000);
	assert_int_equal(e.x[1], 0x7fc00000);
	assert_int_equal(e.f[2], 0xc000000000000000);	/* -2 */
	assert_int_equal(e.f[3], 0x41efffffffc00000);	/* 2^32 - 2 */
	ir_free(t);
}

/* ---- control ---- */

HELPER(test_add3, HELPER_PURE)
{
	return a + b + c + ((struct env *)vcpu)->pc;
}

HELPER(test_change, HELPER_READS | HELPER_WRITES)
{
	struct env *e = vcpu;

	e->x[1] = e->x[0] + a;
	return 0;
}

static void calls(void **state)
{
	struct ir *t = test_begin(NULL);
	struct env e = { .x = { 1, 2, 3 } };
	u64 pc;
	u32 aux;

	ir_put(t, X0, ir_imm(t, 40));
	test_insn(t);
	ir_get(t, X0 + 1);
	ir_put(t, X0 + 3, ir_call(t, &helper_test_add3, IR_I64, ir_imm(t, 1), ir_get(t, X0 + 2), 0));
	ir_call(t, &helper_test_change, IR_NONE, ir_imm(t, 2), 0, 0);
	ir_put(t, X0 + 4, ir_get(t, X0 + 1));	/* must be read anew */
	assert_int_equal(run(t, &e, &pc, &aux), STOP_GOTO);
	assert_int_equal(e.x[3], 4 + START + 4);
	assert_int_equal(e.x[1], 42);
	assert_int_equal(e.x[4], 42);
	ir_free(t);
}

static void exits(void **state)
{
	struct ir *t = test_begin(NULL);
	struct env e = { .x = { 0x5000 } };
	u64 pc;
	u32 aux = 0;

	ir_jump(t, ir_get(t, X0), JUMP_RET);
	assert_int_equal(run(t, &e, &pc, &aux), STOP_JUMP);
	assert_int_equal(pc, 0x5000);
	assert_int_equal(aux, JUMP_RET);
	test_begin(t);
	ir_raise(t, 3, START - 8);
	assert_int_equal(run(t, &e, &pc, &aux), STOP_RAISE);
	assert_int_equal(pc, START - 8);
	assert_int_equal(aux, 3);
	/* a loop to itself, with and without a request */
	test_begin(t);
	ir_branch(t, CC_NE, ir_get(t, X0), ir_imm(t, 0), START);
	ir_goto(t, t->next_pc);
	assert_int_equal(test_count(t, IR_KICK), 1);
	assert_int_equal(run(t, &e, &pc, &aux), STOP_GOTO);
	assert_int_equal(pc, START);
	e.kicked = 1;
	assert_int_equal(run(t, &e, &pc, &aux), STOP_KICK);
	assert_int_equal(pc, START);
	/* farther than 32 bits reach */
	test_begin(t);
	ir_branch(t, CC_NE, ir_get(t, X0), ir_imm(t, 0), START + (1ull << 40));
	assert_int_equal(run(t, &e, &pc, &aux), STOP_JUMP);
	assert_int_equal(pc, START + (1ull << 40));
	ir_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers), cmocka_unit_test(conditions), cmocka_unit_test(extensions),
		cmocka_unit_test(loads), cmocka_unit_test(faults), cmocka_unit_test(atomics),
		cmocka_unit_test(floats), cmocka_unit_test(boxes), cmocka_unit_test(calls), cmocka_unit_test(exits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
