/* A static riscv64 program made byte by byte, which runs pieces of code.
 *
 *   STATE   where the running piece's results go and where the next one is; stack for signals
 *   CODE    for each piece: load f0..f31, fcsr and x1..x31 but `keep` from its
 *           table; keep = its place in OUT; the piece; store all registers;
 *           call finish.  At the end write(1, OUT), exit(0).
 *   TABLE   64 words a piece, fcsr in the place of x0
 *   DATA    the data pages, and the read-only page after them
 *   COPY    what the data pages hold before each piece
 *   OUT     ELF_OUT_WORDS words a piece
 * A piece that faults ends in a signal handler, which writes the registers of the
 * signal frame in the place of those that the piece would have stored (pc as x0),
 * then what the signal was, and goes on with the next piece.
 * finish: hash = sum over words of hash * K + word; each word is put back.
 *
 * Spec: RISC-V unprivileged ISA 20191213; System V gABI, ELF-64.
 */
#include "diff.h"
#include "base/bits.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <fcntl.h>
#include <unistd.h>

enum { ZERO, RA, T0 = 5, T1, T2, A0 = 10, A1, A2, A3, A4, A5, A7 = 17 };
enum { TABLE_WORDS = 64, COPY_AT = 0x18000000, TABLE_AT = 0x30000000, OUT_AT = 0x48000000,
       STATE_AT = 0x40000000, STATE_BYTES = 0x10000, S0 = 8, S1 = 9 };
/* struct ucontext of riscv64 Linux: general registers from the pc, f registers, fcsr; struct sigaction's flags */
enum { UC_GREGS = 176, UC_FREGS = 432, UC_FCSR = 688, SI_CODE = 8, SI_ADDR = 16, SA_RISCV = 0x48000004 };
static const u64 HASH_K = 0x9e3779b97f4a7c15u;

struct elf_maker {
	u8 *code;
	u64 *table;
	u32 code_len, code_cap, pieces, pieces_cap;
	u8 data[DATA_BYTES];
	u64 finish, handler;
};

static void word(struct elf_maker *m, u32 w)
{
	if (m->code_len + 4 > m->code_cap) {
		m->code_cap = m->code_cap ? m->code_cap * 2 : 1 << 16;
		m->code = xrealloc(m->code, m->code_cap);
	}
	put_le32(m->code + m->code_len, w);
	m->code_len += 4;
}

static u32 i_type(u32 op, u32 f3, u32 d, u32 a, i32 imm)
{
	return (u32)imm << 20 | a << 15 | f3 << 12 | d << 7 | op;
}

static u32 s_type(u32 op, u32 f3, u32 a, u32 b, i32 imm)
{
	return ((u32)imm >> 5 & 127) << 25 | b << 20 | a << 15 | f3 << 12 | ((u32)imm & 31) << 7 |
	       op;
}

static u32 addi(u32 d, u32 a, i32 imm) { return i_type(0x13, 0, d, a, imm); }
static u32 ld(u32 d, u32 a, i32 imm) { return i_type(0x03, 3, d, a, imm); }
static u32 fld(u32 d, u32 a, i32 imm) { return i_type(0x07, 3, d, a, imm); }
static u32 sd(u32 b, u32 a, i32 imm) { return s_type(0x23, 3, a, b, imm); }
static u32 fsd(u32 b, u32 a, i32 imm) { return s_type(0x27, 3, a, b, imm); }

/* d = v below 2^31, always two instructions. */
static void li(struct elf_maker *m, u32 d, u32 v)
{
	word(m, ((v + 0x800) & 0xfffff000u) | d << 7 | 0x37);
	word(m, i_type(0x1b, 0, d, d, (i32)(v << 20) >> 20)); /* addiw */
}

static void call(struct elf_maker *m, gva to)
{
	li(m, RA, (u32)to);
	word(m, i_type(0x67, 0, RA, RA, 0));
}

/* a0 = where the hash goes */
static void write_finish(struct elf_maker *m)
{
	u32 loop;

	m->finish = CODE_AT + m->code_len;
	li(m, A1, (u32)DATA_AT);
	li(m, A2, COPY_AT);
	li(m, A3, (u32)DATA_AT + DATA_BYTES);
	word(m, addi(A4, 0, 0));
	word(m, 0x00000797u); /* auipc a5, 0 */
	word(m, ld(A5, A5, 12));
	word(m, 0x00c0006fu); /* j over the constant */
	word(m, (u32)HASH_K);
	word(m, (u32)(HASH_K >> 32));
	loop = m->code_len;
	word(m, ld(T0, A1, 0));
	word(m, ld(T1, A2, 0));
	word(m, 0x02f70733u); /* mul a4, a4, a5 */
	word(m, 0x00570733u); /* add a4, a4, t0 */
	word(m, sd(T1, A1, 0));
	word(m, addi(A1, A1, 8));
	word(m, addi(A2, A2, 8));
	assert(m->code_len - loop == 28);
	word(m, 0xfed592e3u); /* bne a1, a3, loop: -28 */
	word(m, sd(A4, A0, 0));
	word(m, i_type(0x67, 0, 0, RA, 0));
}

