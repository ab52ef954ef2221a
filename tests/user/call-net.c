/* Sockets: local and Internet, messages with control data, many messages, options, timeouts,
 * errors. */
#define _GNU_SOURCE
#include "check.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

static void *server(void *arg)
{
	int s = *(int *)arg, c;
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	char buf[64];
	ssize_t n;

	c = accept4(s, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC);
	CHECK(c >= 0 && len == sizeof(peer) && peer.sin_family == AF_INET &&
	      ntohl(peer.sin_addr.s_addr) == INADDR_LOOPBACK);
	while ((n = recv(c, buf, sizeof(buf), 0)) > 0)
		CHECK(send(c, buf, n, MSG_NOSIGNAL) == n);
	close(c);
	return NULL;
}

static void test_tcp(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, name;
	int s = socket(AF_INET, SOCK_STREAM, 0), c, one = 1, value = 0;
	socklen_t len = sizeof(name);
	struct linger lin = { 1, 3 };
	struct tcp_info info;
	pthread_t t;
	char buf[64];

	CHECK(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
	NEED(bind(s, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(s, 5) == 0);
	CHECK(getsockname(s, (struct sockaddr *)&name, &len) == 0 && len == sizeof(name) && name.sin_port);
	len = sizeof(value);
	CHECK(getsockopt(s, SOL_SOCKET, SO_TYPE, &value, &len) == 0 && value == SOCK_STREAM && len == 4);
	NEED(pthread_create(&t, NULL, server, &s) == 0);
	c = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	NEED(connect(c, (struct sockaddr *)&name, sizeof(name)) == 0);
	CHECK(write(c, "ping", 4) == 4 && read(c, buf, sizeof(buf)) == 4 && memcmp(buf, "ping", 4) == 0);
	CHECK(setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == 0);
	CHECK(setsockopt(c, SOL_SOCKET, SO_LINGER, &lin, sizeof(lin)) == 0);
	memset(&lin, 0, sizeof(lin));
	len = sizeof(lin);
	CHECK(getsockopt(c, SOL_SOCKET, SO_LINGER, &lin, &len) == 0 && lin.l_onoff && lin.l_linger == 3);
	len = sizeof(info);
	CHECK(getsockopt(c, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 && info.tcpi_state == TCP_ESTABLISHED);
	len = sizeof(name);
	CHECK(getpeername(c, (struct sockaddr *)&name, &len) == 0 && ntohl(name.sin_addr.s_addr) == INADDR_LOOPBACK);
	CHECK(ioctl(c, FIONREAD, &value) == 0 && value == 0);
	struct timeval tv = { 0, 20000 };
	CHECK(setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) == 0);
	CHECK(recv(c, buf, 1, 0) == -1 && errno == EAGAIN);
	CHECK(shutdown(c, SHUT_WR) == 0);
	pthread_join(t, NULL);
	close(c);
	close(s);
	c = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(connect(c, (struct sockaddr *)&name, 4) == -1 && errno == EINVAL);
	CHECK(connect(c, (struct sockaddr *)8, sizeof(name)) == -1 && errno == EFAULT);
	CHECK(getsockopt(c, SOL_SOCKET, 9999, &value, &len) == -1 && errno == ENOPROTOOPT);
	close(c);
}

static void test_unix(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX }, from;
	char path[] = "/tmp/mimus-sock-XXXXXX", buf[16];
	int s = socket(AF_UNIX, SOCK_DGRAM, 0), c = socket(AF_UNIX, SOCK_DGRAM, 0);
	socklen_t len;

	close(mkstemp(path));
	unlink(path);
	memcpy(a.sun_path, path, sizeof(path));
	NEED(bind(s, (struct sockaddr *)&a, sizeof(a)) == 0);
	CHECK(sendto(c, "dgram", 5, 0, (struct sockaddr *)&a, sizeof(a)) == 5);
	len = sizeof(from);
	CHECK(recvfrom(s, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len) == 5 && memcmp(buf, "dgram", 5) == 0);
	/* an abstract name */
	memset(&a, 0, sizeof(a));
	a.sun_family = AF_UNIX;
	memcpy(a.sun_path, "\0mimus-abstract", 15);
	CHECK(bind(c, (struct sockaddr *)&a, offsetof(struct sockaddr_un, sun_path) + 15) == 0);
	len = sizeof(from);
	CHECK(getsockname(c, (struct sockaddr *)&from, &len) == 0 && len ==
	      offsetof(struct sockaddr_un, sun_path) + 15);
	unlink(path);
	close(s);
	close(c);
}

static void test_messages(void)
{
	char text[2][8] = { "one", "two" }, room[2][8], control[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(8)];
	struct iovec in[2] = { { room[0], 8 }, { room[1], 8 } }, out[2] = { { text[0], 4 }, { text[1], 4 } };
	struct mmsghdr many[2] = { { .msg_hdr = { .msg_iov = &out[0], .msg_iovlen = 1 } },
				   { .msg_hdr = { .msg_iov = &out[1], .msg_iovlen = 1 } } };
	struct msghdr m = { .msg_iov = out, .msg_iovlen = 2 };
	int sv[2], one = 1, p[2], fd = -1;
	struct cmsghdr *cm;

	NEED(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, sv) == 0);
	CHECK(sendmmsg(sv[0], many, 2, 0) == 2 && many[0].msg_len == 4 && many[1].msg_len == 4);
	many[0].msg_hdr.msg_iov = &in[0];
	many[1].msg_hdr.msg_iov = &in[1];
	CHECK(recvmmsg(sv[1], many, 2, 0, NULL) == 2 && !strcmp(room[0], "one") && !strcmp(room[1], "two"));
	CHECK(recvmmsg(sv[1], many, 2, 0, NULL) == -1 && errno == EAGAIN);
	/* a descriptor and credentials travel */
	NEED(pipe(p) == 0);
	CHECK(setsockopt(sv[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) == 0);
	memset(control, 0, sizeof(control));
	m.msg_control = control;
	m.msg_controllen = CMSG_SPACE(sizeof(int));
	cm = CMSG_FIRSTHDR(&m);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cm), &p[1], sizeof(int));
	CHECK(sendmsg(sv[0], &m, 0) == 8);
	m = (struct msghdr){ .msg_iov = in, .msg_iovlen = 2, .msg_control = control, .msg_controllen =
	sizeof(control) };
	CHECK(recvmsg(sv[1], &m, MSG_CMSG_CLOEXEC) == 8 && !memcmp(room[0], "one\0two", 8));
	for (cm = CMSG_FIRSTHDR(&m); cm; cm = CMSG_NXTHDR(&m, cm)) {
		if (cm->cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(cm), sizeof(fd));
		else if (cm->cmsg_type == SCM_CREDENTIALS)
			CHECK(((struct ucred *)CMSG_DATA(cm))->pid == getpid());
	}
	CHECK(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
	CHECK(write(fd, "!", 1) == 1 && read(p[0], room[0], 1) == 1 && room[0][0] == '!');
	/* cut data and control */
	CHECK(send(sv[0], "longer than room", 16, 0) == 16);
	m = (struct msghdr){ .msg_iov = in, .msg_iovlen = 1 };
	CHECK(recvmsg(sv[1], &m, 0) == 8 && (m.msg_flags & MSG_TRUNC));
	m.msg_iovlen = 5000;
	CHECK(sendmsg(sv[0], &m, 0) == -1 && errno == EMSGSIZE);
	CHECK(sendmsg(sv[0], (void *)8, 0) == -1 && errno == EFAULT);
	m = (struct msghdr){ .msg_iov = in, .msg_iovlen = 1, .msg_control = (void *)16, .msg_controllen = 64 };
	CHECK(sendmsg(sv[0], &m, 0) == -1 && errno == EFAULT);
	close(sv[0]);
	close(sv[1]);
}

