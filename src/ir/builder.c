/* The builder: what targets call to write IR (ir.h).
 *
 * Slots: cur[s] is the value that slot s holds at this point if the block knows
 * it, so a GET after a GET or PUT costs nothing.  last_put[s] is the PUT that
 * put it there; when another PUT to s follows and last_barrier shows that
 * nothing between them could look at slots, the earlier one becomes a NOP that
 * keeps the slot's number, by which ir_verify checks this again.
 *
 * Address folding looks only at additions that the current guest instruction
 * made (build.h says why).
 *
 * Not done: moving a KICK before what its instruction PUT already (ir.h).
 * One thread owns a struct ir.
 */
#include "ir/build.h"
#include "ir/eval.h"
#include <stdlib.h>

const struct ir_opinfo ir_opinfo[IR_OP_MAX] = {
#define FAULTS IR_FAULTS
#define EFFECT IR_EFFECT
#define FP IR_FP
#define END IR_END
#define OP(name, text, sig, flags) [IR_##name] = { text, sig, flags },
#include "ir/ops.def"
#undef OP
#undef FAULTS
#undef EFFECT
#undef FP
#undef END
};

/* Bounds of the section; absent while no object has a helper. */
extern const struct ir_helper __start_mimus_helpers[] __attribute__((weak));
extern const struct ir_helper __stop_mimus_helpers[] __attribute__((weak));

const struct ir_helper *ir_helper(u32 number)
{
	size_t count = (size_t)(__stop_mimus_helpers - __start_mimus_helpers);

	return number < count ? &__start_mimus_helpers[number] : NULL;
}

u32 ir_helper_number(const struct ir_helper *h)
{
	assert(h >= __start_mimus_helpers && h < __stop_mimus_helpers);
	return (u32)(h - __start_mimus_helpers);
}

u32 ir_operands(enum ir_op op)
{
	return (u32)strlen(strchr(ir_opinfo[op].sig, ':') + 1);
}

/* ---- life ---- */

struct ir *ir_new(void)
{
	struct ir *t = xnew(struct ir);

	/* not cleared: written before they are read, and few pages of them at all */
	t->ins = xrealloc(NULL, IR_INS_MAX * sizeof *t->ins);
	t->konst = xrealloc(NULL, IR_KONST_MAX * sizeof *t->konst);
	return t;
}

void ir_free(struct ir *t)
{
	if (!t)
		return;
	free(t->ins);
	free(t->konst);
	free(t);
}

void ir_begin(struct ir *t, const struct ir_slot *slots, u32 slot_count, const struct fp_rules *fp,
	      u64 start, u32 mode, const void *cpu)
{
	assert(slot_count <= IR_SLOTS_MAX);
	t->slots = slots;
	t->slot_count = slot_count;
	t->fp = fp;
	t->start = t->pc = t->next_pc = start;
	t->mode = mode;
	t->cpu = cpu;
	t->fp_rm = FP_RNE;
	t->mark = t->insns = t->side_exits = 0;
	t->ended = t->plain = t->counted = false;
	t->ins[0] = (struct ir_ins){ .op = IR_NOP };
	t->n = 1;
	t->konst_count = 0;
	t->last_barrier = t->last_exit = t->flags_fault = 0;
	t->flags_late = false;
	t->flags_in = FLAGS_IN_NONE;
	t->fp_env = 0;
	t->va_mask = 0;
	t->fflags_get = 0;
	memset(t->cur, 0, slot_count * sizeof t->cur[0]);
	memset(t->last_put, 0, slot_count * sizeof t->last_put[0]);
}

/* Would it look at FLAGS slots?  Accesses to memory may fault, but see build_flags.c. */
bool ir_is_flags_barrier(const struct ir_ins *i)
{
	return ir_is_barrier(i) && !(ir_op_flags[i->op] & IR_FAULTS) && i->op != IR_FENCE;
}

bool ir_is_barrier(const struct ir_ins *i)
{
	const struct ir_helper *h;

	switch (i->op) {
	case IR_NOP: case IR_PC: case IR_PUT: case IR_FFLAGS_GET: case IR_FFLAGS_SET:
		return false;
	case IR_CALL:
		h = ir_helper(i->imm);
		return !h || h->flags != HELPER_PURE;
	default:
		return ir_op_flags[i->op] & (IR_FAULTS | IR_EFFECT | IR_END);
	}
}

