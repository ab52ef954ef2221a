/* RISC-V base integer instructions, RV64I (unprivileged spec 20191213, ch. 2 and 5).
 *
 * One INSN line holds an instruction's encoding, its assembly text and what it
 * does.  Letters: d a b = rd rs1 rs2, i = immediate; in texts also p = jump
 * target, u = upper immediate, n = fence set.  x0 is handled in get() and set().
 *
 * Jumps to an address that is not a multiple of 4 are possible only without
 * the C extension; they fault at the jump as an instruction address misaligned,
 * for which Linux sends SIGBUS with BUS_ADRALN.  Misaligned loads and stores work.
 */
#define FEATURE RV_I
#include "target/riscv/riscv.h"

#include <signal.h>

static void less(struct ir *t, const struct operands *o, enum ir_cc cc, ir_ref b)
{
	set(t, o->d, ir_setcc(t, cc, get(t, o->a), b));
}

/* clang-format off */
INSN(lui,   "iiiiiiiiiiiiiiiiiiii ddddd 0110111",     imm_u, "d, u")	{ set(t, o->d, ir_imm(t, o->imm)); }
INSN(auipc, "iiiiiiiiiiiiiiiiiiii ddddd 0010111",     imm_u, "d, u")	{ set(t, o->d, ir_imm(t, (i64)t->pc + o->imm)); }

INSN(jal,   "iiiiiiiiiiiiiiiiiiii ddddd 1101111",     imm_j, "d, p")	{ riscv_jump(t, o->d, o->imm); }
INSN(jalr,  "iiiiiiiiiiii aaaaa 000 ddddd 1100111",   imm_i, "d, i(a)")	{ riscv_jump_register(t, o->d, o->a, o->imm); }

INSN(beq,   "iiiiiii bbbbb aaaaa 000 iiiii 1100011",  imm_b, "a, b, p")	{ riscv_branch(t, CC_EQ, get(t, o->a), get(t, o->b), o->imm); }
INSN(bne,   "iiiiiii bbbbb aaaaa 001 iiiii 1100011",  imm_b, "a, b, p")	{ riscv_branch(t, CC_NE, get(t, o->a), get(t, o->b), o->imm); }
INSN(blt,   "iiiiiii bbbbb aaaaa 100 iiiii 1100011",  imm_b, "a, b, p")	{ riscv_branch(t, CC_LT, get(t, o->a), get(t, o->b), o->imm); }
INSN(bge,   "iiiiiii bbbbb aaaaa 101 iiiii 1100011",  imm_b, "a, b, p")	{ riscv_branch(t, CC_GE, get(t, o->a), get(t, o->b), o->imm); }
INSN(bltu,  "iiiiiii bbbbb aaaaa 110 iiiii 1100011",  imm_b, "a, b, p")	{ riscv_branch(t, CC_LTU, get(t, o->a), get(t, o->b), o->imm); }
INSN(bgeu,  "iiiiiii bbbbb aaaaa 111 iiiii 1100011",  imm_b, "a, b, p")	{ riscv_branch(t, CC_GEU, get(t, o->a), get(t, o->b), o->imm); }

INSN(lb,    "iiiiiiiiiiii aaaaa 000 ddddd 0000011",   imm_i, "d, i(a)")	{ set(t, o->d, load(t, o, IR_I64, MEM_S8)); }
INSN(lh,    "iiiiiiiiiiii aaaaa 001 ddddd 0000011",   imm_i, "d, i(a)")	{ set(t, o->d, load(t, o, IR_I64, MEM_S16)); }
INSN(lw,    "iiiiiiiiiiii aaaaa 010 ddddd 0000011",   imm_i, "d, i(a)")	{ set(t, o->d, load(t, o, IR_I64, MEM_S32)); }
INSN(ld,    "iiiiiiiiiiii aaaaa 011 ddddd 0000011",   imm_i, "d, i(a)")	{ set(t, o->d, load(t, o, IR_I64, MEM_64)); }
INSN(lbu,   "iiiiiiiiiiii aaaaa 100 ddddd 0000011",   imm_i, "d, i(a)")	{ set(t, o->d, load(t, o, IR_I64, MEM_8)); }
INSN(lhu,   "iiiiiiiiiiii aaaaa 101 ddddd 0000011",   imm_i, "d, i(a)")	{ set(t, o->d, load(t, o, IR_I64, MEM_16)); }
INSN(lwu,   "iiiiiiiiiiii aaaaa 110 ddddd 0000011",   imm_i, "d, i(a)")	{ set(t, o->d, load(t, o, IR_I64, MEM_32)); }
INSN(sb,    "iiiiiii bbbbb aaaaa 000 iiiii 0100011",  imm_s, "b, i(a)")	{ store(t, o, get(t, o->b), MEM_8); }
INSN(sh,    "iiiiiii bbbbb aaaaa 001 iiiii 0100011",  imm_s, "b, i(a)")	{ store(t, o, get(t, o->b), MEM_16); }
INSN(sw,    "iiiiiii bbbbb aaaaa 010 iiiii 0100011",  imm_s, "b, i(a)")	{ store(t, o, get(t, o->b), MEM_32); }
INSN(sd,    "iiiiiii bbbbb aaaaa 011 iiiii 0100011",  imm_s, "b, i(a)")	{ store(t, o, get(t, o->b), MEM_64); }

