/* Condition flags.  The guest's N Z C V are kept where host instructions leave
 * and want them: in SF ZF CF OF.
 *
 * At any time at most one FLAGS value matters, the last one made
 * (e->flags.value).  It is in the host's flags, in one of three forms, or in
 * the guest's FLAGS slot, or in both:
 *
 *	FORM_SUB   as after cmp a, b: CF = borrow = !C.  The slot's form (ir.h).
 *	FORM_ADD   as after add: CF = C
 *	FORM_FP    as after vucomisd a, b: less CF, equal ZF, unordered ZF PF CF
 *
 * A PUT to the slot writes nothing as long as the host's flags hold the value:
 * whatever would overwrite them stores it first (x64_flags_clobber), exits store
 * it in cold code, which a link to a block that makes new flags passes by, and a
 * fault's handler takes it from the context (struct jit_pend).
 *
 * Instructions that leave host flags alone: moves, lea, setcc, cmovcc, not,
 * everything on vectors but vucomis and vptest.  emit.c knows which IR operations
 * are made of these alone; ADD and NEG avoid flags when x64_flags_live() says so.
 */
#include "jit/x64/x64.h"

enum { CMC = 0xf5, LAHF = 0x9f, SAHF = 0x9e };

static i32 slot_disp(void)
{
	return (i32)x64_homes.flags_offset - VCPU_BIAS;
}

bool x64_flags_live(const struct x64 *e)
{
	const struct x64_flags *f = &e->flags;

	return f->in_host && !f->in_slot && (f->put || e->v[f->value].left);
}

/* Store the value that the host's flags hold; rax is free.  Changes host flags when the form is FORM_FP. */
void x64_flags_store(struct x64 *e, u32 form)
{
	if (form == FORM_ADD)
		e8(&e->p, CMC);
	if (form == FORM_FP) {	/* by a table of what less, equal, greater and unordered look like */
		e8(&e->p, LAHF);
		e_rr(&e->p, 0, 0, 0x0fb6, RAX, RSP, false);	/* movzx eax, ah */
		e_alu_ri(&e->p, 0, ALU_AND, RAX, FP_FLAGS_MASK);
		e_rm(&e->p, 0, 0, 0x0fb7, RAX, (struct mem){RBP, RAX, 1, AREA(fp_flags)}, false);
	} else {
		e_rr(&e->p, 0, 0, 0x0f90 | J_O, 0, RAX, false);
		e8(&e->p, LAHF);
	}
	e_rm(&e->p, 0x66, 0, 0x89, RAX, at(slot_disp()), false);
}

/* Host flags to the slot; they may be lost. */
static void save(struct x64 *e)
{
	u32 busy = e->busy;

	e->busy &= ~(1u << RAX);
	x64_take(e, RAX);
	e->busy = busy;
	x64_flags_store(e, e->flags.form);
	if (e->flags.form == FORM_ADD)
		e->flags.form = FORM_SUB;
	e->flags.in_slot = true;
}

void x64_flags_clobber(struct x64 *e)
{
	if (x64_flags_live(e))
		save(e);
	e->flags.in_host = false;
}

u32 x64_flags_pending(const struct x64 *e)
{
	return e->flags.in_host && e->flags.put && !e->flags.in_slot ? e->flags.form : FORM_NONE;
}

/* The slot's value to the host's flags.  Takes rax for a moment. */
static void load(struct x64 *e)
{
	x64_take(e, RAX);
	e_rm(&e->p, 0, 0, 0x0fb7, RAX, at(slot_disp()), false);	/* as wide as it was stored */
	e8(&e->p, 0x04);	/* add al, 0x7f: OF if al was 1 */
	e8(&e->p, 0x7f);
	e8(&e->p, SAHF);
	e->busy &= ~(1u << RAX);
	e->flags.in_host = true;
	e->flags.form = FORM_SUB;
}

/* Value r is about to be looked at: into the host's flags. */
static void need(struct x64 *e, ir_ref r)
{
	assert(r == e->flags.value);
	if (!e->flags.in_host)
		load(e);
}

/* In FORM_SUB or FORM_ADD. */
static void need_carry(struct x64 *e, ir_ref r, u32 form)
{
	need(e, r);
	if (e->flags.form == FORM_FP) {
		save(e);
		load(e);
	}
	if (e->flags.form != form) {
		e8(&e->p, CMC);
		e->flags.form = (u8)form;
	}
}

