/* Doubly linked lists whose links live inside the things linked.
 *
 * Interface:
 * - The head is a struct list too; a lone or removed link points at itself, so
 *   removing it again is harmless.
 * - LIST_EACH(pos, &head, struct foo, link) { ... } walks; the body may remove
 *   and free `pos`, and nothing else.
 * - No lock inside: the owner's.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/base.h"

struct list {
	struct list *next, *prev;
};

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

/* Put link after `where`: with the head as `where`, first in the list. */
static inline void list_add(struct list *where, struct list *link)
{
	link->prev = where;
	link->next = where->next;
	where->next->prev = link;
	where->next = link;
}

static inline void list_add_last(struct list *head, struct list *link)
{
	list_add(head->prev, link);
}

static inline void list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

#define LIST_FIRST(head, type, member) \
	(list_empty(head) ? NULL : container_of((head)->next, type, member))

#define LIST_EACH(pos, head, type, member) \
	for (struct list *it_##pos = (head)->next, *after_##pos = it_##pos->next; \
	     it_##pos != (head); it_##pos = after_##pos, after_##pos = it_##pos->next) \
		for (type *pos = container_of(it_##pos, type, member); pos; pos = NULL)

#endif
