/* The aarch64 guest: descriptor, register tables, translation of one instruction.
 *
 * The mode key is what FPCR holds: a block knows rounding, FZ, DN and FZ16, and
 * a write that changes them ends the block (a_system.c).  CPU models are in
 * model.c, Linux user mode in linux.c.
 * Not modelled: EL1 and above, AArch32, big-endian data, SVE, SME, MTE; BTI is
 * decoded but not enforced.  const data only; any thread.
 * Spec: Arm ARM DDI 0487; ELF for the Arm 64-bit Architecture.
 */
#define FEATURE 0
#include "target/arm64/arm64.h"
#include "base/bits.h"

#include <elf.h>

/* clang-format off */
#define OFFSET(member) (VCPU_STATE_OFFSET + offsetof(struct arm64_state, member))
#define X(n) [SLOT_X0 + n] = { "x" #n, OFFSET(x[n]), IR_I64 }
#define V(n) [SLOT_V0 + n] = { "v" #n, OFFSET(v[n]), IR_V128 }
static const struct ir_slot slots[SLOT_COUNT] = {
	X(0), X(1), X(2), X(3), X(4), X(5), X(6), X(7), X(8), X(9), X(10), X(11), X(12), X(13), X(14), X(15), X(16),
	X(17), X(18), X(19), X(20), X(21), X(22), X(23), X(24), X(25), X(26), X(27), X(28), X(29), X(30),
	[SLOT_SP] = { "sp", OFFSET(sp), IR_I64 },
	V(0), V(1), V(2), V(3), V(4), V(5), V(6), V(7), V(8), V(9), V(10), V(11), V(12), V(13), V(14), V(15), V(16),
	V(17), V(18), V(19), V(20), V(21), V(22), V(23), V(24), V(25), V(26), V(27), V(28), V(29), V(30), V(31),
	[SLOT_NZCV] = { "nzcv", OFFSET(nzcv), IR_FLAGS },
	[SLOT_TPIDR] = { "tpidr", OFFSET(tpidr), IR_I64 },
};

/* By how often compiled code names them. */
#define R(n) (SLOT_X0 + n)
static const u16 homes[] = {
	R(0), R(1), R(2), R(3), SLOT_SP, R(19), R(4), R(20), R(5), R(21), R(6), R(8), R(22), R(29), R(30), R(7),
	R(23), R(9), R(24), R(10), R(25), R(11), R(12), R(26), R(13), R(27), R(14), R(28), R(15), R(16), R(17),
			R(18), 0,
};
#define F(n) (SLOT_V0 + n)
static const u16 fp_homes[] = {
	F(0), F(1), F(2), F(3), F(4), F(5), F(31), F(30), F(6), F(7), F(16), F(17), F(29), F(28), F(18), F(19),
			F(8), F(20),
	F(27), F(26), F(9), F(21), F(22), F(23), F(25), F(24), F(10), F(11), F(12), F(13), F(14), F(15), 0,
};

#define GX(n) { "x" #n, OFFSET(x[n]), 8, "int" }
enum { REG_CPSR = 33, REG_FPSR = 66, REG_FPCR };
static const struct target_reg core_regs[] = {
	GX(0), GX(1), GX(2), GX(3), GX(4), GX(5), GX(6), GX(7), GX(8), GX(9), GX(10), GX(11), GX(12), GX(13), GX(14),
	GX(15), GX(16), GX(17), GX(18), GX(19), GX(20), GX(21), GX(22), GX(23), GX(24), GX(25), GX(26), GX(27), GX(28),
	GX(29), GX(30), { "sp", OFFSET(sp), 8, "data_ptr" }, { "pc", offsetof(struct vcpu, pc), 8, "code_ptr" },
	{ "cpsr", 0, 4, "int" },
};
#define GV(n) { "v" #n, OFFSET(v[n]), 16, "uint128" }
static const struct target_reg fpu_regs[] = {
	GV(0), GV(1), GV(2), GV(3), GV(4), GV(5), GV(6), GV(7), GV(8), GV(9), GV(10), GV(11), GV(12), GV(13), GV(14),
	GV(15), GV(16), GV(17), GV(18), GV(19), GV(20), GV(21), GV(22), GV(23), GV(24), GV(25), GV(26), GV(27), GV(28),
	GV(29), GV(30), GV(31), { "fpsr", 0, 4, "int" }, { "fpcr", 0, 4, "int" },
};
/* clang-format on */
static const struct target_reg tls_regs[] = { { "tpidr", OFFSET(tpidr), 8, "data_ptr" } };

