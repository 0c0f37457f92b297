# SPDX-License-Identifier: GPL-2.0-only
# bash: process substitution, coprocess, pipe status.
bash -c 'diff <(seq 1 5) <(seq 2 6)
true | false | true; echo "${PIPESTATUS[@]}"
mapfile -t lines < <(printf "a\nb\nc\n"); echo ${#lines[@]} ${lines[1]}
set -o pipefail; false | true; echo $?
cat <<<"here string"'
