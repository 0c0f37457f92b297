# SPDX-License-Identifier: GPL-2.0-only
#
# A user at the terminal of `make shell`, on both systems.
$(B)/tests/terminal/type $(B)/tests/terminal/press: $(B)/tests/terminal/%: tests/terminal/%.c | deps-test
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $<

.PHONY: test-terminal
test-terminal: $(B)/tests/terminal/type $(ROOT)/root.cpio $(B)/xenolith $(B)/hv/hv.elf $(B)/guestos/kernel-xen.elf \
        $(B)/guestos/kernel-native.elf $(B)/workloads/bin/xl $(B)/workloads/bin/xend $(B)/workloads/kernel-xen.elf
	@for system in native xen; do \
	    $(B)/tests/terminal/type 33 111 tests/terminal/shell.script $(B)/xenolith shell --system $$system || exit 1; \
	    echo "PASS a terminal session, $$system"; \
	    $(B)/tests/terminal/type 33 111 tests/terminal/escape.script \
	        sh -c 'x=$$1 s=$$2; $$x shell --system $$s; echo "still here, status $$?"; read -r word; echo "$$word$$word"' \
	        sh $(B)/xenolith $$system || exit 1; \
	    echo "PASS Ctrl-] by itself and twice, $$system"; \
	done

TESTS += test-terminal
