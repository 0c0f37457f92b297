# SPDX-License-Identifier: GPL-2.0-only
#
#: make test-io, make destroy  disks and networks at length
test-system-vif: $(B)/guestos/destroy.cpio $(ROOT)/root.cpio
test-system-volumes test-system-states: $(B)/guestos/disk.cpio $(ROOT)/root.cpio
test-system-block: $(ROOT)/root.cpio $(B)/guestos/disk.cpio $(B)/guestos/destroy.cpio $(B)/guestos/battery.img

# A thousand domains destroyed while a disk writes into their memory, and a thousand while a network
# card reads from it; twenty minutes.
.PHONY: destroy
destroy: all $(B)/guestos/destroy.cpio
	B=$(B) tests/system/block.sh 1000
	B=$(B) tests/system/vif.sh 1000

# What of disks and networks takes too long for `make test`.
.PHONY: test-io
test-io: all deps-test $(B)/guestos/disk.cpio $(B)/guestos/destroy.cpio $(ROOT)/root.cpio
	B=$(B) tests/system/block.sh 100
	B=$(B) tests/system/volumes.sh 100
	B=$(B) tests/io/wide.sh
	B=$(B) tests/system/vif.sh 300
	B=$(B) tests/guest/fuzz-rings.sh 100000 1 2 3
	B=$(B) tests/system/tcp.sh 100000000
