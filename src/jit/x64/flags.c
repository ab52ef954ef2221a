/* Condition flags: the operations of FLAGS values. */
#include "jit/x64/x64.h"

void x64_flags(struct x64 *e)
{
	panic("flags: operation %u is not translated yet", e->t->ins[e->i].op);
}
