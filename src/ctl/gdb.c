/* The gdb stub: its socket, its thread and the loop in it.
 *
 * One thread polls three descriptors: the listening socket, the connection, and an eventfd that a guest thread writes
 * when it has an event.  Packets are handled while the guest is stopped; while it runs, only the interrupt byte counts.
 * When gdb goes, the guest runs on and another gdb may come.
 *
 * The descriptors are kept like the emulator's others, out of the guest's sight: the connection always has the same
 * number, which between two of them is a copy of the eventfd.
 *
 * While the guest runs, nothing here allocates, so that a guest's fork needs no care for our heap.
 * Not modelled: following execve (the program goes on without gdb, whose connection closes) and fork;
 * extended-remote; names of hosts (addresses only: the program is linked without a resolver).
 * Threads: gdb_start on the first vCPU's, gdb_tell_exit on the one that ends the process, all else on the stub's.
 * Spec: Debugging with GDB, appendix E.
 */
#include "ctl/gdb.h"
#include "ctl/gdb_stub.h"
#include "base/log.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { RECEIVE_BYTES = 4096 };

static struct gdb_conn conn;
static struct gdb_input input;
static u8 sent[GDB_PACKET_MAX + 4];	/* the last packet, for a repetition */
static u32 sent_len;
static int listen_fd = -1, conn_fd = -1, wake_fd = -1;
static bool connected;
static char *socket_path;		/* to remove at the end, NULL */

/* ---- addresses ---- */

/* HOST:PORT, :PORT or PORT. */
static int parse_address(const char *where, struct sockaddr_in6 *ret, struct error *err)
{
	const char *colon = strrchr(where, ':');
	char host[64] = "0.0.0.0", mapped[80];
	u64 port;

	if (!str_to_u64(colon ? colon + 1 : where, false, &port) || !port || port > 65535)
		return fail(err, EINVAL, "option '-g': '%s' has no port number", where);
	if (colon && colon > where) {
		bool brackets = where[0] == '[' && colon[-1] == ']';
		size_t len = (size_t)(colon - where) - (brackets ? 2 : 0);

		if (len >= sizeof host)
			len = 0;
		memcpy(host, where + brackets, len);
		host[len] = 0;
		if (!strcmp(host, "localhost"))
			snprintf(host, sizeof host, "127.0.0.1");
	}
	*ret = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons((u16)port) };
	snprintf(mapped, sizeof mapped, "::ffff:%s", host);
	if (inet_pton(AF_INET6, host, &ret->sin6_addr) != 1 && inet_pton(AF_INET6, mapped, &ret->sin6_addr) != 1)
		return fail(err, EINVAL, "option '-g': '%s' is not an address", host);
	return 0;
}

/* An IPv4 address is bound as one, as there may be no IPv6 in the host's kernel. */
static int listen_tcp(const char *where, struct error *err)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four = { .sin_family = AF_INET };
	int r = parse_address(where, &six, err), fd, one = 1;
	bool is_four;

	if (r < 0)
		return r;
	is_four = IN6_IS_ADDR_V4MAPPED(&six.sin6_addr);
	four.sin_port = six.sin6_port;
	memcpy(&four.sin_addr, &six.sin6_addr.s6_addr[12], sizeof four.sin_addr);
	fd = socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(err, errno, "option '-g': cannot make a socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, is_four ? (void *)&four : (void *)&six, is_four ? sizeof four : sizeof six) < 0 ||
	    listen(fd, 1) < 0) {
		r = fail(err, errno, "option '-g': cannot listen on '%s': %s", where, strerror(errno));
		close(fd);
		return r;
	}
	return fd;
}

/* A path whose %d is the process id; a socket that is there already is replaced. */
static int listen_unix(const char *where, struct error *err)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const char *d = strstr(where, "%d");
	struct stat st;
	int fd, r;

	socket_path = d ? xasprintf("%.*s%d%s", (int)(d - where), where, (int)getpid(), d + 2) : xstrdup(where);
	if (strlen(socket_path) >= sizeof un.sun_path)
		return fail(err, ENAMETOOLONG, "option '-g': the path '%s' is too long for a socket", socket_path);
	memcpy(un.sun_path, socket_path, strlen(socket_path) + 1);
	if (lstat(socket_path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(socket_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && bind(fd, (void *)&un, sizeof un) == 0 && listen(fd, 1) == 0)
		return fd;
	r = fail(err, errno, "option '-g': cannot listen on '%s': %s", socket_path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return r;
}

/* ---- sending ---- */

static void send_all(const u8 *buf, u32 len)
{
	while (len) {
		ssize_t n = send(conn_fd, buf, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;	/* the next poll tells that the connection is gone */
		buf += n;
		len -= (u32)n;
	}
}

static void send_reply(const struct gdb_reply *r)
{
	sent_len = gdb_frame(r, sent);
	send_all(sent, sent_len);
}

static void send_stop(void)
{
	conn.running = false;
	conn.reply.len = 0;
	conn.reply.cut = false;
	gdb_stop_reply(&conn);
	send_reply(&conn.reply);
}

void gdb_tell_exit(bool killed, int status)
{
	static struct gdb_reply r;	/* stops' lock is held, and this happens once */

	if (connected && !conn.closing) {
		gdb_put(&r, "%c%02x", killed ? 'X' : 'W', killed ? gdb_signal(status) : (u32)status & 0xff);
		if (conn.multiprocess)
			gdb_put(&r, ";process:%x", debug_machine->process_id());
		send_reply(&r);
	}
	if (socket_path)
		unlink(socket_path);
}

void gdb_forked(void)
{
	close(listen_fd);
	close(conn_fd);
	close(wake_fd);
}

/* ---- the connection ---- */

static void disconnect(void)
{
	if (!connected)
		return;
	stop_detach(conn.accel);
	gdb_conn_end(&conn);
	connected = false;
	shutdown(conn_fd, SHUT_RDWR);
	dup3(wake_fd, conn_fd, O_CLOEXEC);
}

/* 0, or -errno when nobody came. */
static int take_connection(void)
{
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC), one = 1;

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);	/* fails on a Unix socket */
	dup3(fd, conn_fd, O_CLOEXEC);
	close(fd);
	memset(&input, 0, sizeof input);
	connected = true;
	return 0;
}

static void end_process(void)
{
	if (socket_path)
		unlink(socket_path);
	debug_machine->kill();
}

static void on_packet(void)
{
	if (conn.running)
		return;	/* gdb is not to send one now */
	if (!conn.no_ack)
		send_all((const u8 *)"+", 1);
	if (gdb_command(&conn, input.buf, input.len))
		send_reply(&conn.reply);
	if (conn.killing)
		end_process();
	if (conn.closing)
		disconnect();
}

static void on_byte(u8 byte)
{
	switch (gdb_input_byte(&input, byte)) {
	case GDB_MORE:
		break;
	case GDB_PACKET:
		on_packet();
		break;
	case GDB_BAD:
		if (!conn.no_ack)
			send_all((const u8 *)"-", 1);
		break;
	case GDB_INTERRUPT:
		if (conn.running && stop_request(&conn.event))
			send_stop();
		break;
	case GDB_NACK:
		if (!conn.no_ack)
			send_all(sent, sent_len);
		break;
	}
}

static void on_input(void)
{
	u8 buf[RECEIVE_BYTES];
	ssize_t n = recv(conn_fd, buf, sizeof buf, 0);

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0)
		disconnect();
	for (ssize_t i = 0; i < n && connected; i++)
		on_byte(buf[i]);
}

