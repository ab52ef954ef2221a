/* riscv64: every INSN line against objdump, decoding of random words, CPU models.
 *
 * The comparison assembles random instances of each line and reads what
 * riscv64-linux-gnu-objdump makes of them; where that is not installed it is skipped
 * and the fixed table below remains.
 */
#include "base/bits.h"
#include "cpu/cpu.h"
#include "cpu/target.h"
#include "ir/ir.h"
#include "obj/module.h"
#include "target/insn.h"

#include "../unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { INSTANCES = 24 };
extern const struct insn_set riscv_insns;

static const struct target *target(void)
{
	const struct target *t = target_find("riscv64");

	assert_non_null(t);
	return t;
}

/* CPUs made before are children of the root. */
static const void *model(const char *text)
{
	const char *name = text ? text : "default";
	struct object *o = object_find(name);
	struct error err = { 0 };
	struct cpu *cpu;

	if (!o) {
		if (cpu_new(target(), text, &cpu, &err) < 0)
			print_message("%s\n", err.text);
		assert_int_equal(err.code, 0);
		o = &cpu->object;
		assert_int_equal(object_add(object_root(), name, o, &err), 0);
	}
	return cpu_model(object_cast(o, "riscv-cpu"), &err);
}

static u64 features(const char *text)
{
	return *(const u64 *)model(text);	/* first in struct riscv_model */
}

static void test_no_overlap(void **state UNUSED)
{
	char buf[200];
	struct str s = STR(buf);

	buf[0] = 0;
	insn_check(&riscv_insns, &s);
	assert_string_equal(buf, "");
}

static void check_text(u64 pc, u32 word, const char *expected)
{
	char buf[100];
	u8 bytes[4];
	u32 len;

	put_le32(bytes, word);
	len = target()->disassemble(model(NULL), pc, bytes, 4, buf, sizeof buf);
	assert_int_equal(len, (word & 3) == 3 ? 4 : 2);
	assert_string_equal(buf, expected);
}

static void test_known(void **state UNUSED)
{
	check_text(0, 0xff010113, "addi    sp,sp,-16");
	check_text(0, 0x00113423, "sd      ra,8(sp)");
	check_text(0x1000, 0xfea50ee3, "beq     a0,a0,0xffc");
	check_text(0, 0x123452b7, "lui     t0,0x12345");
	check_text(0, 0x4051d193, "srai    gp,gp,0x5");
	check_text(0, 0x02a5f553, "fadd.d  fa0,fa1,fa0");
	check_text(0, 0x02a58553, "fadd.d  fa0,fa1,fa0,rne");
	check_text(0, 0xe20505d3, "fmv.x.d a1,fa0");
	check_text(0, 0x1005a52f, "lr.w    a0,(a1)");
	check_text(0, 0x06b6252f, "amoadd.w.aqrl a0,a1,(a2)");
	check_text(0, 0x0010000f, "fence   unknown,w");
	check_text(0, 0x0100000f, "pause");
	check_text(0, 0x003022f3, "csrrs   t0,fcsr,zero");
	check_text(0, 0x1141, "c.addi  sp,-16");
	check_text(0, 0x8082, "c.jr    ra");
	check_text(0, 0x0001, "c.nop");
	check_text(0, 0x0000, "c.unimp");
	check_text(0, 0x7c002573, "csrrs   a0,0x7c0,zero");
	check_text(0, 0x8002, ".short  0x8002");
	check_text(0, 0xffffffff, ".word   0xffffffff");
}

static u32 decode(u32 word, const char *cpu)
{
	struct operands o;
	const struct insn *in = insn_decode(&riscv_insns, word, features(cpu), &o);

	return in && in->text ? (u32)(in - riscv_insns.begin) + 1 : 0;
}

static void test_features(void **state UNUSED)
{
	assert_int_not_equal(decode(0x02a5f553, "rv64i,f=true,zicsr=on,+d"), 0);
	assert_int_equal(decode(0x02a5f553, "rv64,-d,-zfhmin"), 0);
	assert_int_equal(decode(0x1141, "rv64,c=false"), 0);
	assert_int_equal(decode(0x02b50533, "rv64i"), 0);		/* mul */
	assert_int_not_equal(decode(0x02b50533, "rv64i,+m"), 0);
	assert_int_equal(decode(0x2008, "rv64,-d"), 0);			/* c.fld */
	/* a hint without its extension is what it is a hint in */
	assert_int_not_equal(decode(0x0100000f, "rv64,-zihintpause"), decode(0x0100000f, "rv64"));
	assert_int_not_equal(decode(0x0100000f, "rv64,-zihintpause"), 0);
}

