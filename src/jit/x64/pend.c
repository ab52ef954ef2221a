/* NaN results that are not canonical yet.
 *
 * A guest whose NaN results are all the canonical NaN would want a check after
 * each operation.  Instead the home that took the result is marked pending, and
 * the check is made before anybody can see the bits: a store, a move to an
 * integer register, an exit, a home's value moving elsewhere.  A result that is
 * overwritten first is never checked.
 *
 * NaNs propagate through arithmetic: when y = x op z is no NaN, neither was x.
 * So y takes over x's duty: x leaves the pending set and enters y's `covers`
 * mask, and y's cold path puts x right too.  A sum of products is one check.
 * When y is overwritten unchecked, what it covered is pending again.
 *
 * Masks are of host vector registers, one set for doubles and one for singles.
 */
#include "jit/x64/x64.h"

static u16 all(const struct x64_pending *p)
{
	u16 m = p->roots;

	for (u32 r = p->roots; r; r &= r - 1)
		m |= p->covers[__builtin_ctz(r)];
	return m;
}

void x64_pend_now(const struct x64 *e, struct jit_pend *ret)
{
	ret->f64 = all(&e->pend64);
	ret->f32 = all(&e->pend32);
}

static void clear(struct x64_pending *p, u32 reg)
{
	u16 bit = (u16)(1u << reg);

	if (p->roots & bit) {
		p->roots = (u16)((p->roots & ~bit) | p->covers[reg]);
		p->covers[reg] = 0;
	}
	for (u32 r = p->roots; r; r &= r - 1)
		p->covers[__builtin_ctz(r)] &= (u16)~bit;
}

void x64_pend_clear(struct x64 *e, u32 reg)
{
	if (e->pend64.roots)
		clear(&e->pend64, reg);
	if (e->pend32.roots)
		clear(&e->pend32, reg);
}

u16 x64_pend_inherit(struct x64 *e, bool is64, u32 operands)
{
	struct x64_pending *p = is64 ? &e->pend64 : &e->pend32;
	u16 taken = 0;

	for (u32 r = operands & p->roots; r; r &= r - 1) {
		u32 reg = (u32)__builtin_ctz(r);

		taken |= (u16)(1u << reg) | p->covers[reg];
		p->covers[reg] = 0;
	}
	p->roots &= (u16)~operands;
	return taken;
}

/* ucomiss or ucomisd of two registers: unordered when either is a NaN. */
static void check_pair(struct x64 *e, struct x64_pending *p, u32 a, u32 b)
{
	bool is64 = p == &e->pend64;
	struct cold *c;

	e_vrr(&e->p, MAP_0F, is64 ? PP_66 : PP_NONE, 0, 0x2e, a, 0, b);
	c = x64_cold(e, COLD_NAN, e_jcc(&e->p, J_P));
	c->fixed[!is64] = (u16)(1u << a | 1u << b | p->covers[a] | p->covers[b]);
	p->covers[a] = p->covers[b] = 0;
}

static void check(struct x64 *e, struct x64_pending *p, u16 mask)
{
	u16 covered = all(p) & mask & (u16)~p->roots;

	mask &= all(p);
	p->roots &= (u16)~mask;
	while (mask) {
		u32 a = (u32)__builtin_ctz(mask), b = a;

		mask &= (u16)(mask - 1);
		if (mask) {
			b = (u32)__builtin_ctz(mask);
			mask &= (u16)(mask - 1);
		}
		check_pair(e, p, a, b);
	}
	for (u32 r = covered ? p->roots : 0; r; r &= r - 1)
		p->covers[__builtin_ctz(r)] &= (u16)~covered;
}

void x64_pend_flush(struct x64 *e, u32 mask)
{
	if (e->pend64.roots)
		check(e, &e->pend64, (u16)mask);
	if (e->pend32.roots)
		check(e, &e->pend32, (u16)mask);
}

void x64_pend_all(struct x64 *e)
{
	check(e, &e->pend64, e->pend64.roots);
	check(e, &e->pend32, e->pend32.roots);
}

void x64_pend_result(struct x64 *e, bool is64, u32 reg, u16 covers)
{
	struct x64_pending *p = is64 ? &e->pend64 : &e->pend32;

	p->roots |= (u16)(1u << reg);
	p->covers[reg] = covers & (u16)~(1u << reg);
	if (reg < XMM_FIRST_HOME)
		x64_pend_flush(e, 1u << reg);
}
