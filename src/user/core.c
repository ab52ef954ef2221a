/* Core dump of the guest: what gdb and readelf open as a core of the guest's machine.
 *
 *   ELF header, one PT_NOTE and a PT_LOAD a mapping
 *   notes: NT_PRSTATUS of the dying thread, NT_PRPSINFO, NT_AUXV, NT_FILE, NT_PRSTATUS of the others
 *   memory: pages that are there; the rest are holes of the file
 *
 * Named by the host's kernel.core_pattern; where that is a pipe, "core.PID" in the working
 * directory.  RLIMIT_CORE and PR_SET_DUMPABLE are obeyed.  Other threads are held outside guest
 * code meanwhile.
 * Written: anonymous memory and private file mappings that are writable or were written to, if they
 * can be accessed; of other file mappings the first page when it is an ELF header.  Not modelled:
 * floating-point registers (NT_FPREGSET), NT_SIGINFO, coredump_filter, guests of 32 bits (a log
 * line says so), 65535 mappings or more.
 * The dying thread; takes the exclusive section.
 * Spec: core(5); elf_prstatus and elf_prpsinfo as glibc's <sys/procfs.h> lays them out for 64-bit
 * ABIs.
 */
#include "user/mm.h"
#include "base/log.h"
#include "base/str.h"
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PRSTATUS_REGS = 112, PSINFO_BYTES = 136, REGS_MAX = 256, CHUNK_PAGES = 512 };

#define THERE ((u64)3 << 62)	/* pagemap: present or swapped */
#define FILE_PAGE ((u64)1 << 61)	/* of a file, or shared */

struct segment {
	u64 start, end, offset;
	u64 file_bytes;		/* of it in the core */
	u32 flags;		/* PF_* */
	char *name;		/* of the file mapped, NULL: none */
};

struct core {
	struct segment *segment;
	u32 count;
	char *notes;		/* open_memstream's */
	size_t notes_len;
	FILE *out;		/* into notes */
	int fd, pagemap;
	u64 limit;		/* RLIMIT_CORE */
};

/* ---- mappings ---- */

static bool is_elf_page(gva va)
{
	u64 word;

	return guest_load(va, 2, &word) && !memcmp(&word, ELFMAG, SELFMAG);
}

/* What the kernel says of n pages from page number first on; false when it does not tell. */
static bool page_info(const struct core *c, u64 first, u64 n, u64 *ret_info)
{
	return c->pagemap >= 0 &&
	       pread(c->pagemap, ret_info, n * 8, (off_t)((guest_base / GUEST_PAGE + first) * 8)) == (ssize_t)(n * 8);
}

/* Has any page of a private file mapping been written to (as the loader does before it protects)? */
static bool has_own_pages(const struct core *c, const struct segment *s)
{
	u64 info[CHUNK_PAGES];

	for (u64 page = s->start / GUEST_PAGE, end = s->end / GUEST_PAGE; page < end; page += CHUNK_PAGES) {
		u64 n = min_u64(end - page, CHUNK_PAGES);

		for (u64 i = 0; page_info(c, page, n, info) && i < n; i++) {
			if (info[i] & THERE && !(info[i] & FILE_PAGE))
				return true;
		}
	}
	return false;
}

static u64 bytes_to_dump(const struct core *c, const struct segment *s, bool shared)
{
	if (!(s->flags & (PF_R | PF_W | PF_X)))
		return 0;
	if (!s->name || (!shared && ((s->flags & PF_W) || has_own_pages(c, s))))
		return s->end - s->start;
	return !shared && s->offset == 0 && is_elf_page(s->start) ? GUEST_PAGE : 0;
}