/* May stand between FFLAGS_GET and the FFLAGS_SET that restores its result (ir_fflags_set). */
static bool leaves_flags(const struct ir_ins *i)
{
	if (i->op == IR_FCMP)
		return i->aux == FCMP_LT || i->aux == FCMP_LE;
	return i->op == IR_PC || i->op == IR_PUT || !ir_op_flags[i->op];
}

void ir_emitted(struct ir *t, ir_ref r)
{
	const struct ir_ins *i = &t->ins[r];

	if (ir_is_barrier(i))
		t->last_barrier = r;
	if (ir_is_flags_barrier(i)) {
		t->last_exit = r;
		t->flags_in |= t->flags_in ? 0 : FLAGS_IN_LIVE;
	} else if (!t->flags_fault && ir_op_flags[i->op] & IR_FAULTS) {
		t->flags_fault = r;
	}
	if (i->op == IR_FFLAGS_GET)
		t->fflags_get = r;
	else if (!leaves_flags(i))
		t->fflags_get = 0;
	if (ir_op_flags[i->op] & IR_END)
		t->ended = true;
}

void ir_insn(struct ir *t, u64 pc, u32 len)
{
	debug_assert(len <= 255 && (i64)(pc - t->start) == (i32)(pc - t->start));
	t->pc = pc;
	t->next_pc = pc + len;
	t->insns++;
	t->mark = ir_emit(t, (struct ir_ins){ .op = IR_PC, .aux = (u8)len, .imm = (u32)(pc - t->start) });
}

/* ---- constants and slots ---- */

static inline enum ir_type type_of(const struct ir *t, ir_ref r)
{
	debug_assert(r && r < t->n);
	return t->ins[r].type;
}

ir_ref ir_const(struct ir *t, enum ir_type type, u64 v)
{
	u32 h;
	ir_ref r;

	debug_assert(type > IR_NONE && type < IR_TYPE_MAX);
	if (type == IR_I32 || type == IR_F32)
		v = (u32)v;
	h = (u32)((v ^ (u64)type << 61) * 0x9e3779b97f4a7c15u >> 56);
	r = t->const_ref[h];
	if (r < t->n && t->ins[r].op == IR_CONST && t->ins[r].type == type && t->konst[t->ins[r].imm] == v)
		return r;
	assert(t->konst_count < IR_KONST_MAX);
	t->konst[t->konst_count] = v;
	r = ir_emit(t, (struct ir_ins){ .op = IR_CONST, .type = (u8)type, .imm = t->konst_count++ });
	t->const_ref[h] = r;
	return r;
}

ir_ref ir_get_unknown(struct ir *t, u32 slot)
{
	ir_ref r;

	assert(slot && slot < t->slot_count);
	r = ir_emit(t, (struct ir_ins){ .op = IR_GET, .type = t->slots[slot].type, .imm = slot });
	if (t->slots[slot].type == IR_FLAGS && !t->flags_in)
		t->flags_in = FLAGS_IN_LIVE;
	if (!t->plain)
		t->cur[slot] = r;
	return r;
}

/* May the last PUT of a FLAGS slot go, when another is made now? */
static bool flags_unseen(struct ir *t, ir_ref last)
{
	bool unseen = last > t->last_exit && !t->flags_late;

	t->flags_fault = 0;
	t->flags_late = false;
	t->flags_in |= t->flags_in ? 0 : FLAGS_IN_DEAD;
	return unseen;
}

void ir_put(struct ir *t, u32 slot, ir_ref v)
{
	ir_ref last;
	bool unseen;

	assert(slot && slot < t->slot_count);
	debug_assert(type_of(t, v) == t->slots[slot].type);
	if (t->cur[slot] == v)
		return;
	last = t->last_put[slot];
	unseen = t->slots[slot].type == IR_FLAGS ? flags_unseen(t, last) : last > t->last_barrier;
	t->last_put[slot] = ir_emit(t, (struct ir_ins){ .op = IR_PUT, .a = v, .imm = slot });
	if (unlikely(t->plain))
		return;
	t->ins[last].op = unseen ? IR_NOP : t->ins[last].op;	/* keeps slot and value */
	t->cur[slot] = v;
}

