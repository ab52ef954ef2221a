/* What vcpu.c tells the exclusive section.  Private to cpu/. */
#ifndef CPU_EXCLUSIVE_H
#define CPU_EXCLUSIVE_H

/* A vCPU left the list: look again at who is still running.  Any thread, no lock held. */
void exclusive_recount(void);
/* In the child of fork: only this thread is left, in or out of a section. */
void exclusive_after_fork(void);

#endif
