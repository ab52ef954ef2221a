/* The intermediate representation, and the builder that targets write it with.
 *
 * One guest block becomes one `struct ir`: a linear array of 16-byte
 * instructions.  A value is named by the index of the instruction that made it
 * (ir_ref; 0 = none).  Guest registers are numbered slots (struct ir_slot);
 * a block has one entry, falls through conditional side exits (EXIT_IF) and
 * ends with GOTO, JUMP or RAISE.  ops.def lists the operations.
 *
 * Interface:
 * - Targets call ir_* builder functions between ir_insn marks.  The builder
 *   folds constants, forwards a slot's last value to later GETs, and drops a
 *   PUT that is overwritten with no FAULTS, EFFECT or exit operation between
 *   (so slots are exact wherever the guest can look).
 * - IR pcs are 32-bit signed offsets from the block's start, never addresses.
 * - The IR knows no guest and no host.  Memory operations carry width, sign and
 *   byte order; guest addresses are I64.
 * - One thread owns a struct ir; ir_reset reuses its memory.
 */
#ifndef IR_IR_H
#define IR_IR_H

#include "base/base.h"
#include "fp/fp.h"

typedef u16 ir_ref;

enum ir_type { IR_NONE, IR_I32, IR_I64, IR_F32, IR_F64, IR_FLAGS, IR_V128, IR_TYPE_MAX };

enum ir_op {
#define OP(name, text, sig, flags) IR_##name,
#include "ir/ops.def"
#undef OP
	IR_OP_MAX
};

enum { IR_FAULTS = 1, IR_EFFECT = 2, IR_FP = 4, IR_END = 8 };

struct ir_opinfo {
	const char *text, *sig;
	u8 flags;
};
extern const struct ir_opinfo ir_opinfo[IR_OP_MAX];

/* Integer conditions; x ^ 1 is the inverse. */
enum ir_cc { CC_EQ, CC_NE, CC_LT, CC_GE, CC_LE, CC_GT, CC_LTU, CC_GEU, CC_LEU, CC_GTU, CC_MAX };

/* Conditions on FLAGS, Arm's numbers; x ^ 1 is the inverse.  AL is for targets: no operation has it. */
enum ir_fcc {
	FCC_EQ, FCC_NE, FCC_CS, FCC_CC, FCC_MI, FCC_PL, FCC_VS, FCC_VC, FCC_HI, FCC_LS, FCC_GE, FCC_LT, FCC_GT, FCC_LE,
	FCC_AL
};

/* A FLAGS slot is a u64 of which these bits count; the others may be anything (lahf; seto al). */
enum { FLAGS_N = 1 << 15, FLAGS_Z = 1 << 14, FLAGS_BORROW = 1 << 8, FLAGS_V = 1 << 0 };	/* C = !BORROW */
/* From and to N Z C V in bits 3..0. */
static inline u64 ir_flags(u32 nzcv)
{
	return (nzcv & 8 ? FLAGS_N : 0) | (nzcv & 4 ? FLAGS_Z : 0) | (nzcv & 2 ? 0 : FLAGS_BORROW) | (nzcv & 1);
}

static inline u32 ir_nzcv(u64 flags)
{
	return (flags & FLAGS_N ? 8 : 0) | (flags & FLAGS_Z ? 4 : 0) | (flags & FLAGS_BORROW ? 0 : 2) | (flags & 1);
}

enum ir_flags_in { FLAGS_IN_NONE, FLAGS_IN_LIVE, FLAGS_IN_DEAD };	/* nothing yet; needs them; overwrites them */

/* Memory access in aux: log2 of the size, sign extension, byte order. */
enum ir_mem {
	MEM_8, MEM_16, MEM_32, MEM_64,
	MEM_SIZE = 3,		/* mask of log2 size */
	MEM_SIGNED = 4,		/* loads to I64: copy the sign upwards */
	MEM_BE = 8,		/* big-endian guest access */
	MEM_ALIGNED = 16,	/* atomics: misaligned address faults */
	MEM_S8 = MEM_8 | MEM_SIGNED, MEM_S16 = MEM_16 | MEM_SIGNED, MEM_S32 = MEM_32 | MEM_SIGNED,
};

