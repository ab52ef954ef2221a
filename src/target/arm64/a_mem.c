/* A64 loads and stores of general registers (DDI 0487, C4.1.88): every form of
 * address, pairs, acquire and release, exclusives, LSE atomics.
 *
 * Letters: z = size (log2 of bytes), y = opc, d = Rt, a = Rn, b = Rm or Rs,
 * c = Rt2, i = offset, x s = option and S of a register offset.
 *
 * A pair's loads are both done before a register is written, so a fault leaves
 * the registers as they were.  If a base is also loaded, the new base
 * stands.  Loads and stores need no fence on
 * x86-64; a store-release keeps its order to later load-acquires by one.  A
 * store exclusive succeeds if memory still holds what the load exclusive read.
 * Unaligned atomics work (LSE2 asks for it inside 16 bytes); exclusives that are
 * not aligned fault.
 */
#define FEATURE ARM_BASE
#include "target/arm64/arm64.h"
#include "mem/guest.h"

#include <signal.h>

static i64 imm9(u32 w) { return (i32)(w << 11) >> 23; }
static i64 imm19(u32 w) { return (i64)((i32)(w << 8) >> 13) * 4; }
static i64 imm7(u32 w) { return (i32)(w << 10) >> 25; }

/* ---- one register ---- */

/* opc: 0 store, 1 load, 2 and 3 load with sign to 64 and 32 bits.  False, and illegal, if there is no such. */
static bool bad_opc(struct ir *t, const struct operands *o)
{
	if (o->y < 2 || o->z < 5u - o->y)	/* sign extension is of less than the register */
		return false;
	illegal(t);
	return true;
}

static ir_ref load(struct ir *t, const struct operands *o, ir_ref base, i64 disp)
{
	ir_ref v = ir_load_at(t, IR_I64, base, disp, o->z | (o->y >= 2 ? MEM_SIGNED : 0));

	return o->y == 3 ? ir_zext(t, v, 32) : v;
}

/* The access; returns what is loaded. */
static ir_ref move(struct ir *t, const struct operands *o, ir_ref base, i64 disp)
{
	if (o->y)
		return load(t, o, base, disp);
	ir_store_at(t, base, disp, getx(t, o->d), o->z);
	return 0;
}

static void done(struct ir *t, const struct operands *o, ir_ref loaded)
{
	if (loaded)
		setx(t, o->d, loaded);
}

static void at_offset(struct ir *t, const struct operands *o, i64 disp)
{
	if (!bad_opc(t, o))
		done(t, o, move(t, o, getxsp(t, o->a), disp));
}

static void pre_index(struct ir *t, const struct operands *o)
{
	ir_ref v, base = getxsp(t, o->a);

	if (bad_opc(t, o))
		return;
	v = move(t, o, base, o->imm);
	done(t, o, v);
	setxsp(t, o->a, ir_add(t, base, ir_imm(t, o->imm)));
}

static void post_index(struct ir *t, const struct operands *o)
{
	ir_ref v, base = getxsp(t, o->a);

	if (bad_opc(t, o))
		return;
	v = move(t, o, base, 0);
	done(t, o, v);
	setxsp(t, o->a, ir_add(t, base, ir_imm(t, o->imm)));
}

/* Rn + Rm extended by option, shifted left by `by`. */
ir_ref arm64_register_offset(struct ir *t, const struct operands *o, u32 option, u32 by)
{
	ir_ref m = getx(t, o->b);

	if (option == 2)
		m = ir_zext(t, m, 32);
	else if (option == 6)
		m = ir_sext(t, m, 32);
	if (by)
		m = ir_shl(t, m, ir_imm(t, by));
	return ir_add(t, getxsp(t, o->a), m);
}

static void at_register(struct ir *t, const struct operands *o)
{
	if (!(o->x & 2))
		illegal(t);
	else if (!bad_opc(t, o))
		done(t, o, move(t, o, arm64_register_offset(t, o, o->x, o->s ? o->z : 0), 0));
}

static void literal(struct ir *t, const struct operands *o, u32 mem)
{
	setx(t, o->d, ir_load(t, IR_I64, ir_imm(t, (i64)t->pc + o->imm), mem));
}

