/* C: every compressed instruction of RV64GC; also 32-bit instructions at odd halfwords.
 *
 * gp = 0
 */
#include "test.inc"

	begin
	la	s0, data
	mv	s1, sp

	next
	c.li	a0, -32
	expect	a0, -32
	c.li	a0, 31
	c.addi	a0, -32
	expect	a0, -1
	c.lui	a0, 0xfffe1
	expect	a0, -0x1f000
	c.lui	a0, 31
	expect	a0, 0x1f000
	li	a0, 0x7fffffff
	c.addiw	a0, 1
	expect	a0, 0xffffffff80000000
	c.addiw	a0, 0
	expect	a0, 0xffffffff80000000
	next
	c.addi16sp sp, -512
	sub	a0, s1, sp
	expect	a0, 512
	c.addi4spn a0, sp, 1020
	sub	a0, a0, sp
	expect	a0, 1020
	c.addi4spn a0, sp, 4
	sub	a0, a0, sp
	expect	a0, 4
	c.addi16sp sp, 496
	c.addi16sp sp, 16
	sub	a0, s1, sp
	expect	a0, 0
	next
	li	a0, 0x8edcba9876543210
	c.srli	a0, 36
	expect	a0, 0x8edcba9
	li	a0, 0x8edcba9876543210
	c.srai	a0, 4
	expect	a0, 0xf8edcba987654321
	c.slli	a0, 33
	expect	a0, 0x0eca864200000000
	li	a0, 0x1234567f
	c.andi	a0, -4
	expect	a0, 0x1234567c
	c.andi	a0, 31
	expect	a0, 28
	next
	li	a1, 0x7fffffff
	li	a2, 1
	mv	a0, a1
	c.add	a0, a2
	expect	a0, 0x80000000
	mv	a0, a1
	c.addw	a0, a2
	expect	a0, 0xffffffff80000000
	c.subw	a0, a2
	expect	a0, 0x7fffffff
	c.sub	a0, a1
	expect	a0, 0
	c.mv	a0, a1
	expect	a0, 0x7fffffff
	c.xor	a0, a2
	expect	a0, 0x7ffffffe
	c.and	a0, a2
	expect	a0, 0
	c.or	a0, a1
	expect	a0, 0x7fffffff
	next
	li	a1, 0xf1e2d3c4b5a69788
	c.sd	a1, 248(s0)
	c.lw	a0, 124(s0)
	expect	a0, 0x44
	c.ld	a0, 248(s0)
	expect	a0, 0xf1e2d3c4b5a69788
	ld	a0, 248(s0)
	expect	a0, 0xf1e2d3c4b5a69788
	c.sw	a1, 4(s0)
	c.lw	a0, 4(s0)
	expect	a0, 0xffffffffb5a69788
	c.fld	fa0, 248(s0)
	fmv.x.d	a0, fa0
	expect	a0, 0xf1e2d3c4b5a69788
	c.fsd	fa0, 8(s0)
	ld	a0, 8(s0)
	expect	a0, 0xf1e2d3c4b5a69788
	next
	addi	sp, sp, -512
	c.sdsp	a1, 504(sp)
	c.ldsp	t0, 504(sp)
	expect	t0, 0xf1e2d3c4b5a69788
	c.swsp	a1, 252(sp)
	c.lwsp	t0, 252(sp)
	expect	t0, 0xffffffffb5a69788
	lw	t0, 252(sp)
	expect	t0, 0xffffffffb5a69788
	c.fldsp	ft0, 504(sp)
	c.fsdsp	ft0, 0(sp)
	ld	t0, 0(sp)
	expect	t0, 0xf1e2d3c4b5a69788
	addi	sp, sp, 512
	next
	.option	push
	.option	rvc
	c.nop
	li	a0, 0
	c.j	2f
1:	c.addi	a0, 1
	c.bnez	a0, 3f
2:	c.beqz	a0, 1b
	j	fail_
3:	expect	a0, 1
	c.beqz	a0, 1b
	li	a1, 0
	c.bnez	a1, 1b
	next
	la	a1, 5f
	la	t1, 4f
	c.jalr	a1
4:	j	6f
5:	bne	ra, t1, 9f
	c.jr	ra
9:	j	fail_
6:	.option	pop
	.option	norvc
	end

	.data
	.balign	8
data:	.zero	124
	.word	0x44
	.zero	256
