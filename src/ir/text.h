/* What the printer and the parser of IR text share.  Private to ir/.
 *
 * One instruction a line:
 *	   12: add.i64 v3 v4
 *	   13: ld.i64 v12 - mem=s32 disp=8
 *	   14: put v13 slot=a5
 * that is: number, operation and type of the result, operands (- for one left
 * out), then fields by name.  Deleted instructions have no line.
 */
#ifndef IR_TEXT_H
#define IR_TEXT_H

#include "ir/ir.h"

enum ir_field_kind {
	FIELD_NONE, FIELD_NUMBER, FIELD_SIGNED, FIELD_CC, FIELD_MEM, FIELD_SLOT, FIELD_CONST, FIELD_HELPER,
};

struct ir_field {
	const char *key;
	enum ir_field_kind kind;
};

/* Fields of each operation that are printed: aux, d, imm. */
struct ir_fields {
	struct ir_field aux, d, imm;
};

extern const struct ir_fields ir_fields[IR_OP_MAX];
extern const char *const ir_type_names[IR_TYPE_MAX], *const ir_cc_names[CC_MAX];

#endif
