# SPDX-License-Identifier: GPL-2.0-only
#
# What makes a build an installed program: files below a prefix, and a package of Debian's.
#
#: make install           below PREFIX (/usr/local), within DESTDIR if that is given
#: make uninstall         removes that again
#: make new-kernel NAME=F a small PV kernel in the new folder F, with exercises
#: make deb               a package for this Debian or Ubuntu, in build/deb
#:
PREFIX   ?= /usr/local
DESTDIR  ?=
ZSH_PATH ?= share/zsh/site-functions

# The program finds them by its own place (sim/load/places.h), so the prefix stands in no file.
INSTALL_IMAGES := hv/hv.elf guestos/kernel-xen.elf guestos/kernel-native.elf workloads/kernel-xen.elf \
                  workloads/domain0.cpio workloads/guest.cpio workloads/native.cpio workloads/bin/xl \
                  workloads/bin/xend
INSTALL_TEXTS  := $(wildcard machines/*.ini experiments/*.ini paper/*.csv plots/*.gp)
INSTALL_DOCS   := README.md CHANGELOG.md CITATION.cff CONTRIBUTING.md SECURITY.md docs/code-tour.script $(wildcard docs/*.md docs/*.json docs/pictures/*.png)
INSTALL_MADE   := $(B)/completion/xenolith.bash $(B)/completion/_xenolith

$(B)/completion/xenolith.bash: $(B)/xenolith
	@mkdir -p $(@D)
	$< help bash >$@

$(B)/completion/_xenolith: $(B)/xenolith
	@mkdir -p $(@D)
	$< help zsh >$@

.PHONY: install uninstall deb test-deb
install: all $(INSTALL_MADE)
	@IMAGES="$(INSTALL_IMAGES)" TEXTS="$(INSTALL_TEXTS)" DOCS="$(INSTALL_DOCS)" \
	    packaging/install "$(B)" "$(DESTDIR)$(PREFIX)" "$(ZSH_PATH)"
	@echo "installed below $(DESTDIR)$(PREFIX): bin/xenolith, its images, manuals and headers"

uninstall:
	@packaging/install --remove "$(DESTDIR)$(PREFIX)" "$(ZSH_PATH)"

PACKAGES_DEB := dpkg-dev lintian

deb: all $(INSTALL_MADE)
	@tests/install-packages $(PACKAGES_DEB)
	@IMAGES="$(INSTALL_IMAGES)" TEXTS="$(INSTALL_TEXTS)" DOCS="$(INSTALL_DOCS)" MAINTAINER="$(MAINTAINER)" \
	    packaging/deb/make-deb $(B) $(VERSION)

.PHONY: new-kernel
new-kernel: $(B)/xenolith
	@course/new-kernel $(NAME) "$(CURDIR)/$(B)/xenolith"

# The package in a system that holds nothing else; not in `make test`, for it needs the network.
test-deb: deb
	@tests/install-packages debootstrap
	@packaging/deb/try-deb $(B)
