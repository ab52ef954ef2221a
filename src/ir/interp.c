/* The reference interpreter: runs one block of IR with soft floating point.
 *
 * Values live in an array by instruction number, I32 and F32 zero-extended.
 * GET and PUT go to the slots in env at once, so whenever a block stops, at a
 * fault too, env holds the exact guest state of the current instruction.
 * Pure operations are ir_eval's; memory is the struct ir_machine's.
 *
 * Not done: anything for speed but one flat switch.
 * Thread: env's own.
 */
#include "ir/build.h"
#include "ir/eval.h"

struct run {
	const struct ir *t;
	const struct ir_machine *m;
	u8 *env;
	u64 v[IR_INS_MAX];
	u64 hi[IR_INS_MAX];	/* of vectors: the upper half */
};

static u64 env_get64(const struct run *r, u32 offset)
{
	return get_le64(r->env + offset);
}

static void env_put64(struct run *r, u32 offset, u64 v)
{
	put_le64(r->env + offset, v);
}

/* ---- floating point ---- */

static u64 fp_arith(struct fp_status *s, const struct ir_ins *i, bool single, u64 a, u64 b, u64 c)
{
	switch (i->op) {
	case IR_FADD: return single ? fp_add32(s, (u32)a, (u32)b) : fp_add64(s, a, b);
	case IR_FSUB: return single ? fp_sub32(s, (u32)a, (u32)b) : fp_sub64(s, a, b);
	case IR_FMUL: return single ? fp_mul32(s, (u32)a, (u32)b) : fp_mul64(s, a, b);
	case IR_FDIV: return single ? fp_div32(s, (u32)a, (u32)b) : fp_div64(s, a, b);
	case IR_FSQRT: return single ? fp_sqrt32(s, (u32)a) : fp_sqrt64(s, a);
	case IR_FMIN: return single ? fp_min32(s, (u32)a, (u32)b) : fp_min64(s, a, b);
	case IR_FMAX: return single ? fp_max32(s, (u32)a, (u32)b) : fp_max64(s, a, b);
	case IR_FMINNM: return single ? fp_min_alt32(s, (u32)a, (u32)b) : fp_min_alt64(s, a, b);
	case IR_FMAXNM: return single ? fp_max_alt32(s, (u32)a, (u32)b) : fp_max_alt64(s, a, b);
	case IR_FRINT: return single ? fp_rint32(s, i->aux, i->d, (u32)a) : fp_rint64(s, i->aux, i->d, a);
	case IR_FMA:	/* d has the bits of fp.h */
		return single ? fp_fma32(s, (u32)a, (u32)b, (u32)c, i->d) : fp_fma64(s, a, b, c, i->d);
	case IR_FCVT: return single ? fp_f32_to_f64(s, (u32)a) : fp_f64_to_f32(s, a);
	default: break;
	}
	assert(!"a floating-point operation");
	return 0;
}
_Static_assert((int)FMA_NEG_PRODUCT == FP_NEG_PRODUCT && (int)FMA_NEG_ADDEND == FP_NEG_ADDEND, "same bits");

static u64 fp_compare(struct fp_status *s, const struct ir_ins *i, bool single, u64 a, u64 b)
{
	bool quiet = i->aux == FCMP_EQ || i->d & FCMP_QUIET;
	enum fp_order order;

	if (single)
		order = quiet ? fp_cmp32(s, (u32)a, (u32)b) : fp_cmp_sig32(s, (u32)a, (u32)b);
	else
		order = quiet ? fp_cmp64(s, a, b) : fp_cmp_sig64(s, a, b);
	if (i->d & FCMP_SILENT)
		s->flags = 0;
	return order == FP_EQUAL ? i->aux != FCMP_LT : order == FP_LESS && i->aux != FCMP_EQ;
}

