# SPDX-License-Identifier: GPL-2.0-only
# The game of life, in awk, forty generations.
awk 'BEGIN { n = 20; g[2, 3] = g[3, 4] = g[4, 2] = g[4, 3] = g[4, 4] = 1
for (t = 0; t < 40; t++) { split("", h)
for (i = 1; i <= n; i++) for (j = 1; j <= n; j++) { c = 0
for (a = -1; a <= 1; a++) for (b = -1; b <= 1; b++) if (a || b) c += g[(i + a + n - 1) % n + 1, (j + b + n - 1) % n + 1]
if (c == 3 || (c == 2 && g[i, j])) h[i, j] = 1 }
split("", g); for (k in h) g[k] = 1 }
for (i = 1; i <= n; i++) { l = ""; for (j = 1; j <= n; j++) l = l (g[i, j] ? "#" : "."); print l } }'
