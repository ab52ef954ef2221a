/* From index to layers: image-layout.md, image-index.md, manifest.md, config.md of the OCI
 * image specification 1.1, and docker's image specification 1.2 (manifest.json).
 *
 * An index may point to indexes; their manifests become one list of candidates, from
 * which name, platform, or the order of architectures that can be run here chooses.
 * Each document is read whole, at most JSON_MAX bytes, after its digest was checked.
 * docker save's manifest.json has no digests but those of the tars in the config.
 * Not modelled: digests other than sha256, artifacts, layers kept elsewhere (urls).
 */
#include "image/image.h"
#include "base/str.h"
#include "image/source.h"
#include "image/tree.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JSON_MAX = 8 << 20, LEVELS_MAX = 4, CANDIDATES_MAX = 256, STRINGS_MAX = 4096 };

struct candidate {
	char digest[SHA256_HEX];
	char arch[32], variant[32], name[256];
};

struct search {
	struct image_source *source;
	struct candidate c[CANDIDATES_MAX];
	u32 count;
};

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* Parse a part; digest_hex NULL: nothing to compare with.  ret_hex may be NULL. */
static int read_json(struct image_source *s, const char *part, const char *digest_hex,
		     char *ret_hex, json_t **ret_j, struct error *err)
{
	char *text, hex[SHA256_HEX];
	json_error_t why;
	struct sha256 h;
	u64 len;
	int r = image_source_text(s, part, JSON_MAX, &text, &len, err);

	if (r < 0)
		return r;
	sha256_init(&h);
	sha256_add(&h, text, len);
	sha256_hex(&h, hex);
	if (digest_hex && strcmp(hex, digest_hex)) {
		free(text);
		return fail(err, EBADMSG, "%s has digest sha256:%s: damaged or forged", part, hex);
	}
	*ret_j = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	free(text);
	if (!*ret_j)
		return fail(err, EBADMSG, "%s is no right JSON: line %d: %s", part, why.line, why.text);
	if (ret_hex)
		memcpy(ret_hex, hex, sizeof hex);
	return 0;
}

static int take_digest(const char *digest, char ret_hex[SHA256_HEX], struct error *err)
{
	if (!str_starts(digest, "sha256:") || strlen(digest) != 71 ||
	    strspn(digest + 7, "0123456789abcdef") != 64)
		return fail(err, EBADMSG, "'%.100s' is not a sha256 digest", digest);
	memcpy(ret_hex, digest + 7, SHA256_HEX);
	return 0;
}

static int read_blob(struct image_source *s, const char *hex, json_t **ret_j, struct error *err)
{
	AUTO_FREE char *part = xasprintf("blobs/sha256/%s", hex);

	return read_json(s, part, hex, NULL, ret_j, err);
}

static bool is_index(const char *type)
{
	return !strcmp(type, "application/vnd.oci.image.index.v1+json") ||
	       !strcmp(type, "application/vnd.docker.distribution.manifest.list.v2+json");
}

static bool is_manifest(const char *type)
{
	return !strcmp(type, "application/vnd.oci.image.manifest.v1+json") ||
	       !strcmp(type, "application/vnd.docker.distribution.manifest.v2+json");
}

/* The platform of a manifest whose descriptor does not tell: its config does. */
static int ask_config(struct search *s, struct candidate *c, struct error *err)
{
	json_t *manifest, *config;
	char hex[SHA256_HEX];
	int r = read_blob(s->source, c->digest, &manifest, err);

	if (r < 0)
		return r;
	r = take_digest(text_of(json_object_get(manifest, "config"), "digest"), hex, err);
	if (r == 0)
		r = read_blob(s->source, hex, &config, err);
	json_decref(manifest);
	if (r < 0)
		return r;
	snprintf(c->arch, sizeof c->arch, "%s", text_of(config, "architecture"));
	snprintf(c->variant, sizeof c->variant, "%s", text_of(config, "variant"));
	json_decref(config);
	return 0;
}

static int walk_index(struct search *s, const json_t *index, const char *name, u32 level,
		      struct error *err);

