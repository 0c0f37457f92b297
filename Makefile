# SPDX-License-Identifier: GPL-2.0-only
#
# Xenolith's one Makefile. Each folder adds its own build.mk; everything is built below $(B).
#
# `make help` lists what it does, from the lines that begin with #: here and there.
#
#: make                   builds everything below build/
#: make run               Figure 6 with five points a curve: a table and a picture
#: make figure6           the whole of Figure 6
#: make test              all tests, 10 minutes of two cores
#: make clean             removes what was built
#:
#: MODE=debug|asan|ubsan  another build of the host programs, in build-MODE
#: V=1                    shows every command
#: DEPS=no                installs no packages, and says which are missing
#:

MODE ?= release
ifeq ($(MODE),release)
B := build
else
B := build-$(MODE)
endif

VERSION := 0.1

# A cd in a recipe says nothing, and goes nowhere else.
unexport CDPATH

# Numbers have points and names sort by bytes in all recipes, whatever the user's locale says.
export LC_ALL := C.UTF-8

CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif

# Without V=1 a line names what is being made; expanding CC in its recipe prints it.
ifndef V
COMPILER := $(CC)
override CC = $(if $@,$(info $(patsubst $(B)/%,  %,$@)))$(COMPILER)
endif

# Host programs: the simulator, its tests and tools.
MODE_CFLAGS_release := -O2 -g -DNDEBUG
MODE_CFLAGS_debug   := -O0 -g
MODE_CFLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
MODE_CFLAGS_ubsan   := -O1 -g -fsanitize=undefined -fno-sanitize-recover=undefined
MODE_CFLAGS := $(MODE_CFLAGS_$(MODE))
ifeq ($(MODE_CFLAGS),)
$(error MODE is one of release, debug, asan, ubsan; not '$(MODE)')
endif

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
CPPFLAGS := -I. -I$(B) -D_GNU_SOURCE
CFLAGS   := -std=gnu17 $(MODE_CFLAGS) $(WARNINGS) -fno-pie -MMD -MP
LDFLAGS  := -no-pie $(filter -fsanitize=%,$(MODE_CFLAGS))

# Images are the same bytes wherever the tree lies: results carry their hashes.
SAME_PATHS := '-ffile-prefix-map=$(CURDIR)=.'

# Code that runs inside the simulated machine: 32-bit, freestanding, the same in every MODE.
KCFLAGS := -m32 -march=i686 -std=gnu17 -O2 -g -ffreestanding -nostdinc -fno-pic -fno-pie \
           -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none \
           -mno-sse -mno-mmx -mno-80387 -mpreferred-stack-boundary=2 $(WARNINGS) -MMD -MP -I. \
           $(SAME_PATHS)
KLDFLAGS := -m32 -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,norelro \
            -Wl,--no-warn-rwx-segments

