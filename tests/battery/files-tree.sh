# SPDX-License-Identifier: GPL-2.0-only
# A tree: made, walked, copied, moved, removed.
mkdir -p a/b/c a/d
for f in a/1 a/b/2 a/b/c/3 a/d/4; do echo "file $f" >$f; done
find . | sort
find a -type f -name '[23]' | sort
find a -type d | wc -l
cp -r a copy; diff -r a copy && echo same
mv copy/b copy/moved; find copy | sort
rm -r copy/moved; ls copy
find a -name 4 -exec cat {} \;
find a -type f -print0 | xargs -0 cat | sort
find a -depth -type d | xargs -n 1 echo | sort -r | head -n 1
rmdir a 2>/dev/null || echo "not empty"; rm -rf a copy; ls
