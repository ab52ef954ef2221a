/* The registry of guest instructions for guests with fixed-width encodings.
 *
 * One INSN line is an instruction: its bits, the text a disassembler shows and,
 * as the function body that follows, what it does in IR.  Decoder, disassembler,
 * generator of random instructions and coverage report all come from the line:
 *
 *	INSN(addi, "iiiiiiiiiiii aaaaa 000 ddddd 0010011", imm_i, "d, a, i")
 *	{
 *		set(t, o->d, ir_add(t, get(t, o->a), ir_imm(t, o->imm)));
 *	}
 *
 * Pattern, most significant bit first, 16 or 32 bits, spaces ignored:
 *	0 1	fixed bits
 *	.	any
 *	d a b c m s x y z	a field of that name in struct operands; its bits are adjacent
 *	D A B C		the same fields holding 8 + the bits (RISC-V's three-bit registers)
 *	i	bits of the immediate: imm_fn(word) puts them together; with a NULL imm_fn they
 *		are adjacent and unsigned
 * Text: letters stand for operands and are printed by the set's `operand` function, the rest is
 * printed as it is but for spaces; ".x" in front prints operand x onto the mnemonic.  Text NULL
 * marks encodings that are reserved.  In the name, _ is shown as a dot.
 *
 * Interface:
 * - A file defines FEATURE (a mask, all bits needed) and includes its target's header, which
 *   defines ISA and includes this.  Records lie in section mimus_insn_ISA.
 * - Where patterns overlap, the one with more fixed bits that the CPU model has wins.
 * - Tables are made at first use; every function is safe on any thread.
 */
#ifndef TARGET_INSN_H
#define TARGET_INSN_H

#include "base/str.h"
#include "ir/ir.h"

/* Operands of one instruction, by the letters of its pattern; absent ones are 0. */
struct operands {
	u8 d, a, b, c;
	u8 m, s, x, y, z;
	u32 word;		/* the whole encoding */
	i64 imm;
};

struct insn {
	const char *name, *pattern, *text;
	i64 (*imm)(u32 word);
	void (*emit)(struct ir *t, const struct operands *o);
	u64 feature;
	const char *file;
	u64 line;
} __attribute__((aligned(64)));

/* All INSN lines of one guest, and what is particular to its text form. */
struct insn_set {
	const char *name;
	const struct insn *begin, *end;
	/* Print the operand that a letter of the text stands for. */
	void (*operand)(struct str *s, char letter, const struct operands *o, u64 pc);
	/* set by insn.c */
	struct insn_table **table;
};

#define INSN_TEXT_(x) #x
#define INSN_TEXT(x) INSN_TEXT_(x)
#define INSN(insn_name, insn_pattern, imm_fn, insn_text)                                    \
	static void insn_##insn_name(struct ir *t, const struct operands *o);               \
	static const struct insn insn_record_##insn_name                                    \
		__attribute__((used, section("mimus_insn_" INSN_TEXT(ISA)))) = {            \
			.name = #insn_name, .pattern = insn_pattern, .text = insn_text,     \
			.imm = imm_fn, .emit = insn_##insn_name, .feature = FEATURE,        \
			.file = __FILE__, .line = __LINE__ };                               \
	static void insn_##insn_name(struct ir *t UNUSED, const struct operands *o UNUSED)

/* Define the set `x_insns` of the lines in section mimus_insn_x. */
#define INSN_SET(x, operand_fn)                                                             \
	extern const struct insn __start_mimus_insn_##x[], __stop_mimus_insn_##x[];         \
	static struct insn_table *x##_insn_table;                                           \
	const struct insn_set x##_insns = {                                                 \
		.name = #x, .begin = __start_mimus_insn_##x, .end = __stop_mimus_insn_##x,  \
		.operand = operand_fn, .table = &x##_insn_table }

/* The line that word is an instance of under a CPU model with these features, and its operands; NULL: illegal.
 * A reserved encoding gives its line too (text NULL).  Bits above the encoding must be zero. */
const struct insn *insn_decode(const struct insn_set *set, u32 word, u64 features, struct operands *ret_o);

/* Translate it as well: false, and nothing emitted, when it is illegal. */
bool insn_translate(const struct insn_set *set, u32 word, u64 features, struct ir *t);

/* Text of a decoded instruction, "addi    a0,a1,16". */
void insn_print(const struct insn_set *set, const struct insn *in, const struct operands *o, u64 pc, struct str *s);

/* Fixed bits of a line's pattern, and its length (16 or 32). */
struct insn_bits {
	u32 mask, value, width;
};
struct insn_bits insn_bits(const struct insn_set *set, const struct insn *in);

/* Chooses the value of one field of a random instruction: letter as in the pattern (. and i too), of `bits`
 * bits; random has all 32 bits random.  What does not fit is cut off. */
typedef u32 insn_pick_fn(void *opaque, char letter, u32 bits, u32 random);
/* A random instance of a line; it decodes to that line under `features`.  pick may be NULL; if what it picks
 * always falls into another line, the fields become random.  *seed is the generator's state, not 0. */
u32 insn_random(const struct insn_set *set, const struct insn *in, u64 features, u64 *seed,
		insn_pick_fn *pick, void *opaque);

/* Lines by name (as shown: "c.addi"), glob pattern; NULL when i is past the last match. */
const struct insn *insn_find(const struct insn_set *set, const char *glob, u32 i);
void insn_name(const struct insn *in, struct str *s);

/* Count decoded lines from now on (threads may lose counts); how often a line was met. */
void insn_coverage_start(const struct insn_set *set);
u64 insn_coverage(const struct insn_set *set, const struct insn *in);

/* Check all patterns of a set: the two lines that overlap with equal weight, or that cannot be told apart.
 * True when all is well; else text in s. */
bool insn_check(const struct insn_set *set, struct str *s);

#endif