static int walk_descriptor(struct search *s, const json_t *d, const char *above, u32 level,
			   struct error *err)
{
	const json_t *notes = json_object_get(d, "annotations");
	const json_t *platform = json_object_get(d, "platform");
	const char *type = text_of(d, "mediaType"), *os = text_of(platform, "os");
	const char *name = text_of(notes, "io.containerd.image.name");
	struct candidate c = { 0 };
	json_t *index;
	int r = take_digest(text_of(d, "digest"), c.digest, err);

	if (!*name)
		name = text_of(notes, "org.opencontainers.image.ref.name");
	if (!*name)
		name = above;
	if (r < 0)
		return r;
	if (is_index(type)) {
		r = read_blob(s->source, c.digest, &index, err);
		if (r == 0) {
			r = walk_index(s, index, name, level + 1, err);
			json_decref(index);
		}
		return r;
	}
	if (!is_manifest(type) || *text_of(notes, "vnd.docker.reference.type") ||
	    (*os && strcmp(os, "linux")))
		return 0;
	snprintf(c.name, sizeof c.name, "%s", name);
	snprintf(c.arch, sizeof c.arch, "%s", text_of(platform, "architecture"));
	snprintf(c.variant, sizeof c.variant, "%s", text_of(platform, "variant"));
	if (!c.arch[0])
		r = ask_config(s, &c, err);
	if (r < 0)
		return r;
	if (s->count == CANDIDATES_MAX)
		return fail(err, E2BIG, "more than %d images", CANDIDATES_MAX);
	s->c[s->count++] = c;
	return 0;
}

static int walk_index(struct search *s, const json_t *index, const char *name, u32 level,
		      struct error *err)
{
	const json_t *list = json_object_get(index, "manifests");
	int r = 0;

	if (!json_is_array(list) || json_array_size(list) > CANDIDATES_MAX)
		return fail(err, EBADMSG, "an index without a list of manifests, or with too many");
	if (level > LEVELS_MAX)
		return fail(err, ELOOP, "indexes of indexes, more than %d deep", LEVELS_MAX);
	for (size_t i = 0; r == 0 && i < json_array_size(list); i++)
		r = walk_descriptor(s, json_array_get(list, i), name, level, err);
	return r;
}

/* "linux/arm64/v8", "linux/arm64" or "arm64" */
static bool platform_is(const char *wanted, const struct candidate *c)
{
	char with_variant[80];

	if (str_starts(wanted, "linux/"))
		wanted += 6;
	snprintf(with_variant, sizeof with_variant, "%s/%s", c->arch, c->variant);
	return !strcmp(wanted, c->arch) || !strcmp(wanted, with_variant);
}

static const struct candidate *first_of(const struct search *s, const char *platform,
					const char *name, bool *ret_several)
{
	const struct candidate *found = NULL;

	for (u32 i = 0; i < s->count; i++) {
		const struct candidate *c = &s->c[i];

		if (!platform_is(platform, c) || (name && strcmp(name, c->name)))
			continue;
		if (found && strcmp(found->name, c->name))
			*ret_several = true;
		if (!found)
			found = c;
	}
	return found;
}

static int choose(const struct search *s, const struct image_choice *choice,
		  const struct candidate **ret_c, struct error *err)
{
	const char *one[] = { choice->platform, NULL };
	const char *const *list = choice->platform ? one : choice->runnable;
	const struct candidate *found = NULL;
	bool several = false;
	char there[300];
	struct str text = STR(there);

	for (; *list && !found; list++)
		found = first_of(s, *list, choice->name, &several);
	there[0] = 0;
	for (u32 i = 0; i < s->count; i++)
		str_add(&text, " %s%slinux/%s", s->c[i].name, s->c[i].name[0] ? "=" : "", s->c[i].arch);
	if (!found)
		return fail(err, ENOENT, "no image in it fits%s%s; there are:%s",
			    choice->platform ? " " : " what this program can run",
			    choice->platform ? choice->platform : "", there);
	if (several)
		return fail(err, EINVAL, "several images, choose one by name:%s", there);
	*ret_c = found;
	return 0;
}

