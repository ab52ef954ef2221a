/* A: LR/SC and AMOs, words and doubles.
 *
 * gp = 0
 */
#include "test.inc"

	begin
	la	s0, data

	/* op d, b, (a): result is the old value, memory gets the new one */
	.macro	amo_d op, old, val, new
	next
	li	a1, \old
	li	a2, \val
	sd	a1, 0(s0)
	\op	a0, a2, (s0)
	expect	a0, \old
	expect	a2, \val
	ld	a0, 0(s0)
	expect	a0, \new
	sd	a1, 0(s0)
	\op\().aqrl zero, a2, (s0)
	ld	a0, 0(s0)
	expect	a0, \new
	expect	zero, 0
	sd	a1, 0(s0)
	mv	a3, s0
	\op\().aq a3, a2, (a3)
	expect	a3, \old
	sd	a1, 0(s0)
	\op\().rl a2, a2, (s0)
	expect	a2, \old
	ld	a0, 0(s0)
	expect	a0, \new
	.endm

	/* words: old and new as lw reads them; the word above stays */
	.macro	amo_w op, old, val, new
	next
	li	a1, \old
	li	a2, \val
	li	a3, 0x55667788
	sw	a1, 0(s0)
	sw	a3, 4(s0)
	\op	a0, a2, (s0)
	expect	a0, \old
	expect	a2, \val
	lw	a0, 0(s0)
	expect	a0, \new
	lw	a0, 4(s0)
	expect	a0, 0x55667788
	sw	a1, 0(s0)
	\op\().aqrl zero, a2, (s0)
	lw	a0, 0(s0)
	expect	a0, \new
	.endm

	amo_d	amoswap.d, 0x123456789abcdef0, -2, -2
	amo_d	amoadd.d, 0xffffffffffffffff, 3, 2
	amo_d	amoxor.d, 0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0, 0xf0f0f0f0f0f0f0f0
	amo_d	amoand.d, 0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0, 0x0f000f000f000f00
	amo_d	amoor.d, 0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0, 0xfff0fff0fff0fff0
	amo_d	amomin.d, 5, -7, -7
	amo_d	amomin.d, -7, 5, -7
	amo_d	amomax.d, 5, -7, 5
	amo_d	amomax.d, -7, 5, 5
	amo_d	amominu.d, 5, -7, 5
	amo_d	amominu.d, -7, 5, 5
	amo_d	amomaxu.d, 5, -7, -7
	amo_d	amomaxu.d, -7, 5, -7

	amo_w	amoswap.w, 0x7abcdef0, 0x1fffffffe, -2
	amo_w	amoswap.w, 0xffffffff80000000, 1, 1
	amo_w	amoadd.w, 0x7fffffff, 0xff00000001, 0xffffffff80000000
	amo_w	amoxor.w, 0xffffffffff00ff00, 0x0ff00ff0, 0xfffffffff0f0f0f0
	amo_w	amoand.w, 0xffffffffff00ff00, 0x0ff00ff0, 0x0f000f00
	amo_w	amoor.w, 0xffffffffff00ff00, 0x0ff00ff0, 0xfffffffffff0fff0
	amo_w	amomin.w, 5, 0xfffffff9, -7
	amo_w	amomin.w, -7, 5, -7
	amo_w	amomax.w, 5, 0xfffffff9, 5
	amo_w	amomax.w, -7, 0x7700000005, 5
	amo_w	amominu.w, 5, -7, 5
	amo_w	amominu.w, -7, 0x7700000005, 5
	amo_w	amomaxu.w, 5, 0xfffffff9, -7
	amo_w	amomaxu.w, -7, 5, -7

	/* LR and SC */
	next
	li	a1, 0x123456789abcdef0
	sd	a1, 0(s0)
	lr.d	a0, (s0)
	expect	a0, 0x123456789abcdef0
	li	a2, 77
	sc.d	a3, a2, (s0)
	expect	a3, 0
	ld	a0, 0(s0)
	expect	a0, 77
	sc.d	a3, a1, (s0)		/* the reservation is used up */
	expect	a3, 1
	ld	a0, 0(s0)
	expect	a0, 77
	next
	sd	a1, 0(s0)
	lr.w.aqrl a0, (s0)
	expect	a0, 0xffffffff9abcdef0
	sc.w.aqrl a2, a2, (s0)
	expect	a2, 0
	ld	a0, 0(s0)
	expect	a0, 0x123456780000004d
	next
	lr.d	a0, (s0)
	addi	a3, s0, 8
	sc.d	a2, a1, (a3)		/* another address */
	expect	a2, 1
	ld	a0, 8(s0)
	expect	a0, 0x1111
	next				/* SC without LR, then a plain retry loop */
	sc.w	a2, a1, (s0)
	expect	a2, 1
	li	s1, 1000
	sd	zero, 0(s0)
1:	lr.d	a0, (s0)
	addi	a0, a0, 3
	sc.d	a1, a0, (s0)
	bnez	a1, 1b
	addi	s1, s1, -1
	bnez	s1, 1b
	ld	a0, 0(s0)
	expect	a0, 3000
	end

	.data
	.balign	16
data:	.dword	0, 0x1111
