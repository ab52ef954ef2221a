/* Linux user mode on arm64: registers of system calls, of new programs and
 * threads, the signal frame, /proc/cpuinfo.
 *
 * A signal frame is built as one block in our memory and written at once:
 *
 *      0  siginfo_t (128)
 *    128  uc_flags   136 uc_link   144 uc_stack { sp, flags, size }
 *    168  uc_sigmask (8, room for 128)
 *    304  sigcontext: fault_address, x0 ... x30, sp, pc, pstate; to 584
 *    592  records { magic, size, data }: FPSIMD (528 bytes), end { 0, 0 }; room for 4096
 *   4688  end
 *   4688  frame record { x29, x30 }, to which x29 points
 *
 * sigreturn takes the records in any order, as Linux does, wants one FPSIMD, and
 * refuses what it does not know.
 * Not modelled: SVE, ZA and TPIDR2 records; ESR records.
 * Called on the vCPU's own thread; no state here.
 * Spec: Linux arch/arm64: uapi/asm/sigcontext.h, kernel/signal.c's layout.
 */
#define FEATURE 0
#include "target/arm64/arm64.h"
#include "target/arm64/features.h"
#include "target/arm64/pauth.h"
#include "target/arm64/vdso.h"
#include "base/bits.h"
#include "base/str.h"
#include "mem/guest.h"

#include <stdlib.h>

enum { REG_FP = 29, SYSCALL_REG = 8 };
enum {
	FRAME_INFO = 0, FRAME_UC = 128, FRAME_STACK = 144, FRAME_MASK = 168, FRAME_FAULT = 304, FRAME_X = 312,
	FRAME_SP = 560, FRAME_PC = 568, FRAME_PSTATE = 576, FRAME_RECORDS = 592, FRAME_BYTES = 4688, RECORD_BYTES = 16,
};
enum {
	FPSIMD_MAGIC = 0x46508001, FPSIMD_BYTES = 528, ESR_MAGIC = 0x45535201,
	PSTATE_USER = 0xf,	/* mode bits: 0 at EL0 */
};

static void syscall_get(const struct vcpu *cpu, u64 *ret_nr, u64 ret_args[6])
{
	const struct arm64_state *s = arm64_state_const(cpu);

	*ret_nr = s->x[SYSCALL_REG];
	memcpy(ret_args, s->x, 6 * sizeof(u64));
}

static void syscall_return(struct vcpu *cpu, u64 result)
{
	arm64_state(cpu)->x[0] = result;
}

static void start(struct vcpu *cpu, gva entry, gva sp)
{
	arm64_state(cpu)->sp = sp;
	cpu->pc = entry;
	if (arm64_pauth_keys(cpu) < 0)
		panic("no random numbers for the keys of pointer authentication");
}

static void clone_child(struct vcpu *child, gva sp, bool has_tls, u64 tls)
{
	struct arm64_state *s = arm64_state(child);

	s->x[0] = 0;
	if (sp)
		s->sp = sp;
	if (has_tls)
		s->tpidr = tls;
}

static u64 get_sp(const struct vcpu *cpu)
{
	return arm64_state_const(cpu)->sp;
}

/* ---- signal frames ---- */

static bool inside(gva sp, u64 stack, u64 size)
{
	return sp > stack && sp - stack <= size;
}

static void fpsimd_put(u8 *b, struct vcpu *cpu)
{
	struct arm64_state *s = arm64_state(cpu);

	put_le32(b, FPSIMD_MAGIC);
	put_le32(b + 4, FPSIMD_BYTES);
	put_le32(b + 8, (u32)arm64_fpsr(cpu));
	put_le32(b + 12, (u32)s->fpcr);
	memcpy(b + 16, s->v, sizeof s->v);
}

static int sigframe_put(struct vcpu *cpu, const struct linux_sigframe *f, gva vdso_sigreturn)
{
	struct arm64_state *s = arm64_state(cpu);
	gva record = align_down(f->frame_top, 16) - RECORD_BYTES, frame = record - FRAME_BYTES;
	u8 b[FRAME_BYTES + RECORD_BYTES] = { 0 };

	/* A frame that would leave the alternate stack at its lower end is refused. */
	if (inside(s->sp, f->altstack_sp, f->altstack_size) && f->frame_top == s->sp &&
	    !inside(frame, f->altstack_sp, f->altstack_size))
		return -EFAULT;
	memcpy(b + FRAME_INFO, f->info.bytes, sizeof f->info.bytes);
	put_le64(b + FRAME_STACK, f->altstack_sp);
	put_le32(b + FRAME_STACK + 8, f->altstack_flags);
	put_le64(b + FRAME_STACK + 16, f->altstack_size);
	put_le64(b + FRAME_MASK, f->mask);
	put_le64(b + FRAME_FAULT, cpu->fault_addr);
	memcpy(b + FRAME_X, s->x, sizeof s->x);
	put_le64(b + FRAME_SP, s->sp);
	put_le64(b + FRAME_PC, cpu->pc);
	put_le64(b + FRAME_PSTATE, (u64)ir_nzcv(s->nzcv) << 28 | s->ssbs);
	fpsimd_put(b + FRAME_RECORDS, cpu);
	put_le64(b + FRAME_BYTES, s->x[REG_FP]);
	put_le64(b + FRAME_BYTES + 8, s->x[REG_LR]);
	if (guest_write(frame, b, sizeof b) < 0)
		return -EFAULT;
	s->x[REG_LR] = f->restorer ? f->restorer : vdso_sigreturn;
	s->x[REG_FP] = record;
	s->sp = frame;
	s->x[0] = (u64)f->sig;
	s->x[1] = frame + FRAME_INFO;
	s->x[2] = frame + FRAME_UC;
	cpu->pc = f->handler;
	return 0;
}

