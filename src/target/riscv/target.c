/* The riscv64 guest: descriptor, register tables, translation of one instruction.
 *
 * The mode key is frm: a block knows the rounding mode it runs under, and
 * writing another one ends the block (rv_zicsr.c).  CPU models are in model.c,
 * Linux user mode in linux.c.
 * Not modelled: privileged modes, 32-bit and big-endian guests, encodings
 * longer than 32 bits (illegal).  const data only; any thread.
 * Spec: RISC-V unprivileged ISA 20191213 and the ratified extensions; ELF psABI.
 */
#define FEATURE 0
#include "target/riscv/riscv.h"
#include "base/bits.h"

#include <elf.h>

/* clang-format off */
const char *const riscv_x_names[32] = {
	"zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3",
	"a4", "a5", "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11",
	"t3", "t4", "t5", "t6",
};
const char *const riscv_f_names[32] = {
	"ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1",
	"fa2", "fa3", "fa4", "fa5", "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7",
	"fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
};

#define OFFSET(member) (VCPU_STATE_OFFSET + offsetof(struct riscv_state, member))
#define X(n, name) [n] = { name, OFFSET(x[n]), IR_I64 }
#define F(n, name) [SLOT_F0 + n] = { name, OFFSET(f[n]), IR_F64 }
static const struct ir_slot slots[SLOT_COUNT] = {
	X(1, "ra"), X(2, "sp"), X(3, "gp"), X(4, "tp"), X(5, "t0"), X(6, "t1"), X(7, "t2"),
	X(8, "s0"), X(9, "s1"), X(10, "a0"), X(11, "a1"), X(12, "a2"), X(13, "a3"), X(14, "a4"),
	X(15, "a5"), X(16, "a6"), X(17, "a7"), X(18, "s2"), X(19, "s3"), X(20, "s4"),
	X(21, "s5"), X(22, "s6"), X(23, "s7"), X(24, "s8"), X(25, "s9"), X(26, "s10"),
	X(27, "s11"), X(28, "t3"), X(29, "t4"), X(30, "t5"), X(31, "t6"), F(0, "ft0"),
	F(1, "ft1"), F(2, "ft2"), F(3, "ft3"), F(4, "ft4"), F(5, "ft5"), F(6, "ft6"),
	F(7, "ft7"), F(8, "fs0"), F(9, "fs1"), F(10, "fa0"), F(11, "fa1"), F(12, "fa2"),
	F(13, "fa3"), F(14, "fa4"), F(15, "fa5"), F(16, "fa6"), F(17, "fa7"), F(18, "fs2"),
	F(19, "fs3"), F(20, "fs4"), F(21, "fs5"), F(22, "fs6"), F(23, "fs7"), F(24, "fs8"),
	F(25, "fs9"), F(26, "fs10"), F(27, "fs11"), F(28, "ft8"), F(29, "ft9"), F(30, "ft10"),
	F(31, "ft11"), [SLOT_FRM] = { "frm", OFFSET(frm), IR_I64 },
};

/* By dynamic frequency in compiled programs:
 * a5 a4 a0 a3 a2 a1 sp s0 s1 a7 ra t1 s2 a6 t3, then the rest. */
static const u16 homes[] = {
	15, 14, 10, 13, 12, 11, 2, 8, 9, 17, 1, 6, 18, 16, 28, 19, 20, 29, 7, 5, 30, 21, 31, 22,
	23, 24, 25, 26, 27, 4, 3, 0,
};
/* fa5 fa4 fa3 fa2 fa1 fs0 fa0 ft0 fs1 ft2 ft3 fs2, then the rest. */
#define S(n) (SLOT_F0 + n)
static const u16 fp_homes[] = {
	S(15), S(14), S(13), S(12), S(11), S(8), S(10), S(0), S(9), S(2), S(3), S(18), S(1),
	S(4), S(16), S(17), S(5), S(6), S(7), S(19), S(20), S(21), S(22), S(23), S(24), S(25),
	S(26), S(27), S(28), S(29), S(30), S(31), 0,
};

