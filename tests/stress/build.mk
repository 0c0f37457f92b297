# SPDX-License-Identifier: GPL-2.0-only
#
# stress-ng: Debian's i386 program and its libraries, fetched as the root file system's are.
#
#: make stress            stress-ng's stressors on both systems against Linux
STRESS := $(B)/stress
STRESS_PACKAGES := stress-ng strace util-linux libc6 libapparmor1 libbsd0 libmd0 libcrypt1 libegl1 libgles2 libglvnd0 libgbm1 \
                   libjpeg62-turbo libjudydebian1 libkmod2 libsctp1 libxxhash0 zlib1g libzstd1 liblzma5 libssl3 \
                   libwayland-server0 libdrm2 libexpat1 libffi8 libunwind8 libgcc-s1 libcap-ng0

$(STRESS)/fetched: workloads/root/fetch tests/stress/build.mk
	@mkdir -p $(@D)
	workloads/root/fetch $(STRESS) $(STRESS_PACKAGES)
	@touch $@

$(STRESS)/root.cpio: tests/stress/make-tree workloads/root/pack $(STRESS)/fetched $(ROOT)/root.cpio $(WORKLOAD_BIN)/init | deps-test
	tests/stress/make-tree $(STRESS)/tree $(STRESS)/unpacked $(ROOT)/tree/bin/busybox $(WORKLOAD_BIN)/init
	workloads/root/pack $(STRESS)/tree $@

# Hours of two processors: each stressor on both systems.
.PHONY: stress
stress: $(B)/xenolith $(B)/hv/hv.elf $(B)/guestos/kernel-xen.elf $(B)/guestos/kernel-native.elf $(B)/workloads/bin/xl \
        $(B)/workloads/kernel-xen.elf $(STRESS)/root.cpio
	@status=0; for system in native xen; do B=$(B) tests/stress/run $$system $(STRESSORS) || status=1; done; exit $$status
