# SPDX-License-Identifier: GPL-2.0-only
# Signals end processes, and their parents see which.
for s in HUP TERM KILL USR1 ALRM PIPE; do
    sleep 100 &
    kill -$s $!
    wait $! 2>/dev/null
    echo "$s $?"
done 2>/dev/null
sh -c 'kill -INT $$' 2>/dev/null; echo $? # what runs in the background ignores it, from some moment on
sh -c 'kill -9 $$' 2>/dev/null; echo $?
sh -c 'kill -SEGV $$' 2>/dev/null; echo $?
kill -0 $$ && echo alive
sleep 100 & p=$!; kill $p; wait $p 2>/dev/null; kill -0 $p 2>/dev/null || echo gone
