/* RV64I: integer operations, loads and stores, branches and jumps.
 *
 * gp = 0
 * flags: -march=rv64gc
 */
#include "test.inc"

	begin
	rr	add, 0, 0, 0
	rr	add, 0, 1, 0xffffffffffffffff
	rr	add, 0x8000000000000000, 0x7fffffffffffffff, 1
	rr	add, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	add, 0x1111111111111100, 0x123456789abcdef0, 0xfedcba9876543210
	rr	add, 0xffffffffffffffff, 0xffffffff80000000, 0x7fffffff
	rr	add, 0xdeadbeefcafebae3, 0xdeadbeefcafebabe, 0x25
	rr	add, 0x8000003f, 0x80000000, 0x3f
	rr	sub, 0, 0, 0
	rr	sub, 2, 1, 0xffffffffffffffff
	rr	sub, 0x7ffffffffffffffe, 0x7fffffffffffffff, 1
	rr	sub, 0x8000000000000001, 0x8000000000000000, 0xffffffffffffffff
	rr	sub, 0x13579be02468ace0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	sub, 0xffffffff00000001, 0xffffffff80000000, 0x7fffffff
	rr	sub, 0xdeadbeefcafeba99, 0xdeadbeefcafebabe, 0x25
	rr	sub, 0x7fffffc1, 0x80000000, 0x3f
	rr	sll, 0, 0, 0
	rr	sll, 0x8000000000000000, 1, 0xffffffffffffffff
	rr	sll, 0xfffffffffffffffe, 0x7fffffffffffffff, 1
	rr	sll, 0, 0x8000000000000000, 0xffffffffffffffff
	rr	sll, 0x56789abcdef00000, 0x123456789abcdef0, 0xfedcba9876543210
	rr	sll, 0, 0xffffffff80000000, 0x7fffffff
	rr	sll, 0x5fd757c000000000, 0xdeadbeefcafebabe, 0x25
	rr	sll, 0, 0x80000000, 0x3f
	rr	slt, 0, 0, 0
	rr	slt, 0, 1, 0xffffffffffffffff
	rr	slt, 0, 0x7fffffffffffffff, 1
	rr	slt, 1, 0x8000000000000000, 0xffffffffffffffff
	rr	slt, 0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	slt, 1, 0xffffffff80000000, 0x7fffffff
	rr	slt, 1, 0xdeadbeefcafebabe, 0x25
	rr	slt, 0, 0x80000000, 0x3f
	rr	sltu, 0, 0, 0
	rr	sltu, 1, 1, 0xffffffffffffffff
	rr	sltu, 0, 0x7fffffffffffffff, 1
	rr	sltu, 1, 0x8000000000000000, 0xffffffffffffffff
	rr	sltu, 1, 0x123456789abcdef0, 0xfedcba9876543210
	rr	sltu, 0, 0xffffffff80000000, 0x7fffffff
	rr	sltu, 0, 0xdeadbeefcafebabe, 0x25
	rr	sltu, 0, 0x80000000, 0x3f
	rr	xor, 0, 0, 0
	rr	xor, 0xfffffffffffffffe, 1, 0xffffffffffffffff
	rr	xor, 0x7ffffffffffffffe, 0x7fffffffffffffff, 1
	rr	xor, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	xor, 0xece8ece0ece8ece0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	xor, 0xffffffffffffffff, 0xffffffff80000000, 0x7fffffff
	rr	xor, 0xdeadbeefcafeba9b, 0xdeadbeefcafebabe, 0x25
	rr	xor, 0x8000003f, 0x80000000, 0x3f
	rr	srl, 0, 0, 0
	rr	srl, 0, 1, 0xffffffffffffffff
	rr	srl, 0x3fffffffffffffff, 0x7fffffffffffffff, 1
	rr	srl, 1, 0x8000000000000000, 0xffffffffffffffff
	rr	srl, 0x123456789abc, 0x123456789abcdef0, 0xfedcba9876543210
	rr	srl, 1, 0xffffffff80000000, 0x7fffffff
	rr	srl, 0x6f56df7, 0xdeadbeefcafebabe, 0x25
	rr	srl, 0, 0x80000000, 0x3f
	rr	sra, 0, 0, 0
	rr	sra, 0, 1, 0xffffffffffffffff
	rr	sra, 0x3fffffffffffffff, 0x7fffffffffffffff, 1
	rr	sra, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	sra, 0x123456789abc, 0x123456789abcdef0, 0xfedcba9876543210
	rr	sra, 0xffffffffffffffff, 0xffffffff80000000, 0x7fffffff
	rr	sra, 0xfffffffffef56df7, 0xdeadbeefcafebabe, 0x25
	rr	sra, 0, 0x80000000, 0x3f
	rr	or, 0, 0, 0
	rr	or, 0xffffffffffffffff, 1, 0xffffffffffffffff
	rr	or, 0x7fffffffffffffff, 0x7fffffffffffffff, 1
	rr	or, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	or, 0xfefcfef8fefcfef0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	or, 0xffffffffffffffff, 0xffffffff80000000, 0x7fffffff
	rr	or, 0xdeadbeefcafebabf, 0xdeadbeefcafebabe, 0x25
	rr	or, 0x8000003f, 0x80000000, 0x3f
	rr	and, 0, 0, 0
	rr	and, 1, 1, 0xffffffffffffffff
	rr	and, 1, 0x7fffffffffffffff, 1
	rr	and, 0x8000000000000000, 0x8000000000000000, 0xffffffffffffffff
	rr	and, 0x1214121812141210, 0x123456789abcdef0, 0xfedcba9876543210
	rr	and, 0, 0xffffffff80000000, 0x7fffffff
	rr	and, 0x24, 0xdeadbeefcafebabe, 0x25
	rr	and, 0, 0x80000000, 0x3f
	rr	addw, 0, 0, 0
	rr	addw, 0, 1, 0xffffffffffffffff
	rr	addw, 0, 0x7fffffffffffffff, 1
	rr	addw, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	addw, 0x11111100, 0x123456789abcdef0, 0xfedcba9876543210
	rr	addw, 0xffffffffffffffff, 0xffffffff80000000, 0x7fffffff
	rr	addw, 0xffffffffcafebae3, 0xdeadbeefcafebabe, 0x25
	rr	addw, 0xffffffff8000003f, 0x80000000, 0x3f
	rr	subw, 0, 0, 0
	rr	subw, 2, 1, 0xffffffffffffffff
	rr	subw, 0xfffffffffffffffe, 0x7fffffffffffffff, 1
	rr	subw, 1, 0x8000000000000000, 0xffffffffffffffff
	rr	subw, 0x2468ace0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	subw, 1, 0xffffffff80000000, 0x7fffffff
	rr	subw, 0xffffffffcafeba99, 0xdeadbeefcafebabe, 0x25
	rr	subw, 0x7fffffc1, 0x80000000, 0x3f
	rr	sllw, 0, 0, 0
	rr	sllw, 0xffffffff80000000, 1, 0xffffffffffffffff
	rr	sllw, 0xfffffffffffffffe, 0x7fffffffffffffff, 1
	rr	sllw, 0, 0x8000000000000000, 0xffffffffffffffff
	rr	sllw, 0xffffffffdef00000, 0x123456789abcdef0, 0xfedcba9876543210
	rr	sllw, 0, 0xffffffff80000000, 0x7fffffff
	rr	sllw, 0x5fd757c0, 0xdeadbeefcafebabe, 0x25
	rr	sllw, 0, 0x80000000, 0x3f
	rr	srlw, 0, 0, 0
	rr	srlw, 0, 1, 0xffffffffffffffff
	rr	srlw, 0x7fffffff, 0x7fffffffffffffff, 1
	rr	srlw, 0, 0x8000000000000000, 0xffffffffffffffff
	rr	srlw, 0x9abc, 0x123456789abcdef0, 0xfedcba9876543210
	rr	srlw, 1, 0xffffffff80000000, 0x7fffffff
	rr	srlw, 0x657f5d5, 0xdeadbeefcafebabe, 0x25
	rr	srlw, 1, 0x80000000, 0x3f
	rr	sraw, 0, 0, 0
	rr	sraw, 0, 1, 0xffffffffffffffff
	rr	sraw, 0xffffffffffffffff, 0x7fffffffffffffff, 1
	rr	sraw, 0, 0x8000000000000000, 0xffffffffffffffff
	rr	sraw, 0xffffffffffff9abc, 0x123456789abcdef0, 0xfedcba9876543210
	rr	sraw, 0xffffffffffffffff, 0xffffffff80000000, 0x7fffffff
	rr	sraw, 0xfffffffffe57f5d5, 0xdeadbeefcafebabe, 0x25
	rr	sraw, 0xffffffffffffffff, 0x80000000, 0x3f
	ri	addi, 0, 0, 0
	ri	addi, 0, 1, -1
	ri	addi, 0x80000000000007fe, 0x7fffffffffffffff, 2047
	ri	addi, 0x123456789abcd6f0, 0x123456789abcdef0, -2048
	ri	addi, 0xffffffff80000000, 0xffffffff7fffffff, 1
	ri	slti, 0, 0, 0
	ri	slti, 0, 1, -1
	ri	slti, 0, 0x7fffffffffffffff, 2047
	ri	slti, 0, 0x123456789abcdef0, -2048
	ri	slti, 1, 0xffffffff7fffffff, 1
	ri	sltiu, 0, 0, 0
	ri	sltiu, 1, 1, -1
	ri	sltiu, 0, 0x7fffffffffffffff, 2047
	ri	sltiu, 1, 0x123456789abcdef0, -2048
	ri	sltiu, 0, 0xffffffff7fffffff, 1
	ri	xori, 0, 0, 0
	ri	xori, 0xfffffffffffffffe, 1, -1
	ri	xori, 0x7ffffffffffff800, 0x7fffffffffffffff, 2047
	ri	xori, 0xedcba987654326f0, 0x123456789abcdef0, -2048
	ri	xori, 0xffffffff7ffffffe, 0xffffffff7fffffff, 1
	ri	ori, 0, 0, 0
	ri	ori, 0xffffffffffffffff, 1, -1
	ri	ori, 0x7fffffffffffffff, 0x7fffffffffffffff, 2047
	ri	ori, 0xfffffffffffffef0, 0x123456789abcdef0, -2048
	ri	ori, 0xffffffff7fffffff, 0xffffffff7fffffff, 1
	ri	andi, 0, 0, 0
	ri	andi, 1, 1, -1
	ri	andi, 0x7ff, 0x7fffffffffffffff, 2047
	ri	andi, 0x123456789abcd800, 0x123456789abcdef0, -2048
	ri	andi, 1, 0xffffffff7fffffff, 1
	ri	addiw, 0, 0, 0
	ri	addiw, 0, 1, -1
	ri	addiw, 0x7fe, 0x7fffffffffffffff, 2047
	ri	addiw, 0xffffffff9abcd6f0, 0x123456789abcdef0, -2048
	ri	addiw, 0xffffffff80000000, 0xffffffff7fffffff, 1
	ri	slli, 0x123456789abcdef0, 0x123456789abcdef0, 0
	ri	slli, 0x2468acf13579bde0, 0x123456789abcdef0, 1
	ri	slli, 0x4d5e6f7800000000, 0x123456789abcdef0, 31
	ri	slli, 0, 0x123456789abcdef0, 63
	ri	slli, 0x8fedcba987654321, 0x8fedcba987654321, 0
	ri	slli, 0x1fdb97530eca8642, 0x8fedcba987654321, 1
	ri	slli, 0xc3b2a19080000000, 0x8fedcba987654321, 31
	ri	slli, 0x8000000000000000, 0x8fedcba987654321, 63
	ri	srli, 0x123456789abcdef0, 0x123456789abcdef0, 0
	ri	srli, 0x91a2b3c4d5e6f78, 0x123456789abcdef0, 1
	ri	srli, 0x2468acf1, 0x123456789abcdef0, 31
	ri	srli, 0, 0x123456789abcdef0, 63
	ri	srli, 0x8fedcba987654321, 0x8fedcba987654321, 0
	ri	srli, 0x47f6e5d4c3b2a190, 0x8fedcba987654321, 1
	ri	srli, 0x11fdb9753, 0x8fedcba987654321, 31
	ri	srli, 1, 0x8fedcba987654321, 63
	ri	srai, 0x123456789abcdef0, 0x123456789abcdef0, 0
	ri	srai, 0x91a2b3c4d5e6f78, 0x123456789abcdef0, 1
	ri	srai, 0x2468acf1, 0x123456789abcdef0, 31
	ri	srai, 0, 0x123456789abcdef0, 63
	ri	srai, 0x8fedcba987654321, 0x8fedcba987654321, 0
	ri	srai, 0xc7f6e5d4c3b2a190, 0x8fedcba987654321, 1
	ri	srai, 0xffffffff1fdb9753, 0x8fedcba987654321, 31
	ri	srai, 0xffffffffffffffff, 0x8fedcba987654321, 63
	ri	slliw, 0xffffffff9abcdef0, 0x123456789abcdef0, 0
	ri	slliw, 0x3579bde0, 0x123456789abcdef0, 1
	ri	slliw, 0x6f780000, 0x123456789abcdef0, 15
	ri	slliw, 0, 0x123456789abcdef0, 31
	ri	slliw, 0xffffffff87654321, 0x8fedcba987654321, 0
	ri	slliw, 0xeca8642, 0x8fedcba987654321, 1
	ri	slliw, 0xffffffffa1908000, 0x8fedcba987654321, 15
	ri	slliw, 0xffffffff80000000, 0x8fedcba987654321, 31
	ri	srliw, 0xffffffff9abcdef0, 0x123456789abcdef0, 0
	ri	srliw, 0x4d5e6f78, 0x123456789abcdef0, 1
	ri	srliw, 0x13579, 0x123456789abcdef0, 15
	ri	srliw, 1, 0x123456789abcdef0, 31
	ri	srliw, 0xffffffff87654321, 0x8fedcba987654321, 0
	ri	srliw, 0x43b2a190, 0x8fedcba987654321, 1
	ri	srliw, 0x10eca, 0x8fedcba987654321, 15
	ri	srliw, 1, 0x8fedcba987654321, 31
	ri	sraiw, 0xffffffff9abcdef0, 0x123456789abcdef0, 0
	ri	sraiw, 0xffffffffcd5e6f78, 0x123456789abcdef0, 1
	ri	sraiw, 0xffffffffffff3579, 0x123456789abcdef0, 15
	ri	sraiw, 0xffffffffffffffff, 0x123456789abcdef0, 31
	ri	sraiw, 0xffffffff87654321, 0x8fedcba987654321, 0
	ri	sraiw, 0xffffffffc3b2a190, 0x8fedcba987654321, 1
	ri	sraiw, 0xffffffffffff0eca, 0x8fedcba987654321, 15
	ri	sraiw, 0xffffffffffffffff, 0x8fedcba987654321, 31

	/* loads and stores, misaligned ones too */
	next
	la	s0, data
	lb	a0, 0(s0)
	expect	a0, 0xfffffffffffffff8
	lbu	a0, 0(s0)
	expect	a0, 0xf8
	lh	a0, 0(s0)
	expect	a0, 0xffffffffffff96f8
	lhu	a0, 0(s0)
	expect	a0, 0x96f8
	lw	a0, 0(s0)
	expect	a0, 0xffffffffb4a596f8
	lwu	a0, 0(s0)
	expect	a0, 0xb4a596f8
	ld	a0, 0(s0)
	expect	a0, 0xf0e1d2c3b4a596f8
	next
	addi	s1, s0, 2047
	ld	a0, -2047(s1)
	expect	a0, 0xf0e1d2c3b4a596f8
	lw	a0, 1(s0)
	expect	a0, 0xffffffffc3b4a596
	ld	a0, 3(s0)
	expect	a0, 0x332211f0e1d2c3b4
	lhu	a0, 7(s0)
	expect	a0, 0x11f0
	ld	zero, 0(s0)
	expect	zero, 0
	mv	a0, s0
	ld	a0, 0(a0)
	expect	a0, 0xf0e1d2c3b4a596f8
	next
	li	a1, 0x0102030405060708
	sb	a1, 16(s0)
	sh	a1, 18(s0)
	sw	a1, 20(s0)
	ld	a0, 16(s0)
	expect	a0, 0x0506070807080008
	sd	a1, 16(s0)
	sw	zero, 17(s0)
	ld	a0, 16(s0)
	expect	a0, 0x0102030000000008
	sd	a1, 19(s0)
	ld	a0, 19(s0)
	expect	a0, 0x0102030405060708

	/* upper immediates */
	next
	lui	a0, 0x80000
	expect	a0, 0xffffffff80000000
	lui	a0, 0x7ffff
	expect	a0, 0x7ffff000
