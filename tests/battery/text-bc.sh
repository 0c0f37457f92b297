# SPDX-License-Identifier: GPL-2.0-only
# Arithmetic of any length.
echo '2^200' | bc
echo 'scale=20; 1/7; sqrt(2)' | bc
echo 'define f(n) { if (n <= 1) return 1; return n * f(n - 1); }
f(30)' | bc
echo '16 i FF p' | dc
echo '2 3 + 4 * p 10 ^ p' | dc
echo 'obase=2; 1000' | bc