static const struct target_gdb_feature gdb_features[] = {
	{ "org.gnu.gdb.aarch64.core", 0, core_regs, ARRAY_SIZE(core_regs) },
	{ "org.gnu.gdb.aarch64.fpu", 34, fpu_regs, ARRAY_SIZE(fpu_regs) },
	{ "org.gnu.gdb.aarch64.tls", 68, tls_regs, ARRAY_SIZE(tls_regs) },
};

/* ---- floating-point control and status ---- */

static const struct { u32 fpsr, flag; } fpsr_bits[] = {
	{ FPSR_IOC, FP_NV }, { FPSR_DZC, FP_DZ }, { FPSR_OFC, FP_OF }, { FPSR_UFC, FP_UF }, { FPSR_IXC, FP_NX },
	{ FPSR_IDC, FP_ID },
};

u64 arm64_fpsr(struct vcpu *cpu)
{
	u32 flags = vcpu_fp_flags(cpu);
	u64 v = arm64_state(cpu)->qc ? FPSR_QC : 0;

	for (u32 i = 0; i < ARRAY_SIZE(fpsr_bits); i++)
		v |= flags & fpsr_bits[i].flag ? fpsr_bits[i].fpsr : 0;
	return v;
}

void arm64_fpsr_set(struct vcpu *cpu, u64 v)
{
	u32 flags = 0;

	for (u32 i = 0; i < ARRAY_SIZE(fpsr_bits); i++)
		flags |= v & fpsr_bits[i].fpsr ? fpsr_bits[i].flag : 0;
	arm64_state(cpu)->qc = (v & FPSR_QC) != 0;
	vcpu_fp_flags_set(cpu, (u8)flags);
}

static u32 rounding(u64 fpcr)
{
	static const u8 rm[4] = { FP_RNE, FP_RUP, FP_RDN, FP_RTZ };

	return rm[fpcr >> FPCR_RMODE_SHIFT & 3];
}

static u32 mode(const struct vcpu *cpu)
{
	return (u32)(arm64_state_const(cpu)->fpcr >> 16) | (u32)cpu->clean_tags << 31;
}

static u32 fp_rm(const struct vcpu *cpu)
{
	return rounding(arm64_state_const(cpu)->fpcr);
}

void arm64_fpcr_set(struct vcpu *cpu, u64 v)
{
	v &= FPCR_FZ16 | 3 << FPCR_RMODE_SHIFT | FPCR_FZ | FPCR_DN | FPCR_AHP;
	arm64_state(cpu)->fpcr = v;
	cpu->fp_env = (u8)((v & FPCR_DN ? FP_ENV_DEFAULT_NAN : 0) |
			   (v & FPCR_FZ ? FP_ENV_FLUSH_INPUTS | FP_ENV_FLUSH_OUTPUTS : 0) |
			   (v & FPCR_FZ16 ? FP_ENV_FLUSH_16 : 0));
	cpu->mode = mode(cpu);
	vcpu_fp_rm_set(cpu, rounding(v));
}

static void reset(struct vcpu *cpu)
{
	memset(cpu->state, 0, sizeof(struct arm64_state));
	arm64_state(cpu)->nzcv = ir_flags(0);
	cpu->excl_addr = ~0ull;
	arm64_fpsr_set(cpu, 0);
	arm64_fpcr_set(cpu, 0);
}

static u64 reg_get(const struct vcpu *cpu, const struct target_reg *reg)
{
	if (reg == &core_regs[REG_CPSR])
		return (u64)ir_nzcv(arm64_state_const(cpu)->nzcv) << 28;
	if (reg == &fpu_regs[32])
		return arm64_fpsr((struct vcpu *)cpu);
	return arm64_state_const(cpu)->fpcr;
}

static void reg_set(struct vcpu *cpu, const struct target_reg *reg, u64 v)
{
	if (reg == &core_regs[REG_CPSR])
		arm64_state(cpu)->nzcv = ir_flags(v >> 28 & 15);
	else if (reg == &fpu_regs[32])
		arm64_fpsr_set(cpu, v);
	else
		arm64_fpcr_set(cpu, v);
}

/* ---- text of operands ---- */

static void print_reg(struct str *s, char kind, u32 n, bool sp)
{
	if (n == 31 && sp)
		str_puts(s, kind == 'w' ? "wsp" : "sp");
	else if (n == 31 && (kind == 'x' || kind == 'w'))
		str_add(s, "%czr", kind);
	else
		str_add(s, "%c%u", kind, n);
}

static void print_arrangement(struct str *s, u32 n, u32 word)
{
	static const char *const names[8] = { "8b", "16b", "4h", "8h", "2s", "4s", "1d", "2d" };

	str_add(s, "v%u.%s", n, names[(word >> 22 & 3) << 1 | (word >> 30 & 1)]);
}

/* d a b c: general registers by bit 31; D A: with the stack pointer; x y z m: 64-bit d a b c, w: 32-bit d;
 * n: base register; V A: by Q and size; h s: conditions; i j: immediates; p: label; o: the word. */
