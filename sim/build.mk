# SPDX-License-Identifier: GPL-2.0-only
#
# The simulated PC and the xenolith command.
SIM_PARTS := $(patsubst %.c,%.o,$(wildcard sim/*.c sim/machine/*.c sim/dev/*.c sim/account/*.c sim/lab/*.c))
SIM_OBJS  := $(addprefix $(B)/,$(SIM_PARTS))
SIM_LIBS  := -ljansson -linih

$(B)/sim/%.o: CPPFLAGS += -DXENOLITH_VERSION='"$(VERSION)"'

$(B)/xenolith: $(SIM_OBJS) $(CPU_OBJS)
	$(CC) $(LDFLAGS) $(CPU_LDFLAGS) -o $@ $^ $(CPU_LIBS) $(SIM_LIBS)

ALL += $(B)/xenolith

-include $(SIM_OBJS:.o=.d)