/* a0 signal, a1 siginfo, a2 ucontext, on a stack of its own */
static void write_handler(struct elf_maker *m)
{
	m->handler = CODE_AT + m->code_len;
	li(m, T0, STATE_AT);
	word(m, ld(S0, T0, 0));
	word(m, ld(S1, T0, 8));
	for (i32 i = 0; i < 32; i++) {
		word(m, ld(T1, A2, UC_GREGS + i * 8));
		word(m, sd(T1, S0, i * 8));
		word(m, ld(T2, A2, UC_FREGS + i * 8));
		word(m, sd(T2, S0, (32 + i) * 8));
	}
	word(m, i_type(0x03, 6, T1, A2, UC_FCSR)); /* lwu */
	word(m, sd(T1, S0, 64 * 8));
	word(m, i_type(0x03, 6, T1, A1, SI_CODE));
	word(m, i_type(0x13, 1, T1, T1, 8)); /* slli t1, t1, 8 */
	word(m, 0x00a36333u);		     /* or t1, t1, a0 */
	word(m, sd(T1, S0, 66 * 8));
	word(m, ld(T1, A1, SI_ADDR));
	word(m, sd(T1, S0, 67 * 8));
	word(m, addi(A0, S0, 65 * 8));
	call(m, m->finish);
	word(m, i_type(0x67, 0, 0, S1, 0));
}

static void system_call(struct elf_maker *m, u32 number)
{
	li(m, A7, number);
	word(m, 0x73);
}

static void unmap(struct elf_maker *m, u32 at, u32 len)
{
	li(m, A0, at);
	li(m, A1, len);
	system_call(m, 215);
}

/* Nothing around the data pages (some loaders reserve all from the first segment to the last); sigaltstack, and
 * the handler for each signal that an instruction may bring. */
static void write_start(struct elf_maker *m)
{
	static const u8 signals[] = { 4, 5, 7, 11 };

	unmap(m, DATA_AT - (1 << 20), 1 << 20);
	unmap(m, DATA_AT + DATA_BYTES + 4096, 1 << 20);
	li(m, S0, STATE_AT);
	li(m, T0, STATE_AT + 4096);
	word(m, sd(T0, S0, 48));
	li(m, T0, STATE_BYTES - 4096);
	word(m, sd(T0, S0, 64));
	word(m, addi(A0, S0, 48));
	word(m, addi(A1, 0, 0));
	system_call(m, 132);
	li(m, T0, (u32)m->handler);
	word(m, sd(T0, S0, 16));
	li(m, T0, SA_RISCV);
	word(m, sd(T0, S0, 24));
	for (u32 i = 0; i < ARRAY_SIZE(signals); i++) {
		li(m, A0, signals[i]);
		word(m, addi(A1, S0, 16));
		word(m, addi(A2, 0, 0));
		li(m, A3, 8);
		system_call(m, 134);
	}
}

u64 elf_hash(const u8 *data)
{
	u64 h = 0;

	for (u32 i = 0; i < DATA_BYTES; i += 8)
		h = h * HASH_K + get_le64(data + i);
	return h;
}

struct elf_maker *elf_new(const u8 *data)
{
	struct elf_maker *m = xnew(struct elf_maker);

	memcpy(m->data, data, DATA_BYTES);
	word(m, 0); /* becomes a jump over finish */
	write_finish(m);
	write_handler(m);
	put_le32(m->code, 0x0000006fu | (m->code_len & 0x7fe)
					    << 20); /* jal x0: bits 10..1 suffice */
	assert(m->code_len < 2048);
	write_start(m);
	return m;
}

void elf_free(struct elf_maker *m)
{
	free(m->code);
	free(m->table);
	free(m);
}

/* sc; place of results and of the next piece; keep; fld x 32; ld, csrw; ld x 30; keep again */
enum { PREAMBLE = 4 * (3 + 6 + 2 + 32 + 2 + 30 + 2), EPILOGUE = 4 * (64 + 2 + 1 + 3) };

gva elf_next_pc(const struct elf_maker *m) { return CODE_AT + m->code_len + PREAMBLE; }

u64 elf_next_out(const struct elf_maker *m) { return OUT_AT + (u64)m->pieces * ELF_OUT_WORDS * 8; }

static void add_table(struct elf_maker *m, const u64 *words, u32 fcsr)
{
	u64 *to;

	if (m->pieces == m->pieces_cap) {
		m->pieces_cap = m->pieces_cap ? m->pieces_cap * 2 : 256;
		m->table = xrealloc(m->table, m->pieces_cap * TABLE_WORDS * 8ull);
	}
	to = m->table + (u64)m->pieces * TABLE_WORDS;
	memcpy(to, words, TABLE_WORDS * 8);
	to[0] = fcsr;
}

