# SPDX-License-Identifier: GPL-2.0-only
#
# make livecd: a CD that boots on a PC's BIOS (QEMU, Bochs), with the hypervisor, both kernels,
# Domain 0's root of Debian's programs, and what its guests boot from.
#
#: make livecd            a CD that boots on a PC's BIOS; make test-livecd types at it
LIVECD          := $(B)/livecd
LIVECD_PACKAGES := grub-common grub-pc-bin xorriso mtools
LIVECD_MOST     := 67108864 # bytes, 64 MB
LIVECD_BUSYBOX  := $(ROOT)/unpacked/busybox-static/bin/busybox
LIVECD_ATTACKS  := attack-map-hypervisor attack-writable-table attack-descriptors
LIVECD_OWN      := sbin/xl=$(WORKLOAD_BIN)/xl sbin/xend=$(WORKLOAD_BIN)/xend sbin/consoles=$(WORKLOAD_BIN)/consoles \
                   boot/kernel-xen.elf=$(B)/workloads/kernel-xen.elf boot/guest.cpio=$(B)/workloads/guest.cpio \
                   boot/shell.cpio=$(LIVECD)/shell.cpio \
                   $(foreach a,$(LIVECD_ATTACKS),boot/$(a).elf=$(LIVECD)/$(a).elf) bin/tour=workloads/livecd/tour

# A guest with a shell, and nothing else.
$(LIVECD)/shell.cpio: workloads/make-image $(WORKLOAD_BIN)/init $(ROOT)/fetched
	@mkdir -p $(@D)
	workloads/make-image $@ sbin/init=$(WORKLOAD_BIN)/init bin/busybox=$(LIVECD_BUSYBOX)

# Kernels of the tests, which attack the hypervisor and say what came of it.
$(LIVECD_ATTACKS:%=$(LIVECD)/%.elf): $(LIVECD)/%.elf: $(B)/tests/guest/%.elf
	@mkdir -p $(@D)
	objcopy --strip-debug $< $@

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
	cd $(LIVECD)/iso/boot && sha256sum *.elf *.cpio >SHA256SUMS
	grub-mkrescue -o $@ $(LIVECD)/iso >$@.log 2>&1
	@test $$(stat -c %s $@) -le $(LIVECD_MOST) || { echo "$@ is larger than $(LIVECD_MOST) bytes" >&2; exit 1; }

.PHONY: livecd test-livecd livecd-picture
livecd: $(B)/xenolith.iso
	@echo "$< boots from a BIOS: qemu-system-i386 -m 512 -cdrom $<   (serial line: -nographic)"

# The CD in QEMU, typed at: not in `make test`, for its packages are large.
test-livecd: livecd $(B)/tests/terminal/type $(B)/tests/terminal/press | deps-test
	@B=$(B) tests/terminal/livecd.sh

# The picture in the README.
livecd-picture: livecd $(B)/tests/terminal/press | deps-test
	$(B)/tests/terminal/press tests/terminal/picture.script qemu-system-i386 -m 512 -cpu max,-smap,-smep \
	    -cdrom $(B)/xenolith.iso -serial null -no-reboot -nic none
