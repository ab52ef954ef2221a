/* A64 loads and stores of vector registers (DDI 0487, C4.1.88): B H S D Q with
 * every form of address, pairs, and the structure loads and stores.
 *
 * Letters: z = size, q is x (bit 30), d = Rt, a = Rn, b = Rm, c = Rt2, y = opcode,
 * s m = S and size of a lane.
 *
 * A structure access moves whole registers' worth of memory at once and then
 * interleaves in registers.  All loads are done before a register is written.
 */
#define FEATURE ARM_BASE
#include "target/arm64/arm64.h"

static i64 imm9(u32 w) { return (i32)(w << 11) >> 23; }
static i64 imm19(u32 w) { return (i64)((i32)(w << 8) >> 13) * 4; }
static i64 imm7(u32 w) { return (i32)(w << 10) >> 25; }

enum { SIZE_Q = 4 };	/* log2 of bytes */

static ir_ref load(struct ir *t, u32 size, ir_ref base, i64 disp)
{
	switch (size) {
	case MEM_32: return ir_vzext(t, ir_load_at(t, IR_F32, base, disp, MEM_32));
	case MEM_64: return ir_vzext(t, ir_load_at(t, IR_F64, base, disp, MEM_64));
	case SIZE_Q: return ir_vload_at(t, base, disp);
	default: return ir_vzext(t, ir_load_at(t, IR_I64, base, disp, size));
	}
}

static void store(struct ir *t, u32 size, ir_ref base, i64 disp, ir_ref v)
{
	switch (size) {
	case MEM_32: ir_store_at(t, base, disp, ir_vlow(t, IR_F32, v), MEM_32); break;
	case MEM_64: ir_store_at(t, base, disp, ir_vlow(t, IR_F64, v), MEM_64); break;
	case SIZE_Q: ir_vstore_at(t, base, disp, v); break;
	default: ir_store_at(t, base, disp, ir_vget(t, size, v, 0, false), size);
	}
}

/* ---- one register ---- */

/* y: 0 store, 1 load; 2 and 3 the same of Q, with size 0.  False, and illegal, if there is no such. */
static bool decode_size(struct ir *t, const struct operands *o, u32 *ret_size)
{
	*ret_size = o->y & 2 ? SIZE_Q : o->z;
	if (!(o->y & 2) || !o->z)
		return true;
	illegal(t);
	return false;
}

/* Access at base + disp; the base becomes `after` if that is not 0. */
static void one(struct ir *t, const struct operands *o, u32 size, ir_ref base, i64 disp, ir_ref after)
{
	ir_ref v = 0;

	if (o->y & 1)
		v = load(t, size, base, disp);
	else
		store(t, size, base, disp, getv(t, o->d));
	if (after)
		setxsp(t, o->a, after);
	if (v)
		setv(t, o->d, v);
}

static void at_offset(struct ir *t, const struct operands *o, bool scaled)
{
	u32 size;

	if (decode_size(t, o, &size))
		one(t, o, size, getxsp(t, o->a), scaled ? o->imm << size : o->imm, 0);
}

static void indexed(struct ir *t, const struct operands *o, bool post)
{
	ir_ref base = getxsp(t, o->a);
	u32 size;

	if (decode_size(t, o, &size))
		one(t, o, size, base, post ? 0 : o->imm, ir_add(t, base, ir_imm(t, o->imm)));
}

static void at_register(struct ir *t, const struct operands *o)
{
	u32 size;

	if (!(o->x & 2))
		illegal(t);
	else if (decode_size(t, o, &size))
		one(t, o, size, arm64_register_offset(t, o, o->x, o->s ? size : 0), 0, 0);
}

static void literal(struct ir *t, const struct operands *o)
{
	if (o->z == 3)
		illegal(t);
	else
		setv(t, o->d, load(t, o->z + 2u, ir_imm(t, (i64)t->pc + o->imm), 0));
}

/* ---- pairs ---- */

enum { NO_INDEX, POST, PRE };

static void pair(struct ir *t, const struct operands *o, bool is_load, u32 how)
{
	u32 size = o->z + 2u, bytes = 1u << size;
	i64 offset = o->imm * (i64)bytes, at = how == POST ? 0 : offset;
	ir_ref base = getxsp(t, o->a), first = 0, second = 0;

	if (o->z == 3) {
		illegal(t);
		return;
	}
	if (is_load) {
		first = load(t, size, base, at);
		second = load(t, size, base, at + bytes);
	} else {
		store(t, size, base, at, getv(t, o->d));
		store(t, size, base, at + bytes, getv(t, o->c));
	}
	if (how != NO_INDEX)
		setxsp(t, o->a, ir_add(t, base, ir_imm(t, offset)));
	if (is_load) {
		setv(t, o->d, first);
		setv(t, o->c, second);
	}
}

