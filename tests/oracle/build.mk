# SPDX-License-Identifier: GPL-2.0-only
# make oracle: real Xen, built from Debian's source, judges the guest tests and the hypervisor.
#
#: make oracle            real Xen as the judge of the guest tests
PACKAGES_ORACLE := qemu-system-x86 bison flex python3 make gcc

.PHONY: oracle
oracle: all
	@tests/install-packages $(PACKAGES_ORACLE)
	tests/oracle/build-real-xen $(B)/oracle/xen
	@$(MAKE) $(B)/tests/images/judge
	@B=$(B) tests/oracle/images.sh
	@B=$(B) tests/oracle/compare.sh

$(B)/tests/images/judge: $(patsubst %,$(B)/tests/images/%.o,judge image cases)
	$(CC) $(LDFLAGS) -o $@ $^ -lxenguest -lxenctrl
