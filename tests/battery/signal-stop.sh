# SPDX-License-Identifier: GPL-2.0-only
# Stop and continue.
(i=0; while :; do i=$((i + 1)); echo $i >count; sleep 0.05; done) &
p=$!
sleep 0.5
kill -STOP $p; sleep 0.2; a=$(cat count); sleep 0.5; b=$(cat count)
[ "$a" = "$b" ] && echo stopped
kill -CONT $p; sleep 0.5; c=$(cat count)
[ "$c" != "$b" ] && echo continued
kill $p; wait $p 2>/dev/null; echo $?
