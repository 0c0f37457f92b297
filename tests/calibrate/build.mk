# SPDX-License-Identifier: GPL-2.0-only
# The calibration image: the simulated machine's primitives measured from inside.
#
#: make calibrate         primitives beside published costs
CALIBRATE := $(B)/tests/calibrate/calibrate.elf

$(B)/tests/calibrate/calibrate.o: tests/calibrate/calibrate.c tests/bench/bench.h | deps
	@mkdir -p $(@D)
	$(CC) $(KCFLAGS) -c -o $@ $<

$(CALIBRATE): $(BENCH_KERNEL) $(B)/tests/calibrate/calibrate.o tests/bench/image.lds
	$(CC) $(KLDFLAGS) -T tests/bench/image.lds -o $@ $(BENCH_KERNEL) $(B)/tests/calibrate/calibrate.o

ALL += $(CALIBRATE)

.PHONY: calibrate
calibrate: $(CALIBRATE) $(B)/xenolith
	tests/calibrate/report.sh $(B)/xenolith $(CALIBRATE)
