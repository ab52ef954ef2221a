/* D: arithmetic, rounding modes, NaNs, comparisons, conversions, moves; flags of each.
 *
 * gp = 0
 */
#include "test.inc"

	.equ	ONE, 0x3ff0000000000000
	.equ	TWO, 0x4000000000000000
	.equ	THREE, 0x4008000000000000
	.equ	HALF, 0x3fe0000000000000
	.equ	MINUS1, 0xbff0000000000000
	.equ	MINUS0, 0x8000000000000000
	.equ	INF, 0x7ff0000000000000
	.equ	MINUSINF, 0xfff0000000000000
	.equ	QNAN, 0x7ff8000000000000
	.equ	QNAN2, 0xfff8000000001234
	.equ	SNAN, 0x7ff0000000000001
	.equ	MAX, 0x7fefffffffffffff
	.equ	MINNORMAL, 0x0010000000000000
	.equ	MINSUB, 1
	.equ	TINY, 0x3c90000000000000	/* 2^-54 */
	.equ	THIRD, 0x3fd5555555555555

	begin

	dd	fadd.d, THREE, 0, ONE, TWO
	dd	fadd.d, ONE, NX, ONE, TINY
	dd	fadd.d, ONE, NX, ONE, TINY, rtz
	dd	fadd.d, ONE, NX, ONE, TINY, rdn
	dd	fadd.d, 0x3ff0000000000001, NX, ONE, TINY, rup
	dd	fadd.d, ONE, NX, ONE, TINY, rmm
	dd	fadd.d, ONE, NX, ONE, 0x3ca0000000000000
	dd	fadd.d, 0x3ff0000000000001, NX, ONE, 0x3ca0000000000000, rmm
	dd	fadd.d, 0xbff0000000000001, NX, MINUS1, 0xbca0000000000000, rmm
	dd	fadd.d, 0xbff0000000000001, NX, MINUS1, 0xbc90000000000000, rdn
	dd	fadd.d, MINUS1, NX, MINUS1, 0xbc90000000000000, rup
	dd	fadd.d, 0, 0, ONE, MINUS1
	dd	fadd.d, MINUS0, 0, ONE, MINUS1, rdn
	dd	fadd.d, MINUS0, 0, MINUS0, MINUS0
	dd	fadd.d, 0, 0, MINUS0, 0
	dd	fadd.d, INF, OF | NX, MAX, MAX
	dd	fadd.d, MAX, OF | NX, MAX, MAX, rtz
	dd	fadd.d, MAX, OF | NX, MAX, MAX, rdn
	dd	fadd.d, INF, OF | NX, MAX, MAX, rup
	dd	fadd.d, 2, 0, MINSUB, MINSUB
	dd	fadd.d, INF, 0, INF, ONE
	dd	fadd.d, QNAN, NV, INF, MINUSINF
	dd	fadd.d, QNAN, 0, QNAN2, ONE
	dd	fadd.d, QNAN, 0, ONE, QNAN2
	dd	fadd.d, QNAN, NV, SNAN, ONE
	dd	fadd.d, QNAN, NV, QNAN2, SNAN
	dd	fsub.d, MINUS1, 0, TWO, THREE
	dd	fsub.d, QNAN, NV, INF, INF
	dd	fsub.d, 0, 0, ONE, ONE
	dd	fsub.d, MINUS0, 0, ONE, ONE, rdn
	dd	fsub.d, 0x3fefffffffffffff, NX, ONE, TINY, rtz
	dd	fmul.d, 0x4018000000000000, 0, TWO, THREE
	dd	fmul.d, MINUS0, 0, MINUS1, 0
	dd	fmul.d, QNAN, NV, INF, 0
	dd	fmul.d, QNAN, 0, QNAN, SNAN & QNAN
	dd	fmul.d, INF, OF | NX, MAX, TWO
	dd	fmul.d, 0, UF | NX, MINSUB, HALF
	dd	fmul.d, 1, UF | NX, MINSUB, HALF, rup
	dd	fmul.d, 1, UF | NX, MINSUB, HALF, rmm
	dd	fmul.d, 0x0008000000000000, 0, MINNORMAL, HALF
	dd	fmul.d, MINNORMAL, NX, 0x000fffffffffffff, 0x3ff0000000000001	/* not tiny after rounding */
	dd	fmul.d, MINNORMAL, UF | NX, MINNORMAL, 0x3fefffffffffffff
	dd	fdiv.d, THIRD, NX, ONE, THREE
	dd	fdiv.d, THIRD + 1, NX, ONE, THREE, rup
	dd	fdiv.d, INF, DZ, ONE, 0
	dd	fdiv.d, MINUSINF, DZ, MINUS1, 0
	dd	fdiv.d, QNAN, NV, 0, MINUS0
	dd	fdiv.d, QNAN, NV, INF, INF
	dd	fdiv.d, 0, 0, ONE, INF
	dd	fdiv.d, INF, 0, INF, 0
	d1	fsqrt.d, 0x3ff6a09e667f3bcd, NX, TWO
	d1	fsqrt.d, 0x3ff6a09e667f3bcc, NX, TWO, rtz
	d1	fsqrt.d, TWO, 0, 0x4010000000000000
	d1	fsqrt.d, MINUS0, 0, MINUS0
	d1	fsqrt.d, QNAN, NV, MINUS1
	d1	fsqrt.d, INF, 0, INF
	d1	fsqrt.d, QNAN, 0, QNAN2
	d1	fsqrt.d, QNAN, NV, SNAN

	fma_d	fmadd.d, 0x401c000000000000, 0, TWO, THREE, ONE
	fma_d	fmsub.d, 0x4014000000000000, 0, TWO, THREE, ONE
	fma_d	fnmsub.d, 0xc014000000000000, 0, TWO, THREE, ONE
	fma_d	fnmadd.d, 0xc01c000000000000, 0, TWO, THREE, ONE
	fma_d	fmadd.d, 0xb970000000000000, 0, 0x3ff0000000000001, 0x3feffffffffffffe, MINUS1	/* one rounding */
	fma_d	fmadd.d, QNAN, NV, INF, 0, ONE
	fma_d	fmadd.d, QNAN, NV, INF, 0, QNAN2
	fma_d	fmadd.d, QNAN, 0, ONE, TWO, QNAN2
	fma_d	fmadd.d, QNAN, NV, ONE, TWO, SNAN
	fma_d	fmadd.d, QNAN, NV, INF, ONE, MINUSINF
	fma_d	fmsub.d, INF, 0, INF, ONE, MINUSINF
	fma_d	fnmadd.d, MINUS0, 0, ONE, 0, 0
	fma_d	fnmsub.d, 0, 0, ONE, 0, 0

	dd	fmin.d, ONE, 0, ONE, TWO
	dd	fmin.d, MINUS0, 0, 0, MINUS0
	dd	fmin.d, MINUS0, 0, MINUS0, 0
	dd	fmax.d, 0, 0, MINUS0, 0
	dd	fmax.d, 0, 0, 0, MINUS0
	dd	fmax.d, TWO, 0, ONE, TWO
	dd	fmin.d, ONE, 0, QNAN, ONE
	dd	fmin.d, ONE, 0, ONE, QNAN
	dd	fmax.d, ONE, NV, ONE, SNAN
	dd	fmax.d, ONE, NV, SNAN, ONE
	dd	fmin.d, QNAN, 0, QNAN2, QNAN2
	dd	fmin.d, QNAN, NV, QNAN2, SNAN

	dd	fsgnj.d, 0xfff0000000000001, 0, SNAN, MINUS1
	dd	fsgnj.d, ONE, 0, MINUS1, TWO
	dd	fsgnjn.d, MINUS1, 0, ONE, TWO
	dd	fsgnjn.d, SNAN, 0, SNAN, MINUS1
	dd	fsgnjx.d, ONE, 0, MINUS1, MINUS1
	dd	fsgnjx.d, MINUS1, 0, MINUS1, ONE

	cmp_d	feq.d, 1, 0, ONE, ONE
	cmp_d	feq.d, 1, 0, 0, MINUS0
	cmp_d	feq.d, 0, 0, ONE, TWO
	cmp_d	feq.d, 0, 0, QNAN, QNAN
	cmp_d	feq.d, 0, NV, SNAN, ONE
	cmp_d	flt.d, 1, 0, MINUS1, ONE
	cmp_d	flt.d, 0, 0, MINUS0, 0
	cmp_d	flt.d, 0, NV, QNAN, ONE
	cmp_d	flt.d, 0, NV, ONE, QNAN
	cmp_d	flt.d, 1, 0, MINUSINF, INF
	cmp_d	fle.d, 1, 0, 0, MINUS0
	cmp_d	fle.d, 0, NV, QNAN, QNAN
	cmp_d	fle.d, 0, NV, SNAN, ONE
	cmp_d	fle.d, 0, 0, TWO, ONE

	/* the quiet comparison compilers write: flags as before */
	next
	li	a1, QNAN
	fmv.d.x	fa1, a1
	li	a1, ONE
	fmv.d.x	fa2, a1
	fsflagsi NX
	frflags	a5
	flt.d	a0, fa1, fa2
	fsflags	a5
	frflags	a3
	expect	a0, 0
	expect	a3, NX
	frflags	a5
	fle.d	a0, fa2, fa2
	fsflags	a5
	expect	a0, 1

	from_d	fclass.d, 1 << 0, 0, MINUSINF
	from_d	fclass.d, 1 << 1, 0, MINUS1
	from_d	fclass.d, 1 << 2, 0, MINUS0 + 1
	from_d	fclass.d, 1 << 3, 0, MINUS0
	from_d	fclass.d, 1 << 4, 0, 0
	from_d	fclass.d, 1 << 5, 0, MINSUB
	from_d	fclass.d, 1 << 6, 0, MINNORMAL
	from_d	fclass.d, 1 << 7, 0, INF
	from_d	fclass.d, 1 << 8, 0, SNAN
	from_d	fclass.d, 1 << 9, 0, QNAN2

	/* 2.5, -2.5, 1e10, 3e9, -0.5, 2^63, 2^64, NaN */
	from_d	fcvt.w.d, 2, NX, 0x4004000000000000
	from_d	fcvt.w.d, 2, NX, 0x4004000000000000, rtz
	from_d	fcvt.w.d, 3, NX, 0x4004000000000000, rup
	from_d	fcvt.w.d, 3, NX, 0x4004000000000000, rmm
	from_d	fcvt.w.d, -2, NX, 0xc004000000000000
	from_d	fcvt.w.d, -3, NX, 0xc004000000000000, rdn
	from_d	fcvt.w.d, -3, NX, 0xc004000000000000, rmm
	from_d	fcvt.w.d, 0x7fffffff, NV, 0x4202a05f20000000
	from_d	fcvt.w.d, 0xffffffff80000000, NV, 0xc202a05f20000000
	from_d	fcvt.w.d, 0x7fffffff, NV, QNAN2
	from_d	fcvt.w.d, 0xffffffff80000000, NX, 0xc1e0000000100000, rtz
	from_d	fcvt.wu.d, 0xffffffffb2d05e00, 0, 0x41e65a0bc0000000
	from_d	fcvt.wu.d, -1, NV, 0x4202a05f20000000
	from_d	fcvt.wu.d, 0, NV, MINUS1
	from_d	fcvt.wu.d, 0, NX, 0xbfe0000000000000
	from_d	fcvt.wu.d, 0, NV, 0xbfe0000000000000, rdn
	from_d	fcvt.wu.d, -1, NV, QNAN
	from_d	fcvt.l.d, 10000000000, 0, 0x4202a05f20000000
	from_d	fcvt.l.d, 0x7fffffffffffffff, NV, 0x43e0000000000000
	from_d	fcvt.l.d, 0x8000000000000000, 0, 0xc3e0000000000000
	from_d	fcvt.l.d, 0x8000000000000000, NV, MINUSINF
	from_d	fcvt.l.d, 0x7fffffffffffffff, NV, SNAN
	from_d	fcvt.lu.d, 0x8000000000000000, 0, 0x43e0000000000000
	from_d	fcvt.lu.d, 0xffffffffffffffff, NV, 0x43f0000000000000
	from_d	fcvt.lu.d, 0xfffffffffffff800, 0, 0x43efffffffffffff
	from_d	fcvt.lu.d, 0, NV, MINUS1
	from_d	fcvt.lu.d, -1, NV, QNAN
	from_d	fcvt.lu.d, 3, NX, 0x4004000000000000, rup

	to_f	fcvt.d.w, MINUS1, 0, 0x1ffffffff
	to_f	fcvt.d.wu, 0x41efffffffe00000, 0, -1
	to_f	fcvt.d.l, MINUS1, 0, -1
	to_f	fcvt.d.lu, 0x43f0000000000000, NX, -1
	to_f	fcvt.d.lu, 0x43efffffffffffff, NX, -1, rtz
	to_f	fcvt.d.l, 0x43e0000000000000, NX, 0x7fffffffffffffff
	to_f	fcvt.d.l, 0x43dfffffffffffff, NX, 0x7fffffffffffffff, rdn
	to_f	fcvt.d.lu, 0x43e0000000000000, 0, 0x8000000000000000
	to_f	fcvt.d.lu, 0x43e0000000000001, NX, 0x8000000000000401

	/* to and from single: NaN-boxed */
	d1	fcvt.s.d, 0xffffffff3f800000, 0, ONE
	d1	fcvt.s.d, 0xffffffff3eaaaaab, NX, THIRD
	d1	fcvt.s.d, 0xffffffff3eaaaaaa, NX, THIRD, rtz
	d1	fcvt.s.d, 0xffffffff7f800000, OF | NX, MAX
	d1	fcvt.s.d, 0xffffffff00000000, UF | NX, MINNORMAL
	d1	fcvt.s.d, 0xffffffff7fc00000, 0, QNAN2
	d1	fcvt.s.d, 0xffffffff7fc00000, NV, SNAN
	d1	fcvt.d.s, ONE, 0, 0xffffffff3f800000
	d1	fcvt.d.s, 0x36a0000000000000, 0, 0xffffffff00000001
	d1	fcvt.d.s, QNAN, 0, 0x3f800000			/* not boxed */
	d1	fcvt.d.s, QNAN, NV, 0xffffffff7f800001

	/* loads and stores, misaligned too */
	next
	la	s0, data
	fld	fa0, 8(s0)
	fmv.x.d	a0, fa0
	expect	a0, SNAN
	fsd	fa0, 17(s0)
	fld	fa1, 17(s0)
	fmv.x.d	a0, fa1
	expect	a0, SNAN

	/* dynamic rounding */
	next
	fsrmi	3
	frrm	a0
	expect	a0, 3
	dd	fadd.d, 0x3ff0000000000001, NX, ONE, TINY
	next
	li	a1, 1
	fsrm	a0, a1
	expect	a0, 3
	from_d	fcvt.w.d, 2, NX, 0x4007ffffffffffff, dyn
	from_d	fcvt.w.d, 3, NX, 0x4007ffffffffffff, rne
	next
	li	s1, 10			/* a loop that changes the mode on each round */
	li	a3, 0
1:	andi	a1, s1, 1
	addi	a1, a1, 2
	fsrm	a1
	li	a1, ONE
	fmv.d.x	fa1, a1
	li	a1, TINY
	fmv.d.x	fa2, a1
	fadd.d	fa0, fa1, fa2
	fmv.x.d	a0, fa0
	andi	a0, a0, 1
	add	a3, a3, a0
	addi	s1, s1, -1
	bnez	s1, 1b
	expect	a3, 5
	csrw	fcsr, zero
	end

	.data
	.balign	8
data:	.dword	0, SNAN, 0, 0, 0