/* Append the texts of a JSON list to a list that NULL ends. */
static int add_strings(char ***list, const json_t *from, const char *what, struct error *err)
{
	size_t n = 0, more = json_array_size(from);

	while (*list && (*list)[n])
		n++;
	if (more > STRINGS_MAX)
		return fail(err, E2BIG, "config: '%s' has too many entries", what);
	*list = xrealloc(*list, (n + more + 1) * sizeof **list);
	for (size_t i = 0; i <= more; i++)
		(*list)[n + i] = NULL;
	for (size_t i = 0; i < more; i++) {
		const char *s = json_string_value(json_array_get(from, i));

		if (!s)
			return fail(err, EBADMSG, "config: '%s' has an entry that is no text", what);
		(*list)[n + i] = xstrdup(s);
	}
	return 0;
}

/* Every layer's digest of its tar, and how to run the image. */
static int take_config(struct image *im, const json_t *config, struct error *err)
{
	const json_t *run = json_object_get(config, "config");
	const json_t *ids = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
	char hex[SHA256_HEX];
	int r;

	if (json_array_size(ids) != im->layers)
		return fail(err, EBADMSG, "%u layers, but digests of %zu in the config: no image of "
			    "a file system, or a damaged one", im->layers, json_array_size(ids));
	for (u32 i = 0; i < im->layers; i++) {
		const char *id = json_string_value(json_array_get(ids, i));

		r = take_digest(id ? id : "", hex, err);
		if (r < 0)
			return r;
		im->layer[i].data_hex = xstrdup(hex);
	}
	im->arch = xstrdup(text_of(config, "architecture"));
	im->folder = xstrdup(text_of(run, "WorkingDir"));
	im->user = xstrdup(text_of(run, "User"));
	r = add_strings(&im->env, json_object_get(run, "Env"), "Env", err);
	if (r == 0)
		r = add_strings(&im->command, json_object_get(run, "Entrypoint"), "Entrypoint", err);
	if (r == 0)
		r = add_strings(&im->command, json_object_get(run, "Cmd"), "Cmd", err);
	return r;
}

static int take_oci_layers(struct image *im, const json_t *list, struct error *err)
{
	if (!json_array_size(list) || json_array_size(list) > IMAGE_LAYERS_MAX)
		return fail(err, EBADMSG, "an image of %zu layers; from 1 to %d can be",
			    json_array_size(list), IMAGE_LAYERS_MAX);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *d = json_array_get(list, i);
		char hex[SHA256_HEX];
		int r = take_digest(text_of(d, "digest"), hex, err);

		if (r < 0)
			return r;
		if (!strstr(text_of(d, "mediaType"), "tar") || strstr(text_of(d, "mediaType"), "encrypted"))
			return fail(err, ENOTSUP, "layer of type '%.100s': not supported",
				    text_of(d, "mediaType"));
		im->layer[im->layers++] = (struct image_layer){
			.part = xasprintf("blobs/sha256/%s", hex),
			.file_hex = xstrdup(hex),
		};
	}
	return 0;
}

static int open_oci(struct image *im, const struct image_choice *choice, struct error *err)
{
	AUTO_FREE struct search *s = xnew(struct search);
	const struct candidate *c;
	json_t *index, *manifest, *config;
	char hex[SHA256_HEX];
	int r = read_json(im->source, "index.json", NULL, NULL, &index, err);

	if (r < 0)
		return r;
	s->source = im->source;
	r = walk_index(s, index, "", 0, err);
	json_decref(index);
	if (r == 0)
		r = choose(s, choice, &c, err);
	if (r == 0)
		r = read_blob(im->source, c->digest, &manifest, err);
	if (r < 0)
		return r;
	im->digest = xstrdup(c->digest);
	r = take_oci_layers(im, json_object_get(manifest, "layers"), err);
	if (r == 0)
		r = take_digest(text_of(json_object_get(manifest, "config"), "digest"), hex, err);
	if (r == 0)
		r = read_blob(im->source, hex, &config, err);
	json_decref(manifest);
	if (r < 0)
		return r;
	r = take_config(im, config, err);
	json_decref(config);
	return r;
}

