/* The role that unpacks a container image: mimus unpack IMAGE DIR.
 *
 * IMAGE is an OCI image layout or what docker save wrote, a folder or a tar; DIR appears
 * when all is well and not before.  At the end the image's own idea of how it is run is
 * printed.  Progress goes to stderr once it takes longer than a second.
 * Main thread.
 */
#include "cpu/target.h"
#include "image/image.h"
#include "main/role.h"
#include "obj/option.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct unpack_options {
	char *platform, *image;
	bool help;
};

static const struct prop props[] = {
	PROP(struct unpack_options, platform, NULL, NULL),
	PROP(struct unpack_options, image, NULL, NULL),
	PROP(struct unpack_options, help, false, NULL),
	{ 0 },
};

static const struct option_group group = {
	.name = "unpack",
	.usage = "[options] image folder",
	.intro = "Unpacks a container image (an OCI image layout or what docker save writes, as a "
		 "folder or a tar) into a folder.",
	.props = props,
	.options = OPTIONS(
		{ "help", NULL, NULL, "print this text", "help" },
		{ "platform", "linux/ARCH", NULL, "which platform; usual: the first that runs here", "platform" },
		{ "image", "name", NULL, "which image, where there are several", "image" }),
};

/* Names of architectures in images (Go's GOARCH), and of guests here. */
static const struct {
	const char *guest, *arch;
} names[] = {
	{ "aarch64", "arm64" }, { "riscv64", "riscv64" }, { "x86_64", "amd64" },
	{ "arm", "arm" }, { "i386", "386" }, { "ppc64le", "ppc64le" }, { "s390x", "s390x" },
	{ "loongarch64", "loong64" }, { "mips64el", "mips64le" },
};

static void find_runnable(const char *ret_list[ARRAY_SIZE(names) + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (target_find(names[i].guest))
			ret_list[n++] = names[i].arch;
	}
	ret_list[n] = NULL;
}

struct shown {
	time_t start, last;
};

static void show(void *arg, u64 done, u64 total)
{
	struct shown *s = arg;
	time_t now = time(NULL);

	if (now - s->start < 2 || now == s->last)
		return;
	s->last = now;
	fprintf(stderr, "mimus: unpacking: %llu of %llu MiB (%llu%%)\n",
		(unsigned long long)(done >> 20), (unsigned long long)(total >> 20),
		(unsigned long long)(total ? done * 100 / total : 100));
}

static void print_list(const char *title, char *const *list)
{
	for (; *list; list++)
		printf("%s: %s\n", title, *list);
}

static void print_result(const struct image *im, const struct image_result *result)
{
	printf("digest: sha256:%s\nplatform: linux/%s\n", im->digest, im->arch);
	print_list("command", im->command);
	print_list("env", im->env);
	if (im->folder[0])
		printf("folder: %s\n", im->folder);
	if (im->user[0])
		printf("user: %s\n", im->user);
	if (result->devices)
		fprintf(stderr, "mimus: %llu devices left out: they need root\n",
			(unsigned long long)result->devices);
	if (result->xattrs)
		fprintf(stderr, "mimus: %llu extended attributes left out\n",
			(unsigned long long)result->xattrs);
}

static int unpack(const struct unpack_options *o, const char *from, const char *to,
		  struct error *err)
{
	struct shown shown = { .start = time(NULL) };
	struct image_result result;
	const char *runnable[ARRAY_SIZE(names) + 1];
	struct image_choice choice = {
		.platform = o->platform, .runnable = runnable, .name = o->image,
	};
	struct image *im;
	int r;

	find_runnable(runnable);
	r = image_open(&im, from, &choice, err);
	if (r < 0)
		return r;
	r = image_unpack(im, to, show, &shown, &result, err);
	if (r == 0)
		print_result(im, &result);
	image_free(im);
	return r;
}

static int unpack_role(const char *guest, int argc, char **argv, struct error *err)
{
	struct unpack_options o;
	int r;

	props_init(props, &o);
	r = options_parse(&group, &o, argc, argv, err);
	if (r >= 0 && o.help) {
		AUTO_FREE char *text = options_help(&group, argv[0]);

		fputs(text, stdout);
		r = 0;
	} else if (r >= 0 && argc - r != 2) {
		r = fail(err, EINVAL, "give the image and the folder to make; '-help' tells more");
	} else if (r >= 0) {
		r = unpack(&o, argv[r], argv[r + 1], err);
	}
	props_done(props, &o);
	return r;
}

ROLE(unpack) = {
	.name = "unpack",
	.help = "unpack a container image into a folder",
	.main = unpack_role,
};
