/* The differential tester: the same guest code from the same state through two
 * accelerators, everything that a guest can see compared.
 *
 *   main.c     options, the loop over cases, coverage
 *   riscv.c    random code and random states for riscv64
 *   corner.c   the values worth trying: integers, floating point
 *   run.c      guest memory, vCPUs, host signals: a state through an accelerator
 *   report.c   a difference: made smaller, printed
 *   qemu.c     the same cases as an ELF program for another emulator
 *   elf.c      that program, byte by byte
 *
 * A case is a short piece of code at some guest address and a few start states.
 * All follows from one number, its seed.  The code ends in something that leaves
 * the run loop.  Data memory is two writable pages, a read-only one, and nothing
 * around them.  One thread.
 */
#ifndef DIFF_H
#define DIFF_H

#include "cpu/accel.h"
#include "cpu/target.h"
#include "target/insn.h"

enum {
	DATA_BYTES = 2 * 4096, /* writable; a read-only page follows */
	CODE_MAX = 256,
	INSNS_MAX = 64,
	STATES_MAX = 3,
	STATE_WORDS = 72, /* of vcpu->state */
};
/* CODE_AT: unless the case says otherwise */
enum { DATA_AT = 0x10000000, CODE_AT = 0x20000000, CODE_PAGES = 64 };

struct rng {
	u64 s;
};
u32 rnd(struct rng *r);
u64 rnd64(struct rng *r);
static inline u32 below(struct rng *r, u32 n) { return rnd(r) % n; }
static inline bool chance(struct rng *r, u32 percent) { return below(r, 100) < percent; }
u64 mix(u64 a, u64 b);					/* never 0 */
static inline u64 rom_word(u32 i) { return mix(i, 1); } /* at byte i of the read-only page */

/* corner.c */
u64 corner_int(struct rng *r);
u64 corner_f64(struct rng *r);
u64 corner_f32(struct rng *r);	       /* the 32 bits */
u64 corner_fp_register(struct rng *r); /* f64, boxed f32 or f16, broken boxes */

/* What a register is for in a case. */
enum role { ROLE_ANY, ROLE_POINTER, ROLE_COUNTER, ROLE_LABEL, ROLE_KEEP };

struct diff_case {
	u64 seed;
	gva pc;
	u32 len; /* bytes of code */
	u8 code[CODE_MAX];
	u32 count;			    /* instructions, the last one leaves */
	u16 at[INSNS_MAX + 1];		    /* where each starts; at[count] = len */
	const struct insn *line[INSNS_MAX]; /* what each was made from */
	u8 role[32];
	gva label; /* value of ROLE_LABEL registers */
	u32 states;
	bool tame, faults; /* as the wish */
	bool writable; /* code counts as lying in writable memory */
	bool kick;     /* asked to leave whenever it translates, and goes on */
	bool step;     /* the second accelerator goes one instruction at a time */
};

struct diff_state {
	u64 words[STATE_WORDS];
	u64 excl_addr, excl_val;
	u8 fflags;
	u8 data[DATA_BYTES];
};

struct diff_result {
	struct diff_state end;
	enum vcpu_exit exit;
	gva pc, fault_addr;
	u8 fault_access, fault_code, fault_signal;
	bool wild;	    /* the host did not tell the address of the fault */
	bool any_access;    /* the instruction reads and writes: which of them faults is open */
	bool endless;	    /* stopped by the clock: nothing to compare */
	u32 flushes, modes; /* times it left and went on */
};

/* What the generator is asked for. */
struct diff_wish {
	const struct insn *line; /* in every case; NULL: any */
	u64 features;		 /* lines to choose from */
	gva pc;			 /* 0: anywhere in the window */
	u32 keep;		 /* register to leave alone (ROLE_KEEP), 0 = none */
	u32 max_insns;
	bool tame;   /* for another emulator: falls through to the end, no system calls */
	bool faults; /* tame, but faults are wanted */
};

/* A guest to test. */
struct diff_guest {
	const char *target;
	const struct insn_set *set;
	void (*make)(struct diff_case *c, u64 seed, const struct diff_wish *wish);
	void (*state)(const struct diff_case *c, u32 n, struct diff_state *s);
	/* Turn instruction i into one that does nothing. */
	void (*drop)(struct diff_case *c, u32 i);
	bool (*is_nop)(const u8 *code, u32 len);
	bool (*any_access)(const struct diff_case *c, gva pc);
};
extern const struct diff_guest diff_riscv64;

/* run.c */
struct diff_run {
	const struct diff_guest *guest;
	const struct target *target;
	const void *model;
	u64 features;
	struct vcpu *a, *b; /* interp, tcg */
};
extern struct diff_run run;
int run_start(const struct diff_guest *guest, const char *cpu, const char *accel_a,
	      const char *accel_b, struct error *err) MUST_CHECK;
/* The CPU that both have, from a -cpu text: run.model and run.features. */
int run_choose(const char *cpu, struct error *err) MUST_CHECK;
void run_end(void);
/* One state of c through a vCPU, from start to exit. */
void run_state(struct vcpu *cpu, const struct diff_case *c, const struct diff_state *s,
	       struct diff_result *ret);
/* Forget translations of c. */
void run_forget(const struct diff_case *c);
/* True if they are the same; else text about the first few differences. */
bool results_equal(const struct diff_result *a, const struct diff_result *b, struct str *text);
const char *word_name(u32 word); /* name of a state word */
const char *exit_name(enum vcpu_exit e);

enum verdict { SAME, DIFFERENT, ENDLESS };
/* All states of c through both.  *ret_state: the one that differs. */
enum verdict compare_case(const struct diff_case *c, u32 *ret_state, struct str *text);

/* report.c: print what is wrong with c, made smaller; text of its lines, for telling differences
 * apart, into signature. */
void report(const struct diff_case *c, u32 state, const char *again, struct str *signature);
void print_code(const struct diff_case *c);
void print_state(const struct diff_state *s);

/* qemu.c: 0 if all is well. */
struct diff_qemu {
	const char *emulator; /* "qemu-riscv64" */
	const char *cpu;      /* its -cpu, NULL: what it knows of our features */
	u64 seed, cases;
	const struct insn *line;
	u32 seconds;
	const char *keep; /* leave the program there */
};
int qemu_main(const struct diff_qemu *q);

/* elf.c: a program that runs pieces of code and writes what the registers were after each. */
enum { ELF_OUT_WORDS = 68 }; /* x0..x31, f0..f31, fcsr, hash of data, signal | code << 8, address */
struct elf_maker;
struct elf_maker *elf_new(const u8 *data); /* DATA_BYTES that data memory holds before each piece */
gva elf_next_pc(const struct elf_maker *m);  /* where the next piece will be */
u64 elf_next_out(const struct elf_maker *m); /* value that the keep register has in it */
void elf_add(struct elf_maker *m, const u8 *code, u32 len, u32 keep, const u64 *words, u32 fcsr);
int elf_write(struct elf_maker *m, const char *path, struct error *err) MUST_CHECK;
void elf_free(struct elf_maker *m);
u64 elf_hash(const u8 *data);

#endif