/* One candidate for each name of each image; ask their configs for the platform. */
static int list_docker(struct search *s, const json_t *list, struct error *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i), *tags = json_object_get(item, "RepoTags");
		struct candidate c = { 0 };
		json_t *config;
		int r = read_json(s->source, text_of(item, "Config"), NULL, NULL, &config, err);

		if (r < 0)
			return r;
		snprintf(c.digest, sizeof c.digest, "%zu", i);	/* its place in the list */
		snprintf(c.arch, sizeof c.arch, "%s", text_of(config, "architecture"));
		snprintf(c.variant, sizeof c.variant, "%s", text_of(config, "variant"));
		json_decref(config);
		for (size_t n = 0; n == 0 || n < json_array_size(tags); n++) {
			const char *tag = json_string_value(json_array_get(tags, n));

			if (s->count == CANDIDATES_MAX)
				return fail(err, E2BIG, "more than %d images", CANDIDATES_MAX);
			snprintf(c.name, sizeof c.name, "%s", tag ? tag : "");
			s->c[s->count++] = c;
		}
	}
	return 0;
}

static int take_docker(struct image *im, const json_t *item, struct error *err)
{
	const json_t *layers = json_object_get(item, "Layers");
	char hex[SHA256_HEX];
	json_t *config;
	int r;

	if (!json_array_size(layers) || json_array_size(layers) > IMAGE_LAYERS_MAX)
		return fail(err, EBADMSG, "an image of %zu layers; from 1 to %d can be",
			    json_array_size(layers), IMAGE_LAYERS_MAX);
	for (size_t i = 0; i < json_array_size(layers); i++) {
		const char *part = json_string_value(json_array_get(layers, i));

		if (!part)
			return fail(err, EBADMSG, "manifest.json: a layer that is no text");
		im->layer[im->layers++] = (struct image_layer){ .part = xstrdup(part) };
	}
	r = read_json(im->source, text_of(item, "Config"), NULL, hex, &config, err);
	if (r < 0)
		return r;
	im->digest = xstrdup(hex);
	/* The config is named by its digest: blobs/sha256/HEX or HEX.json. */
	r = strstr(text_of(item, "Config"), hex) ? take_config(im, config, err) :
	    fail(err, EBADMSG, "%.100s has digest sha256:%s: damaged or forged",
		 text_of(item, "Config"), hex);
	json_decref(config);
	return r;
}

static int open_docker(struct image *im, const struct image_choice *choice, struct error *err)
{
	AUTO_FREE struct search *s = xnew(struct search);
	const struct candidate *c;
	json_t *list;
	int r = read_json(im->source, "manifest.json", NULL, NULL, &list, err);

	if (r < 0)
		return r;
	s->source = im->source;
	r = list_docker(s, list, err);
	if (r == 0)
		r = choose(s, choice, &c, err);
	if (r == 0)
		r = take_docker(im, json_array_get(list, strtoul(c->digest, NULL, 10)), err);
	json_decref(list);
	return r;
}

int image_open(struct image **ret_i, const char *path, const struct image_choice *choice,
	       struct error *err)
{
	struct image *im = xnew(struct image);
	int r = image_source_open(&im->source, path, err);

	if (r == 0) {
		if (image_source_has(im->source, "index.json"))
			r = open_oci(im, choice, err);
		else if (image_source_has(im->source, "manifest.json"))
			r = open_docker(im, choice, err);
		else
			r = fail(err, EINVAL, "no image: it has neither index.json (OCI layout) nor "
				 "manifest.json (docker save)");
		if (r < 0)
			prefix(err, r, "%s", path);
	}
	if (r < 0) {
		image_free(im);
		return r;
	}
	*ret_i = im;
	return 0;
}

static void free_strings(char **list)
{
	for (char **s = list; s && *s; s++)
		free(*s);
	free(list);
}

