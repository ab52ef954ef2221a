/* Fuzz target: RISC-V code.  Any bytes translate, under any CPU model and mode,
 * to IR that the verifier accepts, disassemble, and both agree on the length. */
#include "base/error.h"
#include "cpu/cpu.h"
#include "cpu/target.h"
#include "ir/ir.h"
#include "obj/module.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static const char *const models[] = { NULL, "max", "rv64i", "rv64,-c", "rva22u64" };

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const void *made[ARRAY_SIZE(models)];
	static struct ir *t;
	const struct target *target = target_find("riscv64");
	struct error err = { 0 };
	const void *model;
	u64 pc = 0x10000;
	u32 mode;

	if (size < 4)
		return 0;
	if (!t) {
		t = ir_new();
		module_call_init(MODULE_QOM);
		for (u32 i = 0; i < ARRAY_SIZE(models); i++) {
			struct cpu *cpu;

			made[i] = cpu_new(target, models[i], &cpu, &err) < 0 ? NULL : cpu_model(cpu, &err);
		}
	}
	model = made[data[0] % ARRAY_SIZE(models)];
	mode = data[1] & 7;
	assert(model);
	data += 2;
	size -= 2;
	ir_begin(t, target->slots, target->slot_count, target->fp, pc, mode, model);
	t->fp_rm = mode <= FP_RMM ? (u8)mode : FP_RNE;
	while (!t->ended && !ir_full(t)) {
		char text[200];
		u32 len;

		t->pc = pc;
		len = target->translate(t, data, (u32)min_u64(size, 8));
		if (!len)
			break;
		assert(len == 2 || len == 4);
		assert(target->disassemble(model, pc, data, (u32)min_u64(size, 8), text, sizeof text) == len);
		data += len;
		size -= len;
		pc += len;
	}
	if (t->insns) {
		if (!t->ended)
			ir_goto(t, pc);
		assert(!ir_verify(t));
		ir_narrow(t);
	}
	return 0;
}
