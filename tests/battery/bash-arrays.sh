# SPDX-License-Identifier: GPL-2.0-only
# bash: arrays and their slices.
bash <<'END'
a=(zero one "two words" three)
echo ${#a[@]} "${a[2]}" "${a[@]:1:2}" ${!a[@]}
a+=(four); unset 'a[1]'
for x in "${a[@]}"; do echo "<$x>"; done
declare -A m=([red]=1 [green]=2 [blue]=3)
for k in $(printf '%s\n' "${!m[@]}" | sort); do echo $k=${m[$k]}; done
s="Hello, World"
echo ${s,,} ${s^^} ${s/World/There} ${s:7} ${s: -5:3}
[[ $s =~ ^(H[a-z]+),\ (.*)$ ]] && echo "${BASH_REMATCH[2]} ${BASH_REMATCH[1]}"
printf '%(%Y)T\n' 0
END
