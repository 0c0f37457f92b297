# SPDX-License-Identifier: GPL-2.0-only
# Arguments in bulk.
seq 1 20 | xargs -n 6 echo
seq 1 5 | xargs -I{} echo "<{}>"
printf 'a b\nc\n' | xargs
printf 'a b\nc\n' | xargs -n 1 echo
echo | xargs -r echo none
seq 3000 | xargs | wc -w
find . -type f | xargs ls -d