/* clang-format off */
INSN(ldr_lit_w,   "00 011 0 00 iiiiiiiiiiiiiiiiiii ddddd",        imm19, "w, p")	{ literal(t, o, MEM_32); }
INSN(ldr_lit,     "01 011 0 00 iiiiiiiiiiiiiiiiiii ddddd",        imm19, "x, p")	{ literal(t, o, MEM_64); }
INSN(ldrsw_lit,   "10 011 0 00 iiiiiiiiiiiiiiiiiii ddddd",        imm19, "x, p")	{ literal(t, o, MEM_S32); }
INSN(prfm_lit,    "11 011 0 00 iiiiiiiiiiiiiiiiiii ddddd",        imm19, "p")		{ }

INSN(ldst_imm,    "zz 111 0 01 yy iiiiiiiiiiii aaaaa ddddd",      NULL, "x, n, i")	{ at_offset(t, o, o->imm << o->z); }
INSN(prfm_imm,    "11 111 0 01 10 iiiiiiiiiiii aaaaa ddddd",      NULL, "n, i")		{ }
INSN(ldst_unscaled, "zz 111 0 00 yy 0 iiiiiiiii 00 aaaaa ddddd",  imm9, "x, n, i")	{ at_offset(t, o, o->imm); }
INSN(prfum,       "11 111 0 00 10 0 iiiiiiiii 00 aaaaa ddddd",    imm9, "n, i")		{ }
INSN(ldst_post,   "zz 111 0 00 yy 0 iiiiiiiii 01 aaaaa ddddd",    imm9, "x, n, i")	{ post_index(t, o); }
INSN(ldst_unpriv, "zz 111 0 00 yy 0 iiiiiiiii 10 aaaaa ddddd",    imm9, "x, n, i")	{ at_offset(t, o, o->imm); }
INSN(ldst_pre,    "zz 111 0 00 yy 0 iiiiiiiii 11 aaaaa ddddd",    imm9, "x, n, i")	{ pre_index(t, o); }
INSN(ldst_reg,    "zz 111 0 00 yy 1 bbbbb xxx s 10 aaaaa ddddd",  NULL, "x, n, z")	{ at_register(t, o); }
INSN(prfm_reg,    "11 111 0 00 10 1 bbbbb xxx s 10 aaaaa ddddd",  NULL, "n, z")		{ if (!(o->x & 2)) illegal(t); }
/* clang-format on */

/* ---- pairs ---- */

enum { NO_INDEX, POST, PRE };

static void pair(struct ir *t, const struct operands *o, u32 mem, bool is_load, u32 how)
{
	u32 bytes = 1u << (mem & MEM_SIZE);
	i64 offset = o->imm * bytes, at = how == POST ? 0 : offset;
	ir_ref base = getxsp(t, o->a), first = 0, second = 0;

	if (is_load) {
		first = ir_load_at(t, IR_I64, base, at, mem);
		second = ir_load_at(t, IR_I64, base, at + bytes, mem);
	} else {
		ir_store_at(t, base, at, getx(t, o->d), mem);
		ir_store_at(t, base, at + bytes, getx(t, o->c), mem);
	}
	if (is_load) {
		setx(t, o->d, first);
		setx(t, o->c, second);
	}
	if (how != NO_INDEX)
		setxsp(t, o->a, ir_add(t, base, ir_imm(t, offset)));
}