/* ---- pure operations ---- */

ir_ref ir_un(struct ir *t, enum ir_op op, ir_ref a)
{
	enum ir_type type = type_of(t, a);

	assert(type == IR_I32 || type == IR_I64);
	return ir_pure(t, (struct ir_ins){ .op = (u8)op, .type = (u8)type, .a = a });
}

/* Would no rule of fold.c apply?  Says so for what is most common: registers, and a register plus a constant or
 * shifted by one. */
static inline bool nothing_to_fold(const struct ir *t, enum ir_op op, ir_ref a, ir_ref b)
{
	static const u8 matters[IR_OP_MAX] = { [IR_CONST] = 1, [IR_NEG] = 1, [IR_NOT] = 1 };
	/* values that may have any bits set and are no shift */
	static const u8 full[IR_OP_MAX] = { [IR_GET] = 1, [IR_ADD] = 1, [IR_SUB] = 1, [IR_MUL] = 1, [IR_OR] = 1,
					    [IR_XOR] = 1 };
	const struct ir_ins *in = &t->ins[a];
	u64 k;

	if (matters[in->op] || a == b)
		return false;
	if (!matters[t->ins[b].op])
		return true;
	if (!ir_is_const(t, b, &k) || !k)
		return false;
	return op == IR_ADD ? in->op != IR_ADD :
			      op >= IR_SHL && op <= IR_SAR && full[in->op] && k < (in->type == IR_I32 ? 32 : 64);
}

ir_ref ir_bin(struct ir *t, enum ir_op op, ir_ref a, ir_ref b)
{
	enum ir_type type = type_of(t, a);

	if (nothing_to_fold(t, op, a, b))
		return ir_emit(t, (struct ir_ins){
			.op = (u8)op, .type = (u8)type, .aux = DIV_RISCV, .a = a, .b = b });
	debug_assert(type == type_of(t, b) && (type == IR_I32 || type == IR_I64));
	return ir_pure(t, (struct ir_ins){ .op = (u8)op, .type = (u8)type, .aux = DIV_RISCV, .a = a, .b = b });
}

ir_ref ir_div(struct ir *t, enum ir_op op, ir_ref a, ir_ref b, enum ir_div rule)
{
	enum ir_type type = type_of(t, a);

	assert(type == type_of(t, b) && (type == IR_I32 || type == IR_I64) && op >= IR_DIVS && op <= IR_REMU);
	return ir_pure(t, (struct ir_ins){ .op = (u8)op, .type = (u8)type, .aux = (u8)rule, .a = a, .b = b });
}

ir_ref ir_extr(struct ir *t, ir_ref high, ir_ref low, u32 lsb)
{
	enum ir_type type = type_of(t, high);

	assert(type == type_of(t, low) && lsb < (type == IR_I32 ? 32 : 64));
	if (!lsb)
		return low;
	return ir_pure(t, (struct ir_ins){ .op = IR_EXTR, .type = (u8)type, .aux = (u8)lsb, .a = high, .b = low });
}

static ir_ref extend(struct ir *t, enum ir_op op, ir_ref a, u32 bits)
{
	const struct ir_ins *in = &t->ins[a];

	if (bits == 64) {
		assert(type_of(t, a) == IR_I64);
		return a;
	}
	assert(bits == 8 || bits == 16 || bits == 32);
	if (in->type == IR_I32 && in->op != IR_CONST && in->op != IR_TRUNC)	/* as after most operations on words */
		return ir_emit(t, (struct ir_ins){ .op = (u8)op, .type = IR_I64, .aux = (u8)bits, .a = a });
	return ir_pure(t, (struct ir_ins){ .op = (u8)op, .type = IR_I64, .aux = (u8)bits, .a = a });
}

ir_ref ir_sext(struct ir *t, ir_ref a, u32 bits)
{
	return extend(t, IR_SEXT, a, bits);
}

ir_ref ir_zext(struct ir *t, ir_ref a, u32 bits)
{
	return extend(t, IR_ZEXT, a, bits);
}

