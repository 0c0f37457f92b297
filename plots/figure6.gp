# SPDX-License-Identifier: GPL-2.0-only
#
# figure6.gp - throughput of n concurrent copies, ours and the paper's
#
#   gnuplot -c plots/figure6.gp OURS.csv PAPER.csv OUT.svg
#   gnuplot -c plots/figure6.gp OURS.csv PAPER.csv OUT.png
#
# Both files have the columns n, system and throughput (normalised to one copy), in any order, with
# a line of names; system is native, xen-50ms or xen-5ms. The paper's points are drawn at the same n
# as ours and at all others.

ours  = ARG1
paper = ARG2
out   = ARG3
here  = system("dirname '" . ARG0 . "'")

xenolith_terminal = out[strlen(out)-3:] eq ".png" ? "png" : "svg"
load here . "/style.gp"
set output out

set title "Figure 6: throughput of n concurrent copies of a compute workload, two processors"
set xlabel "concurrent copies (processes or domains)"
set ylabel "aggregate throughput, one copy = 1"
set logscale x 2
set xtics (1, 2, 4, 8, 16, 32, 64, 96, 128)
set xrange [0.9:145]
set yrange [0.9:2.1]
set key bottom right

plot ours  using "n":(of("native", "throughput"))   with linespoints linestyle 1  title "native kernel, n processes", \
     ours  using "n":(of("xen-50ms", "throughput")) with linespoints linestyle 2  title "hypervisor, 50 ms slices", \
     ours  using "n":(of("xen-5ms", "throughput"))  with linespoints linestyle 3  title "hypervisor, 5 ms slices", \
     paper using "n":(of("native", "throughput"))   with linespoints linestyle 11 title "paper: Linux", \
     paper using "n":(of("xen-50ms", "throughput")) with linespoints linestyle 12 title "paper: Xen, 50 ms", \
     paper using "n":(of("xen-5ms", "throughput"))  with linespoints linestyle 13 title "paper: Xen, 5 ms"
