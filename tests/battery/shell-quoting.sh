# SPDX-License-Identifier: GPL-2.0-only
# Quotes, escapes, here-documents.
a='single $a "quoted"' b="double \$b 'quoted'"
echo "$a" "$b" \
    continued
cat <<END
a is $a, sum $((1 + 2)), $(echo command)
END
cat <<'END'
a is $a, sum $((1 + 2))
END
cat <<-END
	tabs	go
	END
printf '%s\n' "a
b" 'c\td' 'e	f'
echo 'it'\''s'