/* As bits 3..0: N Z C V */
static u32 fp_nzcv(struct fp_status *s, const struct ir_ins *i, bool single, u64 a, u64 b)
{
	static const u8 nzcv[] = { 8, 6, 2, 3 };	/* less, equal, greater, unordered */
	enum fp_order order;

	if (single)
		order = i->d & FCMP_QUIET ? fp_cmp32(s, (u32)a, (u32)b) : fp_cmp_sig32(s, (u32)a, (u32)b);
	else
		order = i->d & FCMP_QUIET ? fp_cmp64(s, a, b) : fp_cmp_sig64(s, a, b);
	return nzcv[order + 1];
}

static u64 fp_to_int(struct fp_status *s, const struct ir_ins *i, bool single, u64 a)
{
	enum fp_rm rm = i->aux;

	if (i->type == IR_I32) {
		if (i->d)
			return single ? fp_f32_to_u32(s, rm, (u32)a) : fp_f64_to_u32(s, rm, a);
		return (u32)(single ? fp_f32_to_i32(s, rm, (u32)a) : fp_f64_to_i32(s, rm, a));
	}
	if (i->d)
		return single ? fp_f32_to_u64(s, rm, (u32)a) : fp_f64_to_u64(s, rm, a);
	return (u64)(single ? fp_f32_to_i64(s, rm, (u32)a) : fp_f64_to_i64(s, rm, a));
}

static u64 fp_from_int(struct fp_status *s, const struct ir_ins *i, bool word, u64 a)
{
	bool single = i->type == IR_F32;

	if (word) {
		if (i->d)
			return single ? fp_u32_to_f32(s, (u32)a) : fp_u32_to_f64(s, (u32)a);
		return single ? fp_i32_to_f32(s, (i32)a) : fp_i32_to_f64(s, (i32)a);
	}
	if (i->d)
		return single ? fp_u64_to_f32(s, a) : fp_u64_to_f64(s, a);
	return single ? fp_i64_to_f32(s, (i64)a) : fp_i64_to_f64(s, (i64)a);
}

/* An operation that may set sticky flags. */
static u64 run_fp(struct run *r, const struct ir_ins *i)
{
	struct fp_status s = { .rules = r->t->fp };
	u64 a = r->v[i->a], b = r->v[i->b], c = r->v[i->c], result;
	enum ir_type src = r->t->ins[i->a].type;
	bool single = src == IR_F32;

	fp_env_apply(&s, r->t->fp_env);
	if (i->op == IR_FCMP) {
		result = fp_compare(&s, i, single, a, b);
	} else if (i->op == IR_FLFCMP) {
		result = ir_flags(fp_nzcv(&s, i, single, a, b));
	} else {
		s.rm = i->aux;
		if (i->op == IR_FTOI)
			result = fp_to_int(&s, i, single, a);
		else if (i->op == IR_ITOF)
			result = fp_from_int(&s, i, src == IR_I32, a);
		else
			result = fp_arith(&s, i, single, a, b, c);
	}
	r->env[r->m->fp_flags_offset] |= s.flags;
	return result;
}

static u64 unbox(const struct fp_rules *rules, u64 a)
{
	if (a >> 32 == 0xffffffffu)
		return (u32)a;
	return rules->default_nan_negative ? 0xffc00000u : 0x7fc00000u;
}

/* ---- memory ---- */

static u64 extend_loaded(u32 mem, u64 v)
{
	return mem & MEM_SIGNED ? (u64)sign_extend(v, 8u << (mem & MEM_SIZE)) : v;
}

static u64 effective(const struct run *r, const struct ir_ins *i)
{
	u64 va = r->v[i->a] + (u64)(i64)(i32)i->imm;

	return i->b ? va + (r->v[i->b] << i->d) : va;
}

static bool misaligned(u32 mem, u64 va)
{
	return mem & MEM_ALIGNED && va & ((1u << (mem & MEM_SIZE)) - 1);
}

static union ir_vec vec_get(const struct run *r, ir_ref at)
{
	return (union ir_vec){ .d = { r->v[at], r->hi[at] } };
}

