/* RISC-V CSR instructions (Zicsr), the floating-point CSRs and the counters
 * (Zicntr): unprivileged spec 20191213, ch. 9, 10 and 11.2.
 *
 * frm is in the mode key: reading it is a constant, and writing another value
 * ends the block with EXIT_MODE; where the value is not known before, the
 * block goes on to the next one by a plain link if it turns out unchanged.
 * cycle and instret count nanoseconds of CLOCK_MONOTONIC, time counts them at
 * 10 MHz: what a guest may rely on is that they do not go backwards.
 * Letters: i = CSR number, a = rs1 or the immediate; in texts r = CSR, z = immediate.
 */
#define FEATURE RV_ZICSR
#include "target/riscv/riscv.h"

#include <time.h>

enum { CSR_FFLAGS = 1, CSR_FRM = 2, CSR_FCSR = 3, CSR_CYCLE = 0xc00, CSR_TIME = 0xc01, CSR_INSTRET = 0xc02 };

static const struct {
	u16 number;
	const char *name;
	u64 feature;
} csrs[] = {
	{ CSR_FFLAGS, "fflags", RV_F }, { CSR_FRM, "frm", RV_F }, { CSR_FCSR, "fcsr", RV_F },
	{ CSR_CYCLE, "cycle", RV_ZICNTR }, { CSR_TIME, "time", RV_ZICNTR }, { CSR_INSTRET, "instret", RV_ZICNTR },
};

const char *riscv_csr_name(u32 csr)
{
	for (u32 i = 0; i < ARRAY_SIZE(csrs); i++)
		if (csrs[i].number == csr)
			return csrs[i].name;
	return NULL;
}

static bool csr_exists(const struct ir *t, u32 csr)
{
	for (u32 i = 0; i < ARRAY_SIZE(csrs); i++)
		if (csrs[i].number == csr)
			return has(t, csrs[i].feature);
	return false;
}

/* a: nanoseconds in a tick. */
HELPER(riscv_read_clock, HELPER_PURE)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((u64)now.tv_sec * 1000000000u + (u64)now.tv_nsec) / a;
}

static ir_ref read_csr(struct ir *t, u32 csr)
{
	u32 frm = t->mode & 7;

	switch (csr) {
	case CSR_FFLAGS:
		return ir_fflags_get(t);
	case CSR_FRM:
		return ir_imm(t, frm);
	case CSR_FCSR:
		return ir_or(t, ir_fflags_get(t), ir_imm(t, frm << 5));
	default:
		return ir_call(t, &helper_riscv_read_clock, IR_I64, ir_imm(t, csr == CSR_TIME ? 100 : 1), 0, 0);
	}
}

/* Ends the block unless frm is known to stay. */
static void write_frm(struct ir *t, ir_ref v)
{
	ir_ref now = ir_imm(t, t->mode & 7);
	u64 known;

	v = ir_and(t, v, ir_imm(t, 7));
	if (ir_is_const(t, v, &known) && known == (t->mode & 7))
		return;
	ir_put(t, SLOT_FRM, v);
	ir_branch(t, CC_EQ, v, now, t->next_pc);
	if (!t->ended)
		ir_raise(t, EXIT_MODE, t->next_pc);
}

static void write_csr(struct ir *t, u32 csr, ir_ref v)
{
	/* Flags restored as they were read need no mask: the builder knows the pair. */
	if (csr == CSR_FFLAGS && t->ins[v].op == IR_FFLAGS_GET)
		ir_fflags_set(t, v);
	else if (csr != CSR_FRM)
		ir_fflags_set(t, ir_and(t, v, ir_imm(t, 31)));
	if (csr == CSR_FRM)
		write_frm(t, v);
	if (csr == CSR_FCSR)
		write_frm(t, ir_shr(t, v, ir_imm(t, 5)));
}

enum how { CSR_WRITE, CSR_SET, CSR_CLEAR };

/* writes: false for a set or clear of which the operand is written as x0 or 0. */
static void access_csr(struct ir *t, const struct operands *o, enum how how, ir_ref v, bool writes)
{
	u32 csr = (u32)o->imm;
	bool read_only = csr >> 10 == 3;
	ir_ref old = 0;

	if (!csr_exists(t, csr) || (writes && read_only)) {
		illegal(t);
		return;
	}
	if (how != CSR_WRITE || o->d)
		old = read_csr(t, csr);
	if (how == CSR_SET)
		v = ir_or(t, old, v);
	else if (how == CSR_CLEAR)
		v = ir_bin(t, IR_ANDN, old, v);
	if (o->d)
		set(t, o->d, old);
	if (writes)
		write_csr(t, csr, v);
}

/* clang-format off */
INSN(csrrw,  "iiiiiiiiiiii aaaaa 001 ddddd 1110011", NULL, "d, r, a")	{ access_csr(t, o, CSR_WRITE, get(t, o->a), true); }
INSN(csrrs,  "iiiiiiiiiiii aaaaa 010 ddddd 1110011", NULL, "d, r, a")	{ access_csr(t, o, CSR_SET, get(t, o->a), o->a); }
INSN(csrrc,  "iiiiiiiiiiii aaaaa 011 ddddd 1110011", NULL, "d, r, a")	{ access_csr(t, o, CSR_CLEAR, get(t, o->a), o->a); }
INSN(csrrwi, "iiiiiiiiiiii aaaaa 101 ddddd 1110011", NULL, "d, r, z")	{ access_csr(t, o, CSR_WRITE, ir_imm(t, o->a), true); }
INSN(csrrsi, "iiiiiiiiiiii aaaaa 110 ddddd 1110011", NULL, "d, r, z")	{ access_csr(t, o, CSR_SET, ir_imm(t, o->a), o->a); }
INSN(csrrci, "iiiiiiiiiiii aaaaa 111 ddddd 1110011", NULL, "d, r, z")	{ access_csr(t, o, CSR_CLEAR, ir_imm(t, o->a), o->a); }
/* clang-format on */
