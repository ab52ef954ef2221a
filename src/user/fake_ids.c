/* Ids and capabilities under --fake-root: the calls that get and set them, and their way through execve.
 *
 * Each task has a copy, as on Linux; a child's is its creator's.  The rules are the kernel's for a user namespace
 * whose root we are; the host never hears of a change.  execve hands the ids and the database's descriptor on in a
 * memfd; a set-user-id bit that the database knows changes them on the way.
 * Not modelled: ambient capabilities, securebits (the host's answers), file capabilities; kill and the like go by
 * the host's ids.  Native programs see the host's ids.
 * Threads: the task's own; no lock.  Spec: credentials(7), capabilities(7), setresuid(2), setfsuid(2).
 */
#include "user/fake.h"
#include "user/syscall.h"
#include "base/str.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPS_ALL ((1ull << (CAP_LAST_CAP + 1)) - 1)
#define KEEP 0xffffffffu

/* What goes through execve. */
struct handed {
	struct fake_ids ids;
	i32 db_fd;
	u32 secure;
};

static struct fake_ids at_start;	/* of the first task, for the auxiliary vector */
static bool on, secure;

/* ---- from program to program ---- */

int fake_start(int fd, struct error *err)
{
	struct handed h = { .db_fd = -1 };
	int r = 0;

	if (!process.cfg->fake_root)
		return 0;
	if (fd >= 0) {
		if (pread(fd, &h, sizeof h, 0) != sizeof h || h.ids.group_count > FAKE_GROUPS_MAX)
			return fail(err, EINVAL, "the ids of the program before this one are damaged");
		close(fd);
		r = fake_db_use(h.db_fd);
		if (r < 0)
			return fail(err, -r, "the database of owners: %s", strerror(-r));
	} else {
		h.ids.permitted = h.ids.cap_effective = h.ids.bounding = CAPS_ALL;
		r = fake_db_open(process.cfg->fake_db, err);
	}
	if (r < 0)
		return r;
	at_start = h.ids;
	secure = h.secure;
	on = true;
	return 0;
}

void fake_inherit(struct task *child, const struct task *parent)
{
	const struct fake_ids *from = parent ? parent->fake : on ? &at_start : NULL;

	if (!from)
		return;
	child->fake = xnew(struct fake_ids);
	memcpy(child->fake, from, sizeof *from);
}

