# SPDX-License-Identifier: GPL-2.0-only
# Patterns of case and of file names.
for word in apple banana cherry 42 x.c "" "a b"; do
    case $word in
    [ab]*e) echo "$word: a or b, ends in e" ;;
    ba*) echo "$word: ba" ;;
    [0-9]*) echo "$word: number" ;;
    *.c | *.h) echo "$word: source" ;;
    "") echo "empty" ;;
    *) echo "$word: other" ;;
    esac
done
touch a1 a2 b1 b2 .hidden "with space"
echo *
echo a* [!a]* ?1
echo .h* none*
