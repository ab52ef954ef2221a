/* The parts of an image in a folder or a tar.
 *
 * A tar is read once for its headers alone; the list of names, offsets and sizes stays.
 * docker save writes a layer it has twice as a symlink to the other: links are followed
 * by name, inside the list.  In a folder, names may not lead out of it.
 * Not modelled: a compressed tar of an image (its layers may be compressed, and are).
 */
#include "image/source.h"
#include "base/str.h"
#include "image/tar.h"
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MEMBERS_MAX = 100000, HOPS_MAX = 8 };

struct member {
	char *name, *link;	/* link: where else the data are, or NULL; owned */
	u64 offset, size;
};

struct image_source {
	int fd;
	bool is_tar;
	u64 at;			/* while the tar is listed */
	struct member *member;
	u32 count;
};

static i64 read_fd(void *arg, void *buf, size_t len, struct error *err)
{
	struct image_source *s = arg;
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(s->fd, (u8 *)buf + done, len - done, (off_t)(s->at + done));

		if (n < 0 && errno != EINTR)
			return fail(err, errno, "cannot read: %s", strerror(errno));
		if (n == 0)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	s->at += done;
	return (i64)done;
}

static int skip_fd(void *arg, u64 len, struct error *err)
{
	struct image_source *s = arg;

	if (len > INT64_MAX - s->at)
		return fail(err, EBADMSG, "a size that no file can have");
	s->at += len;
	return 0;
}

/* A name from the top, without "./"; `from` is the folder it counts from, or "".
 * False when it leads out. */
static bool join(const char *from, size_t from_len, const char *name, char ret_name[PATH_MAX])
{
	struct str s = str_init(ret_name, PATH_MAX);

	ret_name[0] = 0;
	str_add(&s, "%.*s", (int)from_len, from);
	for (const char *p = name; *p;) {
		size_t len = strcspn(p, "/");

		if (len == 2 && !memcmp(p, "..", 2)) {
			char *slash = strrchr(ret_name, '/');

			if (!s.len)
				return false;
			s.len = slash ? (size_t)(slash - ret_name) : 0;
			ret_name[s.len] = 0;
		} else if (len && !(len == 1 && *p == '.')) {
			str_add(&s, "%s%.*s", s.len ? "/" : "", (int)len, p);
		}
		p += len + (p[len] == '/');
	}
	return !s.cut && s.len;
}

static void add_member(struct image_source *s, const struct tar_entry *e)
{
	char name[PATH_MAX], link[PATH_MAX];
	bool is_link = e->type == '1' || e->type == '2';
	const char *slash;

	if ((e->type != '0' && !is_link) || !join("", 0, e->path, name))
		return;
	slash = e->type == '2' ? strrchr(name, '/') : NULL;
	if (is_link && !join(name, slash ? (size_t)(slash - name) : 0, e->link, link))
		return;
	s->member = xrealloc(s->member, (s->count + 1) * sizeof *s->member);
	s->member[s->count++] = (struct member){
		.name = xstrdup(name),
		.link = is_link ? xstrdup(link) : NULL,
		.offset = s->at,
		.size = e->size,
	};
}

static int list_tar(struct image_source *s, struct error *err)
{
	struct tar_input in = { .read = read_fd, .skip = skip_fd, .arg = s };
	struct tar t;
	struct tar_entry e;
	int r;

	tar_init(&t, &in);
	while ((r = tar_next(&t, &e, err)) == 1) {
		if (s->count == MEMBERS_MAX) {
			r = fail(err, EFBIG, "more than %d files: no image", MEMBERS_MAX);
			break;
		}
		add_member(s, &e);
	}
	tar_done(&t);
	return r;
}

int image_source_open(struct image_source **ret_s, const char *path, struct error *err)
{
	struct image_source *s;
	struct stat st;
	int r = 0, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0) {
		r = fail(err, errno, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return r;
	}
	s = xnew(struct image_source);
	s->fd = fd;
	s->is_tar = !S_ISDIR(st.st_mode);
	if (s->is_tar)
		r = S_ISREG(st.st_mode) ? list_tar(s, err) :
					  fail(err, EINVAL, "neither a folder nor a file");
	if (r < 0) {
		image_source_free(s);
		return prefix(err, r, "%s", path);
	}
	*ret_s = s;
	return 0;
}

void image_source_free(struct image_source *s)
{
	if (!s)
		return;
	for (u32 i = 0; i < s->count; i++) {
		free(s->member[i].name);
		free(s->member[i].link);
	}
	free(s->member);
	close(s->fd);
	free(s);
}

/* The last of a name wins, as if the tar were unpacked. */
static const struct member *find_member(const struct image_source *s, const char *name)
{
	for (u32 hops = 0; hops < HOPS_MAX; hops++) {
		const struct member *found = NULL;

		for (u32 i = 0; i < s->count; i++) {
			if (!strcmp(s->member[i].name, name))
				found = &s->member[i];
		}
		if (!found || !found->link)
			return found;
		name = found->link;
	}
	return NULL;
}

static int piece_of_folder(struct image_source *s, const char *name, struct image_piece *ret_p,
			   struct error *err)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	struct stat st;
	int fd = (int)syscall(SYS_openat2, s->fd, name, &how, sizeof how);

	if (fd < 0)
		return fail(err, errno, "the image's part %s: %s", name, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return fail(err, EINVAL, "the image's part %s is not a file", name);
	}
	*ret_p = (struct image_piece){ fd, 0, (u64)st.st_size };
	return 0;
}

int image_source_piece(struct image_source *s, const char *name, struct image_piece *ret_p,
		       struct error *err)
{
	char whole[PATH_MAX];
	const struct member *m;

	if (!join("", 0, name, whole))
		return fail(err, EPERM, "'%.200s' leads out of the image: refused", name);
	if (!s->is_tar)
		return piece_of_folder(s, whole, ret_p, err);
	m = find_member(s, whole);
	if (!m)
		return fail(err, ENOENT, "the image has no part %s", whole);
	*ret_p = (struct image_piece){ s->fd, m->offset, m->size };
	return 0;
}

void image_piece_close(struct image_source *s, struct image_piece *p)
{
	if (!s->is_tar)
		close(p->fd);
}

bool image_source_has(struct image_source *s, const char *name)
{
	struct image_piece p;
	struct error err;

	if (image_source_piece(s, name, &p, &err) < 0)
		return false;
	image_piece_close(s, &p);
	return true;
}

int image_source_text(struct image_source *s, const char *name, u64 max, char **ret_text,
		      u64 *ret_len, struct error *err)
{
	struct image_piece p;
	char *text;
	int r = image_source_piece(s, name, &p, err);

	if (r < 0)
		return r;
	text = p.size <= max ? xcalloc(1, p.size + 1) : NULL;
	if (!text)
		r = fail(err, EFBIG, "the image's part %s has %llu bytes; at most %llu", name,
			 (unsigned long long)p.size, (unsigned long long)max);
	else if (pread(p.fd, text, p.size, (off_t)p.offset) != (ssize_t)p.size)
		r = fail(err, EIO, "the image's part %s cannot be read in full", name);
	image_piece_close(s, &p);
	if (r < 0) {
		free(text);
		return r;
	}
	*ret_text = text;
	*ret_len = p.size;
	return 0;
}
