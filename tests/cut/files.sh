# SPDX-License-Identifier: GPL-2.0-only
# What the machine does when it is cut off: makes, moves, links and removes files, and syncs. A
# file's content tells its number. What is said to be synced must be found later; files with a
# number that 3 divides are removed some rounds after.
mkdir /written
i=0
while :; do
    i=$((i + 1))
    folder=/written/$((i % 5))
    mkdir -p $folder
    seq $i $((i * 7 + 300)) >$folder/new
    mv $folder/new $folder/$i
    ln -s $i $folder/link-$i
    echo $i >/written/counter
    old=$((i - 6))
    if [ $i -gt 9 ] && [ $((i % 3)) -eq 0 ]; then
        rm -f /written/$((old % 5))/$old /written/$((old % 5))/link-$old
    fi
    sync
    echo "synced $i"
done