/* The operation's result is in the host's flags. */
static void made(struct x64 *e, u32 form)
{
	e->v[e->i] = (struct value){.left = e->t->ins[e->i].uses, .root = (ir_ref)e->i};
	e->flags = (struct x64_flags){.value = (ir_ref)e->i, .in_host = true, .form = (u8)form};
}

static void made_in_slot(struct x64 *e)
{
	made(e, FORM_NONE);
	e->flags.in_host = false;
	e->flags.in_slot = true;
}

void x64_flags_get(struct x64 *e)
{
	made_in_slot(e);
}

void x64_flags_put(struct x64 *e, ir_ref r)
{
	assert(r == e->flags.value);
	e->v[r].left--;
	e->flags.put = true;
}

/* ---- conditions ---- */

struct x64_cond x64_flags_cond(struct x64 *e, ir_ref r, enum ir_fcc cc)
{
	static const u8 sub[] = {
		[FCC_EQ] = J_E, [FCC_NE] = J_NE, [FCC_CS] = J_AE, [FCC_CC] = J_B, [FCC_MI] = J_S, [FCC_PL] = J_NS,
		[FCC_VS] = J_O, [FCC_VC] = J_NO, [FCC_HI] = J_A, [FCC_LS] = J_BE, [FCC_GE] = J_GE, [FCC_LT] = J_L,
		[FCC_GT] = J_G, [FCC_LE] = J_LE,
	};
	static const struct x64_cond fp[] = {
		[FCC_EQ] = {J_E, COND_AND_ORDERED}, [FCC_NE] = {J_NE, COND_OR_UNORDERED},
		[FCC_CS] = {J_AE, COND_OR_UNORDERED}, [FCC_CC] = {J_B, COND_AND_ORDERED},
		[FCC_MI] = {J_B, COND_AND_ORDERED}, [FCC_PL] = {J_AE, COND_OR_UNORDERED},
		[FCC_VS] = {J_P, COND_ONE}, [FCC_VC] = {J_NP, COND_ONE},
		[FCC_HI] = {J_A, COND_OR_UNORDERED}, [FCC_LS] = {J_BE, COND_AND_ORDERED},
		[FCC_GE] = {J_AE, COND_ONE}, [FCC_LT] = {J_B, COND_ONE},
		[FCC_GT] = {J_A, COND_ONE}, [FCC_LE] = {J_BE, COND_ONE},
	};

	need(e, r);
	if (e->flags.form == FORM_FP)
		return fp[cc];
	if (e->flags.form == FORM_ADD && (cc == FCC_CS || cc == FCC_CC))
		return (struct x64_cond){cc == FCC_CS ? J_B : J_AE, COND_ONE};
	if (cc == FCC_HI || cc == FCC_LS)
		need_carry(e, r, FORM_SUB);
	return (struct x64_cond){sub[cc], COND_ONE};
}

/* cmovcc that moves when c holds (holds = false: when it does not); d keeps its value otherwise. */
static void cmov(struct x64 *e, struct x64_cond c, u32 w, u32 d, u32 s)
{
	assert(c.how != COND_AND_ORDERED);
	e_rr(&e->p, 0, w, 0x0f40 | c.cc, d, s, false);
	if (c.how == COND_OR_UNORDERED)
		e_rr(&e->p, 0, w, 0x0f40 | J_P, d, s, false);
}

static struct x64_cond inverse(struct x64_cond c)
{
	static const u8 how[] = {
		[COND_ONE] = COND_ONE, [COND_AND_ORDERED] = COND_OR_UNORDERED, [COND_OR_UNORDERED] = COND_AND_ORDERED,
	};

	return (struct x64_cond){c.cc ^ 1, how[c.how]};
}

static void emit_setf(struct x64 *e, const struct ir_ins *n)
{
	struct x64_cond c = x64_flags_cond(e, n->a, n->aux);
	u32 d, s;

	e->v[n->a].left--;
	if (c.how == COND_ONE) {
		d = x64_dest(e, true);
		e_rr(&e->p, 0, 0, 0x0f90 | c.cc, 0, d, true);
		e_rr(&e->p, 0, 0, 0x0fb6, d, d, true);
	} else {	/* 0 or 1 moved over 1 or 0 */
		bool any = c.how == COND_OR_UNORDERED;

		d = x64_scratch(e);
		s = x64_scratch(e);
		e_mov_ri(&e->p, d, !any);
		e_mov_ri(&e->p, s, any);
		cmov(e, any ? c : inverse(c), 0, d, s);
	}
	x64_set_gpr(e, d);
}

