/* What translated code asks C to do: IR helpers, and operations that no inline
 * sequence does exactly (other rounding modes, NaN corners, division by zero,
 * misaligned or rare atomics).  The call trampoline has saved every register;
 * operands and result pass through the area.
 */
#include "jit/x64/x64.h"
#include "cpu/target.h"
#include "mem/guest.h"
#include <signal.h>

static NORETURN void guest_faulted(struct vcpu *cpu)
{
	cpu->fault_addr = guest_fault.addr;
	cpu->fault_access = guest_fault.write ? ACCESS_WRITE : ACCESS_READ;
	cpu->fault_host_signal = (u8)guest_fault.signal;
	cpu->fault_host_code = (u8)guest_fault.code;
	vcpu_raise(cpu, EXIT_FAULT);
}

static void check_aligned(struct vcpu *cpu, u64 va, u32 mem)
{
	if (!(mem & MEM_ALIGNED) || !(va & ((1u << (mem & MEM_SIZE)) - 1)))
		return;
	cpu->fault_addr = va;
	cpu->fault_access = ACCESS_WRITE;
	cpu->fault_host_signal = SIGBUS;
	cpu->fault_host_code = BUS_ADRALN;
	vcpu_raise(cpu, EXIT_FAULT);
}

static u64 extend(u64 v, u32 mem)
{
	u32 bits = 8u << (mem & MEM_SIZE);

	if (bits == 64)
		return v;
	return mem & MEM_SIGNED ? (u64)sign_extend(v, bits) : v & ((1ull << bits) - 1);
}

static u64 amo_result(u32 kind, u32 mem, u64 old, u64 v)
{
	u64 so = extend(old, mem | MEM_SIGNED), sv = extend(v, mem | MEM_SIGNED);
	u64 uo = extend(old, mem & MEM_SIZE), uv = extend(v, mem & MEM_SIZE);

	switch ((enum ir_amo)kind) {
	case AMO_SWAP: return v;
	case AMO_ADD: return old + v;
	case AMO_AND: return old & v;
	case AMO_OR: return old | v;
	case AMO_XOR: return old ^ v;
	case AMO_MINS: return (i64)so < (i64)sv ? old : v;
	case AMO_MAXS: return (i64)so > (i64)sv ? old : v;
	case AMO_MINU: return uo < uv ? old : v;
	case AMO_MAXU: return uo > uv ? old : v;
	case AMO_MAX: break;
	}
	assert(!"an atomic operation");
	return 0;
}

static u64 do_amo(struct vcpu *cpu, u32 kind, u32 mem, u64 va, u64 v)
{
	u32 size = mem & MEM_SIZE;
	u64 old, seen;

	check_aligned(cpu, va, mem);
	if (!guest_load(va, size, &old))
		guest_faulted(cpu);
	for (;;) {
		if (!guest_cas(va, size, old, amo_result(kind, mem, old, v), &seen))
			guest_faulted(cpu);
		if (seen == old)
			return extend(old, mem);
		old = seen;
	}
}

static u64 do_ll(struct vcpu *cpu, u32 mem, u64 va)
{
	u64 v;

	check_aligned(cpu, va, mem);
	if (!guest_load(va, mem & MEM_SIZE, &v))
		guest_faulted(cpu);
	cpu->excl_addr = va;
	cpu->excl_val = extend(v, mem);
	return cpu->excl_val;
}

static u64 do_sc(struct vcpu *cpu, u32 mem, u64 va, u64 v)
{
	u64 expected = extend(cpu->excl_val, mem & MEM_SIZE), seen;
	bool mine = cpu->excl_addr == va;

	check_aligned(cpu, va, mem);
	cpu->excl_addr = (u64)-1;
	if (!mine)
		return 1;
	if (!guest_cas(va, mem & MEM_SIZE, expected, v, &seen))
		guest_faulted(cpu);
	return seen != expected;
}

static u64 do_cas(struct vcpu *cpu, u32 mem, u64 va, u64 expected, u64 v)
{
	u64 old;

	check_aligned(cpu, va, mem);
	if (!guest_cas(va, mem & MEM_SIZE, expected, v, &old))
		guest_faulted(cpu);
	return extend(old, mem);
}