/* clang-format off */
INSN(stnp_w,      "00 101 0 000 0 iiiiiii ccccc aaaaa ddddd",     imm7, "w, k, n, i")	{ pair(t, o, MEM_32, false, NO_INDEX); }
INSN(ldnp_w,      "00 101 0 000 1 iiiiiii ccccc aaaaa ddddd",     imm7, "w, k, n, i")	{ pair(t, o, MEM_32, true, NO_INDEX); }
INSN(stp_w_post,  "00 101 0 001 0 iiiiiii ccccc aaaaa ddddd",     imm7, "w, k, n, i")	{ pair(t, o, MEM_32, false, POST); }
INSN(ldp_w_post,  "00 101 0 001 1 iiiiiii ccccc aaaaa ddddd",     imm7, "w, k, n, i")	{ pair(t, o, MEM_32, true, POST); }
INSN(stp_w,       "00 101 0 010 0 iiiiiii ccccc aaaaa ddddd",     imm7, "w, k, n, i")	{ pair(t, o, MEM_32, false, NO_INDEX); }
INSN(ldp_w,       "00 101 0 010 1 iiiiiii ccccc aaaaa ddddd",     imm7, "w, k, n, i")	{ pair(t, o, MEM_32, true, NO_INDEX); }
INSN(stp_w_pre,   "00 101 0 011 0 iiiiiii ccccc aaaaa ddddd",     imm7, "w, k, n, i")	{ pair(t, o, MEM_32, false, PRE); }
INSN(ldp_w_pre,   "00 101 0 011 1 iiiiiii ccccc aaaaa ddddd",     imm7, "w, k, n, i")	{ pair(t, o, MEM_32, true, PRE); }
INSN(ldpsw_post,  "01 101 0 001 1 iiiiiii ccccc aaaaa ddddd",     imm7, "x, m, n, i")	{ pair(t, o, MEM_S32, true, POST); }
INSN(ldpsw,       "01 101 0 010 1 iiiiiii ccccc aaaaa ddddd",     imm7, "x, m, n, i")	{ pair(t, o, MEM_S32, true, NO_INDEX); }
INSN(ldpsw_pre,   "01 101 0 011 1 iiiiiii ccccc aaaaa ddddd",     imm7, "x, m, n, i")	{ pair(t, o, MEM_S32, true, PRE); }
INSN(stnp,        "10 101 0 000 0 iiiiiii ccccc aaaaa ddddd",     imm7, "x, m, n, i")	{ pair(t, o, MEM_64, false, NO_INDEX); }
INSN(ldnp,        "10 101 0 000 1 iiiiiii ccccc aaaaa ddddd",     imm7, "x, m, n, i")	{ pair(t, o, MEM_64, true, NO_INDEX); }
INSN(stp_post,    "10 101 0 001 0 iiiiiii ccccc aaaaa ddddd",     imm7, "x, m, n, i")	{ pair(t, o, MEM_64, false, POST); }
INSN(ldp_post,    "10 101 0 001 1 iiiiiii ccccc aaaaa ddddd",     imm7, "x, m, n, i")	{ pair(t, o, MEM_64, true, POST); }
INSN(stp,         "10 101 0 010 0 iiiiiii ccccc aaaaa ddddd",     imm7, "x, m, n, i")	{ pair(t, o, MEM_64, false, NO_INDEX); }
INSN(ldp,         "10 101 0 010 1 iiiiiii ccccc aaaaa ddddd",     imm7, "x, m, n, i")	{ pair(t, o, MEM_64, true, NO_INDEX); }
INSN(stp_pre,     "10 101 0 011 0 iiiiiii ccccc aaaaa ddddd",     imm7, "x, m, n, i")	{ pair(t, o, MEM_64, false, PRE); }
INSN(ldp_pre,     "10 101 0 011 1 iiiiiii ccccc aaaaa ddddd",     imm7, "x, m, n, i")	{ pair(t, o, MEM_64, true, PRE); }
/* clang-format on */

/* ---- acquire, release, exclusive ---- */

static void release(struct ir *t, const struct operands *o, i64 disp)
{
	ir_store_at(t, getxsp(t, o->a), disp, getx(t, o->d), o->z);
	ir_fence(t, true);
}

static void store_exclusive(struct ir *t, const struct operands *o)
{
	setx(t, o->b, ir_sc(t, getxsp(t, o->a), getx(t, o->d), o->z | MEM_ALIGNED));
}

/* clang-format off */
INSN(stxr,        "zz 001000 000 bbbbb . ..... aaaaa ddddd",      NULL, "q, x, n")	{ store_exclusive(t, o); }
INSN(ldxr,        "zz 001000 010 ..... . ..... aaaaa ddddd",      NULL, "x, n")
{
	setx(t, o->d, ir_ll(t, getxsp(t, o->a), o->z | MEM_ALIGNED));
}
INSN(stlr,        "zz 001000 100 ..... . ..... aaaaa ddddd",      NULL, "x, n")		{ release(t, o, 0); }
INSN(ldar,        "zz 001000 110 ..... . ..... aaaaa ddddd",      NULL, "x, n")
{
	setx(t, o->d, ir_load(t, IR_I64, getxsp(t, o->a), o->z));
}
/* clang-format on */

/* ---- exclusive pairs and 16-byte compare and swap: in C ---- */

/* The top byte of an address is ignored (TBI0, as Linux sets it). */
#define ADDRESS_MASK (~0ull >> 8)

NORETURN static void faulted(struct vcpu *cpu)
{
	cpu->fault_addr = guest_fault.addr;
	cpu->fault_access = guest_fault.write ? ACCESS_WRITE : ACCESS_READ;
	cpu->fault_host_signal = (u8)guest_fault.signal;
	cpu->fault_host_code = (u8)guest_fault.code;
	vcpu_raise(cpu, EXIT_FAULT);
}

