/* Linux user mode on riscv64: registers of system calls, of new programs and threads, the signal
 * frame, hwprobe.
 *
 * A signal frame is built as one block in our memory and written at once; its layout is drawn in
 * vdso.h.  sigreturn checks what Linux checks: the reserved word and the list of extensions, of
 * which only its end is known.
 *
 * Not modelled: vector state in frames (no vector extension); hwprobe keys of vendors. Called on
 * the vCPU's own thread; no state here. Spec: Linux arch/riscv: signal frame as in
 * asm/{sigcontext,ptrace}.h; Documentation/arch/riscv/hwprobe.rst.
 *
 */
#define FEATURE 0
#include "target/riscv/riscv.h"
#include "target/riscv/linux.h"
#include "target/riscv/vdso.h"
#include "base/bits.h"
#include "base/str.h"
#include "mem/guest.h"

#include <stdlib.h>

enum { SYS_HWPROBE = 258 };	/* riscv_flush_icache is user/'s: it is the accelerator's work */

/* Offsets in the frame that vdso.h does not need to name. */
enum {
	FRAME_STACK = 144, FRAME_MASK = 168, FRAME_FCSR = 816, FRAME_RESERVED = 1076, FRAME_EXT_MAGIC = 1080,
	FRAME_EXT_SIZE = 1084,
};

static void syscall_get(const struct vcpu *cpu, u64 *ret_nr, u64 ret_args[6])
{
	const struct riscv_state *s = riscv_state_const(cpu);

	*ret_nr = s->x[REG_A7];
	memcpy(ret_args, &s->x[REG_A0], 6 * sizeof(u64));
}

static void syscall_return(struct vcpu *cpu, u64 result)
{
	riscv_state(cpu)->x[REG_A0] = result;
}

static void start(struct vcpu *cpu, gva entry, gva sp)
{
	riscv_state(cpu)->x[REG_SP] = sp;
	cpu->pc = entry;
}

static void clone_child(struct vcpu *child, gva sp, bool has_tls, u64 tls)
{
	struct riscv_state *s = riscv_state(child);

	s->x[REG_A0] = 0;
	if (sp)
		s->x[REG_SP] = sp;
	if (has_tls)
		s->x[REG_TP] = tls;
}

static u64 get_sp(const struct vcpu *cpu)
{
	return riscv_state_const(cpu)->x[REG_SP];
}

static u64 hwcap(const void *cpu_model)
{
	static const struct { char letter; u64 feature; } letters[] = {
		{ 'i', RV_I }, { 'm', RV_M }, { 'a', RV_A }, { 'f', RV_F }, { 'd', RV_D }, { 'c', RV_C },
	};
	u64 features = ((const struct riscv_model *)cpu_model)->features, bits = 0;

	for (u32 i = 0; i < ARRAY_SIZE(letters); i++)
		if (features & letters[i].feature)
			bits |= 1ull << (letters[i].letter - 'a');
	return bits;
}

/* ---- signal frames ---- */

static bool inside(gva sp, u64 stack, u64 size)
{
	return sp > stack && sp - stack <= size;
}