/* words: x0..x31, f0..f31 at the start. */
void elf_add(struct elf_maker *m, const u8 *code, u32 len, u32 keep, const u64 *words, u32 fcsr)
{
	u32 out = (u32)elf_next_out(m), start = m->code_len;

	add_table(m, words, fcsr);
	li(m, T0, STATE_AT);
	word(m, 0x1802a02fu); /* sc.w zero, zero, (t0): no reservation is left */
	li(m, T1, out);
	word(m, sd(T1, T0, 0));
	li(m, T1, CODE_AT + start + PREAMBLE + len + EPILOGUE);
	word(m, sd(T1, T0, 8));
	li(m, keep, TABLE_AT + m->pieces * TABLE_WORDS * 8);
	for (u32 i = 0; i < 32; i++)
		word(m, fld(i, keep, (i32)(32 + i) * 8));
	word(m, ld(keep == T0 ? T1 : T0, keep, 0));
	word(m, i_type(0x73, 1, 0, keep == T0 ? T1 : T0, 3)); /* csrw fcsr */
	for (u32 i = 1; i < 32; i++)
		if (i != keep)
			word(m, ld(i, keep, (i32)i * 8));
	li(m, keep, out);
	assert(m->code_len - start == PREAMBLE);
	for (u32 i = 0; i < len; i += 2) {
		if (m->code_len + 4 > m->code_cap) {
			m->code_cap *= 2;
			m->code = xrealloc(m->code, m->code_cap);
		}
		memcpy(m->code + m->code_len, code + i, 2);
		m->code_len += 2;
	}
	for (u32 i = 0; i < 32; i++)
		word(m, sd(i, keep, (i32)i * 8));
	for (u32 i = 0; i < 32; i++)
		word(m, fsd(i, keep, (i32)(32 + i) * 8));
	word(m, i_type(0x73, 2, T0 == keep ? T1 : T0, 0, 3)); /* frcsr */
	word(m, sd(T0 == keep ? T1 : T0, keep, 64 * 8));
	word(m, addi(A0, keep, 65 * 8));
	call(m, m->finish);
	assert(m->code_len - start == PREAMBLE + len + EPILOGUE);
	m->pieces++;
}

static void write_end(struct elf_maker *m)
{
	li(m, A0, 1);
	li(m, A1, OUT_AT);
	li(m, A2, m->pieces * ELF_OUT_WORDS * 8);
	li(m, A7, 64);
	word(m, 0x73);	      /* write, until all is out */
	word(m, 0x00a05a63u); /* blez a0: bge x0, a0, +20 */
	word(m, 0x00a585b3u); /* add a1, a1, a0 */
	word(m, 0x40a60633u); /* sub a2, a2, a0 */
	word(m, addi(A0, 0, 1));
	word(m, 0xfe0616e3u); /* bnez a2, -20 */
	word(m, addi(A0, 0, 0));
	li(m, A7, 94);
	word(m, 0x73);
}

static int put(int fd, const void *p, u64 len, u64 at)
{
	return pwrite(fd, p, len, (off_t)at) == (ssize_t)len ? 0 : -1;
}

int elf_write(struct elf_maker *m, const char *path, struct error *err)
{
	static const Elf64_Ehdr head = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_RISCV,
		.e_version = 1,
		.e_entry = 0x20000000,
		.e_phoff = 64,
		.e_flags = 5,
		.e_ehsize = 64,
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 7,
	};
	u64 table = m->pieces * TABLE_WORDS * 8ull, copy_at, table_at, rom_at;
	u8 rom[4096];
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0700), r;

	if (fd < 0)
		return fail(err, errno, "%s: %s", path, strerror(errno));
	write_end(m);
	copy_at = align_up(4096 + m->code_len, 4096);
	rom_at = copy_at + DATA_BYTES;
	table_at = rom_at + sizeof rom;
	for (u32 i = 0; i < sizeof rom; i += 8)
		put_le64(rom + i, rom_word(i));
	Elf64_Phdr ph[7] = {
		{ PT_LOAD, PF_R | PF_W, copy_at, DATA_AT, DATA_AT, DATA_BYTES, DATA_BYTES, 4096 },
		{ PT_LOAD, PF_R, rom_at, DATA_AT + DATA_BYTES, DATA_AT + DATA_BYTES, 4096, 4096,
		  4096 },
		{ PT_LOAD, PF_R, copy_at, COPY_AT, COPY_AT, DATA_BYTES, DATA_BYTES, 4096 },
		{ PT_LOAD, PF_R | PF_X, 4096, CODE_AT, CODE_AT, m->code_len, m->code_len, 4096 },
		{ PT_LOAD, PF_R, table_at, TABLE_AT, TABLE_AT, table, table, 4096 },
		{ PT_LOAD, PF_R | PF_W, 0, STATE_AT, STATE_AT, 0, STATE_BYTES, 4096 },
		{ PT_LOAD, PF_R | PF_W, 0, OUT_AT, OUT_AT, 0, m->pieces * ELF_OUT_WORDS * 8ull,
		  4096 },
	};

	r = put(fd, &head, sizeof head, 0) | put(fd, ph, sizeof ph, 64) |
	    put(fd, m->code, m->code_len, 4096) | put(fd, m->data, DATA_BYTES, copy_at) |
	    put(fd, rom, sizeof rom, rom_at) | put(fd, m->table, table, table_at);
	close(fd);
	return r < 0 ? fail(err, EIO, "%s: cannot write", path) : 0;
}
