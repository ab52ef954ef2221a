/* Zicond, wrs.nto and wrs.sto of Zawrs, cbo.zero of Zicboz: what assemblers and other emulators lack.
 *
 * gp = 0
 */
#include "test.inc"

	begin
	.macro	zero_eqz d, a, b
	.insn	r 0x33, 5, 7, \d, \a, \b
	.endm
	.macro	zero_nez d, a, b
	.insn	r 0x33, 7, 7, \d, \a, \b
	.endm
	rr	zero_eqz, 0, 0x123456789abcdef0, 0
	rr	zero_eqz, 0x123456789abcdef0, 0x123456789abcdef0, 1
	rr	zero_eqz, 0x123456789abcdef0, 0x123456789abcdef0, 0x100000000
	rr	zero_nez, 0x123456789abcdef0, 0x123456789abcdef0, 0
	rr	zero_nez, 0, 0x123456789abcdef0, 0x8000000000000000
	rr	zero_nez, 0, 0, 0

	next
	.insn	4, 0x00d00073		/* wrs.nto */
	.insn	4, 0x01d00073		/* wrs.sto */

	next
	la	s0, block
	addi	a1, s0, 64 + 17
	.insn	4, 0x0045a00f		/* cbo.zero (a1) */
	ld	a0, 56(s0)
	expect	a0, 0x1111111111111111
	li	s1, 64
1:	add	a1, s0, s1
	ld	a0, 0(a1)
	expect	a0, 0
	addi	s1, s1, 8
	li	a1, 128
	bne	s1, a1, 1b
	ld	a0, 128(s0)
	expect	a0, 0x2222222222222222
	.insn	4, 0x0014200f	/* cbo.clean (s0) */
	.insn	4, 0x0024200f	/* cbo.flush (s0) */
	end

	.data
	.balign	64
block:	.rept	8
	.dword	0x1111111111111111
	.endr
	.rept	8
	.dword	0x3333333333333333
	.endr
	.rept	8
	.dword	0x2222222222222222
	.endr