static void on_wake(void)
{
	u64 count;
	ssize_t n = read(wake_fd, &count, sizeof count);

	(void)n;
	if (connected && stop_take_event(&conn.event))
		send_stop();
}

static void on_visitor(void)
{
	if (connected || take_connection() < 0)
		return;
	stop_attach(NULL, true);
	gdb_conn_begin(&conn, conn.target, conn.accel);
	conn.came_late = true;
}

static void *stub_main(void *arg)
{
	for (;;) {
		struct pollfd p[3] = {
			{ wake_fd, POLLIN, 0 },
			{ connected ? conn_fd : -1, POLLIN, 0 },
			{ connected ? -1 : listen_fd, POLLIN, 0 },
		};

		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			panic("gdb stub: poll: %s", strerror(errno));
		if (p[0].revents)
			on_wake();
		if (p[1].revents)
			on_input();
		if (p[2].revents)
			on_visitor();
	}
	return NULL;
}

/* ---- start ---- */

/* Signals are the guest's threads'; faults of our accesses to its memory stay ours. */
static int start_thread(struct error *err)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t most, old;
	int r;

	sigfillset(&most);
	sigdelset(&most, SIGSEGV);
	sigdelset(&most, SIGBUS);
	pthread_sigmask(SIG_SETMASK, &most, &old);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	r = pthread_create(&thread, &attr, stub_main, NULL);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r ? fail(err, r, "option '-g': cannot start a thread: %s", strerror(r)) : 0;
}

static int keep(int fd, int *ret)
{
	if (fd < 0)
		return -errno;
	*ret = debug_machine->keep_fd(fd);
	return 0;
}

/* "WHERE,suspend=n": the part before the comma, heap. */
static char *split_options(const char *where, bool *ret_suspend, struct error *err)
{
	const char *comma = strchr(where, ',');

	*ret_suspend = true;
	if (!comma)
		return xstrdup(where);
	if (!strcmp(comma, ",suspend=n"))
		*ret_suspend = false;
	else if (strcmp(comma, ",suspend=y") != 0) {
		fail(err, EINVAL, "option '-g': '%s' is not understood; there is ,suspend=n", comma);
		return NULL;
	}
	return xasprintf("%.*s", (int)(comma - where), where);
}

int gdb_start(const char *where, struct vcpu *cpu, struct error *err)
{
	AUTO_FREE char *address = NULL;
	bool suspend;
	int fd, r;

	assert(debug_machine);
	if (!cpu->target->gdb_count)
		return fail(err, ENOTSUP, "option '-g': gdb's registers of %s are not described", cpu->target->name);
	address = split_options(where, &suspend, err);
	if (!address)
		return -err->code;
	fd = strchr(address, '/') ? listen_unix(address, err) : listen_tcp(address, err);
	if (fd < 0)
		return fd;
	r = keep(fd, &listen_fd);
	if (r == 0)
		r = keep(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), &wake_fd);
	if (r == 0)
		r = keep(fcntl(wake_fd, F_DUPFD_CLOEXEC, 0), &conn_fd);
	if (r < 0)
		return fail(err, -r, "option '-g': %s", strerror(-r));
	stop_init(wake_fd);
	gdb_target_xml(cpu->target);
	conn.target = cpu->target;
	conn.accel = cpu->accel;
	if (suspend) {
		do
			r = take_connection();
		while (r == -EINTR || r == -ECONNABORTED);
		if (r < 0)
			return fail(err, -r, "option '-g': waiting for gdb: %s", strerror(-r));
		stop_attach(cpu, false);
		gdb_conn_begin(&conn, conn.target, conn.accel);
	}
	return start_thread(err);
}
