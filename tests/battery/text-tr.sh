# SPDX-License-Identifier: GPL-2.0-only
# Translating characters.
echo 'Hello, World 123' | tr a-z A-Z
echo 'Hello, World 123' | tr -d '[:digit:][:punct:]'
echo 'aabbccdd' | tr -s a-c
echo 'rot thirteen' | tr a-z n-za-m | tee enc | tr a-z n-za-m
cat enc
printf '\001\002\377' | od -c
echo abc | rev
seq 5 | tac
