# SPDX-License-Identifier: GPL-2.0-only
#
# The root file system of Debian's own i386 executables. It needs packages from the network, once,
# so it is no part of `make`; `make root` makes it.
#
#: make root              a root file system of Debian's i386 programs, from the network
#: make shell             a terminal in Domain 0; SYSTEM=native: the bare kernel; COMMAND='...'
ROOT          := $(B)/root
ROOT_PACKAGES := busybox-static bash-static mksh libsqlite3-dev \
                 hello gzip bzip2 sqlite3 dash libc6 libtinfo6 libreadline8 libsqlite3-0 zlib1g libbz2-1.0 \
                 dbench libpopt0

$(ROOT)/fetched: workloads/root/fetch workloads/root/build.mk
	@mkdir -p $(@D)
	workloads/root/fetch $(ROOT) $(ROOT_PACKAGES)
	@touch $@

# SQLite: the library is Debian's, the small program around it ours.
SQLITE_DEV := $(ROOT)/unpacked/libsqlite3-dev/usr

$(WORKLOAD_BIN)/sqlite: workloads/sqlite/main.c $(ROOT)/fetched | deps
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(WORKLOAD_CFLAGS)) $(WORKLOAD_LDFLAGS) -isystem $(SQLITE_DEV)/include -o $@ $< \
	    $(SQLITE_DEV)/lib/i386-linux-gnu/libsqlite3.a -lm

ROOT_OWN := sbin/init=$(WORKLOAD_BIN)/init bin/sqlite=$(WORKLOAD_BIN)/sqlite bin/mark=$(WORKLOAD_BIN)/mark

# The tree stays beside the image: tests run the same programs from it on the host.
$(ROOT)/root.cpio: workloads/root/make-root workloads/root/pack workloads/root/build.mk $(ROOT)/fetched \
        $(WORKLOAD_BIN)/init $(WORKLOAD_BIN)/sqlite $(WORKLOAD_BIN)/mark | deps-test
	workloads/root/make-root $(ROOT)/tree $(ROOT)/unpacked $(ROOT_OWN)
	workloads/root/pack $(ROOT)/tree $@

# The same as a disk with a journal, and room.
$(ROOT)/root.img: $(ROOT)/root.cpio workloads/root/pack-disk
	workloads/root/pack-disk $(ROOT)/tree $@ 48000k

.PHONY: root
root: $(ROOT)/root.cpio $(ROOT)/root.img

# An interactive shell: make shell [SYSTEM=native] [COMMAND='...']
SYSTEM ?= xen

.PHONY: shell
shell: $(B)/xenolith $(B)/hv/hv.elf $(B)/guestos/kernel-xen.elf $(B)/guestos/kernel-native.elf \
        $(B)/workloads/bin/xl $(B)/workloads/bin/xend $(B)/workloads/kernel-xen.elf root
	@$(B)/xenolith shell --system $(SYSTEM) $(if $(COMMAND),--command '$(COMMAND)')