/* clang-format off */
INSN(ldr_v_lit,     "zz 011 1 00 iiiiiiiiiiiiiiiiiii ddddd",        imm19, "V, p")	{ literal(t, o); }
INSN(ldst_v_imm,    "zz 111 1 01 yy iiiiiiiiiiii aaaaa ddddd",      NULL, "V, n, i")	{ at_offset(t, o, true); }
INSN(ldst_v_unscaled, "zz 111 1 00 yy 0 iiiiiiiii 00 aaaaa ddddd",  imm9, "V, n, i")	{ at_offset(t, o, false); }
INSN(ldst_v_post,   "zz 111 1 00 yy 0 iiiiiiiii 01 aaaaa ddddd",    imm9, "V, n, i")	{ indexed(t, o, true); }
INSN(ldst_v_pre,    "zz 111 1 00 yy 0 iiiiiiiii 11 aaaaa ddddd",    imm9, "V, n, i")	{ indexed(t, o, false); }
INSN(ldst_v_reg,    "zz 111 1 00 yy 1 bbbbb xxx s 10 aaaaa ddddd",  NULL, "V, n, z")	{ at_register(t, o); }
INSN(stnp_v,        "zz 101 1 000 0 iiiiiii ccccc aaaaa ddddd",     imm7, "V, n, i")	{ pair(t, o, false, NO_INDEX); }
INSN(ldnp_v,        "zz 101 1 000 1 iiiiiii ccccc aaaaa ddddd",     imm7, "V, n, i")	{ pair(t, o, true, NO_INDEX); }
INSN(stp_v_post,    "zz 101 1 001 0 iiiiiii ccccc aaaaa ddddd",     imm7, "V, n, i")	{ pair(t, o, false, POST); }
INSN(ldp_v_post,    "zz 101 1 001 1 iiiiiii ccccc aaaaa ddddd",     imm7, "V, n, i")	{ pair(t, o, true, POST); }
INSN(stp_v,         "zz 101 1 010 0 iiiiiii ccccc aaaaa ddddd",     imm7, "V, n, i")	{ pair(t, o, false, NO_INDEX); }
INSN(ldp_v,         "zz 101 1 010 1 iiiiiii ccccc aaaaa ddddd",     imm7, "V, n, i")	{ pair(t, o, true, NO_INDEX); }
INSN(stp_v_pre,     "zz 101 1 011 0 iiiiiii ccccc aaaaa ddddd",     imm7, "V, n, i")	{ pair(t, o, false, PRE); }
INSN(ldp_v_pre,     "zz 101 1 011 1 iiiiiii ccccc aaaaa ddddd",     imm7, "V, n, i")	{ pair(t, o, true, PRE); }
/* clang-format on */

/* ---- structures: n registers, interleaved or not ---- */

struct shape {
	u8 registers, interleave;	/* interleave: elements of a structure */
};

/* By opcode; registers 0: unallocated. */
static const struct shape shapes[16] = {
	[0] = { 4, 4 }, [2] = { 4, 1 }, [4] = { 3, 3 }, [6] = { 3, 1 }, [7] = { 1, 1 }, [8] = { 2, 2 }, [10] = { 2, 1 },
};

/* imm: lane | part << 4 | registers' bytes << 8.  Every third element from `part` on, of a, b, c one after the
 * other. */
VHELPER(arm64_third)
{
	u32 lane = imm & 15, part = imm >> 4 & 15, bytes = imm >> 8, step = 1u << lane;
	const u8 *in[3] = { a->b, b->b, c->b };
	union ir_vec r = { .d = { 0, 0 } };

	for (u32 k = 0; k < bytes; k++) {
		u32 at = (k / step * 3 + part) * step + k % step;

		r.b[k] = in[at / bytes][at % bytes];
	}
	*d = r;
}

/* The same imm.  Part `part` of the elements of a, b, c in turn. */
VHELPER(arm64_weave)
{
	u32 lane = imm & 15, part = imm >> 4 & 15, bytes = imm >> 8, step = 1u << lane;
	const u8 *in[3] = { a->b, b->b, c->b };
	union ir_vec r = { .d = { 0, 0 } };

	for (u32 k = 0; k < bytes; k++) {
		u32 at = part * bytes + k, element = at / step;

		r.b[k] = in[element % 3][element / 3 * step + k % step];
	}
	*d = r;
}