static void bad_model(const char *text, const char *says)
{
	struct error err = { 0 };
	struct cpu *cpu = NULL;

	if (cpu_new(target(), text, &cpu, &err) == 0) {
		assert_null(cpu_model(cpu, &err));
		object_free(&cpu->object);
	}
	if (!strstr(err.text, says))
		print_message("'%s' does not say '%s'\n", err.text, says);
	assert_non_null(strstr(err.text, says));
}

static void test_models(void **state UNUSED)
{
	assert_true(features("max") == features("rv64"));
	assert_true(features("rv64,-zba,zba=true") == features(NULL));
	assert_true(features("rv64i,+g,+c,+zicntr") == features("sifive-u54"));
	bad_model("rv32", "there are: max rv64 rv64i");
	bad_model("riscv-cpu", "not known");
	bad_model("rv64,+zzz", "'rv64-riscv-cpu' has no property 'zzz'; there are: g i m a");
	bad_model("rv64,zba=maybe", "property 'zba': 'maybe' is not right: give on or off");
	bad_model("rv64,zba", "needs a value");
	bad_model("rv64,-f", "d needs f");
	bad_model("rv64i,+f", "f needs zicsr");
	bad_model("rv64,-i", "cannot be left out");
	bad_model("rv64,,+zba", "''");
}

/* All lines but those that objdump of binutils 2.40 does not know. */
static bool compared(const struct insn *in)
{
	static const char *const unknown[] = { "czero_*", "c_unimp", "c_nop" };

	for (u32 i = 0; i < ARRAY_SIZE(unknown); i++)
		if (str_glob(unknown[i], in->name))
			return false;
	return in->text;
}

/* Keep to what objdump shows: rounding modes that exist (and none where they say nothing), no compressed
 * shifts by 0, our CSRs. */
static u32 pick(void *opaque, char letter, u32 bits, u32 random)
{
	const struct insn *in = opaque;
	static const u16 csrs[] = { 1, 2, 3, 0xc00, 0xc01, 0xc02 };
	static const u8 modes[] = { 0, 1, 2, 3, 4, 7 };

	if (letter == 'm' && str_ends(in->text, "n"))
		return 0;
	if (letter == 'i' && bits == 5 && str_glob("c_s*li", in->name))
		return random | 1;
	if (letter == 'm')
		return modes[random % ARRAY_SIZE(modes)];
	if (letter == 'i' && str_starts(in->name, "csr"))
		return csrs[random % ARRAY_SIZE(csrs)];
	if (letter == '.')
		return 0;
	return random;
}

struct sample {
	u32 word, len;
};

/* Write a file to assemble, and what was written. */
static u32 write_samples(const char *path, struct sample *sample, u32 max)
{
	FILE *f = fopen(path, "w");
	u64 seed = 12345, all = features(NULL);
	u32 n = 0;

	assert_non_null(f);
	for (const struct insn *in = riscv_insns.begin; in < riscv_insns.end; in++) {
		for (u32 k = 0; compared(in) && k < INSTANCES; k++) {
			struct sample *s = &sample[n++];

			assert_true(n <= max);
			s->word = insn_random(&riscv_insns, in, all, &seed, pick, (void *)in);
			s->len = insn_bits(&riscv_insns, in).width / 8;
			fprintf(f, ".insn %u, 0x%x\n", s->len, s->word);
		}
	}
	fclose(f);
	return n;
}

/* Both texts in one form: one space after the mnemonic, no symbol, no comment. */
static void normalize(char *text)
{
	char *to = text, *cut;

	for (const char *sep = "<#"; *sep; sep++)
		if ((cut = strchr(text, *sep)))
			*cut = 0;
	for (char *p = text; *p; p++) {
		if (*p == '\t' || *p == '\n' || *p == ' ') {
			if (to > text && to[-1] != ' ')
				*to++ = ' ';
		} else {
			*to++ = *p;
		}
	}
	while (to > text && to[-1] == ' ')
		to--;
	*to = 0;
}

/* Lines "  1c:\t00113423\tsd\tra,8(sp)". */
static void compare(FILE *dump, const struct sample *sample, u32 n)
{
	char line[300], ours[200];
	u32 i = 0, bad = 0;
	u8 bytes[4];

	while (fgets(line, sizeof line, dump)) {
		unsigned long long pc;
		int at = 0;
		u32 word;
		char *theirs;

		if (sscanf(line, " %llx:\t%x %n", &pc, &word, &at) != 2 || !at)
			continue;
		assert_true(i < n);
		assert_int_equal(word, sample[i].word);
		theirs = line + at;
		put_le32(bytes, word);
		target()->disassemble(model(NULL), pc, bytes, 4, ours, sizeof ours);
		normalize(theirs);
		normalize(ours);
		/* objdump prints targets bare where we say 0x */
		char *hex = strrchr(ours, ',');
		hex = hex ? hex + 1 : strchr(ours, ' ') ? strchr(ours, ' ') + 1 : ours;
		char *bare = strrchr(theirs, ',');
		bare = bare ? bare + 1 : strchr(theirs, ' ') ? strchr(theirs, ' ') + 1 : theirs;
		if (!strncmp(hex, "0x", 2) && strncmp(bare, "0x", 2))
			memmove(hex, hex + 2, strlen(hex + 2) + 1);
		if (strcmp(ours, theirs) && bad++ < 40)
			print_message("%08x: '%s', objdump '%s'\n", word, ours, theirs);
		i++;
	}
	assert_int_equal(i, n);
	assert_int_equal(bad, 0);
}

