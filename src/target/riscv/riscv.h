/* RISC-V guests: state, extensions, and the vocabulary of the instruction files.
 *
 * Private to target/riscv.  An instruction file defines FEATURE before it
 * includes this.  Registers are I64 slots 1..31 (x1..x31) and F64 slots
 * 32..63 (f0..f31, FLEN = 64, singles NaN-boxed); x0 is handled in get() and
 * set().  frm is part of the mode key, so in a block it is a constant.
 */
#ifndef TARGET_RISCV_RISCV_H
#define TARGET_RISCV_RISCV_H

#define ISA riscv

#include "cpu/target.h"
#include "ir/ir.h"
#include "target/insn.h"

/* At vcpu->state.  x first: they get one-byte displacements. */
struct riscv_state {
	u64 x[32];		/* x[0] stays 0 */
	u64 f[32];
	u64 frm;		/* 0..7; fflags are with the vCPU: vcpu_fp_flags() */
};
_Static_assert(sizeof(struct riscv_state) <= VCPU_STATE_MAX, "state fits");

static inline struct riscv_state *riscv_state(struct vcpu *cpu)
{
	return (struct riscv_state *)cpu->state;
}

static inline const struct riscv_state *riscv_state_const(const struct vcpu *cpu)
{
	return (const struct riscv_state *)cpu->state;
}

enum { REG_ZERO, REG_RA, REG_SP, REG_GP, REG_TP, REG_T0, REG_A0 = 10, REG_A7 = 17 };
enum { SLOT_F0 = 32, SLOT_FRM = 64, SLOT_COUNT };

/* Extensions, bits of FEATURE and struct riscv_model. */
enum {
	RV_I = 1 << 0,
	RV_M = 1 << 1,
	RV_A = 1 << 2,
	RV_F = 1 << 3,
	RV_D = 1 << 4,
	RV_C = 1 << 5,
	RV_ZICSR = 1 << 6,
	RV_ZIFENCEI = 1 << 7,
	RV_ZICNTR = 1 << 8,
	RV_ZBA = 1 << 9,
	RV_ZBB = 1 << 10,
	RV_ZBC = 1 << 11,
	RV_ZBS = 1 << 12,
	RV_ZICOND = 1 << 13,
	RV_ZFHMIN = 1 << 14,
	RV_ZAWRS = 1 << 15,
	RV_ZIHINTPAUSE = 1 << 16,
	RV_ZIHINTNTL = 1 << 17,
	RV_ZICBOZ = 1 << 18,
	RV_ZICBOM = 1 << 19,
	RV_ZICBOP = 1 << 20,
};

/* A CPU's features: vcpu->cpu_model and ir->cpu; part of the CPU object (model.c). */
struct riscv_model {
	u64 features;
};

enum { RISCV_CBO_BYTES = 64 };	/* cache block of Zicboz and Zicbom */

/* "rv64imafdc_zicsr_..." as /proc/cpuinfo shows it. */
void riscv_isa_string(const struct riscv_model *m, struct str *s);
extern const char *const riscv_x_names[32], *const riscv_f_names[32];
const char *riscv_csr_name(u32 csr);	/* NULL: not one of ours */
extern const struct insn_set riscv_insns;
extern const struct target target_riscv64;
extern const struct linux_abi riscv64_linux_abi;	/* linux.c */

/* ---- what instruction bodies are written with ---- */

static inline ir_ref get(struct ir *t, u32 r)
{
	return r ? ir_get(t, r) : ir_imm(t, 0);
}

static inline void set(struct ir *t, u32 r, ir_ref v)
{
	if (r)
		ir_put(t, r, v);
}

/* The low word; and a word, its sign copied upwards. */
static inline ir_ref get32(struct ir *t, u32 r)
{
	return r ? ir_trunc(t, ir_get(t, r)) : ir_const(t, IR_I32, 0);
}

static inline void set32(struct ir *t, u32 r, ir_ref v)
{
	if (r)
		ir_put(t, r, ir_sext(t, v, 32));
}

static inline ir_ref getd(struct ir *t, u32 r)
{
	return ir_get(t, SLOT_F0 + r);
}

static inline void setd(struct ir *t, u32 r, ir_ref v)
{
	ir_put(t, SLOT_F0 + r, v);
}

static inline ir_ref getf(struct ir *t, u32 r)
{
	return ir_unbox(t, ir_get(t, SLOT_F0 + r));
}

static inline void setf(struct ir *t, u32 r, ir_ref v)
{
	ir_put(t, SLOT_F0 + r, ir_box(t, v));
}

static inline ir_ref imm32(struct ir *t, i64 v)
{
	return ir_const(t, IR_I32, (u32)v);
}

/* Memory at a + i. */
static inline ir_ref load(struct ir *t, const struct operands *o, enum ir_type type, u32 mem)
{
	return ir_load_at(t, type, get(t, o->a), o->imm, mem);
}

static inline void store(struct ir *t, const struct operands *o, ir_ref value, u32 mem)
{
	ir_store_at(t, get(t, o->a), o->imm, value, mem);
}

static inline bool has(const struct ir *t, u64 features)
{
	return !(features & ~((const struct riscv_model *)t->cpu)->features);
}

static inline void illegal(struct ir *t)
{
	ir_raise(t, EXIT_ILLEGAL, t->pc);
}

/* Jumps, shared by I and C (rv_i.c). */
void riscv_branch(struct ir *t, enum ir_cc cc, ir_ref a, ir_ref b, i64 offset);
void riscv_jump(struct ir *t, u32 d, i64 offset);
void riscv_jump_register(struct ir *t, u32 d, u32 a, i64 offset);

/* A line that only says that these encodings are taken. */
#define RESERVED(insn_name, insn_pattern) INSN(insn_name, insn_pattern, NULL, NULL) { illegal(t); }

/* Immediates of the 32-bit formats. */
static inline i64 imm_i(u32 w) { return (i32)w >> 20; }
static inline i64 imm_s(u32 w) { return ((i32)w >> 25) * 32 + (i64)(w >> 7 & 31); }
static inline i64 imm_u(u32 w) { return (i32)(w & 0xfffff000u); }
static inline i64 imm_b(u32 w)
{
	return ((i32)w >> 31) * 4096ll + (i64)((w >> 7 & 1) << 11 | (w >> 25 & 63) << 5 | (w >> 8 & 15) << 1);
}
static inline i64 imm_j(u32 w)
{
	return ((i32)w >> 31) * 0x100000ll +
	       (i64)((w >> 12 & 255) << 12 | (w >> 20 & 1) << 11 | (w >> 21 & 1023) << 1);
}

#endif