static ir_ref low(struct ir *t, ir_ref v) { return ir_vzext(t, ir_vlow(t, IR_F64, v)); }

/* Memory in v[0..n) to registers, in place. */
static void take_apart(struct ir *t, u32 n, u32 lane, bool q, ir_ref v[4])
{
	ir_ref w[4];

	if (n == 3) {
		for (u32 k = 0; k < 3; k++)
			w[k] = ir_vcall(t, &vhelper_arm64_third, v[0], v[1], v[2], lane | k << 4 | (q ? 16 : 8) << 8);
		memcpy(v, w, 3 * sizeof v[0]);
		return;
	}
	if (!q) {	/* two registers' worth in one */
		for (u32 k = 0; k < n; k += 2)
			v[k / 2] = ir_vins(t, LANE_64, v[k], 1, v[k + 1], 0);
		n /= 2;
		w[0] = v[0], w[1] = n == 2 ? v[1] : v[0];
		if (n == 2) {
			w[2] = ir_vbin(t, IR_VUZP, lane, w[0], w[1], 0);
			w[3] = ir_vbin(t, IR_VUZP, lane, w[0], w[1], 1);
			v[0] = ir_vbin(t, IR_VUZP, lane, w[2], w[2], 0);
			v[1] = ir_vbin(t, IR_VUZP, lane, w[3], w[3], 0);
			v[2] = ir_vbin(t, IR_VUZP, lane, w[2], w[2], 1);
			v[3] = ir_vbin(t, IR_VUZP, lane, w[3], w[3], 1);
		} else {
			v[0] = ir_vbin(t, IR_VUZP, lane, w[0], w[0], 0);
			v[1] = ir_vbin(t, IR_VUZP, lane, w[0], w[0], 1);
		}
		return;
	}
	for (u32 k = 0; k < n; k += 2) {
		w[k] = ir_vbin(t, IR_VUZP, lane, v[k], v[k + 1], 0);
		w[k + 1] = ir_vbin(t, IR_VUZP, lane, v[k], v[k + 1], 1);
	}
	if (n == 2) {
		memcpy(v, w, 2 * sizeof v[0]);
		return;
	}
	for (u32 k = 0; k < 2; k++) {
		v[k] = ir_vbin(t, IR_VUZP, lane, w[k], w[k + 2], 0);
		v[k + 2] = ir_vbin(t, IR_VUZP, lane, w[k], w[k + 2], 1);
	}
}

/* Registers in v[0..n) to what memory holds, in place: with q = 0 and n even in vectors of 16 bytes, v[0] and v[2]. */
static void put_together(struct ir *t, u32 n, u32 lane, bool q, ir_ref v[4])
{
	ir_ref w[4];

	if (n == 3) {
		for (u32 k = 0; k < 3; k++)
			w[k] = ir_vcall(t, &vhelper_arm64_weave, v[0], v[1], v[2], lane | k << 4 | (q ? 16 : 8) << 8);
		memcpy(v, w, 3 * sizeof v[0]);
		return;
	}
	if (n == 2) {
		w[0] = v[0], w[1] = v[1];
		v[0] = ir_vbin(t, IR_VZIP, lane, w[0], w[1], 0);
		if (q)
			v[1] = ir_vbin(t, IR_VZIP, lane, w[0], w[1], 1);
		return;
	}
	w[0] = ir_vbin(t, IR_VZIP, lane, v[0], v[2], 0);
	w[1] = ir_vbin(t, IR_VZIP, lane, v[1], v[3], 0);
	if (!q) {
		v[0] = ir_vbin(t, IR_VZIP, lane, w[0], w[1], 0);
		v[2] = ir_vbin(t, IR_VZIP, lane, w[0], w[1], 1);
		return;
	}
	w[2] = ir_vbin(t, IR_VZIP, lane, v[0], v[2], 1);
	w[3] = ir_vbin(t, IR_VZIP, lane, v[1], v[3], 1);
	for (u32 k = 0; k < 4; k++)
		v[k] = ir_vbin(t, IR_VZIP, lane, w[k & 2], w[(k & 2) + 1], k & 1);
}

static void write_back(struct ir *t, const struct operands *o, ir_ref base, u32 bytes)
{
	setxsp(t, o->a, ir_add(t, base, o->b == REG_ZR ? ir_imm(t, bytes) : getx(t, o->b)));
}

