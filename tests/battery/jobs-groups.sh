# SPDX-License-Identifier: GPL-2.0-only
# A whole process group ends by one signal.
bash -c 'set -m
(sleep 100 & sleep 100 & wait) &
p=$!
sleep 0.3
kill -TERM -- -$p; wait $p 2>/dev/null; echo $?
while kill -0 -- -$p 2>/dev/null; do sleep 0.05; done # its members end, and are waited for, when they get to it
echo "group is gone"' 2>/dev/null
setsid sh -c 'echo new session'; sleep 0.2
nohup echo nohup 2>/dev/null | cat
