# SPDX-License-Identifier: GPL-2.0-only
#
#: make foreign MINIOS=DIR  mini-os from its source tree, with a disk and an interface
#
# Sources from elsewhere: not in `make test`.
MINIOS ?=

.PHONY: foreign
foreign: all deps-test $(ROOT)/root.cpio
	@B=$(B) tests/foreign/mini-os.sh "$(MINIOS)"
