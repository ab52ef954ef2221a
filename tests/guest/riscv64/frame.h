/* The frame of an instruction test: BEGIN, instructions, END.
 *
 * BEGIN clears every integer register but sp and every floating-point register
 * and fcsr.  END writes the registers to standard output, eight bytes each, and
 * exits; tests/run.py compares those that the test's head comment names:
 *     a0 = 0x5
 *     fa0 = 0x3ff0000000000000
 * Other lines of the comment may say anything that does not look like that.
 * sp points to a stack of at least 64 KiB and is not compared.
 *
 * dump: ra gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7
 *       s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6
 *       ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7
 *       fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11 fcsr
 */

#define EACH_X(M) \
	M ra; M gp; M tp; M t0; M t1; M t2; M s0; M s1; \
	M a0; M a1; M a2; M a3; M a4; M a5; M a6; M a7; \
	M s2; M s3; M s4; M s5; M s6; M s7; M s8; M s9; M s10; M s11; \
	M t3; M t4; M t5; M t6

#define EACH_F(M) \
	M ft0; M ft1; M ft2; M ft3; M ft4; M ft5; M ft6; M ft7; M fs0; M fs1; \
	M fa0; M fa1; M fa2; M fa3; M fa4; M fa5; M fa6; M fa7; \
	M fs2; M fs3; M fs4; M fs5; M fs6; M fs7; M fs8; M fs9; M fs10; M fs11; \
	M ft8; M ft9; M ft10; M ft11

	.macro clear_x reg
	li \reg, 0
	.endm

	.macro clear_f reg
	fmv.d.x \reg, zero
	.endm

	.macro save_x reg
	sd \reg, at(sp)
	.set at, at + 8
	.endm

	.macro save_f reg
	fsd \reg, at(sp)
	.set at, at + 8
	.endm

#define BEGIN \
	.text; .globl _start; _start: \
	EACH_F(clear_f); csrw fcsr, zero; EACH_X(clear_x);

#define END \
	addi sp, sp, -512; .set at, 0; \
	EACH_X(save_x); EACH_F(save_f); \
	csrr a0, fcsr; save_x a0; \
	li a7, 64; li a0, 1; mv a1, sp; li a2, at; ecall; \
	li a7, 93; li a0, 0; ecall
