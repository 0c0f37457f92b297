# SPDX-License-Identifier: GPL-2.0-only
#
#: make test-debian13     the tree built and tried in a clean Debian 13; DEBIAN=CODENAME: another
#
# Needs root and the network: not in `make test`.
DEBIAN ?= trixie

.PHONY: test-debian13
test-debian13: all deps-test
	@tests/install-packages debootstrap
	@B=$(B) tests/debian/run $(DEBIAN)
