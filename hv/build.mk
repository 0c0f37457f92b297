# SPDX-License-Identifier: GPL-2.0-only
# The hypervisor: $(B)/hv/hv.elf, a Multiboot image for ring 0.

HV_ELF := $(B)/hv/hv.elf
ALL += $(HV_ELF)

# The public headers of the interface come from libxen-dev, in the system's include directory.
XEN_CPPFLAGS := -isystem /usr/include -D__XEN_INTERFACE_VERSION__=0x00040e00
HV_CFLAGS = $(KCFLAGS) $(XEN_CPPFLAGS) -D__XEN_TOOLS__

HV_SOURCES := $(sort $(wildcard hv/arch/*.[cS] hv/mm/*.c hv/core/*.c hv/dev/*.c hv/io/*.c hv/lib/*.c))
HV_OBJECTS := $(patsubst %,$(B)/%.ko,$(HV_SOURCES)) $(patsubst %,$(B)/hv/%.ko,$(FREESTANDING) $(PC) $(IMAGE))

$(B)/hv/%.c.ko: hv/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(HV_CFLAGS) -c -o $@ $<

$(B)/hv/include/%.c.ko: include/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(HV_CFLAGS) -c -o $@ $<

$(B)/hv/%.S.ko: hv/%.S | deps
	@mkdir -p $(@D)
	$(CC) $(HV_CFLAGS) -c -o $@ $<

$(HV_ELF): $(HV_OBJECTS) hv/hv.lds
	$(CC) $(KLDFLAGS) -T hv/hv.lds -o $@ $(HV_OBJECTS)

-include $(patsubst %.ko,%.d,$(HV_OBJECTS))

# ---- unit tests: the parts that need no machine, compiled for the host -------------------------
HV_UNIT      := $(B)/tests/hv
HV_UNIT_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/unit/hv_*.c tests/unit/pc_*.c) \
                    $(PC) include/freestanding/format.c \
                    hv/mm/frame.c hv/mm/release.c hv/mm/validate.c hv/mm/grant.c hv/mm/grant_map.c \
                    hv/mm/grant_copy.c hv/mm/heap_share.c hv/core/bvt.c hv/arch/descriptor.c)

$(HV_UNIT): $(HV_UNIT_OBJS) | deps-test
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lcriterion

.PHONY: test-hv
test-hv: $(HV_UNIT)
	$(HV_UNIT)
TESTS += test-hv
-include $(HV_UNIT_OBJS:.o=.d)
