/* Text of /proc/self/maps and smaps as the guest should see it.
 *
 * Names, offsets and devices come from the host's file; addresses lose guest_base, protection comes
 * from the areas, and what is no area of the guest's is left out.  A host mapping that holds areas
 * of different protection (the host does not see who may execute) is printed as several lines; of
 * its smaps figures all but the size go to the first.
 * Any thread; takes mm's lock for each host mapping.
 */
#include "user/mm.h"
#include "base/str.h"
#include <stdio.h>
#include <stdlib.h>

enum { NAME_COLUMN = 73 };

struct host_line {
	u64 start, end, offset;	/* guest addresses */
	char shared;		/* 'p' or 's' */
	char device[24];
	u64 inode;
	char *name;
};

struct text {
	FILE *out;
	struct host_line line;
	bool have_line;
	char *details;		/* of smaps, for the line */
	size_t details_len;
	char *buf;		/* getline's */
	size_t buf_size;
};

/* Numbers and marks: short by nature. */
static size_t PRINTF(2, 3) put(FILE *out, const char *fmt, ...)
{
	char buf[200];
	struct str s = STR(buf);
	va_list ap;

	va_start(ap, fmt);
	str_vadd(&s, fmt, ap);
	va_end(ap);
	return fwrite(s.buf, 1, s.len, out);
}

static bool parse(struct text *t, char *s)
{
	unsigned long long start, end, offset, inode;
	struct host_line *l = &t->line;
	char perms[8];
	int name = 0;

	if (sscanf(s, "%llx-%llx %7s %llx %23s %llu %n", &start, &end, perms, &offset, l->device, &inode, &name) < 6)
		return false;
	if (start < guest_base || start - guest_base >= guest_va_end)
		return false;
	l->start = start - guest_base;
	l->end = end - guest_base;
	l->offset = offset;
	l->inode = inode;
	l->shared = strlen(perms) > 3 ? perms[3] : 'p';
	s[strcspn(s, "\n")] = 0;
	free(l->name);
	l->name = xstrdup(name ? s + name : "");
	return true;
}

static const char *name_of(const struct host_line *l, const struct area *a)
{
	if (l->name[0])
		return l->name;
	if (process.vdso && a->start <= process.vdso && process.vdso < a->end)
		return "[vdso]";
	if (process.stack_high && a->start < process.stack_high && process.stack_high <= a->end)
		return "[stack]";
	if (mm_layout.brk_start < mm_layout.brk && a->start < mm_layout.brk && a->end > mm_layout.brk_start)
		return "[heap]";
	return "";
}

/* Figures of a piece: the size is its own, the rest is all on the first. */
static void put_details(struct text *t, const struct area *a, bool first, bool whole)
{
	const char *p = t->details;

	while (p && *p) {
		size_t len = strcspn(p, "\n") + 1;
		unsigned long long kb;

		if (!strncmp(p, "Size:", 5) && !whole)
			put(t->out, "Size:           %8llu kB\n",
			    (unsigned long long)((a->end - a->start) / KiB));
		else if (!first && sscanf(p, "%*[A-Za-z_]: %llu kB", &kb) == 1 && !strstr(p, "PageSize"))
			put(t->out, "%.*s%8u kB\n", 16, p, 0u);
		else
			fwrite(p, 1, len, t->out);
		p += len;
	}
}

static void put_line(struct text *t)
{
	const struct host_line *l = &t->line;
	struct area a;
	bool first = true;

	if (!t->have_line)
		return;
	mm_lock();
	for (u64 at = l->start; at < l->end && areas_next(at, &a) && a.start < l->end; at = a.end) {
		const char *name;
		size_t n;

		if (a.attr & AREA_OURS)
			continue;
		a.start = max_u64(a.start, l->start);
		a.end = min_u64(a.end, l->end);
		name = name_of(l, &a);
		n = put(t->out, "%08llx-%08llx %c%c%c%c %08llx %s %llu ", (unsigned long long)a.start,
			(unsigned long long)a.end, a.attr & AREA_R ? 'r' : '-', a.attr & AREA_W ? 'w' : '-',
			a.attr & AREA_X ? 'x' : '-', l->shared,
			(unsigned long long)(l->inode ? l->offset + (a.start - l->start) : 0), l->device,
			(unsigned long long)l->inode);
		if (name[0]) {
			for (; n < NAME_COLUMN; n++)
				fputc(' ', t->out);
			fwrite(name, 1, strlen(name), t->out);
		}
		fputc('\n', t->out);
		put_details(t, &a, first, a.start == l->start && a.end == l->end);
		first = false;
	}
	mm_unlock();
	t->have_line = false;
}

static void add_detail(struct text *t, const char *s)
{
	size_t len = strlen(s);

	t->details = xrealloc(t->details, t->details_len + len + 1);
	memcpy(t->details + t->details_len, s, len + 1);
	t->details_len += len;
}

char *mm_maps_text(bool smaps)
{
	struct text t = { 0 };
	char *text = NULL;
	size_t len;
	FILE *in = fopen(smaps ? "/proc/self/smaps" : "/proc/self/maps", "re");

	t.out = open_memstream(&text, &len);
	while (in && t.out && getline(&t.buf, &t.buf_size, in) > 0) {
		if (t.buf[0] >= 'A' && t.buf[0] <= 'Z') {
			if (t.have_line)
				add_detail(&t, t.buf);
			continue;
		}
		put_line(&t);
		t.details_len = 0;
		if (t.details)
			t.details[0] = 0;
		t.have_line = parse(&t, t.buf);
	}
	put_line(&t);
	if (in)
		fclose(in);
	if (t.out)
		fclose(t.out);
	free(t.buf);
	free(t.details);
	free(t.line.name);
	return text ? text : xstrdup("");
}