static u64 do_div(u32 op, u32 type, u32 rule, u64 a, u64 b)
{
	bool is_signed = op == IR_DIVS || op == IR_REMS, rem = op == IR_REMS || op == IR_REMU;

	if (type == IR_I32) {
		a = is_signed ? (u64)(i64)(i32)a : (u32)a;
		b = is_signed ? (u64)(i64)(i32)b : (u32)b;
	}
	if (!b)
		return rule == DIV_ARM ? 0 : rem ? a : (u64)-1;
	if (is_signed && b == (u64)-1)
		return rem ? 0 : -a;
	if (is_signed)
		return (u64)(rem ? (i64)a % (i64)b : (i64)a / (i64)b);
	return rem ? a % b : a / b;
}

static u64 fp_binary(struct fp_status *s, u32 op, bool is64, const u64 *a)
{
	switch (op) {
	case IR_FADD: return is64 ? fp_add64(s, a[0], a[1]) : fp_add32(s, (u32)a[0], (u32)a[1]);
	case IR_FSUB: return is64 ? fp_sub64(s, a[0], a[1]) : fp_sub32(s, (u32)a[0], (u32)a[1]);
	case IR_FMUL: return is64 ? fp_mul64(s, a[0], a[1]) : fp_mul32(s, (u32)a[0], (u32)a[1]);
	case IR_FDIV: return is64 ? fp_div64(s, a[0], a[1]) : fp_div32(s, (u32)a[0], (u32)a[1]);
	case IR_FMINNM: return is64 ? fp_min_alt64(s, a[0], a[1]) : fp_min_alt32(s, (u32)a[0], (u32)a[1]);
	case IR_FMAXNM: return is64 ? fp_max_alt64(s, a[0], a[1]) : fp_max_alt32(s, (u32)a[0], (u32)a[1]);
	case IR_FMIN: return is64 ? fp_min64(s, a[0], a[1]) : fp_min32(s, (u32)a[0], (u32)a[1]);
	default: return is64 ? fp_max64(s, a[0], a[1]) : fp_max32(s, (u32)a[0], (u32)a[1]);
	}
}

static u64 fp_to_int(struct fp_status *s, u32 type, u32 from, bool is_unsigned, u32 rm, u64 a)
{
	if (from == IR_F64) {
		if (type == IR_I64)
			return is_unsigned ? fp_f64_to_u64(s, rm, a) : (u64)fp_f64_to_i64(s, rm, a);
		return is_unsigned ? fp_f64_to_u32(s, rm, a) : (u32)fp_f64_to_i32(s, rm, a);
	}
	if (type == IR_I64)
		return is_unsigned ? fp_f32_to_u64(s, rm, (u32)a) : (u64)fp_f32_to_i64(s, rm, (u32)a);
	return is_unsigned ? fp_f32_to_u32(s, rm, (u32)a) : (u32)fp_f32_to_i32(s, rm, (u32)a);
}

static u64 fp_from_int(struct fp_status *s, u32 type, u32 from, bool is_unsigned, u64 a)
{
	if (from == IR_I32)
		a = is_unsigned ? (u32)a : (u64)(i64)(i32)a;
	if (type == IR_F64)
		return is_unsigned ? fp_u64_to_f64(s, a) : fp_i64_to_f64(s, (i64)a);
	return is_unsigned ? fp_u64_to_f32(s, a) : fp_i64_to_f32(s, (i64)a);
}

static u64 flags_of_compare(struct fp_status *s, bool is64, bool quiet, const u64 *a)
{
	static const u8 nzcv[] = {8, 6, 2, 3};	/* less, equal, greater, unordered */
	enum fp_order order;

	if (is64)
		order = quiet ? fp_cmp64(s, a[0], a[1]) : fp_cmp_sig64(s, a[0], a[1]);
	else
		order = quiet ? fp_cmp32(s, (u32)a[0], (u32)a[1]) : fp_cmp_sig32(s, (u32)a[0], (u32)a[1]);
	return ir_flags(nzcv[order + 1]);
}