# What programs without a C library share; each compiles it with its own flags.
FREESTANDING := $(sort $(wildcard include/freestanding/*.c))
# ... a connection of TCP, for kernels and for the machines at the far end of the wire.
TCP := $(sort $(wildcard include/tcp/*.c))
# What a web load asks for: for clients outside of the machine, a server's program, a tool.
WEB99 := include/web99/web99.c
# ... and kernels that drive a PC's screen, keyboard and power.
PC := $(sort $(wildcard include/pc/*.c))
# ... and the builders of domains.
IMAGE := $(sort $(wildcard include/image/*.c))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDEXPANSION:
MAKEFLAGS += --no-builtin-rules
ifndef V # make V=1 shows every command
MAKEFLAGS += --silent
endif

ALL :=    # what `make` builds
TESTS :=  # phony targets that `make test` runs, in order
CLEAN :=

include $(wildcard cpu/build.mk sim/build.mk hv/build.mk guestos/build.mk workloads/build.mk \
                   plots/build.mk paper/build.mk experiments/build.mk tests/build.mk docs/build.mk \
                   packaging/build.mk web/build.mk)

all: $(ALL)
	@echo "built: $(B)/xenolith; make help lists what else there is"

.PHONY: help
help:
	@sed -n 's/^#: \{0,1\}//p' Makefile $(sort $(filter %.mk,$(MAKEFILE_LIST)))

$(B)/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(patsubst %.c,$(B)/%.o,$(wildcard tests/unit/*.c)): | deps-test

# What each object was made from, as the compiler noted it.
-include $(shell find $(B) \( -path $(B)/oracle -o -path $(B)/debian \) -prune -o -type f -name '*.d' -print 2>/dev/null)

# ---- packages --------------------------------------------------------------------------------
# Everything comes from Debian. The stamp says that this list was installed.
PACKAGES_RUN  := gcc gcc-multilib libc6-dev-i386 libslirp-dev libunicorn-dev libcapstone-dev libdw-dev libinih-dev \
                 libjansson-dev libsqlite3-dev zlib1g-dev liblzma-dev libbz2-dev libzstd-dev liblz4-dev libxxhash-dev libxen-dev gnuplot-nox cpio scdoc binutils \
                 libncurses-dev libsdl2-dev libsdl2-ttf-dev libpng-dev fonts-dejavu-core
PACKAGES_TEST := curl libcriterion-dev libmpfr-dev qemu-system-x86 qemu-user jq e2fsprogs python3-jsonschema locales sqlite3 valgrind gdb xen-utils-common protobuf-compiler xvfb xdotool tmux

export DEPS # no: tests/install-packages installs nothing

DEPS_STAMP      := $(B)/.packages
DEPS_STAMP_TEST := $(B)/.packages-test

.PHONY: all deps deps-test clean format lint test test-inspect run figure6 check-tools
deps: $(DEPS_STAMP)
deps-test: $(DEPS_STAMP_TEST)

$(DEPS_STAMP): Makefile tests/install-packages
	@mkdir -p $(@D)
	@tests/install-packages $(PACKAGES_RUN)
	@[ "$(DEPS)" = no ] || touch $@

$(DEPS_STAMP_TEST): Makefile tests/install-packages | $(DEPS_STAMP)
	@tests/install-packages $(PACKAGES_TEST)
	@[ "$(DEPS)" = no ] || touch $@

# ---- tests -----------------------------------------------------------------------------------
# Packages first, by themselves: with -j nothing may compile against what is not installed yet.
.PHONY: test-all test-units
test: deps deps-test
	$(MAKE) test-all

# The processors' tests stopped between instructions: minutes.
test-inspect: $(TESTS_INSPECT)

test-all: all $(TESTS)
	@echo "all tests passed"

# Host code only, for MODE=asan and MODE=ubsan. What a sanitizer finds when a test has reported, as
# leaks are found, fails no test: so it is collected and looked at.
test-units: deps deps-test
	@rm -f $(B)/sanitizer.*
	ASAN_OPTIONS="$$ASAN_OPTIONS:log_path=$(B)/sanitizer" \
	    $(MAKE) test-cpu test-timing test-sim test-hv test-unit-guestos test-unit-work
	@! cat $(B)/sanitizer.* 2>/dev/null

# ---- housekeeping ----------------------------------------------------------------------------
SOURCES = $(shell tests/lint/files '*.c' '*.h')

format:
	clang-format -i $(SOURCES)

PACKAGES_LINT := clang-format

lint: analyse guestos
	@tests/install-packages $(PACKAGES_LINT)
	clang-format --dry-run -Werror $(SOURCES)
	@tests/lint/check-spdx
	@tests/lint/check-comments
	@tests/lint/check-tree
	@tests/lint/check-locks $(GUESTOS_B)/kernel-native.elf $(GUESTOS_B)/kernel-xen.elf

# The compiler's analyser (-fanalyzer), each file as its program compiles it; a warning is an error.
# In user programs it takes memory that a structure passes on for lost: leaks are left to MODE=asan.
ANALYSED_HOST := $(sort $(wildcard cpu/*.c cpu/*/*.c sim/*/*.c sim/dev/*/*.c tests/fire/*.c))
ANALYSED_WORK := $(sort $(wildcard workloads/dom0/xl/*.c workloads/dom0/xl/devices/*.c workloads/dom0/commands/*.c workloads/dom0/config/*.c workloads/dom0/volumes/*.c workloads/dom0/xend/*.c workloads/dom0/xend/store/*.c))
ANALYSED_HV   := $(filter %.c,$(HV_SOURCES))
ANALYSED_XEN  := $(filter %.c,$(GUESTOS_XEN))
ANALYSED_BARE := $(filter guestos/arch/native/%.c,$(GUESTOS_NATIVE))
ANALYSED      :=

# $(call analysed,FILES,FLAGS): an object of each file, made only to be looked at.
define analysed
$(1:%.c=$(B)/analysed/%.o): $(B)/analysed/%.o: %.c | deps
	@mkdir -p $$(@D)
	$$(CC) $(2) -fanalyzer -c -o $$@ $$<
ANALYSED += $(1:%.c=$(B)/analysed/%.o)
endef
USER_LEAKS := -Wno-analyzer-malloc-leak
$(eval $(call analysed,$(ANALYSED_HOST),$$(CPPFLAGS) -DXENOLITH_VERSION='"$$(VERSION)"' $$(CFLAGS) $(USER_LEAKS)))
$(eval $(call analysed,$(ANALYSED_WORK),$$(WORKLOAD_CFLAGS) -I. $(USER_LEAKS)))
$(eval $(call analysed,$(ANALYSED_HV),$$(HV_CFLAGS)))
$(eval $(call analysed,$(ANALYSED_XEN),$$(GUESTOS_FLAGS) $$(GUESTOS_XEN_FLAGS)))
$(eval $(call analysed,$(ANALYSED_BARE),$$(GUESTOS_FLAGS)))

.PHONY: analyse
analyse: $(ANALYSED)

clean:
	rm -rf build build-debug build-asan build-ubsan
