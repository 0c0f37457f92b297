# SPDX-License-Identifier: GPL-2.0-only
#
# The guest kernel: one source, two images.
GUESTOS_COMMON := $(wildcard guestos/kernel/*.c guestos/mm/*.c guestos/fs/*.c guestos/drivers/*.c \
                             guestos/arch/x86/*.c)
GUESTOS_NATIVE := $(GUESTOS_COMMON) $(wildcard guestos/arch/native/*.c guestos/arch/native/*.S)
GUESTOS_XEN    := $(GUESTOS_COMMON) $(wildcard guestos/arch/xen/*.c guestos/arch/xen/*.S)

guestos_objects = $(patsubst %.S,$(B)/guestos/$(1)/%.o,$(patsubst %.c,$(B)/guestos/$(1)/%.o,$(2)))
GUESTOS_NATIVE_O := $(call guestos_objects,native,$(GUESTOS_NATIVE))
GUESTOS_XEN_O    := $(call guestos_objects,xen,$(GUESTOS_XEN))

# Xen's public headers, which compile for 32 bits with a few types of our own.
GUESTOS_XEN_FLAGS := -idirafter /usr/include -D__XEN_INTERFACE_VERSION__=0x00040e00

$(B)/guestos/native/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) $(KCFLAGS) -c -o $@ $<
$(B)/guestos/native/%.o: %.S | deps
	@mkdir -p $(@D)
	$(CC) $(KCFLAGS) -c -o $@ $<
$(B)/guestos/xen/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) $(KCFLAGS) $(GUESTOS_XEN_FLAGS) -c -o $@ $<
$(B)/guestos/xen/%.o: %.S | deps
	@mkdir -p $(@D)
	$(CC) $(KCFLAGS) $(GUESTOS_XEN_FLAGS) -c -o $@ $<

# The listing beside each image is for reading and for addresses in messages.
$(B)/guestos/kernel-native.elf: $(GUESTOS_NATIVE_O) guestos/arch/native/kernel.ld
	$(CC) $(KLDFLAGS) -T guestos/arch/native/kernel.ld -o $@ $(GUESTOS_NATIVE_O)
	objdump -d $@ > $(@:.elf=.lst)
$(B)/guestos/kernel-xen.elf: $(GUESTOS_XEN_O) guestos/arch/xen/kernel.ld
	$(CC) $(KLDFLAGS) -T guestos/arch/xen/kernel.ld -o $@ $(GUESTOS_XEN_O)
	objdump -d $@ > $(@:.elf=.lst)

ALL += $(B)/guestos/kernel-native.elf $(B)/guestos/kernel-xen.elf

-include $(GUESTOS_NATIVE_O:.o=.d) $(GUESTOS_XEN_O:.o=.d)
