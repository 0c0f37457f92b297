# SPDX-License-Identifier: GPL-2.0-only
# Renaming over, into and across folders.
echo 1 >a; echo 2 >b; mv a b; cat b; ls
mkdir d e; mv b d; mv d e; find . | sort
mkdir -p x/y; mv x e/d; find . | sort
mv e/d/b "new name"; cat new*
mkdir full empty; touch full/f; mv -T empty full 2>/dev/null || echo refused
mv nothing here 2>/dev/null || echo nothing
mv full full/inside 2>/dev/null || echo "into itself"