static int sigframe_put(struct vcpu *cpu, const struct linux_sigframe *f, gva vdso_sigreturn)
{
	struct riscv_state *s = riscv_state(cpu);
	gva frame = align_down(f->frame_top - RISCV_FRAME_BYTES, 16);
	u8 b[RISCV_FRAME_BYTES] = { 0 };

	/* A frame that would leave the alternate stack at its lower end is refused. */
	if (inside(s->x[REG_SP], f->altstack_sp, f->altstack_size) && f->frame_top == s->x[REG_SP] &&
	    !inside(s->x[REG_SP] - RISCV_FRAME_BYTES, f->altstack_sp, f->altstack_size))
		return -EFAULT;
	memcpy(b + RISCV_FRAME_INFO, f->info.bytes, sizeof(f->info.bytes));
	put_le64(b + FRAME_STACK, f->altstack_sp);
	put_le32(b + FRAME_STACK + 8, f->altstack_flags);
	put_le64(b + FRAME_STACK + 16, f->altstack_size);
	put_le64(b + FRAME_MASK, f->mask);
	put_le64(b + RISCV_FRAME_REGS, cpu->pc);
	memcpy(b + RISCV_FRAME_REGS + 8, &s->x[1], 31 * sizeof(u64));
	memcpy(b + RISCV_FRAME_F, s->f, sizeof(s->f));
	put_le32(b + FRAME_FCSR, (u32)(s->frm & 7) << 5 | vcpu_fp_flags(cpu));
	if (guest_write(frame, b, sizeof(b)) < 0)
		return -EFAULT;
	s->x[REG_RA] = f->restorer ? f->restorer : vdso_sigreturn;
	s->x[REG_SP] = frame;
	s->x[REG_A0] = (u64)f->sig;
	s->x[REG_A0 + 1] = frame + RISCV_FRAME_INFO;
	s->x[REG_A0 + 2] = frame + RISCV_FRAME_UC;
	cpu->pc = f->handler;
	return 0;
}

static int sigframe_get(struct vcpu *cpu, u64 *ret_mask, u64 ret_altstack[3])
{
	struct riscv_state *s = riscv_state(cpu);
	u8 b[RISCV_FRAME_BYTES];
	u32 fcsr;

	if (guest_read(b, s->x[REG_SP], sizeof(b)) < 0)
		return -EFAULT;
	if (get_le32(b + FRAME_RESERVED) || get_le32(b + FRAME_EXT_MAGIC) || get_le32(b + FRAME_EXT_SIZE))
		return -EINVAL;
	*ret_mask = get_le64(b + FRAME_MASK);
	ret_altstack[0] = get_le64(b + FRAME_STACK);
	ret_altstack[1] = get_le64(b + FRAME_STACK + 16);
	ret_altstack[2] = get_le32(b + FRAME_STACK + 8);
	cpu->pc = get_le64(b + RISCV_FRAME_REGS) & ~1ull;
	memcpy(&s->x[1], b + RISCV_FRAME_REGS + 8, 31 * sizeof(u64));
	memcpy(s->f, b + RISCV_FRAME_F, sizeof(s->f));
	fcsr = get_le32(b + FRAME_FCSR);
	s->frm = fcsr >> 5 & 7;
	vcpu_fp_flags_set(cpu, fcsr & 31);
	return 0;
}

static void gregs(const struct vcpu *cpu, u64 *words)
{
	words[0] = cpu->pc;
	memcpy(words + 1, &riscv_state_const(cpu)->x[1], 31 * sizeof(u64));
}

/* ---- system calls of RISC-V alone ---- */

static bool own_syscall(struct vcpu *cpu, u64 nr, const u64 args[6], i64 *ret_result)
{
	if (nr != SYS_HWPROBE)
		return false;
	*ret_result = riscv_hwprobe(cpu->cpu_model, args);
	return true;
}

const struct linux_abi riscv64_linux_abi = {
	.id = ABI_RISCV64,
	.machine = "riscv64",
	.syscall_insn_bytes = 4,
	.hz = 100,
	.syscall_get = syscall_get,
	.syscall_return = syscall_return,
	.start = start,
	.clone_child = clone_child,
	.get_sp = get_sp,
	.hwcap = hwcap,
	.sigframe_put = sigframe_put,
	.sigframe_get = sigframe_get,
	.vdso = (const u8 *)&riscv_vdso,
	.vdso_len = RISCV_VDSO_BYTES,
	.vdso_sigreturn = RISCV_VDSO_SIGRETURN,
	.gregs_words = 32,
	.gregs = gregs,
	.cpuinfo = riscv_cpuinfo,
	.syscall = own_syscall,
};