enum ir_amo { AMO_SWAP, AMO_ADD, AMO_AND, AMO_OR, AMO_XOR, AMO_MINS, AMO_MAXS, AMO_MINU, AMO_MAXU, AMO_MAX };
enum ir_div {
	DIV_RISCV,		/* x/0 = -1, x%0 = x, MIN/-1 = MIN, MIN%-1 = 0 */
	DIV_ARM,		/* x/0 = 0, MIN/-1 = MIN; no remainders */
};
enum ir_fcmp { FCMP_EQ, FCMP_LT, FCMP_LE };	/* EQ is always quiet; LT, LE signal on any NaN unless d & FCMP_QUIET */
enum { FCMP_QUIET = 1, FCMP_SILENT = 2 };	/* SILENT: raises nothing, not even for a signalling NaN */
enum ir_sgn { SGN_COPY, SGN_NEG, SGN_XOR };	/* sign of b, its opposite, sign a ^ sign b */
enum ir_jump { JUMP_PLAIN, JUMP_CALL, JUMP_RET };
enum { FMA_NEG_PRODUCT = 1, FMA_NEG_ADDEND = 2 };
enum { CCMP_ADD = 16 };
enum { VW_SIGNED = 1, VW_HIGH = 2 };
enum { VF_LOW = 4, VF_UNSIGNED = 8 };
enum { LANE_8, LANE_16, LANE_32, LANE_64 };

struct ir_ins {
	u8 op, type, aux, d;
	ir_ref a, b, c;
	union {			/* by ir_count_uses: */
		struct {
			u16 uses : 15;	/* number of operands naming it */
			u16 wide : 1;	/* somebody needs more than its low 32 bits */
		};
		u16 used;	/* both */
	};
	u32 imm;
};

/* One piece of guest state.  Slot 0 is not used. */
struct ir_slot {
	const char *name;
	u16 offset;		/* bytes from the start of struct vcpu */
	u8 type;		/* enum ir_type: I64, F64, FLAGS (8 bytes) or V128 */
};

/* A C function that IR may call: R fn(struct vcpu *, a, b, c), all u64.
 * HELPER_READS/WRITES: looks at or changes slots (the caller commits homes
 * before and reloads after); HELPER_FAULTS: may call vcpu_raise().
 * Made by HELPER() below; its number is its place in the section. */
