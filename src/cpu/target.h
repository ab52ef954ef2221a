/* What a guest CPU family provides: one const `struct target` per folder of
 * target/, found by name.  Everything that differs between guests hangs here;
 * no other code names a guest.
 */
#ifndef CPU_TARGET_H
#define CPU_TARGET_H

#include "base/error.h"
#include "cpu/vcpu.h"

struct ir;
struct ir_slot;
struct fp_rules;
struct linux_abi;

/* A register as gdb, -d cpu and core dumps name it. */
struct target_reg {
	const char *name;
	u16 offset;		/* bytes into struct vcpu; 0: in no one place, see target->reg_get */
	u8 bytes;		/* 1, 2, 4 or 8; 16 with an offset */
	const char *gdb_type;	/* "int", "data_ptr", "code_ptr", "ieee_double", ... */
};

/* One gdb feature: its name and registers in gdb's numbering order, from first. */
struct target_gdb_feature {
	const char *name;	/* "org.gnu.gdb.riscv.cpu" */
	u32 first;		/* gdb number of regs[0] */
	const struct target_reg *regs;
	u32 count;
};

struct target {
	const char *name;		/* "riscv64": role names mimus-NAME */
	const char *help;
	u16 elf_machine;
	u8 elf_class, elf_data;		/* ELFCLASS64, ELFDATA2LSB */
	u8 page_bits;			/* 12 */
	u64 va_mask;			/* bits of data addresses that count; 0: all */
	u8 va_bits;			/* user addresses: 47 here as on a 48-bit machine */
	u8 insn_align;			/* 2 for RISC-V with C */
	u8 insn_max;			/* longest instruction in bytes */
	u32 state_size;			/* bytes of vcpu->state used */

	const struct ir_slot *slots;	/* [0] unused */
	u32 slot_count;
	const u16 *homes;		/* integer slots for host registers, hottest first, 0-ended */
	const u16 *fp_homes;
	const struct fp_rules *fp;

	const char *gdb_arch;		/* <architecture> of target.xml */
	const struct target_gdb_feature *gdb;
	u32 gdb_count;
	u16 sp_slot, pc_gdb;		/* slot of the stack pointer; gdb number of the pc */
	/* Registers of the tables whose offset is 0: their value; to change it, where that means something. */
	u64 (*reg_get)(const struct vcpu *cpu, const struct target_reg *reg);
	void (*reg_set)(struct vcpu *cpu, const struct target_reg *reg, u64 v);

	/* Object types of its CPUs (cpu/cpu.h): the abstract one, "riscv-cpu", whose kinds are named
	 * MODEL-riscv-cpu; and the model there is when none is named. */
	const char *cpu_type, *cpu_default;
	void (*reset)(struct vcpu *cpu);	/* registers at power-on; also sets mode and FP mode */
	/* Facts that change translation, packed; and rounding mode in force (enum fp_rm). */
	u32 (*mode)(const struct vcpu *cpu);
	u32 (*fp_rm)(const struct vcpu *cpu);

	/* Translate one instruction at t->pc (ir_insn was not yet called: this calls it) from
	 * `avail` bytes; returns its length, or 0 when more bytes are needed than avail.  An
	 * illegal one raises EXIT_ILLEGAL and returns its length. */
	u32 (*translate)(struct ir *t, const u8 *bytes, u32 avail);
	/* Text of one instruction into buf; returns its length in bytes (at least insn_align). */
	u32 (*disassemble)(const void *cpu_model, u64 pc, const u8 *bytes, u32 avail, char *buf, size_t size);

	const struct linux_abi *linux_abi;	/* NULL: no user mode */
};

#define TARGET(x)                                                                         \
	extern const struct target target_##x;                                            \
	static const struct target *const target_##x##_entry                              \
		__attribute__((used, section("mimus_targets"))) = &target_##x;            \
	const struct target target_##x

/* Any register of target->gdb as TARGET_REG_BYTES bytes, low first, zero-extended; and from that
 * form.  Owner thread outside exec(), or whoever holds it there; set also brings mode and rounding in force. */
enum { TARGET_REG_BYTES = 16 };
void target_reg_get(const struct vcpu *cpu, const struct target_reg *reg, u8 bytes[TARGET_REG_BYTES]);
void target_reg_set(struct vcpu *cpu, const struct target_reg *reg, const u8 bytes[TARGET_REG_BYTES]);
/* All of them to the log (-d cpu). */
void target_log_regs(const struct vcpu *cpu);

const struct target *target_find(const char *name);
const struct target *target_find_elf(u16 machine, u8 elf_class, u8 elf_data);
const struct target *target_each(u32 i);	/* from 0 until NULL, no order */

/* ---- Linux user mode ---- */

/* columns of the system-call table */
enum linux_abi_id { ABI_RISCV64, ABI_ARM64, ABI_X86_64, ABI_I386, ABI_ARM, ABI_MAX };

/* What a signal handler is told; host numbers of Linux generic ABIs. */
struct linux_siginfo { u8 bytes[128]; };	/* the guest's siginfo_t image */

struct linux_sigframe {
	int sig;
	gva handler, restorer;		/* restorer 0: use the vDSO's */
	gva frame_top;			/* stack pointer to build below (already on the alternate stack if asked) */
	u64 mask;			/* to put in the frame */
	u64 altstack_sp, altstack_size;	/* uc_stack */
	u32 altstack_flags;
	struct linux_siginfo info;
};

struct linux_abi {
	enum linux_abi_id id;
	const char *machine;		/* uname -m, AT_PLATFORM if set */
	const char *platform;
	u32 syscall_insn_bytes;
	u32 hz;				/* AT_CLKTCK */

	void (*syscall_get)(const struct vcpu *cpu, u64 *ret_nr, u64 ret_args[6]);
	/* sets the result register; pc is moved by the caller */
	void (*syscall_return)(struct vcpu *cpu, u64 result);
	/* Registers of a fresh program. */
	void (*start)(struct vcpu *cpu, gva entry, gva sp);
	/* Registers of a clone()d child: result 0, stack if not 0, TLS if has_tls. */
	void (*clone_child)(struct vcpu *child, gva sp, bool has_tls, u64 tls);
	u64 (*get_sp)(const struct vcpu *cpu);
	u64 (*hwcap)(const void *cpu_model);
	u64 (*hwcap2)(const void *cpu_model);

	/* Build the kernel's rt signal frame below f->frame_top and point pc, sp, arguments and return address at the
	 * handler.  0 or -EFAULT. */
	int (*sigframe_put)(struct vcpu *cpu, const struct linux_sigframe *f, gva vdso_sigreturn);
	/* rt_sigreturn: registers from the frame at sp; gives back mask and altstack.  0 or -EFAULT/-EINVAL. */
	int (*sigframe_get)(struct vcpu *cpu, u64 *ret_mask, u64 ret_altstack[3]);

	/* vDSO image (an ELF file made at build time or in memory) and the offset in it of the sigreturn code. */
	const u8 *vdso;
	u32 vdso_len, vdso_sigreturn;

	/* elf_gregset_t for core dumps and PTRACE: count of u64 words and the copy. */
	u32 gregs_words;
	void (*gregs)(const struct vcpu *cpu, u64 *words);
	/* Text of /proc/cpuinfo for n processors; caller frees. */
	char *(*cpuinfo)(const void *cpu_model, u32 n);
	/* System calls of this guest alone (riscv_hwprobe, arch_prctl...): true if handled. */
	bool (*syscall)(struct vcpu *cpu, u64 nr, const u64 args[6], i64 *ret_result);
};

#endif