static void vec_put(struct run *r, u32 at, const union ir_vec *v)
{
	r->v[at] = v->d[0];
	r->hi[at] = v->d[1];
}

/* A vector operation without memory. */
static void run_vector(struct run *r, const struct ir_ins *i, u32 at)
{
	union ir_vec a = vec_get(r, i->a), b = vec_get(r, i->b), c = vec_get(r, i->c), result;
	struct fp_status s = { .rules = r->t->fp, .rm = (u8)i->imm };

	if (i->op == IR_VCALL) {
		u8 *env = r->env;

		ir_vhelper(i->imm & 0xffff)->fn(env, &result, &a, &b, &c, i->imm >> 16);
	} else {
		if (ir_op_flags[i->op] & IR_FP)
			fp_env_apply(&s, r->t->fp_env);
		else
			s.rm = 0;
		result = ir_eval_vec(i, &(struct ir_vec_operands){ &a, &b, &c }, &s);
		r->env[r->m->fp_flags_offset] |= s.flags;
	}
	vec_put(r, at, &result);
}

static u64 run_flags(const struct run *r, const struct ir_ins *i)
{
	u32 width = r->t->ins[i->a].type == IR_I32 ? 32 : 64;

	return ir_flags(ir_eval_nzcv(i, width, r->v[i->a], r->v[i->b], r->v[i->c]));
}

static u64 run_carry(const struct run *r, const struct ir_ins *i)
{
	u64 carry = ir_fcc_holds(FCC_CS, r->v[i->c]), b = r->v[i->b], sum;

	sum = r->v[i->a] + (i->op == IR_ADC ? b : ~b) + carry;
	return i->type == IR_I32 ? (u32)sum : sum;
}

static u64 run_vget(const struct run *r, const struct ir_ins *i)
{
	union ir_vec a = vec_get(r, i->a);
	u32 bits = 8u << (i->aux & MEM_SIZE), at = i->d * bits;
	u64 x = a.d[at / 64] >> at % 64 & bits_mask(bits);

	return i->aux & MEM_SIGNED ? (u64)sign_extend(x, bits) : x;
}

/* LD ST AMO LL SC CAS VLD VST; false on a guest fault. */
static bool run_memory(struct run *r, const struct ir_ins *i, u64 *ret)
{
	const struct ir_machine *m = r->m;
	u64 va = r->v[i->a];
	union ir_vec vec;
	bool reserved;
	u64 expected, mask = bits_mask(8u << (i->aux & MEM_SIZE));

	switch (i->op) {
	case IR_VLD:
		if (!m->vload(r->env, effective(r, i), &vec))
			return false;
		vec_put(r, (u32)(i - r->t->ins), &vec);
		*ret = vec.d[0];
		return true;
	case IR_VST:
		vec = vec_get(r, i->c);
		return m->vstore(r->env, effective(r, i), &vec);
	case IR_CAS:
		if (!m->cas(r->env, va, i->aux, r->v[i->b] & mask, r->v[i->c] & mask, ret))
			return false;
		*ret = extend_loaded(i->aux, *ret);
		return true;
	case IR_LD:
		if (!m->load(r->env, effective(r, i), i->aux, ret))
			return false;
		*ret = extend_loaded(i->aux, *ret);
		return true;
	case IR_ST:
		return m->store(r->env, effective(r, i), i->aux, r->v[i->c] & mask);
	case IR_AMO:
		if (!m->amo(r->env, i->d, va, i->aux, r->v[i->b] & mask, ret))
			return false;
		*ret = extend_loaded(i->aux, *ret);
		return true;
	case IR_LL:
		if (!m->load(r->env, va, i->aux, ret))
			return false;
		env_put64(r, m->excl_addr_offset, va);
		*ret = extend_loaded(i->aux, *ret);
		env_put64(r, m->excl_val_offset, *ret);	/* as extended: an SC of another width sees that */
		return true;
	default:	/* SC; a misaligned one faults with or without a reservation */
		reserved = env_get64(r, m->excl_addr_offset) == va || misaligned(i->aux, va);
		env_put64(r, m->excl_addr_offset, ~0ull);
		*ret = 1;
		if (!reserved)
			return true;
		expected = env_get64(r, m->excl_val_offset) & mask;
		if (!m->cas(r->env, va, i->aux, expected, r->v[i->b] & mask, ret))
			return false;
		*ret = *ret != expected;
		return true;
	}
}

