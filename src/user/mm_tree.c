/* The set of guest mappings: a treap of areas that also knows the widest gap of each subtree.
 *
 * Nodes are numbers in a pool that is reserved once and never given back, so a reader that follows
 * a stale link still reads a node; the version (a sequence lock) tells it to start again.
 * Priorities are hashes of the node's number. Split and merge recurse to the depth of the tree,
 * about twice the logarithm of the count.
 * Not modelled: more than NODES areas; the host's own limit on mappings is far below.
 */
#include "user/mm_tree.h"
#include "base/hash.h"
#include <errno.h>
#include <sched.h>
#include <sys/mman.h>

enum { NODES = 1 << 20, WALK_MAX = 400, SPINS = 100 };

struct node {
	u64 start, end;
	u64 low, high;		/* of the subtree: first start, last end */
	u64 gap;		/* widest hole inside the subtree */
	u32 left, right;	/* node numbers, 0 = none */
	u32 attr, tag;
};

static struct {
	struct node *node;	/* [0] unused */
	u32 root, free, used;	/* free: list through left; used: nodes ever taken */
	u32 count;
	u64 bytes;
	u64 version;
} tree;

/* What readers without the lock look at.  Acquire and release order it against the version on both sides, as fences
 * would; on x86 they are plain accesses. */
#define GET(x) __atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define SET(x, v) __atomic_store_n(&(x), (v), __ATOMIC_RELEASE)

static struct node *at(u32 n)
{
	return &tree.node[n];
}

static u32 priority(u32 n)
{
	return (u32)(hash_u64(n * 0x100000001ull) >> 16);
}

