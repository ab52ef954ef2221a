/* What the tests of IR share: an environment with a few slots and some memory
 * for the interpreter, and a struct ir begun for it. */
#ifndef TESTS_UNIT_IR_FIXTURE_H
#define TESTS_UNIT_IR_FIXTURE_H

#include "base/bits.h"
#include "ir/ir.h"
#include "../unit.h"
#include <stdio.h>
#include <stdlib.h>

#define test_fail(...) \
	do { \
		print_error(__VA_ARGS__); \
		print_error("\n"); \
		_fail(__FILE__, __LINE__); \
	} while (0)

enum { X_COUNT = 8, F_COUNT = 4, MEMORY = 4096, START = 0x10000 };
enum { X0 = 1, F0 = X0 + X_COUNT, SLOTS = F0 + F_COUNT };

struct env {
	u64 pc, excl_addr, excl_val;
	u8 fp_flags, kicked;
	u64 x[X_COUNT], f[F_COUNT];
	u8 memory[MEMORY];	/* guest addresses 0.. */
};

#define X(n) { "x" #n, offsetof(struct env, x[n]), IR_I64 }
#define F(n) { "f" #n, offsetof(struct env, f[n]), IR_F64 }
static const struct ir_slot test_slots[SLOTS] = {
	{ 0 }, X(0), X(1), X(2), X(3), X(4), X(5), X(6), X(7), F(0), F(1), F(2), F(3),
};
#undef X
#undef F

static inline bool test_reach(u64 va, u32 mem)
{
	return va <= MEMORY - (1u << (mem & MEM_SIZE));
}

static bool test_load(void *env, u64 va, u32 mem, u64 *ret_v)
{
	struct env *e = env;

	if (!test_reach(va, mem))
		return false;
	*ret_v = 0;
	memcpy(ret_v, e->memory + va, 1u << (mem & MEM_SIZE));
	if (mem & MEM_BE)
		*ret_v = swap64(*ret_v) >> (64 - (8u << (mem & MEM_SIZE)));
	return true;
}

static bool test_store(void *env, u64 va, u32 mem, u64 v)
{
	struct env *e = env;

	if (!test_reach(va, mem))
		return false;
	if (mem & MEM_BE)
		v = swap64(v) >> (64 - (8u << (mem & MEM_SIZE)));
	memcpy(e->memory + va, &v, 1u << (mem & MEM_SIZE));
	return true;
}

static bool test_amo(void *env, enum ir_amo kind, u64 va, u32 mem, u64 v, u64 *ret_old)
{
	if (!test_load(env, va, mem, ret_old))
		return false;
	return test_store(env, va, mem, kind == AMO_ADD ? *ret_old + v : v);
}

static bool test_cas(void *env, u64 va, u32 mem, u64 expected, u64 v, u64 *ret_old)
{
	if (!test_load(env, va, mem, ret_old))
		return false;
	return *ret_old != expected || test_store(env, va, mem, v);
}

static bool test_kicked(void *env)
{
	return ((struct env *)env)->kicked;
}

static const struct ir_machine test_machine = {
	.load = test_load, .store = test_store, .amo = test_amo, .cas = test_cas, .kicked = test_kicked,
	.fp_flags_offset = offsetof(struct env, fp_flags),
	.excl_addr_offset = offsetof(struct env, excl_addr),
	.excl_val_offset = offsetof(struct env, excl_val),
	.pc_offset = offsetof(struct env, pc),
};

/* A block with its first instruction open. */
static inline struct ir *test_begin(struct ir *t)
{
	if (!t)
		t = ir_new();
	ir_begin(t, test_slots, SLOTS, &fp_rules_riscv, START, 0, NULL);
	ir_insn(t, START, 4);
	return t;
}

static inline void test_insn(struct ir *t)
{
	ir_insn(t, t->next_pc, 4);
}

static inline u32 test_count(const struct ir *t, enum ir_op op)
{
	u32 n = 0;

	for (u32 i = 1; i < t->n; i++)
		n += t->ins[i].op == op;
	return n;
}

/* Like assert, with the block printed. */
static inline void test_valid(const struct ir *t)
{
	const char *wrong = ir_verify(t);

	if (wrong) {
		static char text[1 << 16];

		ir_print(t, text, sizeof text);
		fprintf(stderr, "%s\n%s", wrong, text);
		test_fail("%s", wrong);
	}
}

/* xorshift, the same numbers in each run */
static inline u64 test_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Numbers at which arithmetic goes wrong, and others. */
static const u64 test_corners[] = {
	0, 1, 2, 3, 5, 7, 8, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000,
	0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x100000000, 0x123456789abcdef0,
	0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000001, 0xfffffffffffffffe, 0xffffffffffffffff,
	0xffffffff80000000, 0xffffffff7fffffff, 0xffffffffffffff80, 0xfedcba9876543210,
};

#endif
