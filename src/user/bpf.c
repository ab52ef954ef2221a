/* Classic BPF, as seccomp uses it: check a program, run it.
 *
 * bpf_check admits what the kernel's seccomp_check_filter does: absolute 32-bit loads of aligned
 * offsets inside the data, immediate and scratch loads and stores, arithmetic, forward jumps that
 * stay inside, returns; the last instruction returns. bpf_run is a plain switch; a checked
 * program cannot loop or touch anything outside its 16 scratch words. Reading scratch words that
 * no path wrote is refused, as in the kernel.
 *
 * No state, any thread. Spec: the kernel's Documentation/networking/filter.rst and seccomp(2).
 */
#include "user/syscall.h"
#include <linux/bpf_common.h>
#include <linux/filter.h>

enum { BPF_LIMIT = 4096, WORDS = 16, DATA_BYTES = 64 };

/* One instruction alone: its code is allowed and its operands make sense. */
static bool insn_ok(const struct bpf_insn *p, u32 at, u32 count)
{
	switch (p->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return p->k < DATA_BYTES && (p->k & 3) == 0;
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
	case BPF_ALU | BPF_ADD | BPF_K:
	case BPF_ALU | BPF_ADD | BPF_X:
	case BPF_ALU | BPF_SUB | BPF_K:
	case BPF_ALU | BPF_SUB | BPF_X:
	case BPF_ALU | BPF_MUL | BPF_K:
	case BPF_ALU | BPF_MUL | BPF_X:
	case BPF_ALU | BPF_DIV | BPF_X:
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_ALU | BPF_AND | BPF_X:
	case BPF_ALU | BPF_OR | BPF_K:
	case BPF_ALU | BPF_OR | BPF_X:
	case BPF_ALU | BPF_XOR | BPF_K:
	case BPF_ALU | BPF_XOR | BPF_X:
	case BPF_ALU | BPF_LSH | BPF_X:
	case BPF_ALU | BPF_RSH | BPF_X:
	case BPF_ALU | BPF_NEG:
		return true;
	case BPF_ALU | BPF_DIV | BPF_K:
		return p->k != 0;
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
		return p->k < 32;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return p->k < WORDS;
	case BPF_JMP | BPF_JA:
		return p->k < count - at - 1;
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_X:
		return p->jt < count - at - 1 && p->jf < count - at - 1;
	default:
		return false;
	}
}

/* Follow which scratch words are surely written: `valid` of an instruction is what all ways to it
 * agree on. */
static bool words_ok(const struct bpf_insn *insns, u32 count)
{
	u16 ways[BPF_LIMIT], valid = 0;

	memset(ways, 0xff, count * sizeof(ways[0]));
	for (u32 i = 0; i < count; i++) {
		const struct bpf_insn *p = &insns[i];

		valid &= ways[i];
		switch (BPF_CLASS(p->code)) {
		case BPF_ST:
		case BPF_STX:
			valid |= (u16)(1u << p->k);
			break;
		case BPF_LD:
		case BPF_LDX:
			if (BPF_MODE(p->code) == BPF_MEM && !(valid & 1u << p->k))
				return false;
			break;
		case BPF_JMP:
			if (BPF_OP(p->code) == BPF_JA) {
				ways[i + 1 + p->k] &= valid;
			} else {
				ways[i + 1 + p->jt] &= valid;
				ways[i + 1 + p->jf] &= valid;
			}
			valid = 0xffff;
			break;
		case BPF_RET:
			valid = 0xffff;
			break;
		default:
			break;
		}
	}
	return true;
}

int bpf_check(const struct bpf_insn *insns, u32 count)
{
	if (count == 0 || count > BPF_LIMIT)
		return -EINVAL;
	for (u32 i = 0; i < count; i++)
		if (!insn_ok(&insns[i], i, count))
			return -EINVAL;
	if (BPF_CLASS(insns[count - 1].code) != BPF_RET || !words_ok(insns, count))
		return -EINVAL;
	return 0;
}

static u32 alu(u32 op, u32 a, u32 b)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return b ? a / b : 0;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return b < 32 ? a << b : 0;
	case BPF_RSH:
		return b < 32 ? a >> b : 0;
	default:
		return -a;	/* BPF_NEG */
	}
}

static bool jump(u32 op, u32 a, u32 b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	default:
		return a & b;	/* BPF_JSET */
	}
}

/* A load that both registers have: scratch word, length of the data, constant. */
static u32 plain_load(const struct bpf_insn *p, const u32 *mem, u32 size)
{
	if (BPF_MODE(p->code) == BPF_MEM)
		return mem[p->k];
	return BPF_MODE(p->code) == BPF_LEN ? size : p->k;
}

u32 bpf_run(const struct bpf_insn *insns, u32 count, const void *data, u32 size)
{
	u32 a = 0, x = 0, mem[WORDS] = { 0 }, b;

	for (u32 i = 0; i < count; i++) {
		const struct bpf_insn *p = &insns[i];

		b = BPF_SRC(p->code) == BPF_X ? x : p->k;
		switch (BPF_CLASS(p->code)) {
		case BPF_LD:
			if (BPF_MODE(p->code) == BPF_ABS)
				memcpy(&a, (const u8 *)data + p->k, 4);
			else
				a = plain_load(p, mem, size);
			break;
		case BPF_LDX:
			x = plain_load(p, mem, size);
			break;
		case BPF_ST:
			mem[p->k] = a;
			break;
		case BPF_STX:
			mem[p->k] = x;
			break;
		case BPF_ALU:
			if (p->code == (BPF_ALU | BPF_DIV | BPF_X) && !x)
				return 0;
			a = alu(BPF_OP(p->code), a, b);
			break;
		case BPF_JMP:
			i += BPF_OP(p->code) == BPF_JA ? p->k : jump(BPF_OP(p->code), a, b) ? p->jt : p->jf;
			break;
		case BPF_RET:
			return BPF_RVAL(p->code) == BPF_A ? a : p->k;
		default:	/* BPF_MISC */
			if (BPF_MISCOP(p->code) == BPF_TAX)
				x = a;
			else
				a = x;
			break;
		}
	}
	return 0;
}
