/* x86-64 instruction encoding: see encode.h. */
#include "jit/x64/encode.h"

static inline u8 *modrm_mem(u8 *q, u32 reg, struct mem m)
{
	u32 mod, low = (reg & 7) << 3;

	if (m.base == NO_REG) {	/* SIB without base: disp32 */
		u32 index = m.index == NO_REG ? RSP : m.index;

		*q++ = (u8)(low | 4);
		*q++ = (u8)((u32)m.scale << 6 | (index & 7) << 3 | 5);
		memcpy(q, &m.disp, 4);
		return q + 4;
	}
	mod = m.disp == 0 && (m.base & 7) != RBP ? 0 : m.disp == (i8)m.disp ? 1 : 2;
	if (m.index != NO_REG) {
		*q++ = (u8)(mod << 6 | low | 4);
		*q++ = (u8)((u32)m.scale << 6 | (m.index & 7u) << 3 | (m.base & 7u));
	} else {
		*q++ = (u8)(mod << 6 | low | (m.base & 7u));
		*q = 0x24;
		q += (m.base & 7) == RSP;
	}
	memcpy(q, &m.disp, 4);
	return q + (mod == 2 ? 4 : mod);
}

/* High bits of index and base as REX/VEX x and b. */
static u32 mem_x(struct mem m) { return m.index == NO_REG ? 0 : m.index >> 3; }
static u32 mem_b(struct mem m) { return m.base == NO_REG ? 0 : m.base >> 3; }

void e_rm(u8 **p, u32 prefix, u32 w, u32 op, u32 reg, struct mem m, bool byte_reg)
{
	u32 rex = 0x40 | w << 3 | (reg >> 3) << 2 | mem_x(m) << 1 | mem_b(m);
	u8 *q = e_opcode(*p, prefix, rex, rex != 0x40 || (byte_reg && reg >= 4), op);

	*p = modrm_mem(q, reg, m);
}

static inline u8 *vex(u8 *q, u32 map, u32 pp, u32 w, u32 op, u32 r, u32 v, u32 x, u32 b)
{
	if (map == MAP_0F && !w && !x && !b) {
		*q++ = 0xc5;
		*q++ = (u8)((!r) << 7 | (~v & 15) << 3 | pp);
	} else {
		*q++ = 0xc4;
		*q++ = (u8)((!r) << 7 | (u32)(!x) << 6 | (u32)(!b) << 5 | map);
		*q++ = (u8)(w << 7 | (~v & 15) << 3 | pp);
	}
	*q++ = (u8)op;
	return q;
}

void e_vrr(u8 **p, u32 map, u32 pp, u32 w, u32 op, u32 reg, u32 v, u32 rm)
{
	u8 *q = vex(*p, map, pp, w, op, reg >> 3, v, 0, rm >> 3);

	*q++ = (u8)(0xc0 | (reg & 7) << 3 | (rm & 7));
	*p = q;
}

void e_vrm(u8 **p, u32 map, u32 pp, u32 w, u32 op, u32 reg, u32 v, struct mem m)
{
	*p = modrm_mem(vex(*p, map, pp, w, op, reg >> 3, v, mem_x(m), mem_b(m)), reg, m);
}

void e_evex_rr(u8 **p, u32 map, u32 pp, u32 w, u32 op, u32 reg, u32 v, u32 rm)
{
	e8(p, 0x62);
	e8(p, (u32)(reg < 8) << 7 | 1 << 6 | (u32)(rm < 8) << 5 | 1 << 4 | map);
	e8(p, w << 7 | (~v & 15) << 3 | 4 | pp);
	e8(p, 0x08);
	e8(p, op);
	e8(p, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

void e_mov_rr(u8 **p, u32 d, u32 s)
{
	if (d != s)
		e_rr(p, 0, 1, 0x8b, d, s, false);
}

void e_mov_ri(u8 **p, u32 d, u64 v)
{
	if (v == (u32)v) {
		if (d > 7)
			e8(p, 0x41);
		e8(p, 0xb8 | (d & 7));
		e32(p, (u32)v);
	} else if ((i64)v == (i32)v) {
		e_rr(p, 0, 1, 0xc7, 0, d, false);
		e32(p, (u32)v);
	} else {
		e8(p, 0x48 | d >> 3);
		e8(p, 0xb8 | (d & 7));
		e64(p, v);
	}
}

void e_alu_ri(u8 **p, u32 w, u32 n, u32 rm, i32 v)
{
	if (v == (i8)v) {
		e_rr(p, 0, w, 0x83, n, rm, false);
		e8(p, (u32)v);
	} else if (rm == RAX) {
		if (w)
			e8(p, 0x48);
		e8(p, n << 3 | 5);
		e32(p, (u32)v);
	} else {
		e_rr(p, 0, w, 0x81, n, rm, false);
		e32(p, (u32)v);
	}
}

void e_alu_mi(u8 **p, u32 w, u32 n, struct mem m, i32 v)
{
	bool byte = v == (i8)v;

	e_rm(p, 0, w, byte ? 0x83 : 0x81, n, m, false);
	if (byte)
		e8(p, (u32)v);
	else
		e32(p, (u32)v);
}

void e_shift_ri(u8 **p, u32 w, u32 n, u32 rm, u32 count)
{
	e_rr(p, 0, w, count == 1 ? 0xd1 : 0xc1, n, rm, false);
	if (count != 1)
		e8(p, count);
}

static u8 *open_rel32(u8 **p)
{
	e32(p, 0);
	return *p - 4;
}

u8 *e_jcc(u8 **p, u32 cc)
{
	e8(p, 0x0f);
	e8(p, 0x80 | cc);
	return open_rel32(p);
}

u8 *e_jmp(u8 **p)
{
	e8(p, 0xe9);
	return open_rel32(p);
}

u8 *e_call(u8 **p)
{
	e8(p, 0xe8);
	return open_rel32(p);
}
