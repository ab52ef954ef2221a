/* Zicsr with the floating-point CSRs, Zicntr, Zicond, hints, fences and self-changed code.
 *
 * gp = 0
 */
#include "test.inc"

	begin
	/* fflags, frm, fcsr and each way to write them */
	next
	csrw	fcsr, zero
	li	a1, -1
	csrrw	a0, fflags, a1
	expect	a0, 0
	csrr	a0, fcsr
	expect	a0, 31
	csrrwi	a0, frm, 4
	expect	a0, 0
	csrrc	a0, fflags, zero
	expect	a0, 31
	csrrci	a0, fflags, 21
	expect	a0, 31
	csrr	a0, fcsr
	expect	a0, 0x8a
	csrrsi	a0, fcsr, 1
	expect	a0, 0x8a
	csrr	a0, fcsr
	expect	a0, 0x8b
	next
	li	a1, 0x7d
	csrrw	a1, fcsr, a1		/* rd = rs1 */
	expect	a1, 0x8b
	csrr	a0, frm
	expect	a0, 3
	csrr	a0, fflags
	expect	a0, 0x1d
	li	a1, 0xffffff02
	csrrs	a0, frm, a1
	expect	a0, 3
	csrr	a0, frm
	expect	a0, 3
	li	a1, 2
	csrrc	a0, frm, a1
	csrr	a0, frm
	expect	a0, 1
	csrrw	zero, fflags, zero
	csrr	a0, fcsr
	expect	a0, 0x20
	next				/* reserved modes can be held */
	fsrmi	7
	frrm	a0
	expect	a0, 7
	fsrmi	5
	csrr	a0, fcsr
	expect	a0, 0xa0
	fmv.d.x	fa0, zero
	fadd.d	fa0, fa0, fa0, rne	/* a static mode is still good */
	fmin.d	fa0, fa0, fa0
	csrw	fcsr, zero

	next				/* counters go forwards */
	rdtime	a0
	rdcycle	a1
	rdinstret a2
	li	s1, 100000
1:	addi	s1, s1, -1
	bnez	s1, 1b
	rdtime	a3
	bltu	a3, a0, 9f
	rdcycle	a3
	bltu	a3, a1, 9f
	beq	a3, a1, 9f
	rdinstret a3
	bltu	a3, a2, 9f
	j	2f
9:	j	fail_
2:
	next				/* hints */
	.insn	4, 0x0100000f		/* pause */
	addi	zero, a0, 5
	lui	zero, 5
	.insn	4, 0x00200033		/* ntl.p1 */
	.insn	4, 0x00106013		/* prefetch.r 0(x0) */
	expect	zero, 0

	next				/* code written, then run */
	la	s0, code
	li	a1, 0x02a00513		/* li a0, 42 */
	sw	a1, 0(s0)
	li	a1, 0x00008067		/* ret */
	sw	a1, 4(s0)
	li	a0, 0x0f			/* make it writable and executable: mprotect */
	la	a0, code
	li	a1, 4096
	li	a2, 7
	li	a7, 226
	ecall
	expect	a0, 0
	li	s1, 10
1:	fence.i
	jalr	s0
	addi	a1, s1, 42
	bne	a0, a1, 3f
	j	4f
3:	li	t6, 42
	bne	a0, t6, 9b
4:	addi	s1, s1, -1
	andi	a1, s1, 0x7f
	addi	a1, a1, 42
	slli	a1, a1, 20
	li	a2, 0x513		/* li a0, 42 + s1 */
	or	a1, a1, a2
	sw	a1, 0(s0)
	bnez	s1, 1b
	end

	.data
	.balign	4096
code:	.zero	4096
