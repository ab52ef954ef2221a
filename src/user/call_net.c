/* System calls on sockets that the generic pass cannot do: message headers, and options with
 * pointers inside.
 *
 * A message header is copied and checked, its vector converted, names and control data used in
 * place; after a receive the lengths and flags go back. Control data has the same records on all
 * 64-bit ABIs.
 *
 * Not modelled: control data of 32-bit guests (named in the log); options that hold addresses
 * (TCP_ZEROCOPY_RECEIVE, netfilter tables) under a guest_base other than 0.
 * Threads: the task's own. Spec: sendmsg(2), recvmmsg(2), socket(7), signal(7).
 */
#include "user/syscall.h"
#include <limits.h>
#include <linux/filter.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { MESSAGES_MAX = 1024, ADDRESS_MAX = 128 };

i64 call_restart_fd(int fd, i64 r, bool sending)
{
	struct timeval timeout = { 0 };
	socklen_t len = sizeof(timeout);

	if (likely(r != -EINTR && r != -CALL_RESTART))
		return r;
	if (host_syscall(SYS_getsockopt, (u64)fd, SOL_SOCKET, sending ? SO_SNDTIMEO : SO_RCVTIMEO,
			 (uintptr_t)&timeout, (uintptr_t)&len, 0) == 0 && (timeout.tv_sec || timeout.tv_usec))
		return call_eintr(r);
	return call_restart(r);
}

struct message {
	struct msghdr host;
	gva va;			/* of the guest's header */
	gva name, iov, control;
};

/* Read the header at va and make it the host's. */
static i64 message_read(struct scratch *s, gva va, struct message *m)
{
	struct iovec *iov;
	u64 name, control;
	i64 r;

	m->va = va;
	if (layout_read(layout_of("msghdr"), &m->host, va))
		return -EFAULT;
	m->name = (uintptr_t)m->host.msg_name;
	m->iov = (uintptr_t)m->host.msg_iov;
	m->control = (uintptr_t)m->host.msg_control;
	if ((i32)m->host.msg_namelen < 0)
		return -EINVAL;
	if (m->host.msg_controllen > INT_MAX)
		return -ENOBUFS;
	if (m->host.msg_iovlen > MESSAGES_MAX)
		return -EMSGSIZE;
	if (abi_is_32(guest_abi()) && m->host.msg_controllen) {
		call_missing("control data of a 32-bit guest", 0);
		return -EINVAL;
	}
	if (!host_range(m->name, m->name ? min_u64(m->host.msg_namelen, ADDRESS_MAX) : 0, &name) ||
	    !host_range(m->control, m->control ? m->host.msg_controllen : 0, &control))
		return -EFAULT;
	r = iovec_read(s, m->iov, m->host.msg_iovlen, &iov);
	m->host.msg_name = (void *)(uintptr_t)name;
	m->host.msg_control = (void *)(uintptr_t)control;
	m->host.msg_iov = iov;
	return r;
}

/* Give the guest what a receive changed. */
static i64 message_write(struct message *m)
{
	m->host.msg_name = (void *)(uintptr_t)m->name;
	m->host.msg_iov = (void *)(uintptr_t)m->iov;
	m->host.msg_control = (void *)(uintptr_t)m->control;
	return layout_write(layout_of("msghdr"), m->va, &m->host);
}

static i64 one_message(struct call *c, long nr, bool receive)
{
	struct scratch s;
	struct message m;
	i64 r;

	if (fd_is_ours((int)c->arg[0]))
		return -EBADF;
	scratch_init(&s);
	r = message_read(&s, c->arg[1], &m);
	if (r == 0) {
		r = host_call(nr, c->arg[0], (uintptr_t)&m.host, c->arg[2], 0, 0, 0);
		r = call_restart_fd((int)c->arg[0], r, !receive);
	}
	if (r >= 0 && receive && message_write(&m))
		r = -EFAULT;
	scratch_free(&s);
	return r;
}

i64 call_sendmsg(struct call *c) { return one_message(c, SYS_sendmsg, false); }
i64 call_recvmsg(struct call *c) { return one_message(c, SYS_recvmsg, true); }

/* Many messages: all converted first, as the kernel would stop at the first bad one we stop there
 * too and do the ones before it. */
static i64 many_messages(struct call *c, long nr, bool receive, u64 timeout)
{
	const struct layout *l = layout_of("mmsghdr");
	u32 count = (u32)min_u64((u32)c->arg[2], MESSAGES_MAX), good;
	struct mmsghdr *host;
	struct message *m;
	struct scratch s;
	i64 r = 0;

	if (fd_is_ours((int)c->arg[0]))
		return -EBADF;
	scratch_init(&s);
	m = scratch_get(&s, (u64)count * sizeof(*m));
	host = scratch_get(&s, (u64)count * sizeof(*host));
	if (!m || !host) {
		scratch_free(&s);
		return -ENOMEM;
	}
	for (good = 0; good < count && r == 0; good++) {
		r = message_read(&s, c->arg[1] + (u64)good * l->guest_size, &m[good]);
		if (r)
			break;
		host[good].msg_hdr = m[good].host;
		host[good].msg_len = 0;
	}
	if (good || !r) {
		r = host_call(nr, c->arg[0], (uintptr_t)host, good, c->arg[3], timeout, 0);
		r = call_restart_fd((int)c->arg[0], r, !receive);
	}
	for (i64 i = 0; i < r; i++) {
		/* the length is the last member: 4 bytes behind the header */
		u64 at = m[i].va + layout_of("msghdr")->guest_size;

		m[i].host = host[i].msg_hdr;
		if ((receive && message_write(&m[i])) || guest_write(at, &host[i].msg_len, 4))
			r = i ? i : -EFAULT;
	}
	scratch_free(&s);
	return r;
}

i64 call_sendmmsg(struct call *c) { return many_messages(c, SYS_sendmmsg, false, 0); }

i64 call_recvmmsg(struct call *c)
{
	u64 timeout;

	if (abi_is_32(guest_abi()) && c->arg[4]) {
		call_missing("recvmmsg timeout of a 32-bit guest", 0);
		return -EINVAL;
	}
	if (!host_range(c->arg[4], c->arg[4] ? sizeof(struct timespec) : 0, &timeout))
		return -EFAULT;
	return many_messages(c, SYS_recvmmsg, true, timeout);
}

/* The option's value is a filter program behind a pointer? */
static bool is_filter(u32 level, u32 option)
{
	return level == SOL_SOCKET && (option == SO_ATTACH_FILTER || option == SO_ATTACH_REUSEPORT_CBPF);
}

i64 call_setsockopt(struct call *c)
{
	struct { u16 len; u64 filter; } prog = { 0 };
	u32 len = (u32)c->arg[4];
	u64 value, filter;

	if (fd_is_ours((int)c->arg[0]))
		return -EBADF;
	if ((i32)len < 0)
		return -EINVAL;
	if (is_filter((u32)c->arg[1], (u32)c->arg[2]) && !guest_is_host()) {
		const struct layout *l = layout_of("sock_fprog");

		if (len != l->guest_size)
			return -EINVAL;
		if (layout_read(l, &prog, c->arg[3]) ||
		    !host_range(prog.filter, (u64)prog.len * sizeof(struct sock_filter), &filter))
			return -EFAULT;
		prog.filter = filter;
		value = (uintptr_t)&prog;
		len = sizeof(prog);
	} else if (!host_range(c->arg[3], c->arg[3] ? len : 0, &value)) {
		return -EFAULT;
	}
	return host_syscall(SYS_setsockopt, c->arg[0], c->arg[1], c->arg[2], value, len, 0);
}
