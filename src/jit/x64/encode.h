/* Encoding of x86-64 instructions into a byte cursor.
 *
 * Interface: each e_* function appends one instruction at *p.  Registers are
 * 0..15 in the manual's numbering; `w` is 1 for 64-bit operands, 0 for 32.
 * A memory operand is base + index * 2^scale + disp (base or index may be
 * NO_REG).  Nothing is checked for room: the caller leaves slack.
 * Spec: Intel SDM vol. 2, chapters 2 (formats, VEX, EVEX) and 3 to 5.
 */
#ifndef JIT_X64_ENCODE_H
#define JIT_X64_ENCODE_H

#include "base/base.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15, NO_REG = 0xff };

/* Condition codes of jcc, setcc, cmovcc. */
enum { J_O, J_NO, J_B, J_AE, J_E, J_NE, J_BE, J_A, J_S, J_NS, J_P, J_NP, J_L, J_GE, J_LE, J_G };

/* The /n of group-1 arithmetic; the register forms are n * 8 + 3. */
enum { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };
/* The /n of shifts. */
enum { SH_ROL = 0, SH_ROR = 1, SH_SHL = 4, SH_SHR = 5, SH_SAR = 7 };
/* VEX maps and mandatory prefixes. */
enum { MAP_0F = 1, MAP_0F38 = 2, MAP_0F3A = 3 };
enum { PP_NONE, PP_66, PP_F3, PP_F2 };

struct mem {
	u8 base, index, scale;
	i32 disp;
};

static inline void e8(u8 **p, u32 v) { *(*p)++ = (u8)v; }
static inline void e32(u8 **p, u32 v) { memcpy(*p, &v, 4); *p += 4; }
static inline void e64(u8 **p, u64 v) { memcpy(*p, &v, 8); *p += 8; }

/* Bytes go through a cursor of the function's own, kept in a register: a store through *p may change p itself for
 * all that the compiler knows.  What may be left out is written all the same, and the next byte goes over it. */
static inline u8 *e_opcode(u8 *q, u32 prefix, u32 rex, bool need_rex, u32 op)
{
	*q = (u8)prefix;
	q += prefix != 0;
	*q = (u8)rex;
	q += need_rex;
	*q = (u8)(op >> 16);
	q += op > 0xffff;
	*q = (u8)(op >> 8);
	q += op > 0xff;
	*q++ = (u8)op;
	return q;
}

/* Legacy forms: op is 1 to 3 opcode bytes (0x0faf), prefix 0 or a mandatory prefix.
 * `byte_reg`: reg is an 8-bit register (needs REX for spl..dil). */
static inline void e_rr(u8 **p, u32 prefix, u32 w, u32 op, u32 reg, u32 rm, bool byte_reg)
{
	u32 rex = 0x40 | w << 3 | (reg >> 3) << 2 | rm >> 3;
	u8 *q = e_opcode(*p, prefix, rex, rex != 0x40 || (byte_reg && (reg >= 4 || rm >= 4)), op);

	*q++ = (u8)(0xc0 | (reg & 7) << 3 | (rm & 7));
	*p = q;
}
void e_rm(u8 **p, u32 prefix, u32 w, u32 op, u32 reg, struct mem m, bool byte_reg);
/* VEX forms (L = 0). */
void e_vrr(u8 **p, u32 map, u32 pp, u32 w, u32 op, u32 reg, u32 v, u32 rm);
void e_vrm(u8 **p, u32 map, u32 pp, u32 w, u32 op, u32 reg, u32 v, struct mem m);
/* EVEX register form, LL = 0, no masking (conversions between unsigned integers and floats). */
void e_evex_rr(u8 **p, u32 map, u32 pp, u32 w, u32 op, u32 reg, u32 v, u32 rm);

void e_mov_rr(u8 **p, u32 d, u32 s);			/* 64-bit; nothing when equal */
void e_mov_ri(u8 **p, u32 d, u64 v);			/* shortest; leaves flags alone */
void e_alu_ri(u8 **p, u32 w, u32 n, u32 rm, i32 v);	/* n: ALU_* */
void e_alu_mi(u8 **p, u32 w, u32 n, struct mem m, i32 v);
void e_shift_ri(u8 **p, u32 w, u32 n, u32 rm, u32 count);
u8 *e_jcc(u8 **p, u32 cc);				/* rel32 left open: returns its place */
u8 *e_jmp(u8 **p);
u8 *e_call(u8 **p);

#endif
