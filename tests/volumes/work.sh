# SPDX-License-Identifier: GPL-2.0-only
# What is done on each volume: names, directories, links, holes, files without a name, renames, a
# full disk, and no more inodes. tests/volumes/expected is what it prints, on every volume that can
# be written.
export PATH=/bin
# repeat N CHARACTER
repeat() {
    printf "$2%.0s" $(seq 1 $1)
}

mkdir /w
cd /w
echo "== names"
long=$(repeat 255 n)
echo of 255 characters >$long
cat $long
touch ${long}x 2>/dev/null || echo "256 are refused"
path=. i=0
while [ $i -lt 40 ]; do
    path=$path/deep-directory-$i i=$((i + 1))
done
mkdir -p $path
echo "at the bottom" >$path/file
cat $path/file
find . -type d | wc -l

echo "== a large directory"
mkdir many
i=0
while [ $i -lt 600 ]; do
    echo $i >many/file-with-a-rather-long-name-$i
    i=$((i + 1))
done
ls many | wc -l
cat many/*-599
i=0
while [ $i -lt 600 ]; do
    rm many/file-with-a-rather-long-name-$i
    i=$((i + 2))
done
ls many | wc -l

echo "== links"
echo contents >target
ln -s target fast
for n in 59 60 61 500; do
    text=$(repeat $n t)
    ln -s $text link-$n
    [ "$(readlink link-$n)" = $text ] || echo "a link to $n characters is wrong"
done
cat fast
ln target hard1
ln hard1 hard2
stat -c %h target
rm target
cat hard2
stat -c %h hard1

echo "== holes"
echo end | dd of=sparse bs=1 seek=73400320 2>/dev/null # behind a triple indirect block, if blocks are of 1 kB
stat -c %s sparse
dd if=sparse bs=1k count=1 skip=70000 2>/dev/null | tr -d '\0' | wc -c
tail -c 4 sparse
echo tail | dd of=big bs=1 seek=2140000000 2>/dev/null
stat -c %s big
tail -c 5 big
rm big
echo huge | dd of=huge bs=1 seek=3000000000 2>/dev/null || echo "3 GB are refused"
rm -f huge

echo "== a file without a name"
exec 5<>gone
echo unseen >&5
rm gone
ls gone 2>/dev/null
exec 5>&-

echo "== renames"
echo a >a
echo b >b
mv a b
cat b
mkdir -p d1/s d2
echo f >d1/s/f
mv d1/s d2/s
mv d2 d1/d2
cat d1/d2/s/f
mv d1 d1/d2/s/d1 2>/dev/null || echo "not into itself"
stat -c %h d1 d1/d2
mkdir e1 e2
touch e2/x
mv -T e1 e2 2>/dev/null || echo "not over a full one"
rm e2/x
mv -T e1 e2
echo e*

echo "== a full disk"
i=0
while dd if=/dev/zero of=fill-$i bs=64k count=16 2>/dev/null; do
    i=$((i + 1))
done
[ $i -gt 0 ] && echo full
cat hard1
rm fill-*
echo again >again
cat again

echo "== no more inodes"
mkdir in
i=0
while true 2>/dev/null >in/$i; do
    i=$((i + 1))
done
[ $i -gt 100 ] && echo "no more"
rm -r in
echo new >new
cat new
find . | sort | md5sum
