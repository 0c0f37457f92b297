# SPDX-License-Identifier: GPL-2.0-only
# Time-outs.
timeout 1 sleep 10; echo $?
timeout 5 echo in time; echo $?
timeout -s KILL 1 sleep 10; echo $?
timeout 1 sh -c 'trap "echo term; exit 5" TERM; sleep 10 & wait'; echo $?
sleep 0.2; echo slept