INSN(addi,  "iiiiiiiiiiii aaaaa 000 ddddd 0010011",   imm_i, "d, a, i")	{ set(t, o->d, ir_add(t, get(t, o->a), ir_imm(t, o->imm))); }
INSN(slti,  "iiiiiiiiiiii aaaaa 010 ddddd 0010011",   imm_i, "d, a, i")	{ less(t, o, CC_LT, ir_imm(t, o->imm)); }
INSN(sltiu, "iiiiiiiiiiii aaaaa 011 ddddd 0010011",   imm_i, "d, a, i")	{ less(t, o, CC_LTU, ir_imm(t, o->imm)); }
INSN(xori,  "iiiiiiiiiiii aaaaa 100 ddddd 0010011",   imm_i, "d, a, i")	{ set(t, o->d, ir_xor(t, get(t, o->a), ir_imm(t, o->imm))); }
INSN(ori,   "iiiiiiiiiiii aaaaa 110 ddddd 0010011",   imm_i, "d, a, i")	{ set(t, o->d, ir_or(t, get(t, o->a), ir_imm(t, o->imm))); }
INSN(andi,  "iiiiiiiiiiii aaaaa 111 ddddd 0010011",   imm_i, "d, a, i")	{ set(t, o->d, ir_and(t, get(t, o->a), ir_imm(t, o->imm))); }
INSN(slli,  "000000 iiiiii aaaaa 001 ddddd 0010011",  NULL,  "d, a, h")	{ set(t, o->d, ir_shl(t, get(t, o->a), ir_imm(t, o->imm))); }
INSN(srli,  "000000 iiiiii aaaaa 101 ddddd 0010011",  NULL,  "d, a, h")	{ set(t, o->d, ir_shr(t, get(t, o->a), ir_imm(t, o->imm))); }
INSN(srai,  "010000 iiiiii aaaaa 101 ddddd 0010011",  NULL,  "d, a, h")	{ set(t, o->d, ir_sar(t, get(t, o->a), ir_imm(t, o->imm))); }

INSN(add,   "0000000 bbbbb aaaaa 000 ddddd 0110011",  NULL,  "d, a, b")	{ set(t, o->d, ir_add(t, get(t, o->a), get(t, o->b))); }
INSN(sub,   "0100000 bbbbb aaaaa 000 ddddd 0110011",  NULL,  "d, a, b")	{ set(t, o->d, ir_sub(t, get(t, o->a), get(t, o->b))); }
INSN(sll,   "0000000 bbbbb aaaaa 001 ddddd 0110011",  NULL,  "d, a, b")	{ set(t, o->d, ir_shl(t, get(t, o->a), get(t, o->b))); }
INSN(slt,   "0000000 bbbbb aaaaa 010 ddddd 0110011",  NULL,  "d, a, b")	{ less(t, o, CC_LT, get(t, o->b)); }
INSN(sltu,  "0000000 bbbbb aaaaa 011 ddddd 0110011",  NULL,  "d, a, b")	{ less(t, o, CC_LTU, get(t, o->b)); }
INSN(xor,   "0000000 bbbbb aaaaa 100 ddddd 0110011",  NULL,  "d, a, b")	{ set(t, o->d, ir_xor(t, get(t, o->a), get(t, o->b))); }
INSN(srl,   "0000000 bbbbb aaaaa 101 ddddd 0110011",  NULL,  "d, a, b")	{ set(t, o->d, ir_shr(t, get(t, o->a), get(t, o->b))); }
INSN(sra,   "0100000 bbbbb aaaaa 101 ddddd 0110011",  NULL,  "d, a, b")	{ set(t, o->d, ir_sar(t, get(t, o->a), get(t, o->b))); }
INSN(or,    "0000000 bbbbb aaaaa 110 ddddd 0110011",  NULL,  "d, a, b")	{ set(t, o->d, ir_or(t, get(t, o->a), get(t, o->b))); }
INSN(and,   "0000000 bbbbb aaaaa 111 ddddd 0110011",  NULL,  "d, a, b")	{ set(t, o->d, ir_and(t, get(t, o->a), get(t, o->b))); }

