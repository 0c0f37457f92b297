# SPDX-License-Identifier: GPL-2.0-only
# tar: made, listed, unpacked, with links and modes.
mkdir -p t/sub; echo one >t/one; seq 1 1000 >t/sub/two; ln -s one t/link; chmod 600 t/one; chmod 755 t/sub
tar cf a.tar t; tar tf a.tar | sort
mkdir x; tar xf a.tar -C x; diff -r t x/t && echo same; readlink x/t/link; stat -c %a x/t/one
tar czf a.tgz t; tar tzf a.tgz | wc -l
tar cjf a.tbz t; mkdir y; tar xjf a.tbz -C y; cmp t/sub/two y/t/sub/two && echo same
tar xOf a.tar t/one
tar cf - t | tar tf - | sort | head -n 2
