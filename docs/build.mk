# SPDX-License-Identifier: GPL-2.0-only
#
# Pictures of the documents, made from the tree and kept below docs/pictures.
#
#: make pictures          those of the documents
PACKAGES_PICTURES := graphviz fonts-dejavu-core

.PHONY: pictures
pictures: all $(B)/tests/guest/attack-reserved-bits.elf $(B)/guestos/disk.cpio
	@tests/install-packages $(PACKAGES_PICTURES)
	docs/house.pl | dot -Tpng -Gdpi=80 -o docs/pictures/house.png
	$(B)/xenolith view $(B)/hv/hv.elf --cpus 2 --module $(B)/guestos/kernel-xen.elf \
	    "init=/sbin/init -- xl create -p -n 8 memory=12 kernel=/boot/kernel-xen.elf ramdisk=/boot/guest.cpio extra=init=/bin/cint ; xl unpause all ; sleep 100" \
	    --module $(B)/workloads/domain0.cpio "" --screenshot docs/pictures/view.png --at 330ms
	docs/lessons/draw $(B)
