/* Fuzz target: IR text.  What is taken prints and reads back to itself; what
 * the verifier accepts runs in the interpreter without touching anything else,
 * and with every rule that folding and counting rely on. */
#include "base/error.h"
#include "ir/ir.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

enum { START = 0x1000, TEXT = 1 << 16 };

struct env {
	u64 pc, excl_addr, excl_val, x[2], f[2], flags, memory;
};

static const struct ir_slot slots[] = {
	{ NULL, 0, IR_NONE },
	{ "a", offsetof(struct env, x[0]), IR_I64 }, { "b", offsetof(struct env, x[1]), IR_I64 },
	{ "f", offsetof(struct env, f[0]), IR_F64 }, { "g", offsetof(struct env, f[1]), IR_F64 },
};

static bool load(void *env, u64 va, u32 mem, u64 *ret_v)
{
	*ret_v = ((struct env *)env)->memory >> (64 - (8u << (mem & MEM_SIZE)));
	return !(va & 64);
}

static bool store(void *env, u64 va, u32 mem, u64 v)
{
	((struct env *)env)->memory = v;
	return !(va & 64);
}

static bool amo(void *env, enum ir_amo kind, u64 va, u32 mem, u64 v, u64 *ret_old)
{
	return load(env, va, mem, ret_old) && store(env, va, mem, v);
}

static bool sc(void *env, u64 va, u32 mem, u64 expected, u64 v, bool *ret_done)
{
	*ret_done = expected & 1;
	return store(env, va, mem, v);
}

static bool kicked(void *env)
{
	return ((struct env *)env)->x[0] & 1;
}

static const struct ir_machine machine = {
	load, store, amo, sc, kicked, offsetof(struct env, flags), offsetof(struct env, excl_addr),
	offsetof(struct env, excl_val), offsetof(struct env, pc),
};

static void run(const struct ir *t, struct env *e)
{
	u64 pc;
	u32 aux;

	for (u32 i = 0; i < t->n; i++)
		if (t->ins[i].op == IR_CALL)	/* other parts' helpers want a real vCPU */
			return;
	assert(ir_interp(t, &machine, e, &pc, &aux) <= STOP_FAULT);
}

static bool parse(struct ir *t, const char *text)
{
	struct error err;

	ir_begin(t, slots, sizeof slots / sizeof slots[0], &fp_rules_riscv, START, 0, NULL);
	return ir_parse(t, text, &err) == 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct ir *t;
	static char first[TEXT], second[TEXT];
	struct env e = { .x = { 3, ~0ull }, .f = { 0x7ff0000000000001, 1 } }, same = e;

	if (!t)
		t = ir_new();
	if (size >= TEXT / 8)
		return 0;
	memcpy(first, data, size);
	first[size] = 0;
	if (!parse(t, first))
		return 0;
	ir_print(t, first, sizeof first);
	if (strlen(first) == TEXT - 1)
		return 0;
	assert(parse(t, first));
	ir_print(t, second, sizeof second);
	assert(!strcmp(first, second));
	if (ir_verify(t))
		return 0;
	run(t, &e);
	ir_count_uses(t);
	assert(!ir_verify(t));
	run(t, &same);
	assert(!memcmp(&e, &same, sizeof e));
	return 0;
}
