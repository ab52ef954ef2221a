/* The gdb stub: `-g`.
 *
 * Interface: gdb_start, once, on the first vCPU's thread before it runs; debug_machine
 * (cpu/debug.h) is set by then.
 */
#ifndef CTL_GDB_H
#define CTL_GDB_H

#include "base/error.h"

struct vcpu;

/* Listen at `where`: PORT (all addresses, as QEMU), HOST:PORT, or a path with a slash, in which
 * %d becomes the process id.  ",suspend=n" behind it lets the program run until gdb comes; else
 * wait for gdb, and hold cpu before its first instruction.  Starts the stub's thread and sets
 * cpu_debug.  0 or -errno with err filled. */
int gdb_start(const char *where, struct vcpu *cpu, struct error *err) MUST_CHECK;

#endif
