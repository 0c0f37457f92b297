# SPDX-License-Identifier: GPL-2.0-only
# Repeated lines.
printf 'a\na\nb\nc\nc\nc\na\n' >t
uniq t
uniq -c t
uniq -d t
uniq -u t
sort t | uniq -c | sort -rn