static u64 run_call(struct run *r, const struct ir_ins *i, u64 pc)
{
	const struct ir_helper *h = ir_helper(i->imm);
	u64 result;

	env_put64(r, r->m->pc_offset, pc);
	result = h->fn(r->env, r->v[i->a], r->v[i->b], r->v[i->c]);
	return i->type == IR_I32 || i->type == IR_F32 ? (u32)result : result;
}

enum ir_stop ir_interp(const struct ir *t, const struct ir_machine *m, void *env, u64 *ret_pc, u32 *ret_aux)
{
	struct run r;
	u64 pc = t->start, *v = r.v;

	r.t = t;
	r.m = m;
	r.env = env;
	v[0] = 0;
	for (u32 at = 1; at < t->n; at++) {
		const struct ir_ins *i = &t->ins[at];
		u64 there = t->start + (u64)(i64)(i32)i->imm;

		switch ((enum ir_op)i->op) {
		case IR_NOP:
			break;
		case IR_PC:
			pc = there;
			break;
		case IR_CONST:
			v[at] = t->konst[i->imm];
			break;
		case IR_GET:
			v[at] = env_get64(&r, t->slots[i->imm].offset);
			if (i->type == IR_V128)
				r.hi[at] = env_get64(&r, t->slots[i->imm].offset + 8u);
			break;
		case IR_PUT:
			env_put64(&r, t->slots[i->imm].offset, v[i->a]);
			if (t->ins[i->a].type == IR_V128)
				env_put64(&r, t->slots[i->imm].offset + 8u, r.hi[i->a]);
			break;
		case IR_FLADD: case IR_FLSUB: case IR_FLADC: case IR_FLSBC: case IR_FLAND: case IR_FLCCMP:
			v[at] = run_flags(&r, i);
			break;
		case IR_FLSET:
			v[at] = ir_flags((u32)v[i->a]);
			break;
		case IR_FLGET:
			v[at] = ir_nzcv(v[i->a]);
			break;
		case IR_ADC: case IR_SBC:
			v[at] = run_carry(&r, i);
			break;
		case IR_SETF:
			v[at] = ir_fcc_holds(i->aux, v[i->a]);
			break;
		case IR_SELF:
			v[at] = ir_fcc_holds(i->aux, v[i->a]) ? v[i->b] : v[i->c];
			break;
		case IR_EXIT_FLAGS:
			if (ir_fcc_holds(i->aux, v[i->a])) {
				*ret_pc = there;
				return STOP_GOTO;
			}
			break;
		case IR_VZEXT:
			v[at] = v[i->a];
			r.hi[at] = 0;
			break;
		case IR_VLOW:
			v[at] = i->type == IR_I32 || i->type == IR_F32 ? (u32)v[i->a] : v[i->a];
			break;
		case IR_VGET:
			v[at] = run_vget(&r, i);
			break;
		case IR_VDUP: case IR_VDUPLANE: case IR_VSET: case IR_VINS: case IR_VAND: case IR_VOR: case IR_VXOR:
		case IR_VANDN: case IR_VNOT: case IR_VBSL: case IR_VADD: case IR_VSUB: case IR_VMUL: case IR_VMINS:
		case IR_VMAXS: case IR_VMINU: case IR_VMAXU: case IR_VAVGU: case IR_VNEG: case IR_VABS: case IR_VCMPEQ:
		case IR_VCMPGT: case IR_VCMPGTU: case IR_VSHL: case IR_VSHR: case IR_VSAR: case IR_VSHIFT: case IR_VCNT:
		case IR_VREV: case IR_VEXT: case IR_VZIP: case IR_VUZP: case IR_VTRN: case IR_VTBL: case IR_VWIDEN:
		case IR_VNARROW: case IR_VMULL: case IR_VFADD: case IR_VFSUB: case IR_VFMUL: case IR_VFDIV:
		case IR_VFSQRT: case IR_VFMIN: case IR_VFMAX: case IR_VFMINNM: case IR_VFMAXNM: case IR_VFMA:
		case IR_VFCMP: case IR_VITOF: case IR_VFTOI: case IR_VCALL:
			run_vector(&r, i, at);
			break;
		case IR_LD: case IR_ST: case IR_AMO: case IR_LL: case IR_SC: case IR_CAS: case IR_VLD: case IR_VST:
			if (!run_memory(&r, i, &v[at])) {
				*ret_pc = pc;
				return STOP_FAULT;
			}
			break;
		case IR_FENCE:
			__sync_synchronize();
			break;
		case IR_FADD: case IR_FSUB: case IR_FMUL: case IR_FDIV: case IR_FSQRT: case IR_FMA: case IR_FMIN:
		case IR_FMAX: case IR_FMINNM: case IR_FMAXNM: case IR_FRINT: case IR_FLFCMP: case IR_FCMP:
		case IR_FCVT: case IR_FTOI: case IR_ITOF:
			v[at] = run_fp(&r, i);
			break;
		case IR_FCLASS:
			v[at] = t->ins[i->a].type == IR_F32 ? fp_class32((u32)v[i->a]) : fp_class64(v[i->a]);
			break;
		case IR_UNBOX:
			v[at] = unbox(t->fp, v[i->a]);
			break;
		case IR_FFLAGS_GET:
			v[at] = r.env[m->fp_flags_offset];
			break;
		case IR_FFLAGS_SET:
			r.env[m->fp_flags_offset] = (u8)v[i->a];
			break;
		case IR_CALL:
			v[at] = run_call(&r, i, pc);
			break;
		case IR_KICK:
			if (m->kicked(env)) {
				*ret_pc = pc;
				return STOP_KICK;
			}
			break;
		case IR_EXIT_IF:
			if (ir_cc_holds(i->aux, t->ins[i->a].type, v[i->a], v[i->b])) {
				*ret_pc = there;
				return STOP_GOTO;
			}
			break;
		case IR_GOTO:
			*ret_pc = there;
			return STOP_GOTO;
		case IR_JUMP:
			*ret_pc = v[i->a];
			*ret_aux = i->aux;
			return STOP_JUMP;
		case IR_RAISE:
			*ret_pc = there;
			*ret_aux = i->aux;
			return STOP_RAISE;
		case IR_ADD: case IR_SUB: case IR_MUL: case IR_MULHS: case IR_MULHU: case IR_MULHSU:
		case IR_DIVS: case IR_DIVU: case IR_REMS: case IR_REMU: case IR_NEG: case IR_NOT:
		case IR_AND: case IR_OR: case IR_XOR: case IR_ANDN: case IR_SHL: case IR_SHR: case IR_SAR:
		case IR_ROL: case IR_ROR: case IR_MINS: case IR_MAXS: case IR_MINU: case IR_MAXU:
		case IR_SEXT: case IR_ZEXT: case IR_TRUNC: case IR_BSWAP: case IR_CLZ: case IR_CTZ:
		case IR_POPC: case IR_BITREV: case IR_EXTR: case IR_ORCB: case IR_SETCC: case IR_SELECT:
		case IR_FSGN: case IR_BITCAST:
		case IR_BOX:
			v[at] = ir_eval(i, t->ins[i->a].type, v[i->a], v[i->b], v[i->c]);
			break;
		case IR_OP_MAX:
			assert(!"an operation");
		}
	}
	assert(!"a block ends");
	return STOP_FAULT;
}