static void check_aligned(struct vcpu *cpu, u64 va, u32 bytes)
{
	if (!(va & (bytes - 1)))
		return;
	cpu->fault_addr = va;
	cpu->fault_access = ACCESS_READ;
	cpu->fault_host_signal = SIGBUS;
	cpu->fault_host_code = BUS_ADRALN;
	vcpu_raise(cpu, EXIT_FAULT);
}

/* Registers d and c of a pair's word, in c: d | c << 8 | wide << 16 */
static u64 *register_of(struct vcpu *cpu, u32 r)
{
	static _Thread_local u64 zero;

	zero = 0;
	return r == REG_ZR ? &zero : &arm64_state(cpu)->x[r];
}

/* a = address, c as above */
HELPER(arm64_ldxp, HELPER_WRITES | HELPER_FAULTS)
{
	struct vcpu *cpu = vcpu;
	bool wide = c >> 16;
	u64 v[2];

	a &= ADDRESS_MASK;

	check_aligned(cpu, a, wide ? 16 : 8);
	if (wide ? !guest_load16(a, v) : !guest_load(a, 3, v))
		faulted(cpu);
	cpu->excl_addr = a;
	cpu->excl_val = v[0];
	if (wide) {
		arm64_state(cpu)->excl_high = v[1];
	} else {
		v[1] = v[0] >> 32;
		v[0] = (u32)v[0];
	}
	*register_of(cpu, c & 31) = v[0];
	*register_of(cpu, c >> 8 & 31) = v[1];
	return 0;
}

/* The result: 0 stored, 1 not. */
HELPER(arm64_stxp, HELPER_READS | HELPER_FAULTS)
{
	struct vcpu *cpu = vcpu;
	bool wide = c >> 16, mine = cpu->excl_addr == (a &= ADDRESS_MASK);
	u64 first = *register_of(cpu, c & 31), second = *register_of(cpu, c >> 8 & 31), old[2];

	check_aligned(cpu, a, wide ? 16 : 8);
	cpu->excl_addr = ~0ull;
	if (!mine)
		return 1;
	if (!wide) {
		if (!guest_cas(a, 3, cpu->excl_val, (u32)first | second << 32, old))
			faulted(cpu);
		return old[0] != cpu->excl_val;
	}
	if (!guest_cas16(a, (u64[]){ cpu->excl_val, arm64_state(cpu)->excl_high }, (u64[]){ first, second }, old))
		faulted(cpu);
	return old[0] != cpu->excl_val || old[1] != arm64_state(cpu)->excl_high;
}

/* a = address, b = register of the pair that is compared and gets the old value, c = of the new, wide << 16 */
HELPER(arm64_casp, HELPER_WRITES | HELPER_FAULTS)
{
	struct vcpu *cpu = vcpu;
	u64 *x = arm64_state(cpu)->x, old[2], second = (c & 31) == 30 ? 0 : x[(c & 31) + 1];
	u64 *old_second = b == 30 ? NULL : &x[b + 1];

	a &= ADDRESS_MASK;
	if (!(c >> 16)) {
		u64 expected = (u32)x[b] | (old_second ? *old_second << 32 : 0);

		check_aligned(cpu, a, 8);
		if (!guest_cas(a, 3, expected, (u32)x[c & 31] | second << 32, old))
			faulted(cpu);
		x[b] = (u32)old[0];
		if (old_second)
			*old_second = old[0] >> 32;
		return 0;
	}
	check_aligned(cpu, a, 16);
	if (!guest_cas16(a, (u64[]){ x[b], old_second ? *old_second : 0 }, (u64[]){ x[c & 31], second }, old))
		faulted(cpu);
	x[b] = old[0];
	if (old_second)
		*old_second = old[1];
	return 0;
}

static ir_ref pair_word(struct ir *t, const struct operands *o)
{
	return ir_imm(t, o->d | (i64)o->c << 8 | (i64)o->z << 16);
}

static void load_exclusive_pair(struct ir *t, const struct operands *o)
{
	ir_call(t, &helper_arm64_ldxp, IR_I64, getxsp(t, o->a), 0, pair_word(t, o));
}