/* Lines of /proc/self/maps, as the guest sees them. */
static void list_segments(struct core *c)
{
	AUTO_FREE char *text = mm_maps_text(false);
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned long long start, end, offset;
		struct segment *s;
		char perms[5];
		int name = 0;

		if (sscanf(line, "%llx-%llx %4s %llx %*s %*s %n", &start, &end, perms, &offset, &name) < 4)
			continue;
		c->segment = xrealloc(c->segment, (c->count + 1) * sizeof *c->segment);
		s = &c->segment[c->count++];
		*s = (struct segment){ .start = start, .end = end, .offset = offset };
		s->flags = (perms[0] == 'r' ? PF_R : 0) | (perms[1] == 'w' ? PF_W : 0) | (perms[2] == 'x' ? PF_X : 0);
		s->name = name && line[name] == '/' ? xstrdup(line + name) : NULL;
		s->file_bytes = bytes_to_dump(c, s, perms[3] == 's');
	}
}

/* ---- notes ---- */

static void put_zeros(struct core *c, size_t len)
{
	while (len--)
		fputc(0, c->out);
}

static void put_note(struct core *c, u32 type, const void *data, size_t len)
{
	const Elf64_Nhdr h = { .n_namesz = 5, .n_descsz = (Elf64_Word)len, .n_type = type };

	fwrite(&h, sizeof h, 1, c->out);
	fwrite("CORE\0\0\0", 8, 1, c->out);
	fwrite(data, 1, len, c->out);
	put_zeros(c, -len & 3);
}

static void put32(u8 *at, u32 v) { memcpy(at, &v, 4); }
static void put64(u8 *at, u64 v) { memcpy(at, &v, 8); }

static void note_status(struct core *c, const struct vcpu *cpu, int sig)
{
	const u32 words = process.abi->gregs_words;
	u8 status[PRSTATUS_REGS + REGS_MAX * 8 + 8] = { 0 };
	const struct task *task = cpu->user;
	u64 regs[REGS_MAX];

	assert(words <= REGS_MAX);
	process.abi->gregs(cpu, regs);
	put32(status, (u32)sig);
	put32(status + 12, (u32)sig & 0xffff);
	if (task) {
		put64(status + 16, atomic_load(&task->pending));
		put64(status + 24, task->sigmask);
	}
	put32(status + 32, task ? (u32)task->tid : (u32)getpid());
	put32(status + 36, (u32)getppid());
	put32(status + 40, (u32)getpgrp());
	put32(status + 44, (u32)getsid(0));
	memcpy(status + PRSTATUS_REGS, regs, words * 8);
	put_note(c, NT_PRSTATUS, status, PRSTATUS_REGS + words * 8 + 8);
}

static void note_psinfo(struct core *c)
{
	u8 info[PSINFO_BYTES] = { 0, 'R' };
	u64 len = min_u64(process.arg_end - process.arg_start, 79);

	put32(info + 16, getuid());
	put32(info + 20, getgid());
	put32(info + 24, (u32)getpid());
	put32(info + 28, (u32)getppid());
	put32(info + 32, (u32)getpgrp());
	put32(info + 36, (u32)getsid(0));
	memcpy(info + 40, process.comm, sizeof process.comm);
	if (guest_read(info + 56, process.arg_start, len) == 0) {
		for (u64 i = 0; i + 1 < len; i++)
			info[56 + i] = info[56 + i] ? info[56 + i] : ' ';
	}
	put_note(c, NT_PRPSINFO, info, sizeof info);
}

static void note_auxv(struct core *c)
{
	AUTO_FREE u8 *auxv = xcalloc(1, process.auxv_len + 1);

	if (guest_read(auxv, process.auxv, process.auxv_len) == 0)
		put_note(c, NT_AUXV, auxv, process.auxv_len);
}

