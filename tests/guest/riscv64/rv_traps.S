/* Instructions that trap: reserved and unknown encodings (SIGILL), misaligned atomics (SIGBUS),
 * ebreak (SIGTRAP), addresses that are not there (SIGSEGV); where, and that nothing else changed.
 *
 * gp = 0
 */
#include "test.inc"

	.equ	SIGILL, 4
	.equ	SIGTRAP, 5
	.equ	SIGBUS, 7
	.equ	SIGSEGV, 11
	.equ	UC_PC, 176		/* the pc in ucontext_t */
	.equ	UC_A0, 176 + 80

	/* Run one instruction of len bytes: it must raise sig at itself; a0 stays. */
	.macro	traps sig, len, word:vararg
	next
	la	s0, seen
	sd	zero, 0(s0)
	li	a0, 0x5a5a5a5a
	.balign	4
7:	.insn	\len, \word
	ld	t5, 0(s0)
	expect	t5, \sig
	ld	t5, 8(s0)
	la	t6, 7b
	beq	t5, t6, 8f
	j	fail_
8:	expect	a0, 0x5a5a5a5a
	.endm

	.macro	install sig
	li	a0, \sig
	la	a1, action
	li	a2, 0
	li	a3, 8
	li	a7, 134			/* rt_sigaction */
	ecall
	.endm

	begin
	next
	install	SIGILL
	expect	a0, 0
	install	SIGBUS
	install	SIGTRAP
	install	SIGSEGV

	traps	SIGILL, 2, 0x0000	/* c.unimp */
	traps	SIGILL, 2, 0x0004	/* c.addi4spn by 0 */
	traps	SIGILL, 2, 0x2005	/* c.addiw x0 */
	traps	SIGILL, 2, 0x6281	/* c.lui by 0 */
	traps	SIGILL, 2, 0x6101	/* c.addi16sp by 0 */
	traps	SIGILL, 2, 0x4002	/* c.lwsp x0 */
	traps	SIGILL, 2, 0x6002	/* c.ldsp x0 */
	traps	SIGILL, 2, 0x8002	/* c.jr x0 */
	traps	SIGILL, 2, 0x9c41	/* 100 1 11, reserved */
	traps	SIGILL, 4, 0xfffff06b	/* custom-3 */
	traps	SIGILL, 4, 0xc0001073	/* unimp: write to cycle */
	traps	SIGILL, 4, 0x7c002573	/* CSR 0x7c0 */
	traps	SIGILL, 4, 0x30002573	/* mstatus */
	traps	SIGILL, 4, 0x02a5d553	/* fadd.d with static mode 5 */
	traps	SIGILL, 4, 0x02a5e553	/* and 6 */
	traps	SIGILL, 4, 0x0205151b	/* slliw by 32 */
	traps	SIGILL, 4, 0x02b5153b	/* no mulhw */
	traps	SIGILL, 4, 0x1015a52f	/* lr.w with rs2 */
	traps	SIGILL, 4, 0x30200073	/* mret */
	traps	SIGILL, 4, 0x12000073	/* sfence.vma */
	traps	SIGILL, 4, 0x00007003	/* load of funct3 7 */
	traps	SIGILL, 4, 0x00002063	/* branch of funct3 2 */
	fsrmi	5
	traps	SIGILL, 4, 0x02a5f553	/* fadd.d by a mode in frm that is none */
	traps	SIGILL, 4, 0xd005f553	/* fcvt.s.w too */
	fsrmi	0
	li	a1, 1
	.insn	4, 0x02a5f553		/* and now it runs */

	traps	SIGTRAP, 2, 0x9002	/* c.ebreak */
	traps	SIGTRAP, 4, 0x00100073	/* ebreak */

	la	s2, data
	addi	s2, s2, 2
	traps	SIGBUS, 4, 0x00b9252f				/* amoadd.w a0, a1, (s2) */
	traps	SIGBUS, 4, 0x1009252f				/* lr.w a0, (s2) */
	traps	SIGBUS, 4, 0x18b9352f				/* sc.d a0, a1, (s2) */
	li	s2, 16
	traps	SIGSEGV, 4, 0x00093503				/* ld a0, 0(s2) */
	traps	SIGSEGV, 4, 0x00b93023				/* sd a1, 0(s2) */
	traps	SIGSEGV, 4, 0x00b9252f				/* amoadd.w a0, a1, (s2) */
	li	s2, -8
	traps	SIGSEGV, 4, 0x00093503
	ld	a1, data
	expect	a1, 0x1122334455667788
	end

	/* Note signal and pc, and go on behind the instruction. */
	.balign	4
handler:
	la	t0, seen
	sd	a0, 0(t0)
	ld	t1, UC_PC(a2)
	sd	t1, 8(t0)
	lhu	t2, 0(t1)
	andi	t2, t2, 3
	addi	t1, t1, 2
	li	t3, 3
	bne	t2, t3, 1f
	addi	t1, t1, 2
1:	sd	t1, UC_PC(a2)
	ret

	.data
	.balign	8
data:	.dword	0x1122334455667788
action:	.dword	handler, 4, 0		/* SA_SIGINFO, no mask */
seen:	.dword	0, 0
