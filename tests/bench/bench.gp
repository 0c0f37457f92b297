# SPDX-License-Identifier: GPL-2.0-only
# bench.gp TABLE PICTURE.svg: speed of each emulator on each image, from a table made of bench.json.
table = ARG1
set terminal svg size 900,450 font "sans,13" background "white"
set output ARG2
set title "Speed on the same images, one run (higher is faster)"
set ylabel "million instructions a second"
set logscale y
set yrange [1:*]
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.8 border -1
set grid ytics lc rgb "#dddddd"
set key outside right top
plot for [column=2:6] table using column:xtic(1) title columnheader(column)
