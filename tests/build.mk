# SPDX-License-Identifier: GPL-2.0-only
include tests/bench/build.mk
include tests/calibrate/build.mk
include tests/guest/build.mk