#define GX(n, name, type) { name, OFFSET(x[n]), 8, type }
static const struct target_reg cpu_regs[] = {
	{ "zero", 0, 8, "int" }, GX(1, "ra", "code_ptr"), GX(2, "sp", "data_ptr"),
	GX(3, "gp", "data_ptr"), GX(4, "tp", "data_ptr"), GX(5, "t0", "int"), GX(6, "t1", "int"),
	GX(7, "t2", "int"), GX(8, "fp", "data_ptr"), GX(9, "s1", "int"), GX(10, "a0", "int"),
	GX(11, "a1", "int"), GX(12, "a2", "int"), GX(13, "a3", "int"), GX(14, "a4", "int"),
	GX(15, "a5", "int"), GX(16, "a6", "int"), GX(17, "a7", "int"), GX(18, "s2", "int"),
	GX(19, "s3", "int"), GX(20, "s4", "int"), GX(21, "s5", "int"), GX(22, "s6", "int"),
	GX(23, "s7", "int"), GX(24, "s8", "int"), GX(25, "s9", "int"), GX(26, "s10", "int"),
	GX(27, "s11", "int"), GX(28, "t3", "int"), GX(29, "t4", "int"), GX(30, "t5", "int"),
	GX(31, "t6", "int"), { "pc", offsetof(struct vcpu, pc), 8, "code_ptr" },
};
#define GF(n, name) { name, OFFSET(f[n]), 8, "ieee_double" }
static const struct target_reg fpu_regs[] = {
	GF(0, "ft0"), GF(1, "ft1"), GF(2, "ft2"), GF(3, "ft3"), GF(4, "ft4"), GF(5, "ft5"),
	GF(6, "ft6"), GF(7, "ft7"), GF(8, "fs0"), GF(9, "fs1"), GF(10, "fa0"), GF(11, "fa1"),
	GF(12, "fa2"), GF(13, "fa3"), GF(14, "fa4"), GF(15, "fa5"), GF(16, "fa6"), GF(17, "fa7"),
	GF(18, "fs2"), GF(19, "fs3"), GF(20, "fs4"), GF(21, "fs5"), GF(22, "fs6"), GF(23, "fs7"),
	GF(24, "fs8"), GF(25, "fs9"), GF(26, "fs10"), GF(27, "fs11"), GF(28, "ft8"),
	GF(29, "ft9"), GF(30, "ft10"), GF(31, "ft11"),
};
/* clang-format on */

/* The bits of fflags are those of vcpu_fp_flags. */
static const struct target_reg csr_regs[] = {
	{ "fflags", 0, 4, "int" },
	{ "frm", 0, 4, "int" },
	{ "fcsr", 0, 4, "int" },
};

static const struct target_gdb_feature gdb_features[] = {
	{ "org.gnu.gdb.riscv.cpu", 0, cpu_regs, ARRAY_SIZE(cpu_regs) },
	{ "org.gnu.gdb.riscv.fpu", 33, fpu_regs, ARRAY_SIZE(fpu_regs) },
	{ "org.gnu.gdb.riscv.csr", 66, csr_regs, ARRAY_SIZE(csr_regs) },
};

/* ---- text of operands ---- */

static void print_set(struct str *s, u32 set)
{
	for (u32 bit = 0; bit < 4; bit++)
		if (set & (8u >> bit))
			str_putc(s, "iorw"[bit]);
	if (!set)
		str_puts(s, "unknown");	/* as objdump says it */
}

static void print_csr(struct str *s, u32 csr)
{
	const char *name = riscv_csr_name(csr);

	if (name)
		str_puts(s, name);
	else
		str_add(s, "0x%x", csr);
}

static void operand(struct str *s, char letter, const struct operands *o, u64 pc)
{
	static const char *const modes[8] = { "rne", "rtz", "rdn", "rup", "rmm", "unknown", "unknown" };
	static const char *const order[4] = { "", ".rl", ".aq", ".aqrl" };

	switch (letter) {
	case 'd': str_puts(s, riscv_x_names[o->d]); break;
	case 'a': str_puts(s, riscv_x_names[o->a]); break;
	case 'b': str_puts(s, riscv_x_names[o->b]); break;
	case 'D': str_puts(s, riscv_f_names[o->d]); break;
	case 'A': str_puts(s, riscv_f_names[o->a]); break;
	case 'B': str_puts(s, riscv_f_names[o->b]); break;
	case 'C': str_puts(s, riscv_f_names[o->c]); break;
	case 'i': str_add(s, "%lld", (long long)o->imm); break;
	case 'h': str_add(s, "0x%llx", (unsigned long long)o->imm); break;
	case 'u': str_add(s, "0x%x", (u32)o->imm >> 12); break;
	case 'p': str_add(s, "0x%llx", (unsigned long long)(pc + (u64)o->imm)); break;
	case 'm':	/* dynamic rounding is not shown */
		if (o->m != 7)
			str_add(s, ",%s", modes[o->m]);
		break;
	case 'n':	/* neither is a mode that says nothing */
		if (o->m != 7 && o->m)
			str_add(s, ",%s", modes[o->m]);
		break;
	case 's': print_set(s, o->s); break;
	case 'x': print_set(s, o->x); break;
	case 'o': str_puts(s, order[o->x & 3]); break;
	case 'r': print_csr(s, (u32)o->imm); break;
	case 'z': str_add(s, "%u", o->a); break;
	case 'S': str_puts(s, "sp"); break;
	default: panic("riscv: '%c' in the text of an instruction", letter);
	}
}

