# SPDX-License-Identifier: GPL-2.0-only
# Long pipelines and their status.
seq 1 1000 | grep 7 | sed 's/7/seven/g' | sort | uniq | tail -n 5
seq 1 20 | while read n; do [ $((n % 5)) = 0 ] && echo "five $n"; done
true | false; echo $?
false | true; echo $?
! true; echo $?
yes | head -n 3
seq 100000 | tail -n 1
