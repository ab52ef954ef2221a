/* What the files of the gdb stub share: the connection and the packets' functions.
 *
 *   gdb.c           socket, thread, loop, stop replies
 *   gdb_packet.c    envelope and words
 *   gdb_command.c   packets but those of q, Q, vFile
 *   gdb_query.c     q and Q: features, threads, transfers
 *   gdb_regs.c      registers, target description
 *   gdb_file.c      vFile
 *   gdb_stop.c      holding vCPUs
 *
 * The stub's thread alone; no lock is held between packets.
 */
#ifndef CTL_GDB_STUB_H
#define CTL_GDB_STUB_H

#include "ctl/gdb_packet.h"
#include "ctl/gdb_stop.h"
#include "cpu/debug.h"
#include "cpu/target.h"

enum { GDB_THREADS_MAX = 4096, GDB_FILES_MAX = 16 };

struct gdb_conn {
	const struct target *target;
	const struct accel *accel;
	u32 tid_g, tid_c;	/* of Hg; of Hc, 0 = all */
	bool no_ack, multiprocess, swbreak, no_resumed;	/* agreed on */
	bool came_late;		/* attached to a running program */
	bool running;		/* a stop reply is owed */
	bool closing, killing;	/* after the reply: drop the connection; end the process */
	struct stop_event event;	/* last one told */
	u32 listed, thread_count;	/* qfThreadInfo, qsThreadInfo */
	u32 threads[GDB_THREADS_MAX];
	int files[GDB_FILES_MAX];	/* descriptor + 1, 0 = free */
	struct gdb_reply reply;
	u8 data[GDB_PACKET_MAX];	/* of a memory packet */
};

/* A new connection's state; gdb_conn_end closes its files. */
void gdb_conn_begin(struct gdb_conn *g, const struct target *target, const struct accel *accel);
void gdb_conn_end(struct gdb_conn *g);

/* Handle one packet: true when g->reply is to be sent now. */
bool gdb_command(struct gdb_conn *g, const u8 *packet, u32 len);

/* Each fills g->reply, or leaves it empty for "not supported". */
void gdb_query(struct gdb_conn *g, struct gdb_args *a);
void gdb_set(struct gdb_conn *g, struct gdb_args *a);
void gdb_file(struct gdb_conn *g, struct gdb_args *a);
void gdb_stop_reply(struct gdb_conn *g);
void gdb_thread_id(struct gdb_conn *g, u32 tid);
/* qXfer's answer: the part at offset of an object of size bytes. */
void gdb_xfer_part(struct gdb_conn *g, const void *object, u64 size, u64 offset, u64 len);

void gdb_ok(struct gdb_conn *g);
void gdb_error(struct gdb_conn *g, int number);
/* Is there such a thread? */
bool gdb_thread_exists(u32 tid);
/* The thread to use for a word of gdb's: ~0 and 0 mean the current one; 0 when there is none such. */
u32 gdb_thread_choose(struct gdb_conn *g, u64 pid, u64 tid);

/* ---- gdb_regs.c ---- */
const char *gdb_target_xml(const struct target *target);	/* made once, kept */
bool gdb_regs_read_all(struct gdb_conn *g, u32 tid);	/* into the reply */
bool gdb_regs_write_all(struct gdb_conn *g, u32 tid, struct gdb_args *a);
bool gdb_reg_read(struct gdb_conn *g, u32 tid, u64 number);	/* appended to the reply */
bool gdb_reg_write(struct gdb_conn *g, u32 tid, u64 number, struct gdb_args *a);

/* Signals: gdb's numbers and Linux's.  0 for none. */
u32 gdb_signal(int linux_sig);
int gdb_signal_to_linux(u64 number);

#endif
