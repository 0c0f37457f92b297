# SPDX-License-Identifier: GPL-2.0-only
#
# A web server of Debian's, with the file set of the web load. It needs packages from the network,
# once, so it is no part of `make`.
WEB_ROOT     := $(B)/web99
WEB_PACKAGES := busybox-static libc6 libcrypt1 libpcre2-8-0 libxxhash0 libnettle8 lighttpd
WEB_FILES    ?= 1

$(WEB_ROOT)/fetched: workloads/root/fetch workloads/web99/build.mk
	@mkdir -p $(@D)
	workloads/root/fetch $(WEB_ROOT) $(WEB_PACKAGES)
	@touch $@

$(WEB_ROOT)/web.cpio: workloads/web99/make-root workloads/root/pack $(WEB_ROOT)/fetched $(WEB99_TOOL) \
        $(B)/workloads/bin/web99 $(B)/workloads/bin/init
	rm -rf $(WEB_ROOT)/files
	$(WEB99_TOOL) $(WEB_ROOT)/files $(WEB_FILES)
	workloads/web99/make-root $(WEB_ROOT)/tree $(WEB_ROOT)/unpacked $(WEB_ROOT)/files \
	    sbin/init=$(B)/workloads/bin/init bin/web99=$(B)/workloads/bin/web99
	workloads/root/pack $(WEB_ROOT)/tree $@

# The same with Debian's apache2 in the other server's place.
APACHE_ROOT     := $(B)/apache
APACHE_PACKAGES := apache2-bin libapr1 libaprutil1 libuuid1 libexpat1

$(APACHE_ROOT)/fetched: workloads/root/fetch workloads/web99/build.mk
	@mkdir -p $(@D)
	workloads/root/fetch $(APACHE_ROOT) $(APACHE_PACKAGES)
	@touch $@

$(APACHE_ROOT)/web.cpio: workloads/web99/make-apache workloads/root/pack $(APACHE_ROOT)/fetched $(WEB_ROOT)/web.cpio
	workloads/web99/make-apache $(APACHE_ROOT)/tree $(APACHE_ROOT)/unpacked $(WEB_ROOT)/tree
	workloads/root/pack $(APACHE_ROOT)/tree $@