static void select_int(struct x64 *e, const struct ir_ins *n, struct x64_cond c)
{
	ir_ref yes = n->b, no = n->c;
	u32 w = n->type == IR_I64, d, ry;
	struct mem m;
	bool mem;

	if (c.how == COND_AND_ORDERED) {
		c = inverse(c);
		yes = n->c;
		no = n->b;
	}
	mem = c.how == COND_ONE && x64_in_mem(e, yes, &m);
	ry = mem ? NO_REG : x64_gpr(e, yes);
	x64_used(e, n->b);
	x64_used(e, n->c);
	d = x64_dest(e, false);
	x64_gpr_to(e, no, d);
	if (mem)
		e_rm(&e->p, 0, w, 0x0f40 | c.cc, d, m, false);
	else
		cmov(e, c, w, d, ry);
	x64_set_gpr(e, d);
}

static void select_fp(struct x64 *e, const struct ir_ins *n, struct x64_cond c)
{
	u32 rb = x64_xmm(e, n->b), rc = x64_xmm(e, n->c), d = x64_xscratch(e);
	u8 *skip, *take = NULL;

	if (c.how == COND_AND_ORDERED) {
		u32 swap = rb;

		c = inverse(c);
		rb = rc;
		rc = swap;
	}
	e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x28, d, 0, rb);
	if (c.how == COND_OR_UNORDERED) {
		e8(&e->p, 0x70 | J_P);
		take = e->p++;
	}
	e8(&e->p, 0x70 | c.cc);
	skip = e->p++;
	e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x28, d, 0, rc);
	*skip = (u8)(e->p - (skip + 1));
	if (take)
		*take = (u8)(e->p - (take + 1));
	x64_used(e, n->b);
	x64_used(e, n->c);
	x64_set_xmm(e, d);
}

static void emit_self(struct x64 *e, const struct ir_ins *n)
{
	struct x64_cond c = x64_flags_cond(e, n->a, n->aux);

	e->v[n->a].left--;
	if (n->type == IR_F32 || n->type == IR_F64)
		select_fp(e, n, c);
	else
		select_int(e, n, c);
}

/* ---- what makes flags ---- */

static u32 is64(const struct x64 *e, ir_ref r)
{
	return e->t->ins[r].type == IR_I64;
}

/* add of a and b into a register that nobody wants. */
static void add_scratch(struct x64 *e, ir_ref a, ir_ref b)
{
	u32 w = is64(e, a), s;
	i32 imm;

	if (x64_is_imm32(e, b, w, &imm)) {
		s = x64_scratch(e);
		x64_gpr_to(e, a, s);
		e_alu_ri(&e->p, w, ALU_ADD, s, imm);
	} else {
		u32 rb = x64_gpr(e, b);

		s = x64_scratch(e);
		x64_gpr_to(e, a, s);
		e_rr(&e->p, 0, w, ALU_ADD << 3 | 3, s, rb, false);
	}
}

static void emit_flags_of(struct x64 *e, const struct ir_ins *n)
{
	u32 w = is64(e, n->a), ra;
	i32 imm;

	if (n->op == IR_FLSUB) {
		x64_compare(e, n->a, n->b);
		made(e, FORM_SUB);
		return;
	}
	if (n->op == IR_FLADD) {
		add_scratch(e, n->a, n->b);
	} else {
		ra = x64_gpr(e, n->a);
		if (x64_is_imm32(e, n->b, w, &imm)) {
			e_rr(&e->p, 0, w, 0xf7, 0, ra, false);
			e32(&e->p, (u32)imm);
		} else {
			e_rr(&e->p, 0, w, 0x85, x64_gpr(e, n->b), ra, false);
		}
	}
	x64_used(e, n->a);
	x64_used(e, n->b);
	made(e, FORM_ADD);
}