ir_ref ir_trunc(struct ir *t, ir_ref a)
{
	assert(type_of(t, a) == IR_I64);
	if (t->ins[a].op == IR_GET)	/* no rule applies */
		return ir_emit(t, (struct ir_ins){ .op = IR_TRUNC, .type = IR_I32, .a = a });
	return ir_pure(t, (struct ir_ins){ .op = IR_TRUNC, .type = IR_I32, .a = a });
}

ir_ref ir_setcc(struct ir *t, enum ir_cc cc, ir_ref a, ir_ref b)
{
	assert(type_of(t, a) == type_of(t, b));
	return ir_pure(t, (struct ir_ins){ .op = IR_SETCC, .type = IR_I64, .aux = (u8)cc, .a = a, .b = b });
}

ir_ref ir_select(struct ir *t, ir_ref cond, ir_ref a, ir_ref b)
{
	assert(type_of(t, cond) == IR_I64 && type_of(t, a) == type_of(t, b));
	return ir_pure(t, (struct ir_ins){
		.op = IR_SELECT, .type = (u8)type_of(t, a), .a = cond, .b = a, .c = b });
}

/* ---- memory ---- */

struct address {
	ir_ref base, index;
	u32 shift;
	i32 disp;
};

/* An addition that this guest instruction made? */
static const struct ir_ins *own(const struct ir *t, ir_ref r, enum ir_op op)
{
	return r > t->mark && t->ins[r].op == op ? &t->ins[r] : NULL;
}

/* r shifted left by 1..3? */
static bool scaled(const struct ir *t, ir_ref r, struct address *ret)
{
	const struct ir_ins *shl = own(t, r, IR_SHL);
	u64 k;

	if (!shl || !ir_is_const(t, shl->b, &k) || k < 1 || k > 3)
		return false;
	ret->index = shl->a;
	ret->shift = (u32)k;
	return true;
}

static ir_ref masked(struct ir *t, ir_ref addr)
{
	return t->va_mask ? ir_and(t, addr, ir_imm(t, (i64)t->va_mask)) : addr;
}

static struct address address(struct ir *t, ir_ref addr)
{
	struct address m = { .base = addr };
	const struct ir_ins *add;
	u64 k;

	assert(type_of(t, addr) == IR_I64);
	if (unlikely(t->va_mask))
		return (struct address){ .base = masked(t, addr) };
	while (!t->plain && (add = own(t, m.base, IR_ADD))) {
		if (ir_is_const(t, add->b, &k)) {
			i64 sum = m.disp + (i64)(i32)k;

			if ((i64)k != (i32)k || sum != (i32)sum)
				break;
			m.disp = (i32)sum;
			m.base = add->a;
			continue;
		}
		if (m.index)
			break;
		if (scaled(t, add->b, &m)) {
			m.base = add->a;
		} else if (scaled(t, add->a, &m)) {
			m.base = add->b;
		} else {
			m.base = add->a;
			m.index = add->b;
		}
	}
	return m;
}

/* Most addresses are a register and a small constant: no addition is made for them. */
static struct address address_at(struct ir *t, ir_ref base, i64 disp)
{
	const struct ir_ins *add = &t->ins[base];
	i64 sum = disp;
	u64 k;

	if (unlikely(t->plain || disp != (i32)disp || t->va_mask))
		return address(t, ir_add(t, base, ir_imm(t, disp)));
	if (!disp)
		return address(t, base);
	if (ir_is_const(t, base, &k))
		return (struct address){ .base = ir_imm(t, (i64)k + disp) };
	if (add->op == IR_ADD && ir_is_const(t, add->b, &k) && ir_may_read(t, base, add->a)) {
		sum += (i64)k;
		if (sum == (i32)sum && (i64)k == (i32)k)
			return (struct address){ .base = add->a, .disp = (i32)sum };
	}
	return (struct address){ .base = base, .disp = (i32)disp };
}

static ir_ref load(struct ir *t, enum ir_type type, const struct address *m, u32 mem)
{
	assert(type == IR_I64 || (type == IR_F32 && (mem & MEM_SIZE) == MEM_32) ||
	       (type == IR_F64 && (mem & MEM_SIZE) == MEM_64));
	assert(mem < 32);
	return ir_emit(t, (struct ir_ins){ .op = IR_LD, .type = (u8)type, .aux = (u8)mem, .d = (u8)m->shift,
					   .a = m->base, .b = m->index, .imm = (u32)m->disp });
}