static void test_objdump(void **state UNUSED)
{
	enum { MAX = 20000 };
	char dir[] = "/tmp/mimus-riscv-XXXXXX", cmd[500], path[100];
	struct sample *sample = xcalloc(MAX, sizeof *sample);
	u32 n;
	FILE *dump;

	if (access("/usr/bin/riscv64-linux-gnu-as", X_OK)) {
		free(sample);
		skip();
	}
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/a.s", dir);
	n = write_samples(path, sample, MAX);
	snprintf(cmd, sizeof cmd, "cd %s && riscv64-linux-gnu-as -march=rv64gc_zba_zbb_zbc_zbs_zfhmin_zawrs"
		 "_zicbom_zicbop_zicboz_zihintpause -o a.o a.s && "
		 "riscv64-linux-gnu-objdump -d -z -M no-aliases a.o; rm -r %s", dir, dir);
	dump = popen(cmd, "r");
	assert_non_null(dump);
	compare(dump, sample, n);
	assert_int_equal(pclose(dump), 0);
	free(sample);
}

/* Each line's instances come back to it, whatever else of the word is random. */
static void test_random_decodes(void **state UNUSED)
{
	u64 seed = 99, all = features(NULL);
	struct operands o;

	for (const struct insn *in = riscv_insns.begin; in < riscv_insns.end; in++) {
		for (u32 k = 0; k < 200; k++) {
			u32 word = insn_random(&riscv_insns, in, all, &seed, NULL, NULL);

			assert_ptr_equal(insn_decode(&riscv_insns, word, all, &o), in);
			assert_true(o.d < 32 && o.a < 32 && o.b < 32 && o.c < 32);
		}
	}
}

static struct ir *translated(const void *cpu, u32 frm, const u32 *word, u32 n)
{
	const struct target *tg = target();
	struct ir *t = ir_new();
	u64 pc = 0x10000;
	u8 bytes[4];

	ir_begin(t, tg->slots, tg->slot_count, tg->fp, pc, frm, cpu);
	for (u32 i = 0; i < n && !t->ended; i++) {
		put_le32(bytes, word[i]);
		t->pc = pc;
		pc += tg->translate(t, bytes, 4);
		assert_true(t->next_pc == pc);
	}
	ir_goto(t, pc);
	return t;
}

/* Random instances of each line, under each frm and with and without C, make well-formed IR. */
static void test_translate(void **state UNUSED)
{
	const void *cpu[2] = { model("rv64"), model("rv64,-c") };
	u64 seed = 4242, all = features(NULL), less = features("rv64,-c");

	for (const struct insn *in = riscv_insns.begin; in < riscv_insns.end; in++) {
		for (u32 k = 0; k < 64; k++) {
			u32 word = insn_random(&riscv_insns, in, all, &seed, NULL, NULL);
			u32 which = k >> 3 & 1 && !(in->feature & ~less);
			struct ir *t = translated(cpu[which], k & 7, &word, 1);
			const char *wrong = ir_verify(t);

			if (wrong)
				print_message("%s (%08x): %s\n", in->name, word, wrong);
			assert_null(wrong);
			assert_true(t->ended && t->insns == 1);
			ir_free(t);
		}
	}
}

static void check_ir_of(const char *cpu, u32 frm, const u32 *word, u32 n, const char *has, const char *has_not)
{
	static char buf[8192];
	struct ir *t = translated(model(cpu), frm, word, n);

	ir_print(t, buf, sizeof buf);
	if (ir_verify(t))
		print_message("%s\n%s", ir_verify(t), buf);
	assert_null(ir_verify(t));
	if (has && !strstr(buf, has))
		print_message("no '%s' in\n%s", has, buf);
	assert_true(!has || strstr(buf, has));
	if (has_not && strstr(buf, has_not))
		print_message("'%s' in\n%s", has_not, buf);
	assert_true(!has_not || !strstr(buf, has_not));
	ir_free(t);
}