static void multiple(struct ir *t, const struct operands *o, bool is_load, bool post)
{
	struct shape shape = shapes[o->y];
	u32 n = shape.registers, bytes = o->x ? 16 : 8, lane = o->z;
	ir_ref base = getxsp(t, o->a), v[4];

	if (!n || (lane == LANE_64 && !o->x && shape.interleave > 1)) {
		illegal(t);
		return;
	}
	for (u32 k = 0; k < n; k++)
		v[k] = is_load ? load(t, o->x ? SIZE_Q : MEM_64, base, k * bytes) : getv(t, (o->d + k) % 32u);
	if (shape.interleave > 1 && is_load)
		take_apart(t, n, lane, o->x, v);
	if (shape.interleave > 1 && !is_load)
		put_together(t, n, lane, o->x, v);
	for (u32 k = 0; k < n && !is_load; k++) {
		if (o->x || shape.interleave == 1 || n == 3)
			store(t, o->x ? SIZE_Q : MEM_64, base, k * bytes, v[k]);
		else if (k % 2 == 0)
			store(t, SIZE_Q, base, k * bytes, v[k]);
	}
	if (post)
		write_back(t, o, base, n * bytes);
	for (u32 k = 0; k < n && is_load; k++)
		setv(t, (o->d + k) % 32u, o->x ? v[k] : low(t, v[k]));
}

/* One lane of each of n registers, or (replicate) all lanes.  y = opcode, s and z = S and size. */
static void single(struct ir *t, const struct operands *o, bool is_load, bool post)
{
	u32 n = (o->m | (o->y & 1) << 1) + 1u, lane = o->y >> 1, index;
	ir_ref base = getxsp(t, o->a), v[4];
	bool replicate = lane == 3;

	index = (u32)o->x << 3 | (u32)o->s << 2 | o->z;
	if (replicate) {
		lane = o->z;
	} else if (lane == LANE_16) {
		index >>= 1;
	} else if (lane == LANE_32) {
		lane += o->z & 1;
		index >>= o->z & 1 ? 3 : 2;
	}
	if ((replicate && (!is_load || o->s)) || (o->y >> 1 == 1 && o->z & 1) ||
	    (o->y >> 1 == 2 && (o->z & 2 || (o->z & 1 && o->s)))) {
		illegal(t);
		return;
	}
	for (u32 k = 0; k < n; k++) {
		u32 r = (o->d + k) % 32u;
		i64 at = (i64)k << lane;

		if (!is_load)
			ir_store_at(t, base, at, ir_vget(t, lane, getv(t, r), index, false), lane);
		else if (replicate)
			v[k] = ir_vdup(t, lane, ir_load_at(t, IR_I64, base, at, lane));
		else
			v[k] = ir_vset(t, lane, getv(t, r), index, ir_load_at(t, IR_I64, base, at, lane));
	}
	if (post)
		write_back(t, o, base, n << lane);
	for (u32 k = 0; k < n && is_load; k++)
		setv(t, (o->d + k) % 32u, replicate && !o->x ? low(t, v[k]) : v[k]);
}

/* clang-format off */
INSN(st_multiple,      "0 x 0011000 0 000000 yyyy zz aaaaa ddddd",   NULL, "V, n")	{ multiple(t, o, false, false); }
INSN(ld_multiple,      "0 x 0011000 1 000000 yyyy zz aaaaa ddddd",   NULL, "V, n")	{ multiple(t, o, true, false); }
INSN(st_multiple_post, "0 x 0011001 0 0 bbbbb yyyy zz aaaaa ddddd",  NULL, "V, n, z")	{ multiple(t, o, false, true); }
INSN(ld_multiple_post, "0 x 0011001 1 0 bbbbb yyyy zz aaaaa ddddd",  NULL, "V, n, z")	{ multiple(t, o, true, true); }
INSN(st_single,        "0 x 0011010 0 m 00000 yyy s zz aaaaa ddddd", NULL, "V, n")	{ single(t, o, false, false); }
INSN(ld_single,        "0 x 0011010 1 m 00000 yyy s zz aaaaa ddddd", NULL, "V, n")	{ single(t, o, true, false); }
INSN(st_single_post,   "0 x 0011011 0 m bbbbb yyy s zz aaaaa ddddd", NULL, "V, n, z")	{ single(t, o, false, true); }
INSN(ld_single_post,   "0 x 0011011 1 m bbbbb yyy s zz aaaaa ddddd", NULL, "V, n, z")	{ single(t, o, true, true); }
/* clang-format on */