int areas_init(void)
{
	void *p = mmap(NULL, NODES * sizeof(struct node), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return -ENOMEM;
	tree.node = p;
	tree.used = 1;
	return 0;
}

bool areas_room(void)
{
	return tree.count + 4 < NODES - 1;
}

u64 areas_bytes(void)
{
	return GET(tree.bytes);
}

void areas_write_begin(void)
{
	SET(tree.version, tree.version + 1);
}

void areas_write_end(void)
{
	__atomic_store_n(&tree.version, tree.version + 1, __ATOMIC_RELEASE);
}

u64 areas_version(void)
{
	for (u32 i = 0;; i++) {
		u64 v = __atomic_load_n(&tree.version, __ATOMIC_ACQUIRE);

		if (!(v & 1))
			return v;
		if (i > SPINS)
			sched_yield();
	}
}

bool areas_version_is(u64 version)
{
	return GET(tree.version) == version;
}

/* ---- the treap ---- */

static u32 node_new(u64 start, u64 end, u32 attr, u32 tag)
{
	u32 n = tree.free;
	struct node *x;

	if (n) {
		tree.free = at(n)->left;
	} else {
		assert(tree.used < NODES);
		n = tree.used++;
	}
	x = at(n);
	SET(x->start, start);
	SET(x->end, end);
	SET(x->attr, attr);
	SET(x->tag, tag);
	SET(x->left, 0);
	SET(x->right, 0);
	x->low = start;
	x->high = end;
	x->gap = 0;
	tree.count++;
	SET(tree.bytes, tree.bytes + (end - start));
	return n;
}

static void nodes_free(u32 n)
{
	struct node *x = at(n);

	if (!n)
		return;
	nodes_free(x->left);
	nodes_free(x->right);
	SET(tree.bytes, tree.bytes - (x->end - x->start));
	tree.count--;
	SET(x->left, tree.free);
	tree.free = n;
}

static void update(u32 n)
{
	struct node *x = at(n);
	u64 gap = 0;

	x->low = x->start;
	x->high = x->end;
	if (x->left) {
		const struct node *l = at(x->left);

		x->low = l->low;
		gap = max_u64(l->gap, x->start - l->high);
	}
	if (x->right) {
		const struct node *r = at(x->right);

		x->high = r->high;
		gap = max_u64(gap, max_u64(r->gap, r->low - x->end));
	}
	x->gap = gap;
}

/* Nodes that start below va to *left, others to *right. */
static void split(u32 n, u64 va, u32 *left, u32 *right)
{
	struct node *x = at(n);
	u32 part;

	if (!n) {
		*left = *right = 0;
	} else if (x->start < va) {
		split(x->right, va, &part, right);
		SET(x->right, part);
		update(n);
		*left = n;
	} else {
		split(x->left, va, left, &part);
		SET(x->left, part);
		update(n);
		*right = n;
	}
}

static u32 merge(u32 a, u32 b)
{
	if (!a || !b)
		return a ? a : b;
	if (priority(a) > priority(b)) {
		SET(at(a)->right, merge(at(a)->right, b));
		update(a);
		return a;
	}
	SET(at(b)->left, merge(a, at(b)->left));
	update(b);
	return b;
}

/* The last node of the subtree gets a new end. */
static void last_set_end(u32 n, u64 end)
{
	if (at(n)->right) {
		last_set_end(at(n)->right, end);
	} else {
		SET(tree.bytes, tree.bytes + end - at(n)->end);
		SET(at(n)->end, end);
	}
	update(n);
}

static const struct node *last(u32 n)
{
	while (at(n)->right)
		n = at(n)->right;
	return at(n);
}

static const struct node *first(u32 n)
{
	while (at(n)->left)
		n = at(n)->left;
	return at(n);
}

/* Like split, but an area that crosses va is cut in two. */
static void split_clean(u32 n, u64 va, u32 *left, u32 *right)
{
	split(n, va, left, right);
	if (*left && at(*left)->high > va) {
		struct node x = *last(*left);

		last_set_end(*left, va);
		*right = merge(node_new(va, x.end, x.attr, x.tag), *right);
	}
}

void areas_cut(u64 start, u64 end)
{
	u32 a, b, c;

	if (start >= end)
		return;
	split_clean(tree.root, start, &a, &b);
	split_clean(b, end, &b, &c);
	nodes_free(b);
	SET(tree.root, merge(a, c));
}

void areas_add(const struct area *new)
{
	struct area n = *new;
	u32 a, b, drop;

	assert(n.start < n.end);
	split(tree.root, n.start, &a, &b);
	assert(!a || at(a)->high <= n.start);
	assert(!b || at(b)->low >= n.end);
	if (b && at(b)->low == n.end) {
		const struct node *y = first(b);

		if (y->attr == n.attr && y->tag == n.tag) {
			n.end = y->end;
			split(b, n.end, &drop, &b);
			nodes_free(drop);
		}
	}
	if (a && at(a)->high == n.start && last(a)->attr == n.attr && last(a)->tag == n.tag)
		last_set_end(a, n.end);
	else
		a = merge(a, node_new(n.start, n.end, n.attr, n.tag));
	SET(tree.root, merge(a, b));
}

/* ---- questions ---- */

/* False when the walk went astray, which only a reader without the lock can see. */
static bool walk_next(u64 va, struct area *ret)
{
	u32 n = GET(tree.root);

	ret->start = ret->end = 0;
	for (u32 i = 0; n; i++) {
		const struct node *x = at(n);

		if (i > WALK_MAX)
			return false;
		if (GET(x->end) > va) {
			*ret = (struct area){ GET(x->start), GET(x->end), GET(x->attr), GET(x->tag) };
			if (ret->start <= va)
				break;
			n = GET(x->left);
		} else {
			n = GET(x->right);
		}
	}
	return true;
}

bool areas_next(u64 va, struct area *ret)
{
	bool sane = walk_next(va, ret);

	assert(sane);
	return ret->end != 0;
}

bool areas_next_shared(u64 va, struct area *ret)
{
	for (;;) {
		u64 version = areas_version();

		if (walk_next(va, ret) && areas_version_is(version))
			return ret->end != 0;
	}
}

bool areas_previous(u64 va, struct area *ret)
{
	u32 n = tree.root;

	ret->end = 0;
	while (n) {
		const struct node *x = at(n);

		if (x->start < va) {
			*ret = (struct area){ x->start, x->end, x->attr, x->tag };
			n = x->right;
		} else {
			n = x->left;
		}
	}
	return ret->end != 0;
}

struct want {
	u64 low, high, len, align;
};

/* Highest fit in the subtree, which lies between `before` (end of the area to its left) and `after`. */
static u64 gap_in(u32 n, u64 before, u64 after, const struct want *w)
{
	const struct node *x = at(n);
	u64 found;

	if (before >= w->high || after <= w->low)
		return 0;
	if (!n) {
		before = max_u64(before, w->low);
		after = min_u64(after, w->high);
		if (after < before || after - before < w->len)
			return 0;
		found = align_down(after - w->len, w->align);
		return found >= before ? found : 0;
	}
	if (x->gap < w->len && x->low - before < w->len && after - x->high < w->len)
		return 0;
	found = gap_in(x->right, x->end, after, w);
	return found ? found : gap_in(x->left, before, x->start, w);
}

u64 areas_gap(u64 low, u64 high, u64 len, u64 align)
{
	struct want w = { low, high, len, align };

	return gap_in(tree.root, 0, (u64)1 << 63, &w);
}