void image_free(struct image *i)
{
	if (!i)
		return;
	for (u32 n = 0; n < i->layers; n++) {
		free(i->layer[n].part);
		free(i->layer[n].file_hex);
		free(i->layer[n].data_hex);
	}
	free_strings(i->env);
	free_strings(i->command);
	free(i->digest);
	free(i->arch);
	free(i->folder);
	free(i->user);
	image_source_free(i->source);
	free(i);
}

bool image_is(const char *path)
{
	struct image_source *s;
	struct error err = { 0 };
	bool is;

	if (image_source_open(&s, path, &err) < 0)
		return false;
	is = image_source_has(s, "manifest.json") ||
	     (image_source_has(s, "index.json") && image_source_has(s, "oci-layout"));
	image_source_free(s);
	return is;
}

struct report {
	image_progress *progress;
	void *arg;
	u64 done, total;
};

static void report(void *arg, u64 bytes)
{
	struct report *r = arg;

	r->done += bytes;
	if (r->progress)
		r->progress(r->arg, r->done, r->total);
}

static int unpack_layer(struct image *im, struct image_tree *t, const struct image_layer *l,
			struct report *rep, struct error *err)
{
	struct image_stream *s;
	struct image_piece p;
	int r = image_source_piece(im->source, l->part, &p, err);

	if (r < 0)
		return r;
	r = image_stream_open(&s, &p, report, rep, err);
	if (r == 0) {
		r = image_tree_layer(t, s, err);
		if (r == 0)
			r = image_stream_finish(s, l->file_hex, l->data_hex, err);
		image_stream_free(s);
	}
	image_piece_close(im->source, &p);
	return r < 0 ? prefix(err, r, "layer %s", l->part) : 0;
}

static int unpack_all(struct image *im, const char *path, struct report *rep,
		      struct image_result *ret_result, struct error *err)
{
	struct image_left_out out = { 0 };
	struct image_tree *t;
	int r = image_tree_open(&t, path, err);

	if (r < 0)
		return r;
	for (u32 i = 0; r == 0 && i < im->layers; i++)
		r = unpack_layer(im, t, &im->layer[i], rep, err);
	if (r == 0)
		r = image_tree_finish(t, &out, err);
	image_tree_free(t);
	*ret_result = (struct image_result){ out.devices, out.xattrs };
	return r;
}

int image_unpack(struct image *im, const char *path, image_progress *progress, void *arg,
		 struct image_result *ret_result, struct error *err)
{
	struct report rep = { .progress = progress, .arg = arg };
	AUTO_FREE char *work = xasprintf("%s.XXXXXX", path);
	struct error ignored = { 0 };
	int r = 0;

	while (strlen(work) > 8 && work[strlen(work) - 8] == '/')	/* "dir/.XXXXXX" */
		memmove(work + strlen(work) - 8, work + strlen(work) - 7, 8);
	for (u32 i = 0; i < im->layers; i++) {
		struct image_piece p;

		r = image_source_piece(im->source, im->layer[i].part, &p, err);
		if (r < 0)
			return r;
		rep.total += p.size;
		image_piece_close(im->source, &p);
	}
	/* Said now, not after minutes of work; rename has the last word. */
	if (rmdir(path) < 0 && errno != ENOENT)
		return fail(err, errno, "%s: %s", path, errno == ENOTEMPTY || errno == EEXIST ?
			    "there already, and not empty" : strerror(errno));
	if (!mkdtemp(work))
		return fail(err, errno, "%s: %s", work, strerror(errno));
	r = chmod(work, 0755) < 0 ? fail(err, errno, "%s: %s", work, strerror(errno)) :
	    unpack_all(im, work, &rep, ret_result, err);
	if (r == 0 && rename(work, path) < 0)
		r = fail(err, errno, "%s: %s", path, errno == ENOTEMPTY || errno == EEXIST ?
			 "there already, and not empty" : strerror(errno));
	if (r < 0)
		image_tree_remove(work, &ignored);
	return r;
}