static void operand(struct str *s, char letter, const struct operands *o, u64 pc)
{
	static const char *const conds[16] = {
		"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al", "nv",
	};
	char sf = o->word >> 31 ? 'x' : 'w';

	switch (letter) {
	case 'd': print_reg(s, sf, o->d, false); break;
	case 'a': print_reg(s, sf, o->a, false); break;
	case 'b': print_reg(s, sf, o->b, false); break;
	case 'c': print_reg(s, sf, o->c, false); break;
	case 'D': print_reg(s, sf, o->d, true); break;
	case 'A': print_reg(s, sf, o->a, true); break;
	case 'x': print_reg(s, 'x', o->d, false); break;
	case 'w': print_reg(s, 'w', o->d, false); break;
	case 'y': print_reg(s, 'x', o->a, false); break;
	case 'z': print_reg(s, 'x', o->b, false); break;
	case 'm': print_reg(s, 'x', o->c, false); break;
	case 'n': print_reg(s, 'x', o->a, true); break;
	case 'r': print_reg(s, 'w', o->a, false); break;
	case 'q': print_reg(s, 'w', o->b, false); break;
	case 'k': print_reg(s, 'w', o->c, false); break;
	case 'F': print_reg(s, "sdhb"[o->word >> 22 & 3], o->d, false); break;
	case 'G': print_reg(s, "sdhb"[o->word >> 22 & 3], o->a, false); break;
	case 'H': print_reg(s, "sdhb"[o->word >> 22 & 3], o->b, false); break;
	case 'I': print_reg(s, "sdhb"[o->word >> 22 & 3], o->c, false); break;
	case 'V': print_arrangement(s, o->d, o->word); break;
	case 'U': print_arrangement(s, o->a, o->word); break;
	case 'W': print_arrangement(s, o->b, o->word); break;
	case 'h': str_puts(s, conds[o->m & 15]); break;
	case 'i': str_add(s, "#%lld", (long long)o->imm); break;
	case 'u': str_add(s, "#0x%llx", (unsigned long long)o->imm); break;
	case 's': str_add(s, "#%u", o->s); break;
	case 'p': str_add(s, "0x%llx", (unsigned long long)(pc + (u64)o->imm)); break;
	case 'P': str_add(s, "0x%llx", (unsigned long long)((pc & ~4095ull) + (u64)o->imm)); break;
	case 'o': str_add(s, "0x%08x", o->word); break;
	default: panic("arm64: '%c' in the text of an instruction", letter);
	}
}

INSN_SET(arm64, operand);

/* ---- translation ---- */

static u32 translate(struct ir *t, const u8 *bytes, u32 avail)
{
	const struct arm64_model *model = t->cpu;

	if (avail < 4)
		return 0;
	ir_insn(t, t->pc, 4);
	if (!insn_translate(&arm64_insns, get_le32(bytes), model->features, t))
		illegal(t);
	return 4;
}

static u32 disassemble(const void *cpu_model, u64 pc, const u8 *bytes, u32 avail, char *buf, size_t size)
{
	const struct arm64_model *model = cpu_model;
	struct str s = str_init(buf, size);
	const struct insn *in;
	struct operands o;

	buf[0] = 0;
	if (avail < 4)
		return 4;
	in = insn_decode(&arm64_insns, get_le32(bytes), model->features, &o);
	if (in && in->text)
		insn_print(&arm64_insns, in, &o, pc, &s);
	else
		str_add(&s, ".inst   0x%08x", get_le32(bytes));
	return 4;
}

TARGET(aarch64) = {
	.name = "aarch64",
	.help = "Arm, 64 bits, little-endian",
	.elf_machine = EM_AARCH64,
	.elf_class = ELFCLASS64,
	.elf_data = ELFDATA2LSB,
	.page_bits = 12,
	.va_bits = 47,
	.va_mask = ~0ull >> 8,
	.insn_align = 4,
	.insn_max = 4,
	.state_size = sizeof(struct arm64_state),
	.slots = slots,
	.slot_count = SLOT_COUNT,
	.homes = homes,
	.fp_homes = fp_homes,
	.fp = &fp_rules_arm,
	.gdb_arch = "aarch64",
	.gdb = gdb_features,
	.gdb_count = ARRAY_SIZE(gdb_features),
	.sp_slot = SLOT_SP,
	.pc_gdb = 32,
	.reg_get = reg_get,
	.reg_set = reg_set,
	.cpu_type = "aarch64-cpu",
	.cpu_default = "max",
	.reset = reset,
	.mode = mode,
	.fp_rm = fp_rm,
	.translate = translate,
	.disassemble = disassemble,
	.linux_abi = &arm64_linux_abi,
};
