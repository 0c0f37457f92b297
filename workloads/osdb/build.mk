# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's PostgreSQL with the relation that OSDB's multi-user tests use, on an ext3 disk: the bare
# kernel makes the data base on it, once. It needs packages from the network, so it is no part of
# `make`.
#
#: make osdb              a disk with PostgreSQL and a data base, from the network
OSDB        := $(B)/osdb
OSDB_TUPLES ?= 100000
OSDB_PACKAGES := busybox-static libc6 libgcc-s1 libstdc++6 postgresql-15 postgresql-client-15 libpq5 libgssapi-krb5-2 \
    libkrb5-3 libk5crypto3 libcom-err2 libkrb5support0 libkeyutils1 libicu72 libldap-2.5-0 libsasl2-2 liblz4-1 libpam0g \
    libaudit1 libcap-ng0 libselinux1 libpcre2-8-0 libssl3 libsystemd0 libcap2 libgcrypt20 libgpg-error0 liblzma5 libzstd1 \
    libxml2 zlib1g libreadline8 libtinfo6

$(OSDB)/fetched: workloads/root/fetch workloads/osdb/build.mk
	@mkdir -p $(@D)
	workloads/root/fetch $(OSDB) $(OSDB_PACKAGES)
	@touch $@

OSDB_FILES := $(addprefix workloads/osdb/,schema.sql ir.sql oltp.sql)

$(OSDB)/empty.img: workloads/osdb/make-root workloads/osdb/osdb workloads/root/libraries workloads/root/pack-disk \
        $(OSDB_FILES) $(OSDB)/fetched $(WORKLOAD_BIN)/init $(WORKLOAD_BIN)/mark | deps-test
	workloads/osdb/make-root $(OSDB)/tree $(OSDB)/unpacked sbin/init=$(WORKLOAD_BIN)/init bin/mark=$(WORKLOAD_BIN)/mark \
	    bin/osdb=workloads/osdb/osdb $(foreach file,$(OSDB_FILES),etc/osdb/$(notdir $(file))=$(file))
	workloads/root/pack-disk $(OSDB)/tree $@ 260000k 4096

# Two minutes: initdb, the relation, its index.
$(OSDB)/osdb.img: $(OSDB)/empty.img | $(B)/xenolith $(B)/guestos/kernel-native.elf
	cp $< $@.part
	$(B)/xenolith boot $(B)/guestos/kernel-native.elf "quiet root=/dev/hda init=/bin/osdb -- prepare $(OSDB_TUPLES)" \
	    --disk $@.part --disk-write --mem 256M --timing fast >$(OSDB)/prepare.log 2>&1 </dev/null
	grep '^osdb: $(OSDB_TUPLES) tuples are ready' $(OSDB)/prepare.log || { tail $(OSDB)/prepare.log; exit 1; }
	mv $@.part $@

.PHONY: osdb
osdb: $(OSDB)/osdb.img
