# SPDX-License-Identifier: GPL-2.0-only
#
# make livecd: a CD that boots on a PC's BIOS (QEMU, Bochs), with the hypervisor, both kernels,
# Domain 0's root of Debian's programs, and what its guests boot from.
LIVECD          := $(B)/livecd
LIVECD_PACKAGES := grub-common grub-pc-bin xorriso mtools
LIVECD_MOST     := 67108864 # bytes, 64 MB
LIVECD_OWN      := sbin/xl=$(WORKLOAD_BIN)/xl sbin/xend=$(WORKLOAD_BIN)/xend \
                   boot/kernel-xen.elf=$(B)/workloads/kernel-xen.elf boot/guest.cpio=$(B)/workloads/guest.cpio

$(LIVECD)/root.cpio: workloads/root/make-root workloads/root/pack $(ROOT)/root.cpio \
        $(foreach own,$(LIVECD_OWN),$(lastword $(subst =, ,$(own))))
	@mkdir -p $(@D)
	workloads/root/make-root $(LIVECD)/tree $(ROOT)/unpacked $(ROOT_OWN) $(LIVECD_OWN)
	workloads/root/pack $(LIVECD)/tree $@

$(B)/xenolith.iso: workloads/livecd/grub.cfg $(B)/hv/hv.elf $(B)/guestos/kernel-native.elf \
        $(B)/workloads/kernel-xen.elf $(LIVECD)/root.cpio
	@tests/install-packages $(LIVECD_PACKAGES)
	@rm -rf $(LIVECD)/iso
	@mkdir -p $(LIVECD)/iso/boot/grub
	cp $(filter-out %/grub.cfg,$^) $(LIVECD)/iso/boot
	objcopy --strip-all $(LIVECD)/iso/boot/kernel-native.elf
	objcopy --strip-all $(LIVECD)/iso/boot/hv.elf
	cp workloads/livecd/grub.cfg $(LIVECD)/iso/boot/grub
	grub-mkrescue -o $@ $(LIVECD)/iso >$@.log 2>&1
	@test $$(stat -c %s $@) -le $(LIVECD_MOST) || { echo "$@ is larger than $(LIVECD_MOST) bytes" >&2; exit 1; }

.PHONY: livecd test-livecd
livecd: $(B)/xenolith.iso
	@echo "$< boots from a BIOS: qemu-system-i386 -m 512 -cdrom $< -nographic"

# The CD in QEMU, typed at: not in `make test`, for its packages are large.
test-livecd: livecd $(B)/tests/terminal/type $(B)/tests/terminal/press | deps-test
	@B=$(B) tests/terminal/livecd.sh
