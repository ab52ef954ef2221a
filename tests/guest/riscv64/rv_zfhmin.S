/* Zfhmin: half-precision loads, stores, moves and conversions.
 *
 * gp = 0
 * flags: -march=rv64gc_zfhmin
 */
#include "test.inc"

	.equ	BOX16, 0xffffffffffff0000
	.equ	BOX32, 0xffffffff00000000

	/* d1 takes and gives the 64 bits of an f register */
	begin
	la	s0, data
	next
	flh	fa0, 0(s0)
	fmv.x.d	a0, fa0
	expect	a0, BOX16 | 0xbc01
	fmv.x.h	a0, fa0
	expect	a0, 0xffffffffffffbc01
	fsh	fa0, 3(s0)
	ld	a0, 0(s0)
	expect	a0, 0x444444bc0144bc01
	li	a1, 0x123456783c00
	fmv.h.x	fa0, a1
	fmv.x.d	a0, fa0
	expect	a0, BOX16 | 0x3c00
	fmv.d.x	fa0, a1			/* not boxed: moved and stored as it is */
	fmv.x.h	a0, fa0
	expect	a0, 0x3c00
	fsh	fa0, 0(s0)
	lhu	a0, 0(s0)
	expect	a0, 0x3c00

	d1	fcvt.s.h, BOX32 | 0x3f800000, 0, BOX16 | 0x3c00
	d1	fcvt.s.h, BOX32 | 0x33800000, 0, BOX16 | 1
	d1	fcvt.s.h, BOX32 | 0xff800000, 0, BOX16 | 0xfc00
	d1	fcvt.s.h, BOX32 | 0x7fc00000, NV, BOX16 | 0x7c01
	d1	fcvt.s.h, BOX32 | 0x7fc00000, 0, BOX16 | 0xfe01
	d1	fcvt.s.h, BOX32 | 0x7fc00000, 0, 0x3c00
	d1	fcvt.d.h, 0xbff0000000000000, 0, BOX16 | 0xbc00
	d1	fcvt.d.h, 0x7ff8000000000000, 0, 0xbc00
	d1	fcvt.h.s, BOX16 | 0x3c00, 0, BOX32 | 0x3f800000
	d1	fcvt.h.s, BOX16 | 0x3c00, NX, BOX32 | 0x3f800001
	d1	fcvt.h.s, BOX16 | 0x3c01, NX, BOX32 | 0x3f800001, rup
	d1	fcvt.h.s, BOX16 | 0x7c00, OF | NX, BOX32 | 0x477fffff
	d1	fcvt.h.s, BOX16 | 0x7bff, NX, BOX32 | 0x477fffff, rtz
	d1	fcvt.h.s, BOX16, UF | NX, BOX32 | 0x33000000
	d1	fcvt.h.s, BOX16 | 1, UF | NX, BOX32 | 0x33000000, rmm
	d1	fcvt.h.s, BOX16 | 0x7e00, NV, BOX32 | 0x7f800001
	d1	fcvt.h.s, BOX16 | 0x7e00, 0, 0x3f800000
	d1	fcvt.h.d, BOX16 | 0xc000, 0, 0xc000000000000000
	d1	fcvt.h.d, BOX16 | 0x3c01, NX, 0x3ff0020000000001	/* one rounding */
	d1	fcvt.h.d, BOX16 | 0x7e00, 0, 0xfff8000000000001
	next
	fsrmi	3			/* by frm */
	d1	fcvt.h.s, BOX16 | 0x3c01, NX, BOX32 | 0x3f800001, dyn
	csrw	fcsr, zero
	end

	.data
	.balign	8
data:	.dword	0x444444444444bc01
