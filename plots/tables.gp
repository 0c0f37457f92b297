# SPDX-License-Identifier: GPL-2.0-only
#
# tables.gp - Xen's time over the bare kernel's, row by row of Tables 3 to 5, ours and the paper's
#
#   gnuplot -c plots/tables.gp OURS.csv PAPER.csv OUT.svg
#   gnuplot -c plots/tables.gp OURS.csv PAPER.csv OUT.png
#
# Both have the columns row, l_up and xen; OURS.csv is that of experiments/tables.pl.
ours  = ARG1
paper = ARG2
out   = ARG3
here  = system("dirname '" . ARG0 . "'")

xenolith_terminal = out[strlen(out)-3:] eq ".png" ? "png" : "svg"
load here . "/style.gp"
set output out

set title "Tables 3 to 5: a domain's time over the bare kernel's, one processor"
set ylabel "Xen / L-UP"
set logscale y 2
set yrange [0.5:8]
set xtics rotate by -45 font ",10"
set key top right
set style fill solid 0.85
set boxwidth 0.9
set style histogram clustered gap 1
set style data histograms

plot ours  using (column("xen") / column("l_up")):xtic(strcol("row")) linecolor rgb COLOUR_FAST title "here", \
     paper using (column("xen") / column("l_up")) linecolor rgb "#bbbbbb" title "the paper"
