# SPDX-License-Identifier: GPL-2.0-only
# Searching.
cat >t <<END
The quick brown fox
jumps over the lazy dog
THE END
foo.bar
END
grep the t
grep -ic the t
grep -n -v o t
grep -E 'qu|la' t
grep -F . t
grep -o '[a-z]*o[a-z]*' t
grep -q nothing t; echo $?
mkdir d; cp t d/one; echo fox >d/two
grep -r fox d | sort
grep -l fox d/* | sort
grep -A1 quick t; grep -w fox t
