/* Zba, Zbb, Zbc and Zbs.
 *
 * gp = 0
 * flags: -march=rv64gc_zba_zbb_zbc_zbs
 */
#include "test.inc"

	begin
	rr	add.uw, 0, 0, 0
	rr	add.uw, 0, 1, 0xffffffffffffffff
	rr	add.uw, 0x100000000, 0x7fffffffffffffff, 1
	rr	add.uw, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	add.uw, 0xfedcba9911111100, 0x123456789abcdef0, 0xfedcba9876543210
	rr	add.uw, 0xffffffff, 0xffffffff80000000, 0x7fffffff
	rr	add.uw, 0xcafebae3, 0xdeadbeefcafebabe, 0x25
	rr	add.uw, 0x8000003f, 0x80000000, 0x3f
	rr	sh1add, 0, 0, 0
	rr	sh1add, 1, 1, 0xffffffffffffffff
	rr	sh1add, 0xffffffffffffffff, 0x7fffffffffffffff, 1
	rr	sh1add, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	sh1add, 0x23456789abcdeff0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	sh1add, 0xffffffff7fffffff, 0xffffffff80000000, 0x7fffffff
	rr	sh1add, 0xbd5b7ddf95fd75a1, 0xdeadbeefcafebabe, 0x25
	rr	sh1add, 0x10000003f, 0x80000000, 0x3f
	rr	sh2add, 0, 0, 0
	rr	sh2add, 3, 1, 0xffffffffffffffff
	rr	sh2add, 0xfffffffffffffffd, 0x7fffffffffffffff, 1
	rr	sh2add, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	sh2add, 0x47ae147ae147add0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	sh2add, 0xfffffffe7fffffff, 0xffffffff80000000, 0x7fffffff
	rr	sh2add, 0x7ab6fbbf2bfaeb1d, 0xdeadbeefcafebabe, 0x25
	rr	sh2add, 0x20000003f, 0x80000000, 0x3f
	rr	sh3add, 0, 0, 0
	rr	sh3add, 7, 1, 0xffffffffffffffff
	rr	sh3add, 0xfffffffffffffff9, 0x7fffffffffffffff, 1
	rr	sh3add, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	sh3add, 0x907f6e5d4c3b2990, 0x123456789abcdef0, 0xfedcba9876543210
	rr	sh3add, 0xfffffffc7fffffff, 0xffffffff80000000, 0x7fffffff
	rr	sh3add, 0xf56df77e57f5d615, 0xdeadbeefcafebabe, 0x25
	rr	sh3add, 0x40000003f, 0x80000000, 0x3f
	rr	sh1add.uw, 0, 0, 0
	rr	sh1add.uw, 1, 1, 0xffffffffffffffff
	rr	sh1add.uw, 0x1ffffffff, 0x7fffffffffffffff, 1
	rr	sh1add.uw, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	sh1add.uw, 0xfedcba99abcdeff0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	sh1add.uw, 0x17fffffff, 0xffffffff80000000, 0x7fffffff
	rr	sh1add.uw, 0x195fd75a1, 0xdeadbeefcafebabe, 0x25
	rr	sh1add.uw, 0x10000003f, 0x80000000, 0x3f
	rr	sh2add.uw, 0, 0, 0
	rr	sh2add.uw, 3, 1, 0xffffffffffffffff
	rr	sh2add.uw, 0x3fffffffd, 0x7fffffffffffffff, 1
	rr	sh2add.uw, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	sh2add.uw, 0xfedcba9ae147add0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	sh2add.uw, 0x27fffffff, 0xffffffff80000000, 0x7fffffff
	rr	sh2add.uw, 0x32bfaeb1d, 0xdeadbeefcafebabe, 0x25
	rr	sh2add.uw, 0x20000003f, 0x80000000, 0x3f
	rr	sh3add.uw, 0, 0, 0
	rr	sh3add.uw, 7, 1, 0xffffffffffffffff
	rr	sh3add.uw, 0x7fffffff9, 0x7fffffffffffffff, 1
	rr	sh3add.uw, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	sh3add.uw, 0xfedcba9d4c3b2990, 0x123456789abcdef0, 0xfedcba9876543210
	rr	sh3add.uw, 0x47fffffff, 0xffffffff80000000, 0x7fffffff
	rr	sh3add.uw, 0x657f5d615, 0xdeadbeefcafebabe, 0x25
	rr	sh3add.uw, 0x40000003f, 0x80000000, 0x3f
	rr	andn, 0, 0, 0
	rr	andn, 0, 1, 0xffffffffffffffff
	rr	andn, 0x7ffffffffffffffe, 0x7fffffffffffffff, 1
	rr	andn, 0, 0x8000000000000000, 0xffffffffffffffff
	rr	andn, 0x20446088a8cce0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	andn, 0xffffffff80000000, 0xffffffff80000000, 0x7fffffff
	rr	andn, 0xdeadbeefcafeba9a, 0xdeadbeefcafebabe, 0x25
	rr	andn, 0x80000000, 0x80000000, 0x3f
	rr	orn, 0xffffffffffffffff, 0, 0
	rr	orn, 1, 1, 0xffffffffffffffff
	rr	orn, 0xffffffffffffffff, 0x7fffffffffffffff, 1
	rr	orn, 0x8000000000000000, 0x8000000000000000, 0xffffffffffffffff
	rr	orn, 0x1337577f9bbfdfff, 0x123456789abcdef0, 0xfedcba9876543210
	rr	orn, 0xffffffff80000000, 0xffffffff80000000, 0x7fffffff
	rr	orn, 0xfffffffffffffffe, 0xdeadbeefcafebabe, 0x25
	rr	orn, 0xffffffffffffffc0, 0x80000000, 0x3f
	rr	xnor, 0xffffffffffffffff, 0, 0
	rr	xnor, 1, 1, 0xffffffffffffffff
	rr	xnor, 0x8000000000000001, 0x7fffffffffffffff, 1
	rr	xnor, 0x8000000000000000, 0x8000000000000000, 0xffffffffffffffff
	rr	xnor, 0x1317131f1317131f, 0x123456789abcdef0, 0xfedcba9876543210
	rr	xnor, 0, 0xffffffff80000000, 0x7fffffff
	rr	xnor, 0x2152411035014564, 0xdeadbeefcafebabe, 0x25
	rr	xnor, 0xffffffff7fffffc0, 0x80000000, 0x3f
	rr	max, 0, 0, 0
	rr	max, 1, 1, 0xffffffffffffffff
	rr	max, 0x7fffffffffffffff, 0x7fffffffffffffff, 1
	rr	max, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	max, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	max, 0x7fffffff, 0xffffffff80000000, 0x7fffffff
	rr	max, 0x25, 0xdeadbeefcafebabe, 0x25
	rr	max, 0x80000000, 0x80000000, 0x3f
	rr	maxu, 0, 0, 0
	rr	maxu, 0xffffffffffffffff, 1, 0xffffffffffffffff
	rr	maxu, 0x7fffffffffffffff, 0x7fffffffffffffff, 1
	rr	maxu, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	maxu, 0xfedcba9876543210, 0x123456789abcdef0, 0xfedcba9876543210
	rr	maxu, 0xffffffff80000000, 0xffffffff80000000, 0x7fffffff
	rr	maxu, 0xdeadbeefcafebabe, 0xdeadbeefcafebabe, 0x25
	rr	maxu, 0x80000000, 0x80000000, 0x3f
	rr	min, 0, 0, 0
	rr	min, 0xffffffffffffffff, 1, 0xffffffffffffffff
	rr	min, 1, 0x7fffffffffffffff, 1
	rr	min, 0x8000000000000000, 0x8000000000000000, 0xffffffffffffffff
	rr	min, 0xfedcba9876543210, 0x123456789abcdef0, 0xfedcba9876543210
	rr	min, 0xffffffff80000000, 0xffffffff80000000, 0x7fffffff
	rr	min, 0xdeadbeefcafebabe, 0xdeadbeefcafebabe, 0x25
	rr	min, 0x3f, 0x80000000, 0x3f
	rr	minu, 0, 0, 0
	rr	minu, 1, 1, 0xffffffffffffffff
	rr	minu, 1, 0x7fffffffffffffff, 1
	rr	minu, 0x8000000000000000, 0x8000000000000000, 0xffffffffffffffff
	rr	minu, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	minu, 0x7fffffff, 0xffffffff80000000, 0x7fffffff
	rr	minu, 0x25, 0xdeadbeefcafebabe, 0x25
	rr	minu, 0x3f, 0x80000000, 0x3f
	rr	rol, 0, 0, 0
	rr	rol, 0x8000000000000000, 1, 0xffffffffffffffff
	rr	rol, 0xfffffffffffffffe, 0x7fffffffffffffff, 1
	rr	rol, 0x4000000000000000, 0x8000000000000000, 0xffffffffffffffff
	rr	rol, 0x56789abcdef01234, 0x123456789abcdef0, 0xfedcba9876543210
	rr	rol, 0x7fffffffc0000000, 0xffffffff80000000, 0x7fffffff
	rr	rol, 0x5fd757dbd5b7ddf9, 0xdeadbeefcafebabe, 0x25
	rr	rol, 0x40000000, 0x80000000, 0x3f
	rr	ror, 0, 0, 0
	rr	ror, 2, 1, 0xffffffffffffffff
	rr	ror, 0xbfffffffffffffff, 0x7fffffffffffffff, 1
	rr	ror, 1, 0x8000000000000000, 0xffffffffffffffff
	rr	ror, 0xdef0123456789abc, 0x123456789abcdef0, 0xfedcba9876543210
	rr	ror, 0xffffffff00000001, 0xffffffff80000000, 0x7fffffff
	rr	ror, 0x7e57f5d5f6f56df7, 0xdeadbeefcafebabe, 0x25
	rr	ror, 0x100000000, 0x80000000, 0x3f
	rr	rolw, 0, 0, 0
	rr	rolw, 0xffffffff80000000, 1, 0xffffffffffffffff
	rr	rolw, 0xffffffffffffffff, 0x7fffffffffffffff, 1
	rr	rolw, 0, 0x8000000000000000, 0xffffffffffffffff
	rr	rolw, 0xffffffffdef09abc, 0x123456789abcdef0, 0xfedcba9876543210
	rr	rolw, 0x40000000, 0xffffffff80000000, 0x7fffffff
	rr	rolw, 0x5fd757d9, 0xdeadbeefcafebabe, 0x25
	rr	rolw, 0x40000000, 0x80000000, 0x3f
	rr	rorw, 0, 0, 0
	rr	rorw, 2, 1, 0xffffffffffffffff
	rr	rorw, 0xffffffffffffffff, 0x7fffffffffffffff, 1
	rr	rorw, 0, 0x8000000000000000, 0xffffffffffffffff
	rr	rorw, 0xffffffffdef09abc, 0x123456789abcdef0, 0xfedcba9876543210
	rr	rorw, 1, 0xffffffff80000000, 0x7fffffff
	rr	rorw, 0xfffffffff657f5d5, 0xdeadbeefcafebabe, 0x25
	rr	rorw, 1, 0x80000000, 0x3f
	rr	bclr, 0, 0, 0
	rr	bclr, 1, 1, 0xffffffffffffffff
	rr	bclr, 0x7ffffffffffffffd, 0x7fffffffffffffff, 1
	rr	bclr, 0, 0x8000000000000000, 0xffffffffffffffff
	rr	bclr, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	bclr, 0x7fffffff80000000, 0xffffffff80000000, 0x7fffffff
	rr	bclr, 0xdeadbecfcafebabe, 0xdeadbeefcafebabe, 0x25
	rr	bclr, 0x80000000, 0x80000000, 0x3f
	rr	bext, 0, 0, 0
	rr	bext, 0, 1, 0xffffffffffffffff
	rr	bext, 1, 0x7fffffffffffffff, 1
	rr	bext, 1, 0x8000000000000000, 0xffffffffffffffff
	rr	bext, 0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	bext, 1, 0xffffffff80000000, 0x7fffffff
	rr	bext, 1, 0xdeadbeefcafebabe, 0x25
	rr	bext, 0, 0x80000000, 0x3f
	rr	binv, 1, 0, 0
	rr	binv, 0x8000000000000001, 1, 0xffffffffffffffff
	rr	binv, 0x7ffffffffffffffd, 0x7fffffffffffffff, 1
	rr	binv, 0, 0x8000000000000000, 0xffffffffffffffff
	rr	binv, 0x123456789abddef0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	binv, 0x7fffffff80000000, 0xffffffff80000000, 0x7fffffff
	rr	binv, 0xdeadbecfcafebabe, 0xdeadbeefcafebabe, 0x25
	rr	binv, 0x8000000080000000, 0x80000000, 0x3f
	rr	bset, 1, 0, 0
	rr	bset, 0x8000000000000001, 1, 0xffffffffffffffff
	rr	bset, 0x7fffffffffffffff, 0x7fffffffffffffff, 1
	rr	bset, 0x8000000000000000, 0x8000000000000000, 0xffffffffffffffff
	rr	bset, 0x123456789abddef0, 0x123456789abcdef0, 0xfedcba9876543210
	rr	bset, 0xffffffff80000000, 0xffffffff80000000, 0x7fffffff
	rr	bset, 0xdeadbeefcafebabe, 0xdeadbeefcafebabe, 0x25
	rr	bset, 0x8000000080000000, 0x80000000, 0x3f
	rr	clmul, 0, 0, 0
	rr	clmul, 0xffffffffffffffff, 1, 0xffffffffffffffff
	rr	clmul, 0x7fffffffffffffff, 0x7fffffffffffffff, 1
	rr	clmul, 0x8000000000000000, 0x8000000000000000, 0xffffffffffffffff
	rr	clmul, 0xa0789828c810f00, 0x123456789abcdef0, 0xfedcba9876543210
	rr	clmul, 0xeaaaaaaa80000000, 0xffffffff80000000, 0x7fffffff
	rr	clmul, 0x71ac98a9bed30786, 0xdeadbeefcafebabe, 0x25
	rr	clmul, 0x1f80000000, 0x80000000, 0x3f
	rr	clmulh, 0, 0, 0
	rr	clmulh, 0, 1, 0xffffffffffffffff
	rr	clmulh, 0, 0x7fffffffffffffff, 1
	rr	clmulh, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	clmulh, 0xe038d8688850b04, 0x123456789abcdef0, 0xfedcba9876543210
	rr	clmulh, 0x2aaaaaaa, 0xffffffff80000000, 0x7fffffff
	rr	clmulh, 0x18, 0xdeadbeefcafebabe, 0x25
	rr	clmulh, 0, 0x80000000, 0x3f
	rr	clmulr, 0, 0, 0
	rr	clmulr, 1, 1, 0xffffffffffffffff
	rr	clmulr, 0, 0x7fffffffffffffff, 1
	rr	clmulr, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
	rr	clmulr, 0x1c071b0d110a1608, 0x123456789abcdef0, 0xfedcba9876543210
	rr	clmulr, 0x55555555, 0xffffffff80000000, 0x7fffffff
	rr	clmulr, 0x30, 0xdeadbeefcafebabe, 0x25
	rr	clmulr, 0, 0x80000000, 0x3f
	ri	slli.uw, 0x9abcdef0, 0x123456789abcdef0, 0
	ri	slli.uw, 0x13579bde0, 0x123456789abcdef0, 1
	ri	slli.uw, 0x4d5e6f7800000000, 0x123456789abcdef0, 31
	ri	slli.uw, 0, 0x123456789abcdef0, 63
	ri	slli.uw, 0x87654321, 0x8fedcba987654321, 0
	ri	slli.uw, 0x10eca8642, 0x8fedcba987654321, 1
	ri	slli.uw, 0x43b2a19080000000, 0x8fedcba987654321, 31
	ri	slli.uw, 0x8000000000000000, 0x8fedcba987654321, 63
	ri	rori, 0x123456789abcdef0, 0x123456789abcdef0, 0
	ri	rori, 0x91a2b3c4d5e6f78, 0x123456789abcdef0, 1
	ri	rori, 0x3579bde02468acf1, 0x123456789abcdef0, 31
	ri	rori, 0x2468acf13579bde0, 0x123456789abcdef0, 63
	ri	rori, 0x8fedcba987654321, 0x8fedcba987654321, 0
	ri	rori, 0xc7f6e5d4c3b2a190, 0x8fedcba987654321, 1
	ri	rori, 0xeca86431fdb9753, 0x8fedcba987654321, 31
	ri	rori, 0x1fdb97530eca8643, 0x8fedcba987654321, 63
	ri	roriw, 0xffffffff9abcdef0, 0x123456789abcdef0, 0
	ri	roriw, 0x4d5e6f78, 0x123456789abcdef0, 1
	ri	roriw, 0xffffffffbde13579, 0x123456789abcdef0, 15
	ri	roriw, 0x3579bde1, 0x123456789abcdef0, 31
	ri	roriw, 0xffffffff87654321, 0x8fedcba987654321, 0
	ri	roriw, 0xffffffffc3b2a190, 0x8fedcba987654321, 1
	ri	roriw, 0xffffffff86430eca, 0x8fedcba987654321, 15
	ri	roriw, 0xeca8643, 0x8fedcba987654321, 31
	ri	bclri, 0x123456789abcdef0, 0x123456789abcdef0, 0
	ri	bclri, 0x123456789abcdef0, 0x123456789abcdef0, 1
	ri	bclri, 0x123456781abcdef0, 0x123456789abcdef0, 31
	ri	bclri, 0x123456789abcdef0, 0x123456789abcdef0, 63
	ri	bclri, 0x8fedcba987654320, 0x8fedcba987654321, 0
	ri	bclri, 0x8fedcba987654321, 0x8fedcba987654321, 1
	ri	bclri, 0x8fedcba907654321, 0x8fedcba987654321, 31
	ri	bclri, 0xfedcba987654321, 0x8fedcba987654321, 63
	ri	bexti, 0, 0x123456789abcdef0, 0
	ri	bexti, 0, 0x123456789abcdef0, 1
	ri	bexti, 1, 0x123456789abcdef0, 31
	ri	bexti, 0, 0x123456789abcdef0, 63
	ri	bexti, 1, 0x8fedcba987654321, 0
	ri	bexti, 0, 0x8fedcba987654321, 1
	ri	bexti, 1, 0x8fedcba987654321, 31
	ri	bexti, 1, 0x8fedcba987654321, 63
	ri	binvi, 0x123456789abcdef1, 0x123456789abcdef0, 0
	ri	binvi, 0x123456789abcdef2, 0x123456789abcdef0, 1
	ri	binvi, 0x123456781abcdef0, 0x123456789abcdef0, 31
	ri	binvi, 0x923456789abcdef0, 0x123456789abcdef0, 63
	ri	binvi, 0x8fedcba987654320, 0x8fedcba987654321, 0
	ri	binvi, 0x8fedcba987654323, 0x8fedcba987654321, 1
	ri	binvi, 0x8fedcba907654321, 0x8fedcba987654321, 31
	ri	binvi, 0xfedcba987654321, 0x8fedcba987654321, 63
	ri	bseti, 0x123456789abcdef1, 0x123456789abcdef0, 0
	ri	bseti, 0x123456789abcdef2, 0x123456789abcdef0, 1
	ri	bseti, 0x123456789abcdef0, 0x123456789abcdef0, 31
	ri	bseti, 0x923456789abcdef0, 0x123456789abcdef0, 63
	ri	bseti, 0x8fedcba987654321, 0x8fedcba987654321, 0
	ri	bseti, 0x8fedcba987654323, 0x8fedcba987654321, 1
	ri	bseti, 0x8fedcba987654321, 0x8fedcba987654321, 31
	ri	bseti, 0x8fedcba987654321, 0x8fedcba987654321, 63
	r1	clz, 0x40, 0
	r1	clz, 0x3f, 1
	r1	clz, 0, 0xffffffffffffffff
	r1	clz, 0, 0x8000000000000000
	r1	clz, 0x18, 0x8000000000
	r1	clz, 0, 0xdeadbeef00ca8080
	r1	clz, 7, 0x123456789abcdef
	r1	ctz, 0x40, 0
	r1	ctz, 0, 1
	r1	ctz, 0, 0xffffffffffffffff
	r1	ctz, 0x3f, 0x8000000000000000
	r1	ctz, 0x27, 0x8000000000
	r1	ctz, 7, 0xdeadbeef00ca8080
	r1	ctz, 0, 0x123456789abcdef
	r1	cpop, 0, 0
	r1	cpop, 1, 1
	r1	cpop, 0x40, 0xffffffffffffffff
	r1	cpop, 1, 0x8000000000000000
	r1	cpop, 1, 0x8000000000
	r1	cpop, 0x1e, 0xdeadbeef00ca8080
	r1	cpop, 0x20, 0x123456789abcdef
	r1	clzw, 0x20, 0
	r1	clzw, 0x1f, 1
	r1	clzw, 0, 0xffffffffffffffff
	r1	clzw, 0x20, 0x8000000000000000
	r1	clzw, 0x20, 0x8000000000
	r1	clzw, 8, 0xdeadbeef00ca8080
	r1	clzw, 0, 0x123456789abcdef
	r1	ctzw, 0x20, 0
	r1	ctzw, 0, 1
	r1	ctzw, 0, 0xffffffffffffffff
	r1	ctzw, 0x20, 0x8000000000000000
	r1	ctzw, 0x20, 0x8000000000
	r1	ctzw, 7, 0xdeadbeef00ca8080
	r1	ctzw, 0, 0x123456789abcdef
	r1	cpopw, 0, 0
	r1	cpopw, 1, 1
	r1	cpopw, 0x20, 0xffffffffffffffff
	r1	cpopw, 0, 0x8000000000000000
	r1	cpopw, 0, 0x8000000000
	r1	cpopw, 6, 0xdeadbeef00ca8080
	r1	cpopw, 0x14, 0x123456789abcdef
	r1	sext.b, 0, 0
	r1	sext.b, 1, 1
	r1	sext.b, 0xffffffffffffffff, 0xffffffffffffffff
	r1	sext.b, 0, 0x8000000000000000
	r1	sext.b, 0, 0x8000000000
	r1	sext.b, 0xffffffffffffff80, 0xdeadbeef00ca8080
	r1	sext.b, 0xffffffffffffffef, 0x123456789abcdef
	r1	sext.h, 0, 0
	r1	sext.h, 1, 1
	r1	sext.h, 0xffffffffffffffff, 0xffffffffffffffff
	r1	sext.h, 0, 0x8000000000000000
	r1	sext.h, 0, 0x8000000000
	r1	sext.h, 0xffffffffffff8080, 0xdeadbeef00ca8080
	r1	sext.h, 0xffffffffffffcdef, 0x123456789abcdef
	r1	zext.h, 0, 0
	r1	zext.h, 1, 1
	r1	zext.h, 0xffff, 0xffffffffffffffff
	r1	zext.h, 0, 0x8000000000000000
	r1	zext.h, 0, 0x8000000000
	r1	zext.h, 0x8080, 0xdeadbeef00ca8080
	r1	zext.h, 0xcdef, 0x123456789abcdef
	r1	orc.b, 0, 0
	r1	orc.b, 0xff, 1
	r1	orc.b, 0xffffffffffffffff, 0xffffffffffffffff
	r1	orc.b, 0xff00000000000000, 0x8000000000000000
	r1	orc.b, 0xff00000000, 0x8000000000
	r1	orc.b, 0xffffffff00ffffff, 0xdeadbeef00ca8080
	r1	orc.b, 0xffffffffffffffff, 0x123456789abcdef
	r1	rev8, 0, 0
	r1	rev8, 0x100000000000000, 1
	r1	rev8, 0xffffffffffffffff, 0xffffffffffffffff
	r1	rev8, 0x80, 0x8000000000000000
	r1	rev8, 0x80000000, 0x8000000000
	r1	rev8, 0x8080ca00efbeadde, 0xdeadbeef00ca8080
	r1	rev8, 0xefcdab8967452301, 0x123456789abcdef
	end