/* What execve makes of the ids. */
static void exec_ids(struct handed *h, const struct fake_record *file)
{
	struct fake_ids *ids = &h->ids;
	bool set_user = (file->has & FAKE_MODE) && (file->mode & S_ISUID);

	if (set_user)
		ids->uid.effective = file->has & FAKE_OWNER ? file->uid : 0;
	if ((file->has & FAKE_MODE) && (file->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		ids->gid.effective = file->has & FAKE_OWNER ? file->gid : 0;
	ids->uid.saved = ids->uid.fs = ids->uid.effective;
	ids->gid.saved = ids->gid.fs = ids->gid.effective;
	ids->permitted = 0;
	if (!ids->uid.effective || !ids->uid.real)
		ids->permitted = ids->inheritable | ids->bounding;
	ids->cap_effective = ids->uid.effective ? 0 : ids->permitted;
	ids->keep_caps = 0;
	h->secure = ids->uid.effective != ids->uid.real || ids->gid.effective != ids->gid.real;
}

int fake_hand_over(const struct task *task, int program_fd, int *ret_fd, int *ret_db)
{
	struct fake_record file = { 0 };
	struct fake_key key;
	struct handed h = { 0 };
	int fd, r = 0;

	*ret_fd = *ret_db = -1;
	if (!task->fake)
		return 0;
	memcpy(&h.ids, task->fake, sizeof h.ids);
	(void)!fake_find(program_fd, "", AT_EMPTY_PATH, &file, &key);
	exec_ids(&h, &file);
	h.db_fd = fcntl(fake_db_fd(), F_DUPFD, 0);
	if (h.db_fd < 0)
		return -errno;
	fd = (int)syscall(SYS_memfd_create, "mimus-ids", 0);
	if (fd < 0 || pwrite(fd, &h, sizeof h, 0) != sizeof h)
		r = fd < 0 ? -errno : -ENOMEM;
	*ret_fd = fd;
	*ret_db = h.db_fd;
	return r;
}

u64 fake_aux(u64 type)
{
	if (!on)
		return getauxval(type);
	switch (type) {
	case AT_UID:	return at_start.uid.real;
	case AT_EUID:	return at_start.uid.effective;
	case AT_GID:	return at_start.gid.real;
	case AT_EGID:	return at_start.gid.effective;
	default:	return secure;
	}
}

bool fake_status_line(const struct task *task, const char *p, struct str *s)
{
	const struct fake_ids *ids = task ? task->fake : NULL;
	const struct fake_id *id;

	if (!ids)
		return false;
	if (str_starts(p, "Uid:") || str_starts(p, "Gid:")) {
		id = *p == 'U' ? &ids->uid : &ids->gid;
		str_add(s, "%cid:\t%u\t%u\t%u\t%u\n", *p, id->real, id->effective, id->saved, id->fs);
	} else if (str_starts(p, "Groups:")) {
		str_add(s, "Groups:\t");
		for (u32 i = 0; i < ids->group_count; i++)
			str_add(s, "%u ", ids->groups[i]);
		str_add(s, "\n");
	} else if (str_starts(p, "CapInh:")) {
		str_add(s, "CapInh:\t%016llx\n", (unsigned long long)ids->inheritable);
	} else if (str_starts(p, "CapPrm:")) {
		str_add(s, "CapPrm:\t%016llx\n", (unsigned long long)ids->permitted);
	} else if (str_starts(p, "CapEff:")) {
		str_add(s, "CapEff:\t%016llx\n", (unsigned long long)ids->cap_effective);
	} else if (str_starts(p, "CapBnd:")) {
		str_add(s, "CapBnd:\t%016llx\n", (unsigned long long)ids->bounding);
	} else {
		return false;
	}
	return true;
}

/* ---- setting ---- */

static bool has_cap(const struct fake_ids *ids, u32 cap) { return ids->cap_effective >> cap & 1; }

/* Capabilities go and come with user id 0. */
static void user_changed(struct fake_ids *ids, const struct fake_id *old)
{
	const struct fake_id *new = &ids->uid;
	bool was = !old->real || !old->effective || !old->saved;

	if (was && new->real && new->effective && new->saved && !ids->keep_caps)
		ids->permitted = ids->cap_effective = 0;
	if (!old->effective && new->effective)
		ids->cap_effective = 0;
	if (old->effective && !new->effective)
		ids->cap_effective = ids->permitted;
}

/* The kinds of calls, for users and groups alike; want[] is real, effective, saved. */
enum set_kind { SET_ID, SET_RE, SET_RES };

static i64 set_id(struct fake_ids *ids, bool user, enum set_kind kind, const u64 *arg)
{
	struct fake_id *id = user ? &ids->uid : &ids->gid, old = *id, new = *id;
	bool able = has_cap(ids, user ? CAP_SETUID : CAP_SETGID);
	u32 want[3] = { (u32)arg[0], (u32)arg[1], (u32)arg[2] };

	if (kind == SET_ID) {
		if (want[0] == KEEP)
			return -EINVAL;
		if (!able && want[0] != old.real && want[0] != old.saved)
			return -EPERM;
		new.effective = want[0];
		if (able)
			new.real = new.saved = want[0];
	} else {
		for (u32 i = 0; i < (kind == SET_RE ? 2u : 3u); i++) {
			if (want[i] == KEEP || able || want[i] == old.real || want[i] == old.effective)
				continue;
			if (want[i] != old.saved || (kind == SET_RE && i == 0))
				return -EPERM;
		}
		new.real = want[0] == KEEP ? old.real : want[0];
		new.effective = want[1] == KEEP ? old.effective : want[1];
		if (kind == SET_RES)
			new.saved = want[2] == KEEP ? old.saved : want[2];
		else if (want[0] != KEEP || (want[1] != KEEP && want[1] != old.real))
			new.saved = new.effective;
	}
	new.fs = new.effective;
	*id = new;
	if (user)
		user_changed(ids, &old);
	return 0;
}

#define SETTER(name, user, kind) \
	i64 name(struct call *c) \
	{ \
		return c->task->fake ? set_id(c->task->fake, user, kind, c->arg) : call_pass(c); \
	}
SETTER(call_setuid, true, SET_ID)
SETTER(call_setreuid, true, SET_RE)
SETTER(call_setresuid, true, SET_RES)
SETTER(call_setgid, false, SET_ID)
SETTER(call_setregid, false, SET_RE)
SETTER(call_setresgid, false, SET_RES)

static i64 set_fs(const struct fake_ids *ids, struct fake_id *id, u32 cap, u32 want)
{
	u32 old = id->fs;

	if (want != KEEP && (has_cap(ids, cap) || want == id->real || want == id->effective || want == id->saved))
		id->fs = want;
	return old;
}

i64 call_setfsuid(struct call *c)
{
	struct fake_ids *ids = c->task->fake;

	return ids ? set_fs(ids, &ids->uid, CAP_SETUID, (u32)c->arg[0]) : call_pass(c);
}

i64 call_setfsgid(struct call *c)
{
	struct fake_ids *ids = c->task->fake;

	return ids ? set_fs(ids, &ids->gid, CAP_SETGID, (u32)c->arg[0]) : call_pass(c);
}

/* ---- getting ---- */

#define GETTER(name, field) \
	i64 name(struct call *c) { return c->task->fake ? (i64)c->task->fake->field : call_pass(c); }
GETTER(call_getuid, uid.real)
GETTER(call_geteuid, uid.effective)
GETTER(call_getgid, gid.real)
GETTER(call_getegid, gid.effective)

static i64 get_three(const struct call *c, const struct fake_id *id)
{
	return guest_store(c->arg[0], 2, id->real) && guest_store(c->arg[1], 2, id->effective) &&
	       guest_store(c->arg[2], 2, id->saved) ? 0 : -EFAULT;
}

i64 call_getresuid(struct call *c)
{
	return c->task->fake ? get_three(c, &c->task->fake->uid) : call_pass(c);
}

i64 call_getresgid(struct call *c)
{
	return c->task->fake ? get_three(c, &c->task->fake->gid) : call_pass(c);
}

i64 call_getgroups(struct call *c)
{
	const struct fake_ids *ids = c->task->fake;
	i32 room = (i32)c->arg[0];

	if (!ids)
		return call_pass(c);
	if (room < 0 || (room && (u32)room < ids->group_count))
		return -EINVAL;
	if (room && guest_write(c->arg[1], ids->groups, ids->group_count * sizeof ids->groups[0]))
		return -EFAULT;
	return ids->group_count;
}

i64 call_setgroups(struct call *c)
{
	struct fake_ids *ids = c->task->fake;
	u32 groups[FAKE_GROUPS_MAX], count = (u32)c->arg[0];

	if (!ids)
		return call_pass(c);
	if (!has_cap(ids, CAP_SETGID))
		return -EPERM;
	if (count > FAKE_GROUPS_MAX)
		return -EINVAL;
	if (count && guest_read(groups, c->arg[1], count * sizeof groups[0]))
		return -EFAULT;
	memcpy(ids->groups, groups, count * sizeof groups[0]);
	ids->group_count = count;
	return 0;
}

/* ---- capabilities ---- */

/* The words of data by the header's version: 1 or 2; -EINVAL with the version we like best in the header. */
static i64 cap_words(gva header, u32 *ret_pid)
{
	u32 h[2];

	if (guest_read(h, header, sizeof h))
		return -EFAULT;
	*ret_pid = h[1];
	if (h[0] == _LINUX_CAPABILITY_VERSION_1)
		return 1;
	if (h[0] == _LINUX_CAPABILITY_VERSION_2 || h[0] == _LINUX_CAPABILITY_VERSION_3)
		return 2;
	return guest_store(header, 2, _LINUX_CAPABILITY_VERSION_3) ? -EINVAL : -EFAULT;
}

i64 call_capget(struct call *c)
{
	const struct fake_ids *ids = c->task->fake;
	u32 pid, data[6];
	i64 words;

	if (!ids)
		return call_pass(c);
	words = cap_words(c->arg[0], &pid);
	if (words < 0)
		return words == -EINVAL && !c->arg[1] ? 0 : words;
	if (pid && pid != (u32)c->task->tid && pid != (u32)getpid())
		return call_pass(c);
	for (u32 i = 0; i < 2; i++) {
		data[i * 3] = (u32)(ids->cap_effective >> 32 * i);
		data[i * 3 + 1] = (u32)(ids->permitted >> 32 * i);
		data[i * 3 + 2] = (u32)(ids->inheritable >> 32 * i);
	}
	return c->arg[1] && guest_write(c->arg[1], data, (u64)words * 12) ? -EFAULT : 0;
}

i64 call_capset(struct call *c)
{
	struct fake_ids *ids = c->task->fake;
	u32 pid, data[6] = { 0 };
	u64 effective, permitted, inheritable;
	i64 words;

	if (!ids)
		return call_pass(c);
	words = cap_words(c->arg[0], &pid);
	if (words < 0)
		return words;
	if (pid && pid != (u32)c->task->tid)
		return -EPERM;
	if (guest_read(data, c->arg[1], (u64)words * 12))
		return -EFAULT;
	effective = (data[0] | (u64)data[3] << 32) & CAPS_ALL;
	permitted = (data[1] | (u64)data[4] << 32) & CAPS_ALL;
	inheritable = (data[2] | (u64)data[5] << 32) & CAPS_ALL;
	if ((permitted & ~ids->permitted) || (effective & ~permitted) ||
	    (inheritable & ~(ids->inheritable | ids->bounding)))
		return -EPERM;
	ids->permitted = permitted;
	ids->cap_effective = effective;
	ids->inheritable = inheritable;
	return 0;
}

bool fake_prctl(struct call *c, i64 *ret)
{
	struct fake_ids *ids = c->task->fake;
	u64 cap = c->arg[1];

	switch ((u32)c->arg[0]) {
	case PR_CAPBSET_READ:
		*ret = cap > CAP_LAST_CAP ? -EINVAL : (i64)(ids->bounding >> cap & 1);
		return true;
	case PR_CAPBSET_DROP:
		*ret = cap > CAP_LAST_CAP ? -EINVAL : has_cap(ids, CAP_SETPCAP) ? 0 : -EPERM;
		if (*ret == 0)
			ids->bounding &= ~(1ull << cap);
		return true;
	case PR_GET_KEEPCAPS:
		*ret = ids->keep_caps;
		return true;
	case PR_SET_KEEPCAPS:
		*ret = cap > 1 ? -EINVAL : 0;
		if (*ret == 0)
			ids->keep_caps = (u32)cap;
		return true;
	default:
		return false;
	}
}
