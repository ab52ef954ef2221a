/* F: single precision in 64-bit registers: boxing, arithmetic, comparisons, conversions; flags of each.
 *
 * gp = 0
 */
#include "test.inc"

	.equ	ONE, 0x3f800000
	.equ	TWO, 0x40000000
	.equ	THREE, 0x40400000
	.equ	MINUS1, 0xbf800000
	.equ	MINUS0, 0x80000000
	.equ	INF, 0x7f800000
	.equ	MINUSINF, 0xff800000
	.equ	QNAN, 0x7fc00000
	.equ	QNAN2, 0xffc01234
	.equ	SNAN, 0x7f800001
	.equ	MAX, 0x7f7fffff
	.equ	MINNORMAL, 0x00800000
	.equ	TINY, 0x33000000	/* 2^-25 */
	.equ	BOX, 0xffffffff00000000

	begin

	ss	fadd.s, THREE, 0, ONE, TWO
	ss	fadd.s, ONE, NX, ONE, TINY
	ss	fadd.s, ONE + 1, NX, ONE, TINY, rup
	ss	fadd.s, ONE, NX, ONE, TINY, rmm
	ss	fadd.s, ONE + 1, NX, ONE, 0x33800000, rmm
	ss	fadd.s, ONE, NX, ONE, 0x33800000
	ss	fadd.s, INF, OF | NX, MAX, MAX
	ss	fadd.s, MAX, OF | NX, MAX, MAX, rtz
	ss	fadd.s, QNAN, NV, INF, MINUSINF
	ss	fadd.s, QNAN, 0, QNAN2, ONE
	ss	fadd.s, QNAN, NV, ONE, SNAN
	ss	fsub.s, MINUS1, 0, TWO, THREE
	ss	fsub.s, MINUS0, 0, ONE, ONE, rdn
	ss	fmul.s, 0x40c00000, 0, TWO, THREE
	ss	fmul.s, QNAN, NV, INF, 0
	ss	fmul.s, MINNORMAL, NX, 0x00800001, 0x3f7ffffe	/* not tiny after rounding */
	ss	fmul.s, MINNORMAL, UF | NX, 0x00ffffff, 0x3f000000
	ss	fmul.s, 0, UF | NX, 1, 0x3f000000
	ss	fdiv.s, 0x3eaaaaab, NX, ONE, THREE
	ss	fdiv.s, 0x3eaaaaaa, NX, ONE, THREE, rdn
	ss	fdiv.s, INF, DZ, ONE, 0
	ss	fdiv.s, QNAN, NV, 0, 0
	s1_	fsqrt.s, BOX | 0x3fb504f3, NX, TWO
	s1_	fsqrt.s, BOX | 0x3fb504f4, NX, TWO, rup
	s1_	fsqrt.s, BOX | QNAN, NV, MINUS1
	s1_	fsqrt.s, BOX | MINUS0, 0, MINUS0

	fma_s	fmadd.s, 0x40e00000, 0, TWO, THREE, ONE
	fma_s	fmsub.s, 0x40a00000, 0, TWO, THREE, ONE
	fma_s	fnmsub.s, 0xc0a00000, 0, TWO, THREE, ONE
	fma_s	fnmadd.s, 0xc0e00000, 0, TWO, THREE, ONE
	fma_s	fmadd.s, 0xa8800000, 0, 0x3f800001, 0x3f7ffffe, MINUS1
	fma_s	fmadd.s, QNAN, NV, INF, 0, QNAN2
	fma_s	fmadd.s, QNAN, 0, ONE, QNAN2, TWO

	ss	fmin.s, MINUS0, 0, 0, MINUS0
	ss	fmax.s, 0, 0, MINUS0, 0
	ss	fmin.s, ONE, 0, QNAN2, ONE
	ss	fmax.s, ONE, NV, SNAN, ONE
	ss	fmax.s, QNAN, 0, QNAN2, QNAN2

	ss	fsgnj.s, 0xff800001, 0, SNAN, MINUS1
	ss	fsgnjn.s, MINUS1, 0, ONE, TWO
	ss	fsgnjx.s, ONE, 0, MINUS1, MINUS1

	cmp_s	feq.s, 1, 0, 0, MINUS0
	cmp_s	feq.s, 0, 0, QNAN, ONE
	cmp_s	feq.s, 0, NV, SNAN, ONE
	cmp_s	flt.s, 1, 0, MINUS1, ONE
	cmp_s	flt.s, 0, NV, QNAN, ONE
	cmp_s	fle.s, 1, 0, ONE, ONE
	cmp_s	fle.s, 0, NV, ONE, QNAN2

	from_s	fclass.s, 1 << 0, 0, MINUSINF
	from_s	fclass.s, 1 << 1, 0, MINUS1
	from_s	fclass.s, 1 << 2, 0, MINUS0 + 1
	from_s	fclass.s, 1 << 3, 0, MINUS0
	from_s	fclass.s, 1 << 4, 0, 0
	from_s	fclass.s, 1 << 5, 0, 1
	from_s	fclass.s, 1 << 6, 0, MINNORMAL
	from_s	fclass.s, 1 << 7, 0, INF
	from_s	fclass.s, 1 << 8, 0, SNAN
	from_s	fclass.s, 1 << 9, 0, QNAN2

	from_s	fcvt.w.s, 2, NX, 0x40200000
	from_s	fcvt.w.s, 3, NX, 0x40200000, rmm
	from_s	fcvt.w.s, 0x7fffffff, NV, 0x4f000000
	from_s	fcvt.w.s, 0xffffffff80000000, 0, 0xcf000000
	from_s	fcvt.w.s, 0x7fffffff, NV, QNAN2
	from_s	fcvt.wu.s, 0xffffffff80000000, 0, 0x4f000000
	from_s	fcvt.wu.s, -1, NV, 0x4f800000
	from_s	fcvt.wu.s, 0, NV, MINUS1
	from_s	fcvt.l.s, 0x7fffffffffffffff, NV, 0x5f000000
	from_s	fcvt.l.s, 0x8000000000000000, 0, 0xdf000000
	from_s	fcvt.lu.s, 0x8000000000000000, 0, 0x5f000000
	from_s	fcvt.lu.s, -1, NV, 0x5f800000
	from_s	fcvt.lu.s, 0, NV, MINUSINF

	to_f	fcvt.s.w, BOX | MINUS1, 0, 0x7ffffffff
	to_f	fcvt.s.w, BOX | 0x4f000000, NX, 0x7fffffff
	to_f	fcvt.s.w, BOX | 0x4effffff, NX, 0x7fffffff, rtz
	to_f	fcvt.s.wu, BOX | 0x4f800000, NX, -1
	to_f	fcvt.s.l, BOX | MINUS1, 0, -1
	to_f	fcvt.s.l, BOX | 0x5a800000, NX, 0x0040000000000001
	to_f	fcvt.s.l, BOX | 0x5a800001, NX, 0x0040000040000001	/* one rounding, not two */
	to_f	fcvt.s.lu, BOX | 0x5f800000, NX, -1
	to_f	fcvt.s.lu, BOX | 0x5f7fffff, NX, -1, rdn

	/* boxing: what is not boxed reads as the default NaN, but moves and stores as it is */
	next
	li	a1, 0x12345678 | ONE << 32
	fmv.d.x	fa1, a1
	li	a1, ONE
	fmv.w.x	fa2, a1
	fsflags	zero
	fadd.s	fa0, fa1, fa2
	fmv.x.d	a0, fa0
	expect	a0, BOX | QNAN
	fmv.x.w	a0, fa1
	expect	a0, 0x12345678
	la	s0, data
	fsw	fa1, 4(s0)
	lw	a0, 4(s0)
	expect	a0, 0x12345678
	lw	a0, 8(s0)
	expect	a0, 0x44
	feq.s	a0, fa1, fa1
	expect	a0, 0
	fclass.s a0, fa1
	expect	a0, 512
	fsgnjx.s fa0, fa1, fa1
	fmv.x.d	a0, fa0
	expect	a0, BOX | QNAN
	frflags	a0
	expect	a0, 0
	next
	flw	fa0, 0(s0)
	fmv.x.d	a0, fa0
	expect	a0, BOX | SNAN
	fmv.x.w	a0, fa0
	expect	a0, SNAN
	fadd.s	fa3, fa2, fa2		/* boxed in this block, then stored */
	fsw	fa3, 13(s0)
	lw	a0, 13(s0)
	expect	a0, TWO
	fmv.w.x	fa3, a0
	fsw	fa3, 4(s0)
	flw	fa4, 4(s0)
	fmv.x.d	a0, fa4
	expect	a0, BOX | TWO
	li	a1, 0x80000000
	fmv.w.x	fa0, a1
	fmv.x.w	a0, fa0
	expect	a0, 0xffffffff80000000
	csrw	fcsr, zero
	end

	.data
	.balign	8
data:	.word	SNAN, 0, 0x44, 0, 0, 0
