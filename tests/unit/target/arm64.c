/* aarch64: its table has no two lines for one word; random instances decode to their
 * line and make well-formed IR; the immediates that are computed; CPU models.
 * tests/step runs them.
 */
#include "base/bits.h"
#include "cpu/cpu.h"
#include "cpu/target.h"
#include "ir/ir.h"
#include "obj/module.h"
#include "target/arm64/pauth.h"
#include "target/insn.h"

#include "../unit.h"

extern const struct insn_set arm64_insns;
bool arm64_bit_mask(u32 n, u32 imms, u32 immr, u64 *ret_mask);
u64 arm64_fp_imm(u32 imm8, u32 lane);

static const struct target *target(void)
{
	const struct target *t = target_find("aarch64");

	assert_non_null(t);
	return t;
}

/* CPUs made before are children of the root. */
static const void *model(const char *text)
{
	struct object *o = object_find(text);
	struct error err = { 0 };
	struct cpu *cpu;

	if (!o) {
		assert_int_equal(cpu_new(target(), text, &cpu, &err), 0);
		o = &cpu->object;
		assert_int_equal(object_add(object_root(), text, o, &err), 0);
	}
	return cpu_model(object_cast(o, "aarch64-cpu"), &err);
}

static u64 features(const char *text)
{
	return *(const u64 *)model(text);	/* first in struct arm64_model */
}

static void test_no_overlap(void **state UNUSED)
{
	char buf[400];
	struct str s = STR(buf);

	buf[0] = 0;
	insn_check(&arm64_insns, &s);
	assert_string_equal(buf, "");
}

static void test_random_decodes(void **state UNUSED)
{
	u64 seed = 7, all = features("max");
	struct operands o;
	u32 lines = 0;

	for (const struct insn *in = arm64_insns.begin; in < arm64_insns.end; in++) {
		if (in->feature & ~all)
			continue;
		lines++;
		for (u32 k = 0; k < 100; k++) {
			u32 word = insn_random(&arm64_insns, in, all, &seed, NULL, NULL);

			assert_ptr_equal(insn_decode(&arm64_insns, word, all, &o), in);
		}
	}
	assert_true(lines > 600);
}

static void test_translate(void **state UNUSED)
{
	const struct target *tg = target();
	u64 seed = 4242, all = features("max");

	for (const struct insn *in = arm64_insns.begin; in < arm64_insns.end; in++) {
		for (u32 k = 0; k < 40 && !(in->feature & ~all); k++) {
			u32 word = insn_random(&arm64_insns, in, all, &seed, NULL, NULL);
			struct ir *t = ir_new();
			const char *wrong;
			u8 bytes[4];

			put_le32(bytes, word);
			ir_begin(t, tg->slots, tg->slot_count, tg->fp, 0x10000, 0, model("max"));
			t->va_mask = k & 1 ? tg->va_mask : 0;
			t->pc = 0x10000;
			assert_int_equal(tg->translate(t, bytes, 4), 4);
			ir_goto(t, 0x10004);
			wrong = ir_verify(t);
			if (wrong)
				print_message("%s (%08x): %s\n", in->name, word, wrong);
			assert_null(wrong);
			ir_free(t);
		}
	}
}

static void check_illegal(const char *cpu, u32 word, bool expected)
{
	struct operands o;

	assert_int_equal(!insn_decode(&arm64_insns, word, features(cpu), &o), expected);
}

static void test_models(void **state UNUSED)
{
	struct error err = { 0 };
	struct cpu *cpu;

	check_illegal("max", 0xb8200000, false);		/* ldadd w0, w0, [x0] */
	check_illegal("cortex-a53", 0xb8200000, true);
	check_illegal("cortex-a53,+lse", 0xb8200000, false);
	check_illegal("neoverse-n1", 0x4e829400, false);	/* sdot v0.4s, v0.16b, v2.16b */
	check_illegal("neoverse-n1,-dotprod", 0x4e829400, true);
	check_illegal("max", 0x04200000, true);			/* SVE */
	assert_true(cpu_new(target(), "max,+nosuch", &cpu, &err) < 0);
	assert_non_null(strstr(err.text, "nosuch"));
}

/* Examples of the manual and of common code. */
static void test_immediates(void **state UNUSED)
{
	u64 mask;

	assert_true(arm64_bit_mask(1, 7, 0, &mask) && mask == 0xff);
	assert_true(arm64_bit_mask(0, 0x3c, 0, &mask) && mask == 0x5555555555555555);
	assert_true(arm64_bit_mask(1, 62, 1, &mask) && mask == 0xbfffffffffffffff);
	assert_true(arm64_bit_mask(0, 0x27, 4, &mask) && mask == 0xf00ff00ff00ff00f);
	assert_false(arm64_bit_mask(1, 63, 0, &mask));
	assert_false(arm64_bit_mask(0, 0x3f, 0, &mask));
	assert_true(arm64_fp_imm(0x70, 3) == 0x3ff0000000000000);	/* 1.0 */
	assert_true(arm64_fp_imm(0x80, 2) == 0xc0000000);		/* -2.0 */
	assert_true(arm64_fp_imm(0x78, 1) == 0x3e00);			/* 1.5 */
}

/* The vector of the QARMA paper (QARMA5-64, sigma 2). */
static void test_qarma5(void **state UNUSED)
{
	const u64 key[2] = { 0xec2802d4e0a488e9ull, 0x84be85ce9804e94bull };

	assert_true(arm64_qarma5(0xfb623599da6e8127ull, 0x477d469dec0b8762ull, key) == 0xc003b93999b33765ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_overlap),
		cmocka_unit_test(test_random_decodes),
		cmocka_unit_test(test_translate),
		cmocka_unit_test(test_models),
		cmocka_unit_test(test_immediates),
		cmocka_unit_test(test_qarma5),
	};

	module_call_init(MODULE_QOM);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