INSN_SET(riscv, operand);

/* ---- translation ---- */

/* The instruction's bits and length; length 0: more than avail is needed. */
static inline u32 fetch(const u8 *bytes, u32 avail, u32 *ret_word)
{
	if (likely(avail >= 4)) {	/* the lengths come mixed: no branch on them */
		u32 word = get_le32(bytes);
		bool is_long = (word & 3) == 3;

		*ret_word = is_long ? word : (u16)word;
		return is_long ? 4 : 2;
	}
	if (avail < 2)
		return 0;
	*ret_word = get_le16(bytes);
	return (*ret_word & 3) != 3 ? 2 : 0;
}

static u32 translate(struct ir *t, const u8 *bytes, u32 avail)
{
	const struct riscv_model *model = t->cpu;
	u32 word, len = fetch(bytes, avail, &word);

	if (!len)
		return 0;
	ir_insn(t, t->pc, len);
	if (!insn_translate(&riscv_insns, word, model->features, t))
		illegal(t);
	return len;
}

static u32 disassemble(const void *cpu_model, u64 pc, const u8 *bytes, u32 avail, char *buf, size_t size)
{
	const struct riscv_model *model = cpu_model;
	const struct insn *in = NULL;
	struct str s = str_init(buf, size);
	struct operands o;
	u32 word = 0, len = fetch(bytes, avail, &word);

	if (!len && avail >= 2)
		word = get_le16(bytes);
	if (len)
		in = insn_decode(&riscv_insns, word, model->features, &o);
	if (in && in->text)
		insn_print(&riscv_insns, in, &o, pc, &s);
	else if (!len && avail == 1)
		str_add(&s, ".byte   0x%02x", bytes[0]);
	else if (len == 4)
		str_add(&s, ".word   0x%08x", word);
	else
		str_add(&s, ".short  0x%04x", word);
	return len ? len : 2;
}

/* ---- state ---- */

static void reset(struct vcpu *cpu)
{
	memset(cpu->state, 0, sizeof(struct riscv_state));
	cpu->excl_addr = ~0ull;
	cpu->mode = 0;
	vcpu_fp_flags_set(cpu, 0);
	vcpu_fp_rm_set(cpu, FP_RNE);
}

static u32 mode(const struct vcpu *cpu)
{
	return riscv_state_const(cpu)->frm & 7;
}

/* Reserved values of frm make each dynamically rounded instruction illegal, so any mode will do. */
static u32 fp_rm(const struct vcpu *cpu)
{
	u32 rm = mode(cpu);

	return rm <= FP_RMM ? rm : FP_RNE;
}

enum { FRM_SHIFT = 5, FLAGS_MASK = 31, RM_MASK = 7 };

static u64 reg_get(const struct vcpu *cpu, const struct target_reg *reg)
{
	u64 frm = riscv_state_const(cpu)->frm, flags = vcpu_fp_flags((struct vcpu *)cpu) & FLAGS_MASK;

	if (reg == &csr_regs[0])
		return flags;
	if (reg == &csr_regs[1])
		return frm;
	return reg == &csr_regs[2] ? frm << FRM_SHIFT | flags : 0;
}

static void reg_set(struct vcpu *cpu, const struct target_reg *reg, u64 v)
{
	if (reg == &csr_regs[0] || reg == &csr_regs[2])
		vcpu_fp_flags_set(cpu, v & FLAGS_MASK);
	if (reg == &csr_regs[1])
		riscv_state(cpu)->frm = v & RM_MASK;
	if (reg == &csr_regs[2])
		riscv_state(cpu)->frm = v >> FRM_SHIFT & RM_MASK;
}

TARGET(riscv64) = {
	.name = "riscv64",
	.help = "RISC-V, 64 bits, little-endian",
	.elf_machine = EM_RISCV,
	.elf_class = ELFCLASS64,
	.elf_data = ELFDATA2LSB,
	.page_bits = 12,
	.va_bits = 47,
	.insn_align = 2,
	.insn_max = 4,
	.state_size = sizeof(struct riscv_state),
	.slots = slots,
	.slot_count = SLOT_COUNT,
	.homes = homes,
	.fp_homes = fp_homes,
	.fp = &fp_rules_riscv,
	.gdb_arch = "riscv:rv64",
	.gdb = gdb_features,
	.gdb_count = ARRAY_SIZE(gdb_features),
	.sp_slot = REG_SP,
	.pc_gdb = 32,
	.reg_get = reg_get,
	.reg_set = reg_set,
	.cpu_type = "riscv-cpu",
	.cpu_default = "rv64",
	.reset = reset,
	.mode = mode,
	.fp_rm = fp_rm,
	.translate = translate,
	.disassemble = disassemble,
	.linux_abi = &riscv64_linux_abi,
};