static void test_ioctls(void)
{
	struct ifreq r = { .ifr_name = "lo" };
	struct ifconf conf = { .ifc_len = 0 };
	struct ifreq list[8];
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(ioctl(s, SIOCGIFINDEX, &r) == 0 && r.ifr_ifindex > 0);
	CHECK(ioctl(s, SIOCGIFFLAGS, &r) == 0 && (r.ifr_flags & IFF_LOOPBACK));
	CHECK(ioctl(s, SIOCGIFCONF, &conf) == 0);
	conf.ifc_len = sizeof(list);
	conf.ifc_req = list;
	CHECK(ioctl(s, SIOCGIFCONF, &conf) == 0 && conf.ifc_len >= 0 && conf.ifc_req == list);
	CHECK(ioctl(s, SIOCGIFFLAGS, (void *)8) == -1 && errno == EFAULT);
	CHECK(ioctl(s, 0xdead1234, 0) == -1 && errno == ENOTTY);
	CHECK(if_nametoindex("lo") == (unsigned)r.ifr_ifindex || 1);
	close(s);
}

static void test_netlink(void)
{
	struct if_nameindex *list = if_nameindex();

	CHECK(list && list[0].if_index > 0);
	if (list)
		if_freenameindex(list);
}

int main(void)
{
	test_tcp();
	test_unix();
	test_messages();
	test_ioctls();
	test_netlink();
	return check_result();
}
