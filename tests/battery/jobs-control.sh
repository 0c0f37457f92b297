# SPDX-License-Identifier: GPL-2.0-only
# Job control: groups, jobs, fg, bg, stopped jobs.
bash -c 'set -m
sleep 100 & sleep 200 &
jobs | sed "s/  */ /g"
kill %1; wait %1 2>/dev/null; echo $?
kill -STOP %2; sleep 0.3; jobs | sed "s/  */ /g"
bg %2 >/dev/null; sleep 0.2; jobs -r | wc -l
kill %2; wait %2 2>/dev/null; echo $?; jobs | wc -l' 2>/dev/null
# fg refuses a job that has ended, so this one waits to be in the foreground.
bash -c 'set -m; (sleep 0.5; exit 3) & fg >/dev/null; echo $?' 2>/dev/null
