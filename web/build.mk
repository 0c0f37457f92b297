# SPDX-License-Identifier: GPL-2.0-only
#
# make web: a folder that any static host can serve, and that needs nothing else. The CD boots in
# v86, a PC in WebAssembly, and xterm.js is its serial line. package-lock.json has exact versions.
#
#: make web               the live CD in a web page: the folder build/web; make test-web uses it
#:
WEB         := $(B)/web
WEB_OWN     := web/index.html web/licences.html web/style.css web/page.js web/tour.js
WEB_BIOS    := /usr/share/seabios/bios.bin /usr/share/seabios/vgabios-stdvga.bin
WEB_TAKEN   := node_modules/v86/build/libv86.js node_modules/v86/build/v86.wasm \
               node_modules/@xterm/xterm/lib/xterm.js node_modules/@xterm/xterm/css/xterm.css
WEB_FIGURES := $(wildcard $(B)/figures/figure6.svg) docs/pictures/livecd.png docs/pictures/house.png

# npm checks what it fetches against the lock file; nothing of the packages is run.
$(WEB)/npm/node_modules: web/package.json web/package-lock.json
	@command -v npm >/dev/null || tests/install-packages nodejs npm
	@mkdir -p $(WEB)/npm
	cp $^ $(WEB)/npm/
	cd $(WEB)/npm && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >npm.log
	@touch $@

# The CD's root without what the tour does not need: a quarter of its size, and of the boot.
$(WEB)/root.cpio: $(LIVECD)/root.cpio workloads/root/pack web/build.mk
	@rm -rf $(WEB)/tree
	@mkdir -p $(WEB)
	cp -a $(LIVECD)/tree $(WEB)/tree
	cd $(WEB)/tree && rm -rf lib usr/lib usr/bin/* bin/bash bin/mksh* bin/sqlite sbin/consoles boot/shell.cpio
	workloads/root/pack $(WEB)/tree $@

$(WEB)/xenolith.iso: web/grub.cfg $(B)/hv/hv.elf $(B)/workloads/kernel-xen.elf $(WEB)/root.cpio
	@tests/install-packages $(LIVECD_PACKAGES)
	@rm -rf $(WEB)/iso
	@mkdir -p $(WEB)/iso/boot/grub
	cp $(filter %.elf %.cpio,$^) $(WEB)/iso/boot
	objcopy --strip-all $(WEB)/iso/boot/hv.elf
	cp $< $(WEB)/iso/boot/grub
	grub-mkrescue -o $@ $(WEB)/iso >$(WEB)/iso.log 2>&1

# The site is a folder of its own: what lies beside it in $(WEB) is not served.
.PHONY: web test-web
web: $(WEB)/xenolith.iso $(WEB)/npm/node_modules $(WEB_OWN) $(WEB_FIGURES) web/notices
	@tests/install-packages seabios
	@rm -rf $(WEB)/site
	@mkdir -p $(WEB)/site/pictures
	cp $(WEB_OWN) LICENSE $(WEB_BIOS) $(WEB_TAKEN:%=$(WEB)/npm/%) $(WEB)/xenolith.iso $(WEB)/site/
	cp $(WEB_FIGURES) $(WEB)/site/pictures/
	web/notices $(ROOT)/unpacked $(WEB)/npm/node_modules >$(WEB)/site/notices.txt
	@echo "any static host can serve $(WEB)/site, as: python3 -m http.server -d $(WEB)/site"

# A user at a browser: Chromium, by keyboard and by buttons. Not in `make test`: its packages are
# large.
test-web: web
	@tests/install-packages chromium chromium-driver
	@node tests/web/page.mjs $(WEB)
