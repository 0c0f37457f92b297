# SPDX-License-Identifier: GPL-2.0-only
# A writer whose reader is gone.
yes | head -n 1
(yes; echo "yes ended: $?" >&2) 2>err | head -n 2
cat err
bash -c 'yes | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}'
sh -c 'trap "" PIPE; (echo a; sleep 0.3; echo b; echo "status $?" >st) 2>/dev/null | head -n 1'
sleep 0.5; cat st