static void store(struct ir *t, const struct address *m, ir_ref value, u32 mem)
{
	enum ir_type type = type_of(t, value);

	assert(type == IR_I64 || (type == IR_F32 && (mem & MEM_SIZE) == MEM_32) ||
	       (type == IR_F64 && (mem & MEM_SIZE) == MEM_64));
	assert(mem < 32);
	ir_emit(t, (struct ir_ins){ .op = IR_ST, .aux = (u8)mem, .d = (u8)m->shift, .a = m->base,
				    .b = m->index, .c = value, .imm = (u32)m->disp });
}

ir_ref ir_load(struct ir *t, enum ir_type type, ir_ref addr, u32 mem)
{
	struct address m = address(t, addr);

	return load(t, type, &m, mem);
}

void ir_store(struct ir *t, ir_ref addr, ir_ref value, u32 mem)
{
	struct address m = address(t, addr);

	store(t, &m, value, mem);
}

ir_ref ir_load_at(struct ir *t, enum ir_type type, ir_ref base, i64 disp, u32 mem)
{
	struct address m = address_at(t, base, disp);

	return load(t, type, &m, mem);
}

void ir_store_at(struct ir *t, ir_ref base, i64 disp, ir_ref value, u32 mem)
{
	struct address m = address_at(t, base, disp);

	store(t, &m, value, mem);
}

ir_ref ir_amo(struct ir *t, enum ir_amo kind, ir_ref addr, ir_ref value, u32 mem)
{
	assert(kind < AMO_MAX && type_of(t, addr) == IR_I64 && type_of(t, value) == IR_I64);
	return ir_emit(t, (struct ir_ins){ .op = IR_AMO, .type = IR_I64, .aux = (u8)mem, .d = (u8)kind,
					   .a = masked(t, addr), .b = value });
}

ir_ref ir_ll(struct ir *t, ir_ref addr, u32 mem)
{
	assert(type_of(t, addr) == IR_I64);
	return ir_emit(t, (struct ir_ins){ .op = IR_LL, .type = IR_I64, .aux = (u8)mem, .a = masked(t, addr) });
}

ir_ref ir_sc(struct ir *t, ir_ref addr, ir_ref value, u32 mem)
{
	assert(type_of(t, addr) == IR_I64 && type_of(t, value) == IR_I64);
	return ir_emit(t, (struct ir_ins){ .op = IR_SC, .type = IR_I64, .aux = (u8)mem, .a = masked(t, addr),
			.b = value });
}

ir_ref ir_cas(struct ir *t, ir_ref addr, ir_ref expected, ir_ref value, u32 mem)
{
	assert(type_of(t, addr) == IR_I64 && type_of(t, expected) == IR_I64 && type_of(t, value) == IR_I64);
	return ir_emit(t, (struct ir_ins){
		.op = IR_CAS, .type = IR_I64, .aux = (u8)mem, .a = masked(t, addr), .b = expected, .c = value });
}

ir_ref ir_vload_at(struct ir *t, ir_ref base, i64 disp)
{
	struct address m = address_at(t, base, disp);

	return ir_emit(t, (struct ir_ins){ .op = IR_VLD, .type = IR_V128, .d = (u8)m.shift, .a = m.base,
					   .b = m.index, .imm = (u32)m.disp });
}

void ir_vstore_at(struct ir *t, ir_ref base, i64 disp, ir_ref value)
{
	struct address m = address_at(t, base, disp);

	assert(type_of(t, value) == IR_V128);
	ir_emit(t, (struct ir_ins){ .op = IR_VST, .d = (u8)m.shift, .a = m.base, .b = m.index, .c = value,
				    .imm = (u32)m.disp });
}

void ir_fence(struct ir *t, bool store_load)
{
	ir_emit(t, (struct ir_ins){ .op = IR_FENCE, .aux = store_load });
}

/* ---- floating point ---- */

static bool is_float(enum ir_type type)
{
	return type == IR_F32 || type == IR_F64;
}

