# SPDX-License-Identifier: GPL-2.0-only
# Symbolic and hard links.
echo content >f
ln f hard; ln -s f soft; ln -s nowhere dangling; ln -s . self
cat hard soft; readlink soft; cat dangling 2>/dev/null || echo dangling
echo more >>hard; cat soft
rm f; cat hard; cat soft 2>/dev/null || echo broken
stat -c '%h %F' hard soft
ls self/self/self/hard; realpath self/hard | sed 's|.*/||'
ln -s loop2 loop1; ln -s loop1 loop2; cat loop1 2>/dev/null; echo $?
test -L soft && test ! -e soft && echo link
mkdir d; ln -s ../hard d/up; cat d/up
# Links that came with the root file system are as long as their targets.
find /bin/ /usr/bin/ -maxdepth 1 -type l -printf '%s %l\n' |
    awk '$1 != length($2) { wrong++ } END { print (NR > 0), wrong + 0 }'
