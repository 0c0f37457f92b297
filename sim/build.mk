# SPDX-License-Identifier: GPL-2.0-only
#
# The simulated PC and the xenolith command.
SIM_PARTS := $(patsubst %.c,%.o,$(sort $(filter-out sim/view/%,$(wildcard sim/*/*.c sim/dev/*/*.c))))
# Names of system calls, from Linux's own header.
$(B)/sim/syscalls.def: | deps
	@mkdir -p $(@D)
	echo '#include <asm/unistd_32.h>' | $(CC) -E -dM - | \
	    sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$$/SYSCALL(\2, \1)/p' | sort >$@

$(B)/sim/account/syscalls.o $(B)/analysed/sim/account/syscalls.o: $(B)/sim/syscalls.def
$(B)/sim/trace/arguments.o $(B)/analysed/sim/trace/arguments.o: $(B)/sim/syscalls.def

# The commit, for results. The file changes only when that does.
$(B)/sim/revision.c: FORCE
	@mkdir -p $(@D)
	@revision=$$(git rev-parse HEAD 2>/dev/null) && \
	    { git diff --quiet HEAD -- 2>/dev/null || revision=$$revision-dirty; }; \
	 { echo '#include "sim/account/result.h"'; \
	   echo "const char xenolith_revision[] = \"$$revision\";"; } >$@.now; \
	 cmp -s $@.now $@ || mv $@.now $@; rm -f $@.now

.PHONY: FORCE
FORCE:

$(B)/sim/revision.o: $(B)/sim/revision.c | deps
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

SIM_OBJS  := $(addprefix $(B)/,$(SIM_PARTS)) $(TCP:%.c=$(B)/%.o) $(WEB99:%.c=$(B)/%.o) $(B)/sim/revision.o
SIM_LIBS  := -ldw -lelf -lcapstone -ljansson -lsqlite3 -linih -lz -llzma -lbz2 -lzstd -llz4 -lxxhash -ldl

$(B)/sim/%.o: CPPFLAGS += -DXENOLITH_VERSION='"$(VERSION)"'

$(B)/xenolith: $(SIM_OBJS) $(CPU_OBJS)
	$(CC) $(LDFLAGS) $(CPU_LDFLAGS) -o $@ $^ $(CPU_LIBS) $(SIM_LIBS)

# The faces of `step` and `view`, a program of their own: only it loads what draws.
VIEW_OBJS := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard sim/view/*.c))) $(B)/sim/inspect/engine_face.o
VIEW_LIBS := -lncursesw -ltinfo -lSDL2 -lSDL2_ttf -lpng

$(B)/xenolith-view: $(VIEW_OBJS)
	$(CC) $(LDFLAGS) -o $@ $^ $(VIEW_LIBS)

-include $(VIEW_OBJS:.o=.d)

ALL += $(B)/xenolith $(B)/xenolith-view

# Names of system calls, from the kernel's headers (linux-libc-dev).
SYSCALL_NAMES := $(B)/sim/inspect/syscalls.def

$(SYSCALL_NAMES): sim/build.mk
	@mkdir -p $(@D)
	@echo '#include <asm/unistd_32.h>' | $(CC) -E -dM - | sort | \
	    sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$$/SYSCALL(\2, \1)/p' > $@.part
	@mv $@.part $@

$(B)/sim/inspect/calls.o $(B)/analysed/sim/inspect/calls.o: $(SYSCALL_NAMES)

-include $(SIM_OBJS:.o=.d)

# ---- tests -------------------------------------------------------------------------------------
# Everything but the command itself, over processors that only count.
SIM_TEST      := $(B)/tests/unit/sim
SIM_TEST_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/unit/sim_*.c))
SIM_TESTED    := $(filter-out $(B)/sim/cli/main.o $(B)/sim/cli/command_%.o $(B)/sim/run/command_%.o,$(SIM_OBJS))

$(SIM_TEST_OBJS): | deps-test

$(SIM_TEST_OBJS): CPPFLAGS += -DXENOLITH_VERSION='"$(VERSION)"'

$(SIM_TEST): $(SIM_TEST_OBJS) $(SIM_TESTED) $(B)/cpu/costs/costs.o $(B)/cpu/costs/parameter.o \
             $(B)/cpu/saved/saved.o
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(SIM_LIBS) -lm -lcriterion

.PHONY: test-sim
test-sim: $(SIM_TEST)
	@$<

TESTS += test-sim

-include $(SIM_TEST_OBJS:.o=.d)

# ---- documents ---------------------------------------------------------------------------------
MANUAL_COMMANDS := boot step view run shell guest lab explain coverage compare db trace profile gate bisect

# The man page takes its options, and docs/counters.md everything, from the program's own tables.
$(B)/docs/xenolith.1: docs/xenolith.1.scd sim/cli/options.def $(B)/xenolith
	@mkdir -p $(@D)
	sed -e '/^;/d' $(foreach c,$(MANUAL_COMMANDS),-e '/^@$(c)@$$/{r $(B)/docs/options-$(c).scd' -e 'd}') \
	    $< > $@.scd
	scdoc < $@.scd > $@.part
	@mv $@.part $@

$(B)/docs/xenolith.1: $(foreach c,$(MANUAL_COMMANDS),$(B)/docs/options-$(c).scd)

$(B)/docs/options-%.scd: $(B)/xenolith
	@mkdir -p $(@D)
	@$< help $* --scdoc > $@

ALL += $(B)/docs/xenolith.1

.PHONY: test-counters-document
test-counters-document: $(B)/xenolith
	@$(B)/xenolith help counters | diff -u docs/counters.md - || \
	    { echo "FAIL docs/counters.md: make it again by build/xenolith help counters"; exit 1; }
	@echo "PASS docs/counters.md"

# Likewise the schema, which results are held against by tests/system/schema.sh.
.PHONY: test-result-schema
test-result-schema: $(B)/xenolith
	@$(B)/xenolith help schema | diff -u docs/result.schema.json - || \
	    { echo "FAIL docs/result.schema.json: make it again by build/xenolith help schema"; exit 1; }
	@echo "PASS docs/result.schema.json"

TESTS += test-counters-document test-result-schema
