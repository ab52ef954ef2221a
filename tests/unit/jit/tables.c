/* The translator's tables against slow models: notes, look-up by guest pc,
 * guest range, host pc and link, and the patching of links.  No code is run:
 * the back end is a mock whose patch() writes where a jump goes.
 */
#include "jit/core.h"
#include "../unit.h"
#include <stdlib.h>

static u64 seed = 1;

static u32 rnd(u32 below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (u32)((seed >> 33) % below);
}

static void mock_patch(u8 *rw, u64 site, u64 target)
{
	i32 rel = (i32)(target - (site + 4));

	memcpy(rw, &rel, 4);
}

static void mock_jump(struct vcpu *cpu)
{
}

static const struct jit_host mock = { .name = "mock", .patch = mock_patch, .jump_flush = mock_jump };

/* An empty cache of the smallest size, fresh for each test. */
static int fresh(void **state)
{
	struct error err;

	memset(&jit, 0, sizeof jit);
	pthread_mutex_init(&jit.lock, NULL);
	jit.host = &mock;
	if (cache_init(1, &err) < 0)
		return -1;
	jit.start = 64;
	cache_begin();
	return 0;
}

/* A block with `hot` and `cold` bytes of code and links to targets[], all with site and stub in cold code. */
static struct jit_block *add(u64 pc, u32 mode, u32 len, u32 hot, u32 cold, const i32 *targets, u32 links)
{
	struct jit_chunk *c;
	struct jit_block *b;

	while (!cache_room() || jit.code.hot.cap < hot || jit.code.cold.cap < cold)
		if (cache_next() < 0)
			cache_evict();
	c = &jit.chunk[jit.current];
	b = &jit.block[(jit.current << jit.blocks_shift) + c->blocks];
	*b = (struct jit_block){ .pc = pc, .mode = mode, .len = (u16)len,
				 .hot = (u32)(jit.code.hot.rx - jit.rx), .cold = (u32)(jit.code.cold.rx - jit.rx),
				 .hot_len = (u16)hot, .cold_len = (u16)cold, .links = jit.code.first_link,
				 .link_count = (u8)links };
	for (u32 i = 0; i < links; i++) {
		jit.link[b->links + i] = (struct jit_link){ .site = (u16)(SITE_COLD | (i * 16 + 1)),
							    .stub = (u16)(SITE_COLD | (i * 16 + 8)),
							    .target = targets[i] };
		mock_patch(jit_rw(b->cold + i * 16 + 1), jit_rx(b->cold + i * 16 + 1), jit_rx(b->cold + i * 16 + 8));
	}
	c->hot += hot;
	c->cold += cold;
	c->links += links;
	c->blocks++;
	block_insert(b);
	return b;
}

/* Where link i of b jumps to now, as the processor would see it. */
static u64 goes_to(const struct jit_block *b, u32 i)
{
	i32 rel;

	memcpy(&rel, (const u8 *)(uintptr_t)jit_rx(b->cold + i * 16 + 1), 4);
	return jit_rx(b->cold + i * 16 + 1) + 4 + (u64)(i64)rel;
}

/* ---- notes ---- */

static void notes_keep_points(void **state)
{
	static struct jit_code code;
	struct jit_block *b = &jit.block[1];
	u8 source[64];

	for (u32 round = 0; round < 300; round++) {
		u32 host = 0, guest = 0, used, at_host = 0;
		struct note_point at;
		struct jit_pend pend;
		bool has;

		code.point_count = rnd(40);
		code.pend_count = 3;
		for (u32 i = 0; i < 3; i++)
			code.pends[i] = (struct jit_pend){ (u16)rnd(0x10000), (u16)rnd(0x10000) };
		for (u32 i = 0; i < code.point_count; i++) {
			host += 1 + rnd(rnd(4) ? 60 : 4000);
			guest += rnd(rnd(8) ? 3 : 100);
			code.points[i] = (struct jit_point){ host, (u16)guest, (u16)rnd(4) };
		}
		for (u32 i = 0; i < sizeof source; i++)
			source[i] = (u8)rnd(256);
		b->len = (u16)(1 + rnd(64));
		b->flags = rnd(2) ? BLOCK_WRITABLE : 0;
		b->notes = 1;
		used = notes_write(jit.note + 1, 4096, &code, b->flags ? source : NULL, b->len);
		assert_true(used > 0 && used < 4096);
		/* exactly that much room is enough, one less is not */
		assert_int_equal(notes_write(jit.note + 1, used, &code, b->flags ? source : NULL, b->len), used);
		assert_int_equal(notes_write(jit.note + 1, used - 1, &code, b->flags ? source : NULL, b->len), 0);
		assert_int_equal(notes_write(jit.note + 1, 4096, &code, b->flags ? source : NULL, b->len), used);
		if (b->flags)
			assert_memory_equal(notes_source(b), source, b->len);
		notes_start(b, &at);
		for (u32 i = 0; i < code.point_count; i++) {
			assert_true(notes_next(&at));
			assert_int_equal(at.point.host, code.points[i].host);
			assert_int_equal(at.point.guest, code.points[i].guest);
			assert_int_equal(at.point.pend, code.points[i].pend != 0);
			if (at.point.pend)
				assert_memory_equal(&at.pend, &code.pends[code.points[i].pend - 1], sizeof at.pend);
		}
		assert_false(notes_next(&at));
		for (u32 i = 0; i < code.point_count; i++) {
			assert_int_equal(notes_find(b, code.points[i].host, &pend, &has), code.points[i].guest * 2);
			assert_int_equal(has, code.points[i].pend != 0);
			if (code.points[i].host - 1 > at_host || !i)
				assert_int_equal(notes_find(b, code.points[i].host - 1, &pend, &has),
						 i ? code.points[i - 1].guest * 2 : 0);
			at_host = code.points[i].host;
		}
	}
}