static void note_files(struct core *c)
{
	u64 head[2] = { 0, GUEST_PAGE };
	char *data = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&data, &len);

	if (!out)
		return;
	for (u32 i = 0; i < c->count; i++)
		head[0] += c->segment[i].name != NULL;
	fwrite(head, sizeof head, 1, out);
	for (u32 i = 0; i < c->count; i++) {
		const struct segment *s = &c->segment[i];
		const u64 words[3] = { s->start, s->end, s->offset / GUEST_PAGE };

		if (s->name)
			fwrite(words, sizeof words, 1, out);
	}
	for (u32 i = 0; i < c->count; i++) {
		if (c->segment[i].name)
			fwrite(c->segment[i].name, 1, strlen(c->segment[i].name) + 1, out);
	}
	if (fclose(out) == 0)
		put_note(c, NT_FILE, data, len);
	free(data);
}

static void make_notes(struct core *c, const struct vcpu *dying, int sig)
{
	c->out = open_memstream(&c->notes, &c->notes_len);
	if (!c->out)
		return;
	note_status(c, dying, sig);
	note_psinfo(c);
	note_auxv(c);
	note_files(c);
	vcpu_list_lock();
	for (const struct vcpu *cpu = vcpu_list_first(); cpu; cpu = cpu->next) {
		if (cpu != dying)
			note_status(c, cpu, sig);
	}
	vcpu_list_unlock();
	fclose(c->out);
}

/* ---- the file ---- */

static bool put_at(const struct core *c, u64 at, const void *from, u64 len)
{
	if (at >= c->limit)
		return false;
	len = min_u64(len, c->limit - at);
	while (len) {
		ssize_t n = pwrite(c->fd, from, len, (off_t)at);

		if (n <= 0)
			return false;
		from = (const u8 *)from + n;
		at += (u64)n;
		len -= (u64)n;
	}
	return true;
}

/* Pages of one segment that are in memory or swapped; all of them when the kernel does not tell. */
static void put_segment(const struct core *c, const struct segment *s, u64 at)
{
	u64 info[CHUNK_PAGES];

	for (u64 page = 0, pages = s->file_bytes / GUEST_PAGE; page < pages; page += CHUNK_PAGES) {
		u64 n = min_u64(pages - page, CHUNK_PAGES), run;
		bool told = page_info(c, s->start / GUEST_PAGE + page, n, info);

		for (u64 i = 0; i < n; i += run) {
			bool there = !told || (info[i] & THERE);

			for (run = 1; i + run < n && (!told || ((info[i + run] & THERE) != 0) == there); run++)
				;
			if (there)
				put_at(c, at + (page + i) * GUEST_PAGE, guest_ptr(s->start + (page + i) * GUEST_PAGE),
				       run * GUEST_PAGE);
		}
	}
}

static void write_core(struct core *c)
{
	const u64 notes_at = sizeof(Elf64_Ehdr) + (c->count + 1) * sizeof(Elf64_Phdr);
	AUTO_FREE Elf64_Phdr *ph = xcalloc(c->count + 1, sizeof *ph);
	Elf64_Ehdr h = { .e_type = ET_CORE, .e_machine = process.target->elf_machine, .e_version = EV_CURRENT,
			 .e_phoff = sizeof h, .e_flags = process.elf_flags,
			 .e_ehsize = sizeof h, .e_phentsize = sizeof *ph,
			 .e_phnum = (Elf64_Half)(c->count + 1) };
	u64 at = align_up(notes_at + c->notes_len, GUEST_PAGE);

	memcpy(h.e_ident, ELFMAG, SELFMAG);
	h.e_ident[EI_CLASS] = ELFCLASS64;
	h.e_ident[EI_DATA] = process.target->elf_data;
	h.e_ident[EI_VERSION] = EV_CURRENT;
	ph[0] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = notes_at, .p_filesz = c->notes_len };
	for (u32 i = 0; i < c->count; i++) {
		const struct segment *s = &c->segment[i];

		ph[i + 1] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = s->flags, .p_offset = at, .p_vaddr = s->start,
					  .p_filesz = s->file_bytes, .p_memsz = s->end - s->start,
					  .p_align = GUEST_PAGE };
		at += s->file_bytes;
	}
	if (!put_at(c, 0, &h, sizeof h) || !put_at(c, sizeof h, ph, (c->count + 1) * sizeof *ph) ||
	    !put_at(c, notes_at, c->notes, c->notes_len))
		return;
	for (u32 i = 0; i < c->count; i++)
		put_segment(c, &c->segment[i], ph[i + 1].p_offset);
	if (ftruncate(c->fd, (off_t)min_u64(at, c->limit)) < 0)
		log_item(LOG_UNIMP, "core dump: %s\n", strerror(errno));
}

