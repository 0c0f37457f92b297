# SPDX-License-Identifier: GPL-2.0-only
# The cost model's objects and tests; included by cpu/build.mk.
TIMING_OBJECTS := $(addprefix $(B)/cpu/,costs.o timing.o decode.o)
TIMING_LIBS    := -lcapstone -linih