/* ---- look-up ---- */

enum { MODEL = 900 };
static struct jit_block *model[MODEL];
static bool seen[MODEL];

static void see(struct jit_block *b)
{
	for (u32 i = 0; i < MODEL; i++)
		if (model[i] == b) {
			seen[i] = true;
			return;
		}
	assert_true(false);	/* a block that was removed is still found */
}

static u64 some_pc(void)
{
	static const u64 base[] = { 0x10000, 0x7fff0000, 0x3f80000000, 0x3f80000000 + 4 * GiB, ~0xffffull, 0 };

	return base[rnd(ARRAY_SIZE(base))] + rnd(0x8000) * 2;
}

static void check_range(u64 start, u64 len)
{
	memset(seen, 0, sizeof seen);
	blocks_in(start, len, see);
	for (u32 i = 0; i < MODEL; i++) {
		u64 last = len > ~start ? ~0ull : start + len - 1;
		bool in = model[i] && len && model[i]->pc <= last && model[i]->pc + model[i]->len - 1 >= start;

		assert_int_equal(seen[i], in);
	}
}

static void index_agrees_with_model(void **state)
{
	memset(model, 0, sizeof model);
	for (u32 round = 0; round < 6000; round++) {
		u32 i = rnd(MODEL), mode = rnd(3);
		u64 pc = some_pc();
		struct jit_block *b = block_find(pc, mode);

		if (model[i]) {
			assert_ptr_equal(block_find(model[i]->pc, model[i]->mode), model[i]);
			block_remove(model[i]);
			block_flags_set(model[i], BLOCK_DROPPED);
			assert_null(block_find(model[i]->pc, model[i]->mode));
			model[i] = NULL;
		} else if (!b && jit.chunk[jit.current].blocks < 3000) {
			model[i] = add(pc, mode, 1 + rnd(rnd(2) ? 20 : BLOCK_BYTES_MAX), 1, 0, NULL, 0);
		}
		if (round % 16 == 0) {
			check_range(some_pc(), rnd(5000));
			check_range(some_pc(), (u64)rnd(1 << 30) << rnd(34));
		}
	}
	check_range(0, ~0ull);
	check_range(0, 0);
	check_range(~0ull, 1);
	check_range(5, ~0ull);
}

static void host_pcs_and_links_are_found(void **state)
{
	static const i32 targets[4] = { 0, 4, 8, 12 };

	for (u32 round = 0; round < 500; round++) {
		u32 links = rnd(5), hot = rnd(200), cold = 64 + rnd(20);
		struct jit_block *b = add(0x1000 + round * 64, 0, 8, 1 + hot, cold, targets, links);
		struct jit_block *any;
		u32 chunk = jit.current;

		for (u32 i = 0; i < links; i++)
			assert_ptr_equal(block_of_link(b->links + i), b);
		assert_ptr_equal(block_at(b->hot), b);
		assert_ptr_equal(block_at(b->hot + hot), b);
		assert_ptr_equal(block_at(b->cold), b);
		assert_ptr_equal(block_at(b->cold + cold - 1), b);
		any = &jit.block[(chunk << jit.blocks_shift) + 1 + rnd(jit.chunk[chunk].blocks - 1)];
		assert_ptr_equal(block_at(any->hot + rnd(any->hot_len)), any);
		assert_ptr_equal(block_at(any->cold + rnd(any->cold_len)), any);
	}
	assert_null(block_at(0));	/* trampolines */
}