INSN(addiw, "iiiiiiiiiiii aaaaa 000 ddddd 0011011",   imm_i, "d, a, i")	{ set32(t, o->d, ir_add(t, get32(t, o->a), imm32(t, o->imm))); }
INSN(slliw, "0000000 iiiii aaaaa 001 ddddd 0011011",  NULL,  "d, a, h")	{ set32(t, o->d, ir_shl(t, get32(t, o->a), imm32(t, o->imm))); }
INSN(srliw, "0000000 iiiii aaaaa 101 ddddd 0011011",  NULL,  "d, a, h")	{ set32(t, o->d, ir_shr(t, get32(t, o->a), imm32(t, o->imm))); }
INSN(sraiw, "0100000 iiiii aaaaa 101 ddddd 0011011",  NULL,  "d, a, h")	{ set32(t, o->d, ir_sar(t, get32(t, o->a), imm32(t, o->imm))); }
INSN(addw,  "0000000 bbbbb aaaaa 000 ddddd 0111011",  NULL,  "d, a, b")	{ set32(t, o->d, ir_add(t, get32(t, o->a), get32(t, o->b))); }
INSN(subw,  "0100000 bbbbb aaaaa 000 ddddd 0111011",  NULL,  "d, a, b")	{ set32(t, o->d, ir_sub(t, get32(t, o->a), get32(t, o->b))); }
INSN(sllw,  "0000000 bbbbb aaaaa 001 ddddd 0111011",  NULL,  "d, a, b")	{ set32(t, o->d, ir_shl(t, get32(t, o->a), get32(t, o->b))); }
INSN(srlw,  "0000000 bbbbb aaaaa 101 ddddd 0111011",  NULL,  "d, a, b")	{ set32(t, o->d, ir_shr(t, get32(t, o->a), get32(t, o->b))); }
INSN(sraw,  "0100000 bbbbb aaaaa 101 ddddd 0111011",  NULL,  "d, a, b")	{ set32(t, o->d, ir_sar(t, get32(t, o->a), get32(t, o->b))); }

INSN(ecall,  "000000000000 00000 000 00000 1110011",  NULL,  "")		{ ir_raise(t, EXIT_SYSCALL, t->pc); }
INSN(ebreak, "000000000001 00000 000 00000 1110011",  NULL,  "")		{ ir_raise(t, EXIT_BREAK, t->pc); }

/* Bits of a fence's sets are i o r w: a store before must be seen before a load after if w or o is in the
 * first and r or i in the second.  What is reserved (fm, rd, rs1) is to be ignored. */
INSN(fence,     ".... ssss xxxx ..... 000 ..... 0001111",      NULL, "s, x")	{ ir_fence(t, (o->s & 5) && (o->x & 10)); }
INSN(fence_tso, "1000 0011 0011 00000 000 00000 0001111",      NULL, "")	{ ir_fence(t, false); }
/* clang-format on */

/* a is the address that is not a multiple of 4. */
HELPER(riscv_misaligned_jump, HELPER_READS | HELPER_FAULTS)
{
	struct vcpu *cpu = vcpu;

	if (!(a & 2))
		return 0;
	cpu->fault_addr = a;
	cpu->fault_access = ACCESS_FETCH;
	cpu->fault_host_signal = SIGBUS;
	cpu->fault_host_code = BUS_ADRALN;
	vcpu_raise(cpu, EXIT_FAULT);
}

static void check_target(struct ir *t, ir_ref target)
{
	u64 v;

	if (!has(t, RV_C) && !(ir_is_const(t, target, &v) && !(v & 2)))
		ir_call(t, &helper_riscv_misaligned_jump, IR_I64, target, 0, 0);
}

void riscv_branch(struct ir *t, enum ir_cc cc, ir_ref a, ir_ref b, i64 offset)
{
	if (has(t, RV_C) || !(offset & 2)) {
		ir_branch(t, cc, a, b, t->pc + (u64)offset);
		return;
	}
	ir_branch(t, cc ^ 1, a, b, t->next_pc);
	if (t->ended)
		return;
	check_target(t, ir_imm(t, (i64)t->pc + offset));
	ir_goto(t, t->next_pc);	/* never reached */
}

void riscv_jump(struct ir *t, u32 d, i64 offset)
{
	u64 target = t->pc + (u64)offset;

	check_target(t, ir_imm(t, (i64)target));
	set(t, d, ir_imm(t, (i64)t->next_pc));
	ir_goto(t, target);
}

/* The standard's hints: x1 and x5 are link registers. */
static enum ir_jump jump_hint(u32 d, u32 a)
{
	bool link_d = d == 1 || d == 5, link_a = a == 1 || a == 5;

	if (link_d)
		return JUMP_CALL;
	return link_a ? JUMP_RET : JUMP_PLAIN;
}

void riscv_jump_register(struct ir *t, u32 d, u32 a, i64 offset)
{
	ir_ref target = ir_and(t, ir_add(t, get(t, a), ir_imm(t, offset)), ir_imm(t, -2));
	u64 v;

	check_target(t, target);
	set(t, d, ir_imm(t, (i64)t->next_pc));
	/* A goto backwards may be left at its exit check and this instruction be run again: not after it has
	 * changed its own operand. */
	if (ir_is_const(t, target, &v) && (i64)(v - t->start) == (i32)(v - t->start) && (d != a || v > t->pc))
		ir_goto(t, v);
	else
		ir_jump(t, target, jump_hint(d, a));
}
