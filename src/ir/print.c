/* IR as text (text.h): for -d ir, tests and failures.  Any thread. */
#include "base/str.h"
#include "ir/build.h"
#include "ir/text.h"

const char *const ir_type_names[IR_TYPE_MAX] = {
	[IR_NONE] = "", [IR_I32] = "i32", [IR_I64] = "i64", [IR_F32] = "f32", [IR_F64] = "f64",
	[IR_FLAGS] = "flags", [IR_V128] = "v128",
};

const char *const ir_cc_names[CC_MAX] = {
	[CC_EQ] = "eq", [CC_NE] = "ne", [CC_LT] = "lt", [CC_GE] = "ge", [CC_LE] = "le",
	[CC_GT] = "gt", [CC_LTU] = "ltu", [CC_GEU] = "geu", [CC_LEU] = "leu", [CC_GTU] = "gtu",
};

#define FCC { "fcc", FIELD_NUMBER }
#define LANE { "lane", FIELD_NUMBER }
#define INDEX { "index", FIELD_NUMBER }
#define LANES(op) [op] = { .aux = LANE, .d = { "d", FIELD_NUMBER } }
#define FP_LANES(op) [op] = { .aux = LANE, .d = { "d", FIELD_NUMBER }, .imm = { "rm", FIELD_NUMBER } }
#define RM { "rm", FIELD_NUMBER }
#define MEM { "mem", FIELD_MEM }
#define UNSIGNED { "unsigned", FIELD_NUMBER }
#define TO { "to", FIELD_SIGNED }

const struct ir_fields ir_fields[IR_OP_MAX] = {
	[IR_NOP] = { .imm = { "slot", FIELD_SLOT } },
	[IR_PC] = { .aux = { "len", FIELD_NUMBER }, .imm = { "at", FIELD_SIGNED } },
	[IR_CONST] = { .imm = { "k", FIELD_CONST } },
	[IR_GET] = { .imm = { "slot", FIELD_SLOT } },
	[IR_PUT] = { .imm = { "slot", FIELD_SLOT } },
	[IR_SEXT] = { .aux = { "bits", FIELD_NUMBER } },
	[IR_ZEXT] = { .aux = { "bits", FIELD_NUMBER } },
	[IR_DIVS] = { .aux = { "rule", FIELD_NUMBER } },
	[IR_DIVU] = { .aux = { "rule", FIELD_NUMBER } },
	[IR_REMS] = { .aux = { "rule", FIELD_NUMBER } },
	[IR_REMU] = { .aux = { "rule", FIELD_NUMBER } },
	[IR_SETCC] = { .aux = { "cc", FIELD_CC } },
	[IR_EXTR] = { .aux = { "lsb", FIELD_NUMBER } },
	[IR_FLCCMP] = { .aux = FCC, .d = { "nzcv", FIELD_NUMBER } },
	[IR_FLFCMP] = { .d = { "quiet", FIELD_NUMBER } },
	[IR_SETF] = { .aux = FCC },
	[IR_SELF] = { .aux = FCC },
	[IR_EXIT_FLAGS] = { .aux = FCC, .imm = TO },
	[IR_CAS] = { .aux = MEM },
	[IR_FMINNM] = { .aux = RM },
	[IR_FMAXNM] = { .aux = RM },
	[IR_FRINT] = { .aux = RM, .d = { "exact", FIELD_NUMBER } },
	[IR_VDUP] = { .aux = LANE },
	[IR_VDUPLANE] = { .aux = LANE, .d = INDEX },
	[IR_VGET] = { .aux = LANE, .d = INDEX },
	[IR_VSET] = { .aux = LANE, .d = INDEX },
	[IR_VINS] = { .aux = LANE, .d = INDEX, .imm = { "from", FIELD_NUMBER } },
	[IR_VLD] = { .d = { "shift", FIELD_NUMBER }, .imm = { "disp", FIELD_SIGNED } },
	[IR_VST] = { .d = { "shift", FIELD_NUMBER }, .imm = { "disp", FIELD_SIGNED } },
	LANES(IR_VADD), LANES(IR_VSUB), LANES(IR_VMUL), LANES(IR_VMINS), LANES(IR_VMAXS), LANES(IR_VMINU),
	LANES(IR_VMAXU), LANES(IR_VAVGU), LANES(IR_VNEG), LANES(IR_VABS), LANES(IR_VCMPEQ), LANES(IR_VCMPGT),
	LANES(IR_VCMPGTU), LANES(IR_VSHL), LANES(IR_VSHR), LANES(IR_VSAR), LANES(IR_VSHIFT), LANES(IR_VREV),
	LANES(IR_VEXT), LANES(IR_VZIP), LANES(IR_VUZP), LANES(IR_VTRN), LANES(IR_VWIDEN), LANES(IR_VNARROW),
	LANES(IR_VMULL),
	FP_LANES(IR_VFADD), FP_LANES(IR_VFSUB), FP_LANES(IR_VFMUL), FP_LANES(IR_VFDIV), FP_LANES(IR_VFSQRT),
	FP_LANES(IR_VFMIN), FP_LANES(IR_VFMAX), FP_LANES(IR_VFMINNM), FP_LANES(IR_VFMAXNM), FP_LANES(IR_VFMA),
	FP_LANES(IR_VFCMP), FP_LANES(IR_VITOF), FP_LANES(IR_VFTOI),
	[IR_VCALL] = { .imm = { "vfn", FIELD_NUMBER } },
	[IR_LD] = { .aux = MEM, .d = { "shift", FIELD_NUMBER }, .imm = { "disp", FIELD_SIGNED } },
	[IR_ST] = { .aux = MEM, .d = { "shift", FIELD_NUMBER }, .imm = { "disp", FIELD_SIGNED } },
	[IR_AMO] = { .aux = MEM, .d = { "kind", FIELD_NUMBER } },
	[IR_LL] = { .aux = MEM },
	[IR_SC] = { .aux = MEM },
	[IR_FENCE] = { .aux = { "store_load", FIELD_NUMBER } },
	[IR_FADD] = { .aux = RM },
	[IR_FSUB] = { .aux = RM },
	[IR_FMUL] = { .aux = RM },
	[IR_FDIV] = { .aux = RM },
	[IR_FSQRT] = { .aux = RM },
	[IR_FMA] = { .aux = RM, .d = { "neg", FIELD_NUMBER } },
	[IR_FMIN] = { .aux = RM },
	[IR_FMAX] = { .aux = RM },
	[IR_FCMP] = { .aux = { "how", FIELD_NUMBER }, .d = { "quiet", FIELD_NUMBER } },
	[IR_FCVT] = { .aux = RM },
	[IR_FTOI] = { .aux = RM, .d = UNSIGNED },
	[IR_ITOF] = { .aux = RM, .d = UNSIGNED },
	[IR_FSGN] = { .aux = { "how", FIELD_NUMBER } },
	[IR_CALL] = { .imm = { "fn", FIELD_HELPER } },
	[IR_EXIT_IF] = { .aux = { "cc", FIELD_CC }, .imm = TO },
	[IR_GOTO] = { .imm = TO },
	[IR_JUMP] = { .aux = { "hint", FIELD_NUMBER } },
	[IR_RAISE] = { .aux = { "exit", FIELD_NUMBER }, .imm = { "pc", FIELD_SIGNED } },
};