ir_ref ir_fbin(struct ir *t, enum ir_op op, ir_ref a, ir_ref b, u32 rm)
{
	assert(is_float(type_of(t, a)) && type_of(t, a) == type_of(t, b) && rm <= FP_ROD);
	return ir_emit(t, (struct ir_ins){
		.op = (u8)op, .type = (u8)type_of(t, a), .aux = (u8)rm, .a = a, .b = b });
}

ir_ref ir_fsqrt(struct ir *t, ir_ref a, u32 rm)
{
	assert(is_float(type_of(t, a)) && rm <= FP_ROD);
	return ir_emit(t, (struct ir_ins){ .op = IR_FSQRT, .type = (u8)type_of(t, a), .aux = (u8)rm, .a = a });
}

ir_ref ir_frint(struct ir *t, ir_ref a, u32 rm, bool exact)
{
	assert(is_float(type_of(t, a)) && rm <= FP_ROD);
	return ir_emit(t, (struct ir_ins){
		.op = IR_FRINT, .type = (u8)type_of(t, a), .aux = (u8)rm, .d = exact, .a = a });
}

ir_ref ir_fma(struct ir *t, ir_ref a, ir_ref b, ir_ref c, u32 rm, u32 neg)
{
	enum ir_type type = type_of(t, a);

	assert(is_float(type) && type == type_of(t, b) && type == type_of(t, c) && rm <= FP_ROD && neg <= 3);
	return ir_emit(t, (struct ir_ins){ .op = IR_FMA, .type = (u8)type, .aux = (u8)rm, .d = (u8)neg,
					   .a = a, .b = b, .c = c });
}

ir_ref ir_fcmp(struct ir *t, enum ir_fcmp how, ir_ref a, ir_ref b, bool quiet)
{
	assert(is_float(type_of(t, a)) && type_of(t, a) == type_of(t, b) && how <= FCMP_LE);
	return ir_emit(t, (struct ir_ins){ .op = IR_FCMP, .type = IR_I64, .aux = (u8)how,
					   .d = quiet ? FCMP_QUIET : 0, .a = a, .b = b });
}

static ir_ref convert(struct ir *t, enum ir_op op, enum ir_type to, ir_ref a, u32 rm, bool is_unsigned)
{
	assert(rm <= FP_ROD && is_float(type_of(t, a)) == (op != IR_ITOF) && is_float(to) == (op != IR_FTOI));
	return ir_emit(t, (struct ir_ins){
		.op = (u8)op, .type = (u8)to, .aux = (u8)rm, .d = is_unsigned, .a = a });
}

ir_ref ir_fcvt(struct ir *t, enum ir_type to, ir_ref a, u32 rm)
{
	assert(to != type_of(t, a));
	return convert(t, IR_FCVT, to, a, rm, false);
}

ir_ref ir_ftoi(struct ir *t, enum ir_type to, ir_ref a, u32 rm, bool is_unsigned)
{
	return convert(t, IR_FTOI, to, a, rm, is_unsigned);
}

ir_ref ir_itof(struct ir *t, enum ir_type to, ir_ref a, u32 rm, bool is_unsigned)
{
	return convert(t, IR_ITOF, to, a, rm, is_unsigned);
}

ir_ref ir_fclass(struct ir *t, ir_ref a)
{
	assert(is_float(type_of(t, a)));
	return ir_pure(t, (struct ir_ins){ .op = IR_FCLASS, .type = IR_I64, .a = a });
}

ir_ref ir_fsgn(struct ir *t, enum ir_sgn how, ir_ref a, ir_ref b)
{
	assert(is_float(type_of(t, a)) && type_of(t, a) == type_of(t, b) && how <= SGN_XOR);
	return ir_pure(t, (struct ir_ins){
		.op = IR_FSGN, .type = (u8)type_of(t, a), .aux = (u8)how, .a = a, .b = b });
}

static bool is_wide(enum ir_type type)
{
	return type == IR_I64 || type == IR_F64;
}

ir_ref ir_bitcast(struct ir *t, enum ir_type to, ir_ref a)
{
	assert(is_wide(to) == is_wide(type_of(t, a)));
	if (to == type_of(t, a))
		return a;
	return ir_pure(t, (struct ir_ins){ .op = IR_BITCAST, .type = (u8)to, .a = a });
}