static void store_exclusive_pair(struct ir *t, const struct operands *o)
{
	setx(t, o->b, ir_call(t, &helper_arm64_stxp, IR_I64, getxsp(t, o->a), 0, pair_word(t, o)));
}

/* clang-format off */
INSN(stxp,        "1z 001000 001 bbbbb . ccccc aaaaa ddddd",      NULL, "q, x, m, n")	{ store_exclusive_pair(t, o); }
INSN(ldxp,        "1z 001000 011 ..... . ccccc aaaaa ddddd",      NULL, "x, m, n")	{ load_exclusive_pair(t, o); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_LSE

static void atomic(struct ir *t, const struct operands *o, enum ir_amo kind)
{
	ir_ref v = getx(t, o->b);

	if (kind == AMO_AND)	/* LDCLR clears */
		v = ir_un(t, IR_NOT, v);
	v = ir_amo(t, kind, getxsp(t, o->a), v, o->z);
	setx(t, o->d, v);
}

static void compare_swap(struct ir *t, const struct operands *o)
{
	setx(t, o->b, ir_cas(t, getxsp(t, o->a), getx(t, o->b), getx(t, o->d), o->z));
}

static void compare_swap_pair(struct ir *t, const struct operands *o)
{
	if (o->b & 1 || o->d & 1)
		illegal(t);
	else
		ir_call(t, &helper_arm64_casp, IR_I64, getxsp(t, o->a), ir_imm(t, o->b), ir_imm(t,
				o->d | (i64)o->z << 16));
}

/* clang-format off */
INSN(cas,         "zz 001000 1.1 bbbbb . 11111 aaaaa ddddd",      NULL, "z, x, n")	{ compare_swap(t, o); }
INSN(casp,        "0z 001000 0.1 bbbbb . 11111 aaaaa ddddd",      NULL, "z, x, n")	{ compare_swap_pair(t, o); }
INSN(ldadd,       "zz 111 0 00 ..1 bbbbb 0 000 00 aaaaa ddddd",   NULL, "z, x, n")	{ atomic(t, o, AMO_ADD); }
INSN(ldclr,       "zz 111 0 00 ..1 bbbbb 0 001 00 aaaaa ddddd",   NULL, "z, x, n")	{ atomic(t, o, AMO_AND); }
INSN(ldeor,       "zz 111 0 00 ..1 bbbbb 0 010 00 aaaaa ddddd",   NULL, "z, x, n")	{ atomic(t, o, AMO_XOR); }
INSN(ldset,       "zz 111 0 00 ..1 bbbbb 0 011 00 aaaaa ddddd",   NULL, "z, x, n")	{ atomic(t, o, AMO_OR); }
INSN(ldsmax,      "zz 111 0 00 ..1 bbbbb 0 100 00 aaaaa ddddd",   NULL, "z, x, n")	{ atomic(t, o, AMO_MAXS); }
INSN(ldsmin,      "zz 111 0 00 ..1 bbbbb 0 101 00 aaaaa ddddd",   NULL, "z, x, n")	{ atomic(t, o, AMO_MINS); }
INSN(ldumax,      "zz 111 0 00 ..1 bbbbb 0 110 00 aaaaa ddddd",   NULL, "z, x, n")	{ atomic(t, o, AMO_MAXU); }
INSN(ldumin,      "zz 111 0 00 ..1 bbbbb 0 111 00 aaaaa ddddd",   NULL, "z, x, n")	{ atomic(t, o, AMO_MINU); }
INSN(swp,         "zz 111 0 00 ..1 bbbbb 1 000 00 aaaaa ddddd",   NULL, "z, x, n")	{ atomic(t, o, AMO_SWAP); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_LRCPC
/* clang-format off */
INSN(ldapr,       "zz 111 0 00 101 11111 1 100 00 aaaaa ddddd",   NULL, "x, n")
{
	setx(t, o->d, ir_load(t, IR_I64, getxsp(t, o->a), o->z));
}
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_LRCPC2

static void unscaled_ordered(struct ir *t, const struct operands *o)
{
	if (bad_opc(t, o))
		return;
	if (o->y)
		setx(t, o->d, load(t, o, getxsp(t, o->a), o->imm));
	else
		release(t, o, o->imm);
}

/* clang-format off */
INSN(ldst_ordered, "zz 011001 yy 0 iiiiiiiii 00 aaaaa ddddd",     imm9, "x, n, i")	{ unscaled_ordered(t, o); }
/* clang-format on */
