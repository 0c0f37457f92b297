# SPDX-License-Identifier: GPL-2.0-only
# Environment and arguments.
A=1 B="two words" env | grep '^[AB]=' | sort
export C=3; sh -c 'echo $C; C=4; export C; sh -c "echo \$C"'; echo $C
env -i X=1 sh -c 'echo $X$HOME'
sh -c 'echo $0 $# $*' zero one two three
big=$(seq 1 5000 | tr '\n' ' '); sh -c 'echo ${#0}' "$big"
echo "$big" | wc -w
printf '%s\n' $big | tail -n 1
exec sh -c 'echo replaced'
