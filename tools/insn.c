/* insn: lists, finds, disassembles and makes instructions, from the INSN tables.
 *
 *	insn list [GLOB]		lines: encoding, text, where
 *	insn dis HEX...			text of words, or of the bytes on standard input
 *	insn random GLOB [COUNT [SEED]]	random instances, as assembler input
 * Options before the command: -g GUEST (riscv64; or aarch64), -c CPU (as -cpu of mimus).
 * tools/insn builds and runs it.
 */
#include "base/bits.h"
#include "base/error.h"
#include "cpu/cpu.h"
#include "cpu/target.h"
#include "obj/module.h"
#include "target/insn.h"

#include <stdio.h>
#include <stdlib.h>

extern const struct insn_set riscv_insns, arm64_insns;

static const struct {
	const char *guest;
	const struct insn_set *set;
} sets[] = {
	{ "riscv64", &riscv_insns },
	{ "aarch64", &arm64_insns },
};

static const struct target *target;
static const struct insn_set *set;
static const void *model;

static int list(const char *glob)
{
	const struct insn *in;

	for (u32 i = 0; (in = insn_find(set, glob, i)); i++) {
		char buf[200];
		struct str s = STR(buf);

		insn_name(in, &s);
		str_pad(&s, 16);
		str_puts(&s, in->text ? in->text : "(reserved)");
		str_pad(&s, 32);
		str_puts(&s, in->pattern);
		str_pad(&s, 74);
		printf("%s %s:%u\n", buf, in->file, (u32)in->line);
	}
	return 0;
}

static u32 show(u64 pc, const u8 *bytes, u32 avail)
{
	char buf[100];
	u32 len = target->disassemble(model, pc, bytes, avail, buf, sizeof buf);

	printf("%8llx: ", (unsigned long long)pc);
	for (u32 i = 0; i < len && i < avail; i++)
		printf("%02x", bytes[len < avail ? len - 1 - i : avail - 1 - i]);
	printf("%*s %s\n", len < 4 ? 8 - 2 * (int)len : 0, "", buf);
	return len;
}

static int disassemble_input(void)
{
	static u8 bytes[1 << 24];
	size_t n = fread(bytes, 1, sizeof bytes, stdin);

	for (size_t at = 0; at < n;)
		at += show(at, bytes + at, n - at < 16 ? (u32)(n - at) : 16);
	return 0;
}

static int disassemble(char **words)
{
	u64 pc = 0;

	if (!*words)
		return disassemble_input();
	for (; *words; words++) {
		u8 bytes[8] = { 0 };
		char *end;

		put_le32(bytes, (u32)strtoull(*words, &end, 16));
		if (*end || end == *words) {
			fprintf(stderr, "insn: '%s' is not a hexadecimal word\n", *words);
			return 1;
		}
		pc += show(pc, bytes, 4);
	}
	return 0;
}

static int make_random(const char *glob, u64 count, u64 seed)
{
	const struct insn *in;
	u64 features = *(const u64 *)model;	/* first in each target's model */
	u32 found = 0;

	seed = seed * 2 + 1;
	while (insn_find(set, glob, found))
		found++;
	if (!found) {
		fprintf(stderr, "insn: no instruction matches '%s'\n", glob);
		return 1;
	}
	for (u64 k = 0; k < count;) {
		char buf[100];
		u8 bytes[4];
		u32 word, width;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		in = insn_find(set, glob, (u32)(seed >> 33) % found);
		if (!in->text || (in->feature & ~features)) {
			if (found == 1)
				return 1;
			continue;
		}
		seed |= 1;
		word = insn_random(set, in, features, &seed, NULL, NULL);
		width = insn_bits(set, in).width;
		put_le32(bytes, word);
		target->disassemble(model, 0, bytes, 4, buf, sizeof buf);
		printf("\t.insn %u, 0x%0*x\t# %s\n", width / 8, (int)width / 4, word, buf);
		k++;
	}
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: insn [-g GUEST] [-c CPU] list [GLOB] | dis [HEX...] | random GLOB [COUNT [SEED]]\n");
	return 2;
}

int main(int argc, char **argv)
{
	const char *guest = "riscv64", *cpu = NULL;
	struct error err = { 0 };
	struct cpu *made;

	argv++;
	for (; argc > 2 && argv[0] && argv[0][0] == '-' && argv[1]; argv += 2, argc -= 2) {
		if (!strcmp(argv[0], "-g"))
			guest = argv[1];
		else if (!strcmp(argv[0], "-c"))
			cpu = argv[1];
		else
			return usage();
	}
	target = target_find(guest);
	for (u32 i = 0; i < ARRAY_SIZE(sets); i++)
		if (!strcmp(sets[i].guest, guest))
			set = sets[i].set;
	if (!target || !set) {
		fprintf(stderr, "insn: guest '%s' has no instruction tables\n", guest);
		return 1;
	}
	module_call_init(MODULE_QOM);
	if (cpu_new(target, cpu, &made, &err) == 0)
		model = cpu_model(made, &err);
	if (!model) {
		fprintf(stderr, "insn: %s\n", err.text);
		return 1;
	}
	if (!argv[0])
		return usage();
	if (!strcmp(argv[0], "list"))
		return list(argv[1] ? argv[1] : "*");
	if (!strcmp(argv[0], "dis"))
		return disassemble(argv + 1);
	if (!strcmp(argv[0], "random") && argv[1])
		return make_random(argv[1], argv[2] ? strtoull(argv[2], NULL, 0) : 10,
				   argv[2] && argv[3] ? strtoull(argv[3], NULL, 0) : 1);
	return usage();
}