struct ir_helper {
	u64 (*fn)(void *vcpu, u64 a, u64 b, u64 c);
	const char *name;
	u32 flags;
};
enum { HELPER_PURE = 0, HELPER_READS = 1, HELPER_WRITES = 2, HELPER_FAULTS = 4 };
#define HELPER(name, effects)                                                          \
	static u64 name(void *vcpu, u64 a, u64 b, u64 c);                              \
	static const struct ir_helper helper_##name                                    \
		__attribute__((used, section("mimus_helpers"), aligned(8))) = {        \
			name, #name, effects };                                        \
	static u64 name(void *vcpu UNUSED, u64 a UNUSED, u64 b UNUSED, u64 c UNUSED)

/* A vector, in host memory as in a slot. */
union ir_vec {
	u8 b[16];
	u16 h[8];
	u32 w[4];
	u64 d[2];
} __attribute__((aligned(16)));

/* A C function that VCALL may call: result to *d, which may be an operand; imm is the 16-bit constant of the call.
 * It may or FP_* into the vCPU's fp_flags and look at its fp_env, but sees and changes no slot.  Its floating point is
 * fp/'s: it runs under the guest's MXCSR. */
struct ir_vhelper {
	void (*fn)(void *vcpu, union ir_vec *d, const union ir_vec *a, const union ir_vec *b, const union ir_vec *c,
		   u32 imm);
	const char *name;
};
#define VHELPER(name)                                                                         \
	static void name(void *vcpu, union ir_vec *d, const union ir_vec *a, const union ir_vec *b,   \
			 const union ir_vec *c, u32 imm);                                     \
	static const struct ir_vhelper vhelper_##name                                         \
		__attribute__((used, section("mimus_vhelpers"), aligned(8))) = { name, #name };       \
	static void name(void *vcpu UNUSED, union ir_vec *d, const union ir_vec *a UNUSED,    \
			 const union ir_vec *b UNUSED, const union ir_vec *c UNUSED, u32 imm UNUSED)
const struct ir_vhelper *ir_vhelper(u32 number);

const struct ir_helper *ir_helper(u32 number);
u32 ir_helper_number(const struct ir_helper *h);

enum { IR_SLOTS_MAX = 256, IR_INS_MAX = 4096, IR_KONST_MAX = 2048 };

struct ir {
	/* set by ir_begin */
	const struct ir_slot *slots;
	u32 slot_count;
	const struct fp_rules *fp;
	u64 start;		/* guest pc of the block */
	u32 mode;		/* target's mode key */
	const void *cpu;	/* target's own: features of the CPU model */
	u8 fp_rm;		/* rounding mode in force in this block (enum fp_rm) */
	u64 va_mask;		/* not 0: bits of addresses that count */
	u8 fp_env;		/* FP_ENV_*: NaN and denormal modes in force in this block (fp.h) */

	/* where the builder is */
	u64 pc, next_pc;	/* current guest instruction, set by ir_insn */
	u32 mark;		/* index of its PC instruction */
	u32 insns;		/* guest instructions so far */
	u32 side_exits;		/* EXIT_IFs so far */
	bool ended;
	bool counted;		/* uses are filled: clear them before counting again */

	/* the code */
	struct ir_ins *ins;	/* [0] is a NOP, so that ref 0 means none */
	u32 n;
	u64 *konst;
	u32 konst_count;

	/* builder's knowledge of slots */
	ir_ref cur[IR_SLOTS_MAX];	/* value the slot holds, 0 = unknown (always so when plain) */
	ir_ref last_put[IR_SLOTS_MAX];	/* PUT that may still be dropped */
	u32 last_barrier;	/* index of the last FAULTS, EFFECT or exit op */
	u32 last_exit;		/* the last one at which FLAGS slots must be exact: not an access to memory */
	u32 flags_fault;	/* first access to memory since the last PUT of a FLAGS slot, 0 = none */
	bool flags_late;	/* and flags were used after it */
	u8 flags_in;		/* enum ir_flags_in: what this block does first to a FLAGS slot */
	ir_ref fflags_get;	/* FFLAGS_GET with nothing since that touches flags but LT and LE; 0 = none */
	bool plain;		/* tests, set after ir_begin: no folding, forwarding or dropping */
	ir_ref const_ref[256];	/* by hash of type and value: perhaps its CONST, perhaps left from another block */
};

/* Memory for one; panics when out of memory. */
struct ir *ir_new(void);
void ir_free(struct ir *t);

/* Start a block.  cpu is handed to the target untouched. */
void ir_begin(struct ir *t, const struct ir_slot *slots, u32 slot_count, const struct fp_rules *fp,
	      u64 start, u32 mode, const void *cpu);
/* Start a guest instruction of len bytes at pc. */
void ir_insn(struct ir *t, u64 pc, u32 len);
/* True when the block should stop taking instructions (arrays nearly full). */
static inline bool ir_full(const struct ir *t)
{
	enum { INSN_ROOM = 128 };	/* IR instructions left free for one guest instruction */

	return t->n + INSN_ROOM > IR_INS_MAX || t->konst_count + INSN_ROOM > IR_KONST_MAX;
}

/* Values.  Operands of one call share one type unless said otherwise. */
ir_ref ir_const(struct ir *t, enum ir_type type, u64 v);	/* konst[] keeps I32 and F32 zero-extended */
static inline ir_ref ir_imm(struct ir *t, i64 v) { return ir_const(t, IR_I64, (u64)v); }
static inline bool ir_is_const(const struct ir *t, ir_ref v, u64 *ret_v)
{
	if (t->ins[v].op != IR_CONST)
		return false;
	*ret_v = t->konst[t->ins[v].imm];
	return true;
}

ir_ref ir_get_unknown(struct ir *t, u32 slot);	/* a slot whose value the block does not know */
static inline ir_ref ir_get(struct ir *t, u32 slot)
{
	ir_ref r;

	assert(slot < IR_SLOTS_MAX);
	r = t->cur[slot];
	return r ? r : ir_get_unknown(t, slot);
}
void ir_put(struct ir *t, u32 slot, ir_ref v);

ir_ref ir_un(struct ir *t, enum ir_op op, ir_ref a);			/* NEG NOT BSWAP CLZ CTZ POPC ORCB BITREV */
ir_ref ir_bin(struct ir *t, enum ir_op op, ir_ref a, ir_ref b);		/* ADD .. MAXU, divisions by DIV_RISCV */
#define IR_BIN(fn, op) \
	static inline ir_ref fn(struct ir *t, ir_ref a, ir_ref b) { return ir_bin(t, op, a, b); }
IR_BIN(ir_add, IR_ADD)
IR_BIN(ir_sub, IR_SUB)
IR_BIN(ir_mul, IR_MUL)
IR_BIN(ir_and, IR_AND)
IR_BIN(ir_or, IR_OR)
IR_BIN(ir_xor, IR_XOR)
IR_BIN(ir_shl, IR_SHL)
IR_BIN(ir_shr, IR_SHR)
IR_BIN(ir_sar, IR_SAR)
ir_ref ir_div(struct ir *t, enum ir_op op, ir_ref a, ir_ref b, enum ir_div rule);
ir_ref ir_extr(struct ir *t, ir_ref high, ir_ref low, u32 lsb);
ir_ref ir_sext(struct ir *t, ir_ref a, u32 bits);	/* to I64 from I32 or I64 */
ir_ref ir_zext(struct ir *t, ir_ref a, u32 bits);
ir_ref ir_trunc(struct ir *t, ir_ref a);		/* I64 to I32 */
ir_ref ir_setcc(struct ir *t, enum ir_cc cc, ir_ref a, ir_ref b);
ir_ref ir_select(struct ir *t, ir_ref cond, ir_ref a, ir_ref b);

/* Condition flags. */
ir_ref ir_flags_of(struct ir *t, enum ir_op op, ir_ref a, ir_ref b);	/* FLADD FLSUB FLAND */
ir_ref ir_flags_carry(struct ir *t, enum ir_op op, ir_ref a, ir_ref b, ir_ref flags);	/* FLADC FLSBC */
ir_ref ir_adc(struct ir *t, enum ir_op op, ir_ref a, ir_ref b, ir_ref flags);		/* ADC SBC */
/* nzcv: the flags if cc does not hold; add: of a + b rather than a - b */
ir_ref ir_ccmp(struct ir *t, enum ir_fcc cc, ir_ref flags, ir_ref a, ir_ref b, u32 nzcv, bool add);
ir_ref ir_flags_fcmp(struct ir *t, ir_ref a, ir_ref b, bool quiet);
ir_ref ir_flags_set(struct ir *t, ir_ref nzcv);			/* I64, bits 3..0 */
ir_ref ir_flags_get(struct ir *t, ir_ref flags);
ir_ref ir_setf(struct ir *t, enum ir_fcc cc, ir_ref flags);		/* I64: 1 or 0 */
ir_ref ir_self(struct ir *t, enum ir_fcc cc, ir_ref flags, ir_ref a, ir_ref b);
void ir_branch_flags(struct ir *t, enum ir_fcc cc, ir_ref flags, u64 target);

/* Guest memory.  type: I64, or F32/F64 with MEM_32/MEM_64. */
ir_ref ir_load(struct ir *t, enum ir_type type, ir_ref addr, u32 mem);
void ir_store(struct ir *t, ir_ref addr, ir_ref value, u32 mem);
/* The same at base + disp. */
ir_ref ir_load_at(struct ir *t, enum ir_type type, ir_ref base, i64 disp, u32 mem);
void ir_store_at(struct ir *t, ir_ref base, i64 disp, ir_ref value, u32 mem);
ir_ref ir_amo(struct ir *t, enum ir_amo kind, ir_ref addr, ir_ref value, u32 mem);
ir_ref ir_ll(struct ir *t, ir_ref addr, u32 mem);
ir_ref ir_sc(struct ir *t, ir_ref addr, ir_ref value, u32 mem);
ir_ref ir_cas(struct ir *t, ir_ref addr, ir_ref expected, ir_ref value, u32 mem);
void ir_fence(struct ir *t, bool store_load);
/* 16 bytes */
ir_ref ir_vload_at(struct ir *t, ir_ref base, i64 disp);
void ir_vstore_at(struct ir *t, ir_ref base, i64 disp, ir_ref value);

/* Floating point.  rm: enum fp_rm, already resolved by the target. */
ir_ref ir_fbin(struct ir *t, enum ir_op op, ir_ref a, ir_ref b, u32 rm);	/* FADD .. FDIV, FMIN .. FMAXNM */
ir_ref ir_fsqrt(struct ir *t, ir_ref a, u32 rm);
ir_ref ir_frint(struct ir *t, ir_ref a, u32 rm, bool exact);
ir_ref ir_fma(struct ir *t, ir_ref a, ir_ref b, ir_ref c, u32 rm, u32 neg);
ir_ref ir_fcmp(struct ir *t, enum ir_fcmp how, ir_ref a, ir_ref b, bool quiet);
ir_ref ir_fcvt(struct ir *t, enum ir_type to, ir_ref a, u32 rm);
ir_ref ir_ftoi(struct ir *t, enum ir_type to, ir_ref a, u32 rm, bool is_unsigned);
ir_ref ir_itof(struct ir *t, enum ir_type to, ir_ref a, u32 rm, bool is_unsigned);
ir_ref ir_fclass(struct ir *t, ir_ref a);
ir_ref ir_fsgn(struct ir *t, enum ir_sgn how, ir_ref a, ir_ref b);
ir_ref ir_bitcast(struct ir *t, enum ir_type to, ir_ref a);

/* Vectors.  lane: LANE_8 .. LANE_64.  The general forms take any operation of their shape in ops.def. */
ir_ref ir_vzext(struct ir *t, ir_ref scalar);
ir_ref ir_vlow(struct ir *t, enum ir_type type, ir_ref a);
ir_ref ir_vdup(struct ir *t, u32 lane, ir_ref scalar);
ir_ref ir_vget(struct ir *t, u32 lane, ir_ref a, u32 index, bool is_signed);
ir_ref ir_vset(struct ir *t, u32 lane, ir_ref a, u32 index, ir_ref scalar);
ir_ref ir_vins(struct ir *t, u32 lane, ir_ref a, u32 index, ir_ref b, u32 index_b);
ir_ref ir_vun(struct ir *t, enum ir_op op, u32 lane, ir_ref a, u32 d);		/* "v:v" */
ir_ref ir_vbin(struct ir *t, enum ir_op op, u32 lane, ir_ref a, ir_ref b, u32 d);	/* "v:vv" */
ir_ref ir_vbsl(struct ir *t, ir_ref mask, ir_ref a, ir_ref b);
/* Floating point by lane: rm is enum fp_rm, of VFCMP enum ir_fcmp. */
ir_ref ir_vfp(struct ir *t, enum ir_op op, u32 lane, ir_ref a, ir_ref b, ir_ref c, u32 rm, u32 d);
ir_ref ir_vcall(struct ir *t, const struct ir_vhelper *h, ir_ref a, ir_ref b, ir_ref c, u32 imm);

ir_ref ir_box(struct ir *t, ir_ref a);
ir_ref ir_unbox(struct ir *t, ir_ref a);
ir_ref ir_fflags_get(struct ir *t);
void ir_fflags_set(struct ir *t, ir_ref v);

/* Control.  A branch or jump to a target at or before the current instruction
 * gets a KICK before it, so that no guest loop escapes exit requests; since a
 * KICK starts the instruction anew, what it PUT before must bear repetition.
 * A branch that is always taken ends the block; ir_goto, ir_jump and ir_raise
 * of an ended block do nothing. */
ir_ref ir_call(struct ir *t, const struct ir_helper *h, enum ir_type ret, ir_ref a, ir_ref b, ir_ref c);
void ir_branch(struct ir *t, enum ir_cc cc, ir_ref a, ir_ref b, u64 target);
void ir_goto(struct ir *t, u64 target);
void ir_jump(struct ir *t, ir_ref target, enum ir_jump hint);
void ir_raise(struct ir *t, u32 exit, u64 pc);

/* Backward pass: fill uses and wide, turn dead pure instructions into NOP. */
void ir_count_uses(struct ir *t);

/* The same for translators, which also narrows: operations of which only the low 32 bits matter
 * become I32, sign extensions that nobody needs become TRUNC, shift pairs become rotates.  From
 * here on an I32 operation may name an I64 value and means its low half, so ir_verify does not take
 * the result (the interpreter does). */
void ir_narrow(struct ir *t);

/* NULL if well-formed, else what is wrong with which instruction (static text per thread). */
const char *ir_verify(const struct ir *t);

/* Text form, one instruction a line; ir_parse reads it back (tests).  buf gets at most len bytes with NUL. */
void ir_print(const struct ir *t, char *buf, size_t len);
struct error;
int ir_parse(struct ir *t, const char *text, struct error *err);

/* What vector operations compute (vec.c), for translators' slow paths. */
struct ir_vec_operands { const union ir_vec *a, *b, *c; };
/* Result of a vector operation but moves to and from scalars, calls and memory: scalars are in d[0].  s: rounding and
 * environment of operations in floating point; takes their flags. */
union ir_vec ir_eval_vec(const struct ir_ins *i, const struct ir_vec_operands *v, struct fp_status *s);
u64 ir_bitrev(u64 v);

/* ---- the reference interpreter ---- */

/* What it needs from outside.  load/store/amo return false on a guest fault. */
struct ir_machine {
	bool (*load)(void *env, u64 va, u32 mem, u64 *ret_v);	/* zero-extended, host order */
	bool (*store)(void *env, u64 va, u32 mem, u64 v);
	bool (*amo)(void *env, enum ir_amo kind, u64 va, u32 mem, u64 v, u64 *ret_old);
	bool (*cas)(void *env, u64 va, u32 mem, u64 expected, u64 v, u64 *ret_old);	/* all zero-extended */
	bool (*vload)(void *env, u64 va, union ir_vec *ret_v);
	bool (*vstore)(void *env, u64 va, const union ir_vec *v);
	bool (*kicked)(void *env);	/* exit requested? */
	u32 fp_flags_offset;		/* u8 in env: sticky flags */
	u32 excl_addr_offset, excl_val_offset;	/* u64 in env: LL/SC reservation; address -1 = none */
	u32 pc_offset;			/* u64 in env: gets the guest pc before a helper is called */
};
enum ir_stop { STOP_GOTO, STOP_JUMP, STOP_RAISE, STOP_KICK, STOP_FAULT };

/* Run one block on env (a struct vcpu).  Slots are read and written in env.
 * *ret_pc: where to go on; for KICK and FAULT the current guest instruction.
 * *ret_aux: RAISE's exit number or JUMP's hint.  A helper that raises does not return. */
enum ir_stop ir_interp(const struct ir *t, const struct ir_machine *m, void *env, u64 *ret_pc, u32 *ret_aux);

#endif