static u64 do_fp(struct vcpu *cpu, const struct x64_area *x)
{
	u32 op = x->soft[0], type = x->soft[1], rm = x->soft[2], d = x->soft[3];
	struct fp_status s = {.rules = cpu->target->fp, .rm = (u8)rm};
	const u64 *a = x->arg;
	bool is64 = type == IR_F64;
	u64 r;

	fp_env_apply(&s, cpu->fp_env);
	switch (op) {
	case IR_FADD: case IR_FSUB: case IR_FMUL: case IR_FDIV: case IR_FMIN: case IR_FMAX: case IR_FMINNM:
	case IR_FMAXNM:
		r = fp_binary(&s, op, is64, a);
		break;
	case IR_FSQRT:
		r = is64 ? fp_sqrt64(&s, a[0]) : fp_sqrt32(&s, (u32)a[0]);
		break;
	case IR_FMA:
		r = is64 ? fp_fma64(&s, a[0], a[1], a[2], d)
			 : fp_fma32(&s, (u32)a[0], (u32)a[1], (u32)a[2], d);
		break;
	case IR_FCVT:
		r = is64 ? fp_f32_to_f64(&s, (u32)a[0]) : fp_f64_to_f32(&s, a[0]);
		break;
	case IR_FRINT:
		r = is64 ? fp_rint64(&s, rm, d, a[0]) : fp_rint32(&s, rm, d, (u32)a[0]);
		break;
	case IR_FTOI:
		r = fp_to_int(&s, type, x->soft_type, d, rm, a[0]);
		break;
	case IR_ITOF:
		r = fp_from_int(&s, type, x->soft_type, d, a[0]);
		break;
	case IR_FLFCMP:
		r = flags_of_compare(&s, x->soft_type == IR_F64, d & FCMP_QUIET, a);
		break;
	case IR_FCLASS:
		r = x->soft_type == IR_F64 ? fp_class64(a[0]) : fp_class32((u32)a[0]);
		break;
	default:
		panic("operation %u has no C form", op);
	}
	cpu->fp_flags |= s.flags;
	return type == IR_F32 && !x64_homes.vectors ? r | 0xffffffff00000000ull : r;
}

static void do_vector(struct vcpu *cpu, struct x64_area *x)
{
	const char *operands = strchr(ir_opinfo[x->soft[0]].sig, ':') + 1;
	struct ir_ins i = {.op = x->soft[0], .type = IR_V128, .aux = x->soft[2], .d = x->soft[3], .imm = x->vec_imm};
	struct fp_status s = {.rules = cpu->target->fp, .rm = (u8)x->vec_imm};

	if (i.op == IR_VCALL) {
		ir_vhelper(i.imm & 0xffff)->fn(cpu, &x->vec[3], &x->vec[0], &x->vec[1], &x->vec[2], i.imm >> 16);
		return;
	}
	i.a = 1;
	i.b = operands[0] && operands[1];
	i.c = i.b && operands[2];
	fp_env_apply(&s, cpu->fp_env);
	x->vec[3] = ir_eval_vec(&i, &(struct ir_vec_operands){&x->vec[0], &x->vec[1], &x->vec[2]}, &s);
	if (ir_opinfo[i.op].flags & IR_FP)
		cpu->fp_flags |= s.flags;
}

void x64_call_out(struct vcpu *cpu)
{
	struct x64_area *x = (struct x64_area *)cpu->accel_area;

	if (x->call == CALL_VECTOR) {
		do_vector(cpu, x);
		return;
	}
	if (x->call != CALL_SOFT) {
		x->ret = ir_helper(x->call)->fn(cpu, x->arg[0], x->arg[1], x->arg[2]);
		return;
	}
	switch (x->soft[0]) {
	case IR_DIVS: case IR_DIVU: case IR_REMS: case IR_REMU:
		x->ret = do_div(x->soft[0], x->soft[1], x->soft[2], x->arg[0], x->arg[1]);
		if (x->soft[1] == IR_I32)
			x->ret = (u32)x->ret;
		break;
	case IR_AMO:
		x->ret = do_amo(cpu, x->soft[3], x->soft[2], x->arg[0], x->arg[1]);
		break;
	case IR_LL:
		x->ret = do_ll(cpu, x->soft[2], x->arg[0]);
		break;
	case IR_SC:
		x->ret = do_sc(cpu, x->soft[2], x->arg[0], x->arg[1]);
		break;
	case IR_CAS:
		x->ret = do_cas(cpu, x->soft[2], x->arg[0], x->arg[1], x->arg[2]);
		break;
	default:
		x->ret = do_fp(cpu, x);
	}
}
