# SPDX-License-Identifier: GPL-2.0-only
# Dates of given seconds.
date -u -d @0 '+%Y-%m-%d %H:%M:%S %a %j'
date -u -d @1066521600 '+%A %d %B %Y, week %V'
date -u -d '2000-02-29 23:59:59' '+%s'
cal 10 2003
TZ=UTC-2 date -d @86400 '+%F %T'
