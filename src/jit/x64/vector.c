/* Vectors of 128 bits. */
#include "jit/x64/x64.h"

void x64_vector(struct x64 *e)
{
	panic("vectors: operation %u is not translated yet", e->t->ins[e->i].op);
}
