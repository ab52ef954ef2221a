/* Host system calls that must be written in machine code.
 *
 * host_call: a blocking call that cannot lose a signal.  From host_call_window
 * to the syscall instruction, itself included, the signal handler (fault.c)
 * moves the pc to host_call_abort; a signal before the window has set
 * exit_request, the first word of the vCPU, which the window tests; one after
 * the instruction makes the host return EINTR.  So no signal waits for a call
 * that has yet to begin.
 *
 * host_clone: clone or clone3, whose child may begin on another stack.
 *
 * Any thread.  System V ABI for x86-64; linux/arch/x86 entry conventions.
 */
	.text

	/* i64 host_call(long nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f) */
	.globl	host_call
	.hidden	host_call
	.type	host_call, @function
	.p2align 4
host_call:
	.cfi_startproc
	movq	vcpu_current@gottpoff(%rip), %r11
	movq	%fs:(%r11), %r11
	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	movq	%r9, %r8
	movq	8(%rsp), %r9
	testq	%r11, %r11
	jz	1f
	.globl	host_call_window
	.hidden	host_call_window
host_call_window:
	cmpl	$0, (%r11)
	jne	host_call_abort
1:	syscall
	.globl	host_call_done
	.hidden	host_call_done
host_call_done:
	ret
	.globl	host_call_abort
	.hidden	host_call_abort
host_call_abort:
	movq	$-512, %rax		/* -CALL_RESTART */
	ret
	.cfi_endproc
	.size	host_call, . - host_call

	/* i64 host_clone(long nr, u64 a, u64 b, u64 c, u64 d, u64 e, void (*fn)(void *), void *arg)
	 * A child with fn not NULL calls it and must not return; one with NULL returns 0 from here. */
	.globl	host_clone
	.hidden	host_clone
	.type	host_clone, @function
	.p2align 4
host_clone:
	.cfi_startproc
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	movq	%r9, %r8
	movq	16(%rsp), %r9
	movq	24(%rsp), %rbx
	syscall
	testq	%rax, %rax
	jnz	2f
	testq	%r9, %r9
	jz	2f
	.cfi_undefined %rip
	xorl	%ebp, %ebp
	andq	$-16, %rsp
	movq	%rbx, %rdi
	call	*%r9
	ud2
2:	popq	%rbx
	.cfi_adjust_cfa_offset -8
	ret
	.cfi_endproc
	.size	host_clone, . - host_clone

	/* The return address of our signal handlers: rt_sigreturn. */
	.globl	host_sigreturn
	.hidden	host_sigreturn
	.type	host_sigreturn, @function
	.p2align 4
	nop			/* unwinders look one byte before a return address */
host_sigreturn:
	movl	$15, %eax
	syscall
	.size	host_sigreturn, . - host_sigreturn

	.section .note.GNU-stack, "", @progbits
