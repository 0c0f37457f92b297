# SPDX-License-Identifier: GPL-2.0-only
#
# figure4.gp - conforming connections of 1 to 16 web servers on two processors, ours and the paper's
#
#   gnuplot -c plots/figure4.gp OURS.csv PAPER.csv OUT.svg
#   gnuplot -c plots/figure4.gp OURS.csv PAPER.csv OUT.png
#
# Both have the columns n, system and conforming; OURS.csv is that of experiments/figure4.pl.
ours  = ARG1
paper = ARG2
out   = ARG3
here  = system("dirname '" . ARG0 . "'")

xenolith_terminal = out[strlen(out)-3:] eq ".png" ? "png" : "svg"
load here . "/style.gp"
set output out

set title "Figure 4: web servers on two processors"
set xlabel "servers, or domains with one each"
set ylabel "connections with 320 kbit/s"
set logscale x 2
set xtics (1, 2, 4, 8, 16)
set xrange [0.9:18]
set yrange [0:1100]
set key outside top center horizontal

plot ours  using "n":(of("native", "conforming")) with linespoints linestyle 1  title "native", \
     paper using "n":(of("native", "conforming")) with linespoints linestyle 11 title "native, paper", \
     ours  using "n":(of("xen", "conforming"))    with linespoints linestyle 3  title "Xen", \
     paper using "n":(of("xen", "conforming"))    with linespoints linestyle 13 title "Xen, paper"
