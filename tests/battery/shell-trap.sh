# SPDX-License-Identifier: GPL-2.0-only
# Traps at exit and of signals.
trap 'echo exit trap' EXIT
(trap 'echo inner exit' EXIT; echo inner)
trap 'echo usr1' USR1
kill -USR1 $$
trap '' USR2
kill -USR2 $$
echo survived
trap - USR2
sh -c 'trap "echo term; exit 9" TERM; kill $$; echo not here'; echo $?
