/* The frame itself: registers keep what was put in, the rest is 0.
 *
 * a0 = 5
 * t6 = -1
 * ra = 0x123456789abcdef0
 * s3 = 0
 * fa0 = 0x3ff0000000000000
 * ft11 = 0xffffffff40000000
 * fcsr = 0xe1
 */
#include "frame.h"

	BEGIN
	li a0, 5
	li t6, -1
	li ra, 0x123456789abcdef0
	li t0, 0x3ff0000000000000
	fmv.d.x fa0, t0
	li t0, 0x40000000
	fmv.w.x ft11, t0
	li t0, 0xe1
	csrw fcsr, t0
	END
