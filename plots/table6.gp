# SPDX-License-Identifier: GPL-2.0-only
#
# table6.gp - TCP's bandwidth, of the bare kernel and of a domain, ours and the paper's
#
#   gnuplot -c plots/table6.gp OURS.csv PAPER.csv OUT.svg
#   gnuplot -c plots/table6.gp OURS.csv PAPER.csv OUT.png
#
# Both have the columns row, native and xen; OURS.csv is that of experiments/table6.pl.
ours  = ARG1
paper = ARG2
out   = ARG3
here  = system("dirname '" . ARG0 . "'")

xenolith_terminal = out[strlen(out)-3:] eq ".png" ? "png" : "svg"
load here . "/style.gp"
set output out

set title "Table 6: bandwidth by ttcp over a Gigabit wire"
set xlabel "frame size (bytes) and direction"
set ylabel "Mb/s (2^{20} bits)"
set yrange [0:1000]
set key outside top center horizontal
set style fill solid 0.85
set boxwidth 0.9
set style histogram clustered gap 1
set style data histograms

plot ours  using (column("native")):xtic(strcol("row")) linecolor rgb COLOUR_NATIVE title "native", \
     paper using (column("native")) linecolor rgb "#999999" title "native, paper", \
     ours  using (column("xen")) linecolor rgb COLOUR_FAST title "Xen", \
     paper using (column("xen")) linecolor rgb "#f0b38a" title "Xen, paper"