/* a + b + C or a - b - !C */
static void emit_carry(struct x64 *e, const struct ir_ins *n)
{
	bool adds = n->op == IR_ADC || n->op == IR_FLADC, value = n->op == IR_ADC || n->op == IR_SBC;
	u32 w = is64(e, n->a), alu = adds ? ALU_ADC : ALU_SBB, rb, s;
	bool fused = value && x64_flags_fused(e, n);

	if (value && !fused && x64_flags_live(e))
		save(e);
	need_carry(e, n->c, adds ? FORM_ADD : FORM_SUB);
	rb = x64_gpr(e, n->b);
	s = x64_scratch(e);
	x64_gpr_to(e, n->a, s);
	e_rr(&e->p, 0, w, alu << 3 | 3, s, rb, false);
	x64_used(e, n->a);
	x64_used(e, n->b);
	e->v[n->c].left--;
	e->flags.in_host = false;
	if (fused)
		x64_flags_fused_uses(e);
	if (value)
		x64_set_gpr(e, s);
	else
		made(e, adds ? FORM_ADD : FORM_SUB);
}

/* Flags of a compare, or N Z C V as given. */
static void emit_ccmp(struct x64 *e, const struct ir_ins *n)
{
	u32 w = is64(e, n->a), ra, rb = 0;
	bool is_imm;
	struct x64_cond c;
	u8 *other, *done;
	i32 imm;

	if (e->flags.in_host && e->flags.form == FORM_FP)
		need_carry(e, n->c, FORM_SUB);
	c = x64_flags_cond(e, n->c, n->aux);
	assert(c.how == COND_ONE);
	x64_take(e, RAX);	/* loads the constant flags on one path */
	e->busy &= ~(1u << RAX);
	ra = x64_gpr(e, n->a);
	is_imm = x64_is_imm32(e, n->b, w, &imm);
	if (!is_imm)
		rb = x64_gpr(e, n->b);
	e8(&e->p, 0x70 | (c.cc ^ 1));
	other = e->p++;
	if (n->d & CCMP_ADD) {	/* in rax if it is neither operand's place, else in memory */
		e_rm(&e->p, 0, 1, 0x89, ra, at(AREA(ret)), false);
		if (is_imm)
			e_alu_mi(&e->p, w, ALU_ADD, at(AREA(ret)), imm);
		else
			e_rm(&e->p, 0, w, ALU_ADD << 3 | 1, rb, at(AREA(ret)), false);
		e8(&e->p, CMC);
	} else if (is_imm) {
		e_alu_ri(&e->p, w, ALU_CMP, ra, imm);
	} else {
		e_rr(&e->p, 0, w, 0x3b, ra, rb, false);
	}
	e8(&e->p, 0xeb);
	done = e->p++;
	*other = (u8)(e->p - (other + 1));
	if (ra == RAX || (!is_imm && rb == RAX))	/* still wanted, perhaps */
		e_rm(&e->p, 0, 1, 0x89, RAX, at(AREA(save_rax)), false);
	e_mov_ri(&e->p, RAX, ir_flags(n->d & 15));
	e8(&e->p, 0x04);
	e8(&e->p, 0x7f);
	e8(&e->p, SAHF);
	if (ra == RAX || (!is_imm && rb == RAX))
		e_rm(&e->p, 0, 1, 0x8b, RAX, at(AREA(save_rax)), false);
	*done = (u8)(e->p - (done + 1));
	x64_used(e, n->a);
	x64_used(e, n->b);
	e->v[n->c].left--;
	made(e, FORM_SUB);
}

static void emit_fcmp(struct x64 *e, const struct ir_ins *n)
{
	u32 type = e->t->ins[n->a].type, ra, rb;
	u8 in[2];

	ra = x64_xmm(e, n->a);
	rb = x64_xmm(e, n->b);
	x64_used(e, n->a);
	x64_used(e, n->b);
	if (e->t->fp_env) {	/* denormals may count as zero */
		in[0] = (u8)ra;
		in[1] = (u8)rb;
		x64_take(e, RAX);
		x64_soft_call(e, NULL, in, 2, 3, RAX, false);
		e_rm(&e->p, 0x66, 0, 0x89, RAX, at(slot_disp()), false);
		made_in_slot(e);
		return;
	}
	e_vrr(&e->p, MAP_0F, type == IR_F64 ? PP_66 : PP_NONE, 0, n->d & FCMP_QUIET ? 0x2e : 0x2f, ra, 0, rb);
	made(e, FORM_FP);
}

/* From and to an integer: through the slot. */
static void emit_set(struct x64 *e, const struct ir_ins *n)
{
	u32 s;

	x64_take(e, RCX);
	x64_gpr_to(e, n->a, RCX);
	x64_used(e, n->a);
	s = x64_scratch(e);
	e->flags.in_host = false;
	e_alu_ri(&e->p, 0, ALU_AND, RCX, 15);
	e_rm(&e->p, 0, 0, 0x0fb7, s, (struct mem){RBP, RCX, 1, AREA(flags_of_nzcv)}, false);
	e_rm(&e->p, 0x66, 0, 0x89, s, at(slot_disp()), false);
	made_in_slot(e);
}