/* "s32", "64be", "32aligned" */
static void print_mem(struct str *s, u32 mem)
{
	str_add(s, "%s%u%s%s", mem & MEM_SIGNED ? "s" : "", 8u << (mem & MEM_SIZE), mem & MEM_BE ? "be" : "",
		mem & MEM_ALIGNED ? "aligned" : "");
}

static void print_field(struct str *s, const struct ir *t, const struct ir_field *f, u32 v)
{
	const struct ir_helper *h;

	if (f->kind == FIELD_NONE)
		return;
	str_add(s, " %s=", f->key);
	switch (f->kind) {
	case FIELD_NONE:
		break;
	case FIELD_NUMBER:
		str_add(s, "%u", v);
		break;
	case FIELD_SIGNED:
		str_add(s, "%d", (i32)v);
		break;
	case FIELD_CC:
		str_puts(s, v < CC_MAX ? ir_cc_names[v] : "?");
		break;
	case FIELD_MEM:
		print_mem(s, v);
		break;
	case FIELD_SLOT:
		str_puts(s, v && v < t->slot_count ? t->slots[v].name : "?");
		break;
	case FIELD_CONST:
		if (v < t->konst_count)
			str_add(s, "0x%llx", (unsigned long long)t->konst[v]);
		else
			str_puts(s, "?");
		break;
	case FIELD_HELPER:
		h = ir_helper(v);
		str_puts(s, h ? h->name : "?");
		break;
	}
}

static void print_one(struct str *s, const struct ir *t, u32 at)
{
	const struct ir_ins *n = &t->ins[at];
	const ir_ref operand[3] = { n->a, n->b, n->c };
	const struct ir_fields *f;
	u32 count;

	if (n->op >= IR_OP_MAX) {
		str_add(s, "%5u: operation %u?\n", at, n->op);
		return;
	}
	f = &ir_fields[n->op];
	str_add(s, "%5u: %s", at, ir_opinfo[n->op].text);
	if (n->type != IR_NONE)
		str_add(s, ".%s", n->type < IR_TYPE_MAX ? ir_type_names[n->type] : "?");
	count = n->op == IR_NOP && n->a ? 1 : ir_operands(n->op);
	for (u32 k = 0; k < count; k++) {
		if (operand[k])
			str_add(s, " v%u", operand[k]);
		else
			str_puts(s, " -");
	}
	print_field(s, t, &f->aux, n->aux);
	if (n->d)
		print_field(s, t, &f->d, n->d);
	print_field(s, t, &f->imm, n->imm);
	str_putc(s, '\n');
}

void ir_print(const struct ir *t, char *buf, size_t len)
{
	struct str s = str_init(buf, len);

	for (u32 at = 1; at < t->n; at++)
		if (t->ins[at].op != IR_NOP || t->ins[at].imm)
			print_one(&s, t, at);
}
