/* Names of constants for -strace: sets of flags, commands and error numbers.
 *
 * A set is a list of lines value/name under the name that syscalls.def uses. A set is either
 * flags (all lines whose bits are in the value, the rest in hexadecimal) or an enumeration.
 * Values are the host's; flags that differ by ABI (O_*) are converted before they get here.
 *
 * Const data, any thread. Spec: the headers included.
 */
#include "user/syscall.h"
#include "base/str.h"
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <linux/memfd.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define V(x) { x, #x }

struct constant { u64 value; const char *name; };

static const struct constant set_O[] = {
	V(O_WRONLY), V(O_RDWR), V(O_CREAT), V(O_EXCL), V(O_NOCTTY), V(O_TRUNC), V(O_APPEND),
	V(O_NONBLOCK), V(O_TMPFILE), V(O_SYNC), V(O_DSYNC), V(O_ASYNC), V(O_DIRECT),
	{ 0x8000, "O_LARGEFILE" }, V(O_DIRECTORY), V(O_NOFOLLOW), V(O_NOATIME), V(O_CLOEXEC),
	V(O_PATH),
};
static const struct constant set_PROT[] = {
	V(PROT_READ), V(PROT_WRITE), V(PROT_EXEC), V(PROT_GROWSDOWN), V(PROT_GROWSUP),
};
static const struct constant set_MAP[] = {
	V(MAP_SHARED_VALIDATE), V(MAP_SHARED), V(MAP_PRIVATE), V(MAP_FIXED), V(MAP_ANONYMOUS),
	V(MAP_GROWSDOWN), V(MAP_LOCKED), V(MAP_NORESERVE), V(MAP_POPULATE), V(MAP_NONBLOCK),
	V(MAP_STACK), V(MAP_HUGETLB), V(MAP_SYNC), V(MAP_FIXED_NOREPLACE),
	{ 0x800, "MAP_DENYWRITE" },
};
static const struct constant set_MREMAP[] = {
	V(MREMAP_MAYMOVE), V(MREMAP_FIXED), V(MREMAP_DONTUNMAP),
};
static const struct constant set_MS_SYNC[] = {
	V(MS_ASYNC), V(MS_INVALIDATE), V(MS_SYNC),
};
static const struct constant set_AT[] = {
	V(AT_SYMLINK_NOFOLLOW), { 0x200, "AT_REMOVEDIR" }, V(AT_SYMLINK_FOLLOW),
	V(AT_NO_AUTOMOUNT), V(AT_EMPTY_PATH), { 0x2000, "AT_STATX_FORCE_SYNC" },
	{ 0x4000, "AT_STATX_DONT_SYNC" }, { 0x8000, "AT_RECURSIVE" },
};
static const struct constant set_ACCESS[] = {
	V(R_OK), V(W_OK), V(X_OK),
};
static const struct constant set_CLONE[] = {
	V(CLONE_VM), V(CLONE_FS), V(CLONE_FILES), V(CLONE_SIGHAND), V(CLONE_PIDFD),
	V(CLONE_PTRACE), V(CLONE_VFORK), V(CLONE_PARENT), V(CLONE_THREAD), V(CLONE_NEWNS),
	V(CLONE_SYSVSEM), V(CLONE_SETTLS), V(CLONE_PARENT_SETTID), V(CLONE_CHILD_CLEARTID),
	V(CLONE_DETACHED), V(CLONE_UNTRACED), V(CLONE_CHILD_SETTID), V(CLONE_NEWCGROUP),
	V(CLONE_NEWUTS), V(CLONE_NEWIPC), V(CLONE_NEWUSER), V(CLONE_NEWPID), V(CLONE_NEWNET),
	V(CLONE_IO),
};
static const struct constant set_SOCK[] = {
	V(SOCK_CLOEXEC), V(SOCK_NONBLOCK), V(SOCK_STREAM), V(SOCK_DGRAM),
};
static const struct constant set_MSG[] = {
	V(MSG_OOB), V(MSG_PEEK), V(MSG_DONTROUTE), V(MSG_CTRUNC), V(MSG_TRUNC), V(MSG_DONTWAIT),
	V(MSG_EOR), V(MSG_WAITALL), V(MSG_CONFIRM), V(MSG_ERRQUEUE), V(MSG_NOSIGNAL), V(MSG_MORE),
	V(MSG_WAITFORONE), V(MSG_FASTOPEN), V(MSG_CMSG_CLOEXEC),
};
static const struct constant set_MFD[] = {
	V(MFD_CLOEXEC), V(MFD_ALLOW_SEALING), V(MFD_HUGETLB), { 8, "MFD_NOEXEC_SEAL" },
	{ 16, "MFD_EXEC" },
};
static const struct constant set_GRND[] = {
	V(GRND_NONBLOCK), V(GRND_RANDOM), { 4, "GRND_INSECURE" },
};
static const struct constant set_WAIT[] = {
	V(WNOHANG), V(WUNTRACED), V(WEXITED), V(WCONTINUED), V(WNOWAIT),
	{ 0x20000000, "__WNOTHREAD" }, { 0x40000000, "__WALL" }, { 0x80000000, "__WCLONE" },
};
static const struct constant set_IN[] = {
	V(IN_ACCESS), V(IN_MODIFY), V(IN_ATTRIB), V(IN_CLOSE_WRITE), V(IN_CLOSE_NOWRITE),
	V(IN_OPEN), V(IN_MOVED_FROM), V(IN_MOVED_TO), V(IN_CREATE), V(IN_DELETE),
	V(IN_DELETE_SELF), V(IN_MOVE_SELF), V(IN_ONLYDIR), V(IN_DONT_FOLLOW), V(IN_MASK_ADD),
	V(IN_ONESHOT),
};
static const struct constant set_RENAME[] = {
	{ 1, "RENAME_NOREPLACE" }, { 2, "RENAME_EXCHANGE" }, { 4, "RENAME_WHITEOUT" },
};
static const struct constant set_SPLICE[] = {
	{ 1, "SPLICE_F_MOVE" }, { 2, "SPLICE_F_NONBLOCK" }, { 4, "SPLICE_F_MORE" },
	{ 8, "SPLICE_F_GIFT" },
};
static const struct constant set_CLOSE_RANGE[] = {
	{ 2, "CLOSE_RANGE_UNSHARE" }, { 4, "CLOSE_RANGE_CLOEXEC" },
};
static const struct constant set_TIMER[] = {
	{ 1, "TIMER_ABSTIME" },
};
static const struct constant set_TFD[] = {
	{ 1, "TFD_TIMER_ABSTIME" }, { 2, "TFD_TIMER_CANCEL_ON_SET" },
};
static const struct constant set_XATTR[] = {
	{ 1, "XATTR_CREATE" }, { 2, "XATTR_REPLACE" },
};
static const struct constant set_STATX[] = {
	{ 0xfff, "STATX_ALL" }, { 0x7ff, "STATX_BASIC_STATS" },
};
static const struct constant set_RWF[] = {
	{ 1, "RWF_HIPRI" }, { 2, "RWF_DSYNC" }, { 4, "RWF_SYNC" }, { 8, "RWF_NOWAIT" },
	{ 16, "RWF_APPEND" },
};
static const struct constant set_SEEK[] = {
	V(SEEK_SET), V(SEEK_CUR), V(SEEK_END), V(SEEK_DATA), V(SEEK_HOLE),
};
static const struct constant set_F[] = {
	V(F_DUPFD), V(F_GETFD), V(F_SETFD), V(F_GETFL), V(F_SETFL), V(F_GETLK), V(F_SETLK),
	V(F_SETLKW), V(F_SETOWN), V(F_GETOWN), V(F_SETSIG), V(F_GETSIG), V(F_SETOWN_EX),
	V(F_GETOWN_EX), V(F_OFD_GETLK), V(F_OFD_SETLK), V(F_OFD_SETLKW), V(F_SETLEASE),
	V(F_GETLEASE), V(F_NOTIFY), V(F_DUPFD_CLOEXEC), V(F_SETPIPE_SZ), V(F_GETPIPE_SZ),
	V(F_ADD_SEALS), V(F_GET_SEALS),
};
static const struct constant set_SIG_HOW[] = {
	{ 0, "SIG_BLOCK" }, { 1, "SIG_UNBLOCK" }, { 2, "SIG_SETMASK" },
};
static const struct constant set_EPOLL_CTL[] = {
	V(EPOLL_CTL_ADD), V(EPOLL_CTL_DEL), V(EPOLL_CTL_MOD),
};
static const struct constant set_LOCK[] = {
	V(LOCK_SH), V(LOCK_EX), V(LOCK_UN), { 5, "LOCK_SH|LOCK_NB" }, { 6, "LOCK_EX|LOCK_NB" },
	{ 12, "LOCK_UN|LOCK_NB" },
};
static const struct constant set_MADV[] = {
	V(MADV_NORMAL), V(MADV_RANDOM), V(MADV_SEQUENTIAL), V(MADV_WILLNEED), V(MADV_DONTNEED),
	V(MADV_FREE), V(MADV_REMOVE), V(MADV_DONTFORK), V(MADV_DOFORK), V(MADV_MERGEABLE),
	V(MADV_UNMERGEABLE), V(MADV_HUGEPAGE), V(MADV_NOHUGEPAGE), V(MADV_DONTDUMP),
	V(MADV_DODUMP), V(MADV_WIPEONFORK), V(MADV_COLD), V(MADV_PAGEOUT),
	{ 22, "MADV_POPULATE_READ" }, { 23, "MADV_POPULATE_WRITE" }, { 25, "MADV_COLLAPSE" },
};
static const struct constant set_AF[] = {
	V(AF_UNSPEC), V(AF_UNIX), V(AF_INET), V(AF_INET6), V(AF_NETLINK), V(AF_PACKET), V(AF_ALG),
	V(AF_VSOCK), V(AF_XDP),
};
static const struct constant set_SOL[] = {
	V(SOL_SOCKET), { 0, "SOL_IP" }, { 6, "SOL_TCP" }, { 17, "SOL_UDP" }, { 41, "SOL_IPV6" },
	{ 270, "SOL_NETLINK" },
};
static const struct constant set_SO[] = {
	V(SO_DEBUG), V(SO_REUSEADDR), V(SO_TYPE), V(SO_ERROR), V(SO_DONTROUTE), V(SO_BROADCAST),
	V(SO_SNDBUF), V(SO_RCVBUF), V(SO_KEEPALIVE), V(SO_OOBINLINE), V(SO_PRIORITY),
	V(SO_LINGER), V(SO_REUSEPORT), V(SO_PASSCRED), V(SO_PEERCRED), V(SO_RCVLOWAT),
	V(SO_SNDLOWAT), V(SO_RCVTIMEO), V(SO_SNDTIMEO), V(SO_BINDTODEVICE), V(SO_ATTACH_FILTER),
	V(SO_TIMESTAMP), V(SO_ACCEPTCONN), V(SO_PEERSEC), V(SO_PROTOCOL), V(SO_DOMAIN),
	V(SO_ZEROCOPY), V(SO_COOKIE),
};
static const struct constant set_RLIMIT[] = {
	V(RLIMIT_CPU), V(RLIMIT_FSIZE), V(RLIMIT_DATA), V(RLIMIT_STACK), V(RLIMIT_CORE),
	V(RLIMIT_RSS), V(RLIMIT_NPROC), V(RLIMIT_NOFILE), V(RLIMIT_MEMLOCK), V(RLIMIT_AS),
	V(RLIMIT_LOCKS), V(RLIMIT_SIGPENDING), V(RLIMIT_MSGQUEUE), V(RLIMIT_NICE),
	V(RLIMIT_RTPRIO), V(RLIMIT_RTTIME),
};
static const struct constant set_RUSAGE[] = {
	V(RUSAGE_SELF), { 0xffffffff, "RUSAGE_CHILDREN" }, { ~0ull, "RUSAGE_CHILDREN" },
	V(RUSAGE_THREAD),
};
static const struct constant set_ITIMER[] = {
	V(ITIMER_REAL), V(ITIMER_VIRTUAL), V(ITIMER_PROF),
};
static const struct constant set_FUTEX[] = {
	V(FUTEX_WAIT), V(FUTEX_WAKE), V(FUTEX_REQUEUE), V(FUTEX_CMP_REQUEUE), V(FUTEX_WAKE_OP),
	V(FUTEX_LOCK_PI), V(FUTEX_UNLOCK_PI), V(FUTEX_WAIT_BITSET), V(FUTEX_WAKE_BITSET),
	V(FUTEX_WAIT_PRIVATE), V(FUTEX_WAKE_PRIVATE), V(FUTEX_REQUEUE_PRIVATE),
	V(FUTEX_CMP_REQUEUE_PRIVATE), V(FUTEX_WAKE_OP_PRIVATE), V(FUTEX_LOCK_PI_PRIVATE),
	V(FUTEX_UNLOCK_PI_PRIVATE), V(FUTEX_WAIT_BITSET_PRIVATE), V(FUTEX_WAKE_BITSET_PRIVATE),
	{ 0x189, "FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME" },
	{ 0x109, "FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME" },
};
static const struct constant set_PR[] = {
	V(PR_SET_PDEATHSIG), V(PR_GET_PDEATHSIG), V(PR_GET_DUMPABLE), V(PR_SET_DUMPABLE),
	V(PR_SET_KEEPCAPS), V(PR_SET_NAME), V(PR_GET_NAME), V(PR_GET_SECCOMP), V(PR_SET_SECCOMP),
	V(PR_CAPBSET_READ), V(PR_CAPBSET_DROP), V(PR_SET_TIMERSLACK), V(PR_GET_TIMERSLACK),
	V(PR_SET_MM), V(PR_SET_CHILD_SUBREAPER), V(PR_SET_NO_NEW_PRIVS), V(PR_GET_NO_NEW_PRIVS),
	V(PR_GET_TID_ADDRESS), V(PR_SET_THP_DISABLE), V(PR_CAP_AMBIENT), V(PR_SET_PTRACER),
	{ 0x53564d41, "PR_SET_VMA" },
};
static const struct constant set_SECCOMP[] = {
	V(SECCOMP_SET_MODE_STRICT), V(SECCOMP_SET_MODE_FILTER), V(SECCOMP_GET_ACTION_AVAIL),
	V(SECCOMP_GET_NOTIF_SIZES),
};
static const struct constant set_SCHED[] = {
	V(SCHED_NORMAL), V(SCHED_FIFO), V(SCHED_RR), V(SCHED_BATCH), V(SCHED_IDLE),
	V(SCHED_DEADLINE),
};
static const struct constant set_IPC[] = {
	{ 0, "IPC_RMID" }, { 1, "IPC_SET" }, { 2, "IPC_STAT" }, { 3, "IPC_INFO" },
	{ 12, "GETVAL" }, { 13, "GETALL" }, { 16, "SETVAL" }, { 17, "SETALL" },
};
static const struct constant set_P_ID[] = {
	V(P_ALL), V(P_PID), V(P_PGID), { 3, "P_PIDFD" },
};
static const struct constant set_CLOCK[] = {
	V(CLOCK_REALTIME), V(CLOCK_MONOTONIC), V(CLOCK_PROCESS_CPUTIME_ID),
	V(CLOCK_THREAD_CPUTIME_ID), V(CLOCK_MONOTONIC_RAW), V(CLOCK_REALTIME_COARSE),
	V(CLOCK_MONOTONIC_COARSE), V(CLOCK_BOOTTIME),
};
static const struct constant set_SIG[] = {
	V(SIGHUP), V(SIGINT), V(SIGQUIT), V(SIGILL), V(SIGTRAP), V(SIGABRT), V(SIGBUS), V(SIGFPE),
	V(SIGKILL), V(SIGUSR1), V(SIGSEGV), V(SIGUSR2), V(SIGPIPE), V(SIGALRM), V(SIGTERM),
	V(SIGSTKFLT), V(SIGCHLD), V(SIGCONT), V(SIGSTOP), V(SIGTSTP), V(SIGTTIN), V(SIGTTOU),
	V(SIGURG), V(SIGXCPU), V(SIGXFSZ), V(SIGVTALRM), V(SIGPROF), V(SIGWINCH), V(SIGIO),
	V(SIGPWR), V(SIGSYS),
};

static const struct set {
	const char *name;
	const struct constant *list;
	u32 count;
	bool flags;
	const char *zero;	/* what 0 is called, NULL: "0" */
} sets[] = {
#define SET(n, flags, zero) { #n, set_##n, ARRAY_SIZE(set_##n), flags, zero }
	SET(O, true, "O_RDONLY"),
	{ "O_but_open", set_O, ARRAY_SIZE(set_O), true, NULL },	/* pipe2 and the like: no access mode */
	SET(PROT, true, "PROT_NONE"), SET(MAP, true, NULL), SET(MREMAP, true, NULL),
	SET(MS_SYNC, true, NULL), SET(AT, true, NULL), SET(ACCESS, true, "F_OK"), SET(CLONE, true, NULL),
	SET(SOCK, true, NULL), SET(MSG, true, NULL), SET(MFD, true, NULL), SET(GRND, true, NULL),
	SET(WAIT, true, NULL),
	SET(IN, true, NULL), SET(RENAME, true, NULL), SET(SPLICE, true, NULL), SET(CLOSE_RANGE, true, NULL),
	SET(TIMER, true, NULL), SET(TFD, true, NULL), SET(XATTR, true, NULL), SET(STATX, true, NULL),
	SET(RWF, true, NULL),
	SET(SEEK, false, NULL), SET(F, false, NULL), SET(SIG_HOW, false, NULL), SET(EPOLL_CTL, false, NULL),
	SET(LOCK, false, NULL), SET(MADV, false, NULL), SET(AF, false, NULL), SET(SOL, false, NULL),
	SET(SO, false, NULL),
	SET(RLIMIT, false, NULL), SET(RUSAGE, false, NULL), SET(ITIMER, false, NULL), SET(FUTEX, false, NULL),
	SET(PR, false, NULL), SET(SECCOMP, false, NULL), SET(SCHED, false, NULL), SET(IPC, false, NULL),
	SET(P_ID, false, NULL), SET(CLOCK, false, NULL), SET(SIG, false, NULL),
#undef SET
};

static void print_flags(struct str *s, const struct set *set, u64 value)
{
	u64 left = value;
	size_t start = s->len;

	if (set->list == set_O && set->zero && !(value & O_ACCMODE))
		str_puts(s, set->zero);
	for (u32 i = 0; i < set->count; i++) {
		const struct constant *k = &set->list[i];

		if (!k->value || (left & k->value) != k->value)
			continue;
		str_add(s, "%s%s", s->len > start ? "|" : "", k->name);
		left &= ~k->value;
	}
	if (s->len == start && set->zero && left == 0)
		str_puts(s, set->zero);
	else if (s->len == start && left == 0)
		str_puts(s, "0");
	if (left)
		str_add(s, "%s%#llx", s->len > start ? "|" : "", (unsigned long long)left);
}

bool strace_set(struct str *s, const char *set, u32 set_len, u64 value)
{
	for (u32 i = 0; i < ARRAY_SIZE(sets); i++) {
		if (strncmp(sets[i].name, set, set_len) != 0 || sets[i].name[set_len])
			continue;
		if (sets[i].flags) {
			print_flags(s, &sets[i], value);
			return true;
		}
		for (u32 j = 0; j < sets[i].count; j++) {
			if (sets[i].list[j].value == value) {
				str_puts(s, sets[i].list[j].name);
				return true;
			}
		}
		return false;
	}
	return false;
}

static const char *const errno_names[] = {
#define E(x) [x] = #x
	E(EPERM), E(ENOENT), E(ESRCH), E(EINTR), E(EIO), E(ENXIO), E(E2BIG), E(ENOEXEC), E(EBADF),
		E(ECHILD), E(EAGAIN),
	E(ENOMEM), E(EACCES), E(EFAULT), E(ENOTBLK), E(EBUSY), E(EEXIST), E(EXDEV), E(ENODEV), E(ENOTDIR), E(EISDIR),
	E(EINVAL), E(ENFILE), E(EMFILE), E(ENOTTY), E(ETXTBSY), E(EFBIG), E(ENOSPC), E(ESPIPE), E(EROFS), E(EMLINK),
	E(EPIPE), E(EDOM), E(ERANGE), E(EDEADLK), E(ENAMETOOLONG), E(ENOLCK), E(ENOSYS), E(ENOTEMPTY),
		E(ELOOP), E(ENOMSG),
	E(EIDRM), E(ENODATA), E(ETIME), E(ENOLINK), E(EPROTO), E(EBADMSG), E(EOVERFLOW), E(EBADFD),
		E(ELIBBAD), E(EILSEQ),
	E(EUSERS), E(ENOTSOCK), E(EDESTADDRREQ), E(EMSGSIZE), E(EPROTOTYPE), E(ENOPROTOOPT), E(EPROTONOSUPPORT),
	E(ESOCKTNOSUPPORT), E(EOPNOTSUPP), E(EPFNOSUPPORT), E(EAFNOSUPPORT), E(EADDRINUSE),
		E(EADDRNOTAVAIL), E(ENETDOWN),
	E(ENETUNREACH), E(ENETRESET), E(ECONNABORTED), E(ECONNRESET), E(ENOBUFS), E(EISCONN),
		E(ENOTCONN), E(ESHUTDOWN),
	E(ETIMEDOUT), E(ECONNREFUSED), E(EHOSTDOWN), E(EHOSTUNREACH), E(EALREADY), E(EINPROGRESS),
		E(ESTALE), E(EDQUOT),
	E(ENOMEDIUM), E(EMEDIUMTYPE), E(ECANCELED), E(ENOKEY), E(EKEYEXPIRED), E(EKEYREVOKED), E(EKEYREJECTED),
	E(EOWNERDEAD), E(ENOTRECOVERABLE), E(ERFKILL), E(EHWPOISON),
#undef E
};

const char *strace_errno(u64 e) { return e < ARRAY_SIZE(errno_names) ? errno_names[e] : NULL; }