ir_ref ir_box(struct ir *t, ir_ref a)
{
	assert(type_of(t, a) == IR_F32);
	return ir_pure(t, (struct ir_ins){ .op = IR_BOX, .type = IR_F64, .a = a });
}

ir_ref ir_unbox(struct ir *t, ir_ref a)
{
	assert(type_of(t, a) == IR_F64);
	return ir_pure(t, (struct ir_ins){ .op = IR_UNBOX, .type = IR_F32, .a = a });
}

ir_ref ir_fflags_get(struct ir *t)
{
	return ir_emit(t, (struct ir_ins){ .op = IR_FFLAGS_GET, .type = IR_I64 });
}

/* Compilers wrap a comparison that must not signal in a read and a restore of
 * the flags.  Then the comparisons between raise nothing and the restore goes. */
void ir_fflags_set(struct ir *t, ir_ref v)
{
	assert(type_of(t, v) == IR_I64);
	if (v && v == t->fflags_get && !t->plain) {
		for (u32 i = v + 1u; i < t->n; i++)
			if (t->ins[i].op == IR_FCMP)
				t->ins[i].d |= FCMP_QUIET | FCMP_SILENT;
		return;
	}
	ir_emit(t, (struct ir_ins){ .op = IR_FFLAGS_SET, .a = v });
}

/* ---- control ---- */

ir_ref ir_call(struct ir *t, const struct ir_helper *h, enum ir_type ret, ir_ref a, ir_ref b, ir_ref c)
{
	ir_ref r;

	assert(!a || type_of(t, a) == IR_I64);
	assert(!b || type_of(t, b) == IR_I64);
	assert(!c || type_of(t, c) == IR_I64);
	r = ir_emit(t, (struct ir_ins){
		.op = IR_CALL, .type = (u8)ret, .a = a, .b = b, .c = c, .imm = ir_helper_number(h) });
	if (h->flags & HELPER_WRITES)
		memset(t->cur, 0, t->slot_count * sizeof t->cur[0]);
	return r;
}

static bool is_near(const struct ir *t, u64 target)
{
	return (i64)(target - t->start) == (i32)(target - t->start);
}

void ir_kick_if_backward(struct ir *t, u64 target)
{
	if (target <= t->pc)
		ir_emit(t, (struct ir_ins){ .op = IR_KICK });
}

void ir_branch(struct ir *t, enum ir_cc cc, ir_ref a, ir_ref b, u64 target)
{
	u8 c = (u8)cc;
	int known;

	assert(type_of(t, a) == type_of(t, b));
	known = ir_fold_cc(t, &c, &a, &b);
	if (!known)
		return;
	if (known == 1) {
		ir_goto(t, target);
		return;
	}
	if (!is_near(t, target)) {
		ir_emit(t, (struct ir_ins){
			.op = IR_EXIT_IF, .aux = c ^ 1, .a = a, .b = b, .imm = (u32)(t->next_pc - t->start) });
		ir_goto(t, target);
		return;
	}
	ir_kick_if_backward(t, target);
	ir_emit(t, (struct ir_ins){ .op = IR_EXIT_IF, .aux = c, .a = a, .b = b, .imm = (u32)(target - t->start) });
	t->side_exits++;
}

void ir_goto(struct ir *t, u64 target)
{
	if (t->ended)
		return;
	if (!is_near(t, target)) {
		ir_jump(t, ir_imm(t, (i64)target), JUMP_PLAIN);
		return;
	}
	ir_kick_if_backward(t, target);
	ir_emit(t, (struct ir_ins){ .op = IR_GOTO, .imm = (u32)(target - t->start) });
}

void ir_jump(struct ir *t, ir_ref target, enum ir_jump hint)
{
	if (t->ended)
		return;
	assert(type_of(t, target) == IR_I64);
	ir_emit(t, (struct ir_ins){ .op = IR_JUMP, .aux = (u8)hint, .a = target });
}

void ir_raise(struct ir *t, u32 exit, u64 pc)
{
	if (t->ended)
		return;
	assert(is_near(t, pc));
	ir_emit(t, (struct ir_ins){ .op = IR_RAISE, .aux = (u8)exit, .imm = (u32)(pc - t->start) });
}