/* The FPSIMD record; NULL: it is not there, or the records are not right. */
static const u8 *find_fpsimd(const u8 *b)
{
	const u8 *found = NULL;
	u32 at = FRAME_RECORDS;

	while (at + 8 <= FRAME_BYTES) {
		u32 magic = get_le32(b + at), size = get_le32(b + at + 4);

		if (!magic)
			return size ? NULL : found;
		if (size < 16 || size % 16 || size > FRAME_BYTES - at)
			return NULL;
		if (magic == FPSIMD_MAGIC) {
			if (found || size != FPSIMD_BYTES)
				return NULL;
			found = b + at;
		} else if (magic != ESR_MAGIC) {
			return NULL;
		}
		at += size;
	}
	return NULL;
}

static int sigframe_get(struct vcpu *cpu, u64 *ret_mask, u64 ret_altstack[3])
{
	struct arm64_state *s = arm64_state(cpu);
	u8 b[FRAME_BYTES];
	const u8 *fp;
	u64 pstate;

	if (s->sp % 16 || guest_read(b, s->sp, sizeof b) < 0)
		return -EFAULT;
	fp = find_fpsimd(b);
	pstate = get_le64(b + FRAME_PSTATE);
	if (!fp || pstate & PSTATE_USER)
		return -EINVAL;
	*ret_mask = get_le64(b + FRAME_MASK);
	ret_altstack[0] = get_le64(b + FRAME_STACK);
	ret_altstack[1] = get_le64(b + FRAME_STACK + 16);
	ret_altstack[2] = get_le32(b + FRAME_STACK + 8);
	memcpy(s->x, b + FRAME_X, sizeof s->x);
	s->sp = get_le64(b + FRAME_SP);
	cpu->pc = get_le64(b + FRAME_PC);
	s->nzcv = ir_flags(pstate >> 28 & 15);
	s->ssbs = pstate & 1 << 12;
	memcpy(s->v, fp + 16, sizeof s->v);
	arm64_fpsr_set(cpu, get_le32(fp + 8));
	arm64_fpcr_set(cpu, get_le32(fp + 12));
	return 0;
}

static void gregs(const struct vcpu *cpu, u64 *words)
{
	const struct arm64_state *s = arm64_state_const(cpu);

	memcpy(words, s->x, sizeof s->x);
	words[31] = s->sp;
	words[32] = cpu->pc;
	words[33] = (u64)ir_nzcv(s->nzcv) << 28;
}

/* ---- /proc/cpuinfo ---- */

static char *cpuinfo(const void *cpu_model, u32 n)
{
	const struct arm64_model *m = cpu_model;
	const u32 each = 1024;
	char names[600], *text = xcalloc(n, each);
	struct str words = STR(names), s = str_init(text, (size_t)n * each);

	arm64_feature_names(m, &words);
	for (u32 cpu = 0; cpu < n; cpu++)
		str_add(&s,
			"processor\t: %u\nBogoMIPS\t: 100.00\nFeatures\t: %s\nCPU implementer\t: 0x%02x\n"
			"CPU architecture: 8\nCPU variant\t: 0x%x\nCPU part\t: 0x%03x\nCPU revision\t: %u\n\n",
			cpu, names, (u32)(m->midr >> 24 & 255), (u32)(m->midr >> 20 & 15), (u32)(m->midr >> 4 & 0xfff),
			(u32)(m->midr & 15));
	return text;
}

const struct linux_abi arm64_linux_abi = {
	.id = ABI_ARM64,
	.machine = "aarch64",
	.platform = "aarch64",
	.syscall_insn_bytes = 4,
	.hz = 100,
	.syscall_get = syscall_get,
	.syscall_return = syscall_return,
	.start = start,
	.clone_child = clone_child,
	.get_sp = get_sp,
	.hwcap = arm64_hwcap,
	.hwcap2 = arm64_hwcap2,
	.sigframe_put = sigframe_put,
	.sigframe_get = sigframe_get,
	.vdso = (const u8 *)&arm64_vdso,
	.vdso_len = ARM64_VDSO_BYTES,
	.vdso_sigreturn = ARM64_VDSO_SIGRETURN,
	.gregs_words = 34,
	.gregs = gregs,
	.cpuinfo = cpuinfo,
};