/* ---- links ---- */

static void check_link(const struct jit_block *b, u32 i, bool linked)
{
	struct jit_block *to = block_find(b->pc + (u64)(i64)jit.link[b->links + i].target, b->mode);

	if (linked)
		assert_int_equal(goes_to(b, i), block_code(to));
	else
		assert_int_equal(goes_to(b, i), jit_rx(b->cold + i * 16 + 8));
}

/* Blocks at multiples of 16 in a small space link to each other at random; some are dropped and made again. */
static void links_agree_with_model(void **state)
{
	enum { N = 40 };
	struct jit_block *at[N];
	bool linked[N][3];

	memset(at, 0, sizeof at);
	memset(linked, 0, sizeof linked);
	for (u32 round = 0; round < 8000; round++) {
		u32 n = rnd(N), k = rnd(3);

		if (!at[n]) {
			i32 targets[3];

			for (u32 i = 0; i < 3; i++)
				targets[i] = ((i32)rnd(N) - (i32)n) * 16;
			targets[0] = 0;
			at[n] = add(0x4000 + n * 16, 7, 16, 16, 48, targets, 3);
			linked[n][0] = linked[n][1] = linked[n][2] = false;
		} else if (rnd(20) == 0) {
			u64 code = block_code(at[n]);

			block_drop(at[n]);
			for (u32 i = 0; i < 3; i++)
				assert_int_equal(goes_to(at[n], i), jit_rx(at[n]->cold + i * 16 + 8));
			for (u32 o = 0; o < N; o++)
				for (u32 i = 0; at[o] && i < 3; i++)
					assert_int_not_equal(goes_to(at[o], i), code);
			for (u32 o = 0; o < N; o++)
				for (u32 i = 0; at[o] && i < 3; i++)
					if (jit.link[at[o]->links + i].target == ((i32)n - (i32)o) * 16)
						linked[o][i] = false;
			at[n] = NULL;
		} else {
			u32 to = n + (u32)(jit.link[at[n]->links + k].target / 16);

			if (at[to]) {
				link_make(at[n], at[n]->links + k, at[to]);
				link_make(at[n], at[n]->links + k, at[to]);
				linked[n][k] = true;
			}
		}
		for (u32 o = 0; o < N; o++)
			for (u32 i = 0; at[o] && i < 3; i++)
				check_link(at[o], i, linked[o][i]);
		/* an eviction drops what is in its chunk */
		for (u32 o = 0; o < N; o++)
			assert_true(!at[o] || !(block_flags(at[o]) & BLOCK_DROPPED));
		if (jit.fills > 1)
			break;
	}
}

static void eviction_takes_the_oldest_and_what_is_dead(void **state)
{
	u32 fills;

	while (jit.fills < jit.chunk_count)
		add(0x100000 + 64 * (u64)rnd(1 << 20), 1 + rnd(1000000), 4, 1000, 10, NULL, 0);
	while (cache_room() && jit.code.hot.cap > 2000)
		add(0x100000 + 64 * (u64)rnd(1 << 20), 1 + rnd(1000000), 4, 1000, 10, NULL, 0);
	assert_int_equal(cache_next(), -EAGAIN);
	cache_evict();
	assert_int_equal(jit.current, 0);
	assert_int_equal(jit.count.evictions, 1);
	/* chunk 3 dies */
	for (u32 i = 1; i < jit.chunk[3].blocks; i++)
		if (i % 8)
			block_drop(&jit.block[(3u << jit.blocks_shift) + i]);
	fills = jit.fills;
	assert_int_equal(cache_next(), -EAGAIN);
	cache_evict();
	assert_int_equal(jit.current, 3);
	assert_int_equal(jit.fills, fills + 1);
	assert_int_equal(jit.chunk[3].blocks, 1);
	for (u64 pc = 0x100000; pc < 0x100000 + (64 << 20); pc += 64)
		for (u32 i = jit.window[(pc >> WINDOW_SHIFT) & jit.window_mask]; i; i = jit.block[i].next)
			assert_int_not_equal(block_chunk(i), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(notes_keep_points, fresh),
		cmocka_unit_test_setup(index_agrees_with_model, fresh),
		cmocka_unit_test_setup(host_pcs_and_links_are_found, fresh),
		cmocka_unit_test_setup(links_agree_with_model, fresh),
		cmocka_unit_test_setup(eviction_takes_the_oldest_and_what_is_dead, fresh),
	};

	return cmocka_run_group_tests_name("jit/tables", tests, NULL, NULL);
}