/* ---- its name ---- */

static void add_exe(struct str *s)
{
	for (const char *p = process.exe; *p; p++)
		str_putc(s, *p == '/' ? '!' : *p);
}

/* One %-code of core_pattern; unknown ones vanish, as on Linux. */
static void add_code(struct str *s, char code, int sig)
{
	char host[256] = "";

	switch (code) {
	case '%':	str_putc(s, '%'); break;
	case 'p': case 'P': case 'i': case 'I':
		str_add(s, "%d", code == 'p' || code == 'P' ? (int)getpid() : (int)gettid());
		break;
	case 'u':	str_add(s, "%u", getuid()); break;
	case 'g':	str_add(s, "%u", getgid()); break;
	case 's':	str_add(s, "%d", sig); break;
	case 't':	str_add(s, "%lld", (long long)time(NULL)); break;
	case 'h':
		if (gethostname(host, sizeof host - 1) == 0)
			str_puts(s, host);
		break;
	case 'e':	str_puts(s, process.comm); break;
	case 'E':	add_exe(s); break;
	default:	break;
	}
}

static ssize_t read_line(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (fd >= 0)
		close(fd);
	buf[n > 0 ? n : 0] = 0;
	buf[strcspn(buf, "\n")] = 0;
	return n;
}

static void core_name(struct str *s, int sig)
{
	char pattern[256], uses_pid[8];
	bool has_pid = false;

	if (read_line("/proc/sys/kernel/core_pattern", pattern, sizeof pattern) <= 0 || !pattern[0] ||
	    pattern[0] == '|' || pattern[0] == '@') {
		str_add(s, "core.%d", (int)getpid());
		return;
	}
	for (const char *p = pattern; *p; p++) {
		if (*p != '%') {
			str_putc(s, *p);
		} else if (p[1]) {
			has_pid |= p[1] == 'p';
			add_code(s, *++p, sig);
		}
	}
	if (!has_pid && read_line("/proc/sys/kernel/core_uses_pid", uses_pid, sizeof uses_pid) > 0 &&
	    uses_pid[0] == '1')
		str_add(s, ".%d", (int)getpid());
}

static int open_core(int sig)
{
	char name[PATH_MAX];
	struct str s = STR(name);
	struct stat st;
	int fd;

	core_name(&s, sig);
	fd = open(name, O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1 || st.st_uid != geteuid() ||
	    ftruncate(fd, 0) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void core_dump(int sig)
{
	struct rlimit limit;
	struct core c = { 0 };

	if (getrlimit(RLIMIT_CORE, &limit) < 0 || limit.rlim_cur < GUEST_PAGE || prctl(PR_GET_DUMPABLE) != 1)
		return;
	if (process.target->elf_class != ELFCLASS64 || !process.abi->gregs) {
		log_item(LOG_UNIMP, "core dumps of %s programs\n", process.target->name);
		return;
	}
	c.limit = limit.rlim_cur;
	c.fd = open_core(sig);
	if (c.fd < 0)
		return;
	c.pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	vcpu_exclusive_start();
	list_segments(&c);
	if (c.count < 0xffff - 1) {
		make_notes(&c, task_current->cpu, sig);
		write_core(&c);
	}
	vcpu_exclusive_end();
	if (c.pagemap >= 0)
		close(c.pagemap);
	close(c.fd);
	for (u32 i = 0; i < c.count; i++)
		free(c.segment[i].name);
	free(c.segment);
	free(c.notes);
}