1:	auipc	a0, 0x12345
	la	a1, 1b
	sub	a0, a0, a1
	expect	a0, 0x12345000
2:	auipc	a0, 0xfffff
	la	a1, 2b
	sub	a0, a0, a1
	expect	a0, -4096

	/* branches: taken and not, both directions */
	.macro	branch op, x, y, want
	next
	li	a1, \x
	li	a2, \y
	li	a0, 0
	j	3f
1:	addi	a0, a0, 2
	j	4f
2:	j	fail_
3:	\op	a1, a2, 5f
	\op	a1, a2, 2b
	j	4f
5:	addi	a0, a0, 1
	\op	a1, a2, 1b
4:	expect	a0, 3 * \want
	.endm
	branch	beq, 5, 5, 1
	branch	beq, 5, -5, 0
	branch	bne, 5, 5, 0
	branch	bne, 5, 0x100000005, 1
	branch	blt, -1, 1, 1
	branch	blt, 1, -1, 0
	branch	blt, 1, 1, 0
	branch	bge, -1, 1, 0
	branch	bge, 1, -1, 1
	branch	bge, 1, 1, 1
	branch	bltu, -1, 1, 0
	branch	bltu, 1, -1, 1
	branch	bltu, 1, 1, 0
	branch	bgeu, -1, 1, 1
	branch	bgeu, 1, -1, 0
	branch	bgeu, 1, 1, 1

	/* a loop; calls and returns; jumps by register */
	next
	li	a0, 0
	li	a1, 100000
1:	add	a0, a0, a1
	addi	a1, a1, -1
	bnez	a1, 1b
	expect	a0, 5000050000
	next
	li	a0, 0
	li	s1, 1000
1:	jal	ra, twice
	call	twice		/* auipc ra; jalr ra, ra: changes its own operand */
	addi	s1, s1, -1
	bnez	s1, 1b
	expect	a0, 4000
	next
	la	t0, 2f
	jalr	t1, 1(t0)	/* bit 0 is dropped */
1:	j	fail_
2:	la	t2, 1b
	bne	t1, t2, 1b
	la	t0, 3f
	jalr	t0, 0(t0)
2:	j	fail_
3:	la	t2, 2b
	bne	t0, t2, 2b
	next
	fence
	fence	r, w
	fence.tso
	j	7f
twice:	addi	a0, a0, 2
	ret
7:
	.data
	.balign	8
data:	.dword	0xf0e1d2c3b4a596f8, 0x5544332211
	.zero	32
	.text
	end