static void emit_get(struct x64 *e, const struct ir_ins *n)
{
	u32 d, s;

	assert(n->a == e->flags.value);
	if (!e->flags.in_slot)
		save(e);
	e->flags.in_host = false;
	e->v[n->a].left--;
	d = x64_dest(e, true);
	s = x64_scratch(e);
	if (s == d)
		s = x64_scratch(e);
	e_mov_ri(&e->p, s, FLAGS_N | FLAGS_Z | FLAGS_BORROW | FLAGS_V);
	e_rm(&e->p, 0, 0, 0x0fb7, d, at(slot_disp()), false);
	e_vrr(&e->p, MAP_0F38, PP_F3, 0, 0xf5, d, d, s);	/* pext: V, borrow, Z, N */
	e_alu_ri(&e->p, 0, ALU_XOR, d, 2);
	x64_set_gpr(e, d);
}

void x64_flags(struct x64 *e)
{
	const struct ir_ins *n = &e->t->ins[e->i];

	if (e->flags.fused == e->i) {	/* the operation before left them where they are */
		made(e, n->op == IR_FLSUB || n->op == IR_FLSBC ? FORM_SUB : FORM_ADD);
		return;
	}
	switch (n->op) {
	case IR_FLADD: case IR_FLSUB: case IR_FLAND: emit_flags_of(e, n); break;
	case IR_FLADC: case IR_FLSBC: case IR_ADC: case IR_SBC: emit_carry(e, n); break;
	case IR_FLCCMP: emit_ccmp(e, n); break;
	case IR_FLFCMP: emit_fcmp(e, n); break;
	case IR_FLSET: emit_set(e, n); break;
	case IR_FLGET: emit_get(e, n); break;
	case IR_SETF: emit_setf(e, n); break;
	case IR_SELF: emit_self(e, n); break;
	default: assert(!"an operation on flags");
	}
}

/* May stand between an operation and that for its flags: leaves host flags alone. */
static bool in_between(const struct ir_ins *n)
{
	return n->op == IR_CONST || n->op == IR_NOP || n->op == IR_ZEXT || n->op == IR_PUT;
}

/* Does FL operation f ask for the flags of just what n computes?  Folding made a - k an addition of -k. */
static bool same_flags(const struct ir *t, const struct ir_ins *n, const struct ir_ins *f)
{
	static const u8 of[IR_OP_MAX] = {
		[IR_ADD] = IR_FLADD, [IR_SUB] = IR_FLSUB, [IR_AND] = IR_FLAND, [IR_ADC] = IR_FLADC, [IR_SBC] = IR_FLSBC,
	};
	u64 k, minus_k;

	if (f->a != n->a || f->c != n->c || t->ins[n->a].type != n->type)
		return false;
	if (f->op == of[n->op] && f->b == n->b)
		return true;
	if (n->op != IR_ADD || f->op != IR_FLSUB)
		return false;
	if (!ir_is_const(t, n->b, &minus_k) || !ir_is_const(t, f->b, &k))
		return false;
	k = n->type == IR_I32 ? (u64)(i64)(i32)k : k;
	return k && (i64)k == (i32)k && !(n->type == IR_I32 ? (u32)(k + minus_k) : k + minus_k);
}

/* Will n's flags be asked for next?  Then it is to be done by an instruction that makes them: FLADD .. FLAND; else
 * 0. */
enum ir_op x64_flags_fused(struct x64 *e, const struct ir_ins *n)
{
	const struct ir *t = e->t;
	const struct ir_ins *f = n + 1, *end = t->ins + t->n;

	if (!x64_homes.flags_offset)
		return 0;
	while (f < end && in_between(f))
		f++;
	if (f >= end || f->op < IR_FLADD || f->op > IR_FLAND || !same_flags(t, n, f))
		return 0;
	e->flags.fused = (u32)(f - t->ins);
	return f->op;
}

/* The use of the same operands by the FL operation, which ends with that by the operation before. */
void x64_flags_fused_uses(struct x64 *e)
{
	const struct ir_ins *f = &e->t->ins[e->flags.fused];

	x64_used(e, f->a);
	x64_used(e, f->b);
	if (f->c)
		e->v[f->c].left--;
	e->flags.in_host = false;
}