static void check_ir(u32 frm, const u32 *word, u32 n, const char *has, const char *has_not)
{
	check_ir_of(NULL, frm, word, n, has, has_not);
}

/* Without C a jump to an odd halfword faults: a call of the helper that raises it. */
static void test_misaligned_jumps(void **state UNUSED)
{
	check_ir_of("rv64,-c", 0, (const u32[]){ 0x0080006f }, 1, "goto", "call");	/* j .+8 */
	check_ir_of("rv64,-c", 0, (const u32[]){ 0x0060006f }, 1, "call", NULL);	/* j .+6 */
	check_ir_of("rv64", 0, (const u32[]){ 0x0060006f }, 1, "goto", "call");
	check_ir_of("rv64,-c", 0, (const u32[]){ 0x00b50463 }, 1, "exit_if", "call");	/* beq a0,a1,.+8 */
	check_ir_of("rv64,-c", 0, (const u32[]){ 0x00b50363 }, 1, "call", NULL);	/* beq a0,a1,.+6 */
	check_ir_of("rv64,-c", 0, (const u32[]){ 0x00008067 }, 1, "call", NULL);	/* ret */
	check_ir_of("rv64", 0, (const u32[]){ 0x00008067 }, 1, "jump", "call");
	check_ir_of("rv64,-c", 0, (const u32[]){ 0x8082 }, 1, "raise", "jump");		/* c.jr ra */
}

static void test_shapes(void **state UNUSED)
{
	/* lui; addi: one constant.  auipc ra; jalr ra: a direct jump, unless backwards */
	check_ir(0, (const u32[]){ 0x12345537, 0x67850513 }, 2, "0x12345678", "add");
	check_ir(0, (const u32[]){ 0x00001097, 0x010080e7 }, 2, "goto", "jump");
	check_ir(0, (const u32[]){ 0xfffff097, 0x010080e7 }, 2, "jump", NULL);
	/* reserved rounding modes: static 5; dynamic with frm = 5 */
	check_ir(0, (const u32[]){ 0x02a5d553 }, 1, "raise", "fadd");
	check_ir(5, (const u32[]){ 0x02a5f553 }, 1, "raise", "fadd");
	check_ir(3, (const u32[]){ 0x02a5f553 }, 1, "fadd", "raise");
	/* frrm costs nothing; fsrmi of the same mode neither; of another leaves */
	check_ir(3, (const u32[]){ 0x00202573 }, 1, NULL, "fflags");
	check_ir(1, (const u32[]){ 0x0020d073 }, 1, NULL, "raise");
	check_ir(0, (const u32[]){ 0x0020d073 }, 1, "raise", NULL);
	/* frflags a5; flt.d a0,fa0,fa1; fsflags a5: a quiet comparison */
	check_ir(0, (const u32[]){ 0x001027f3, 0xa2b51553, 0x00179073 }, 3, "fcmp", "fflags.set");
	/* unknown CSR, write to a read-only one, a good one */
	check_ir(0, (const u32[]){ 0x7c002573 }, 1, "raise", NULL);
	check_ir(0, (const u32[]){ 0xc0151073 }, 1, "raise", "call");
	check_ir(0, (const u32[]){ 0xc0102573 }, 1, "call", "raise");
}

/* A generous bound, so that only a broken tree fails: 30 ns is the aim. */
static void test_speed(void **state UNUSED)
{
	enum { WORDS = 1024, ROUNDS = 500 };
	static u32 word[WORDS];
	u64 seed = 7, all = features(NULL), sum = 0, ns;
	u32 lines = (u32)(riscv_insns.end - riscv_insns.begin);
	struct timespec a, b;
	struct operands o;

	for (u32 i = 0; i < WORDS; i++)
		word[i] = insn_random(&riscv_insns, &riscv_insns.begin[i * 37 % lines], all, &seed, NULL, NULL);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
	for (u32 r = 0; r < ROUNDS; r++)
		for (u32 i = 0; i < WORDS; i++)
			sum += insn_decode(&riscv_insns, word[i], all, &o) != NULL;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
	ns = (u64)(b.tv_sec - a.tv_sec) * 1000000000u + (u64)b.tv_nsec - (u64)a.tv_nsec;
	assert_int_equal(sum, WORDS * ROUNDS);
	print_message("decode: %.1f ns, %u lines\n", (double)ns / (WORDS * ROUNDS), lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_overlap),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_features),
		cmocka_unit_test(test_models),
		cmocka_unit_test(test_random_decodes),
		cmocka_unit_test(test_objdump),
		cmocka_unit_test(test_translate),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_misaligned_jumps),
		cmocka_unit_test(test_speed),
	};

	module_call_init(MODULE_QOM);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
