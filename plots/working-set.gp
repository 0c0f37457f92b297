# SPDX-License-Identifier: GPL-2.0-only
#
# working-set.gp - what slices cost by the size of what a domain works on
#
#   gnuplot -c plots/working-set.gp RESULTS.csv UNUSED OUT.svg
#   gnuplot -c plots/working-set.gp RESULTS.csv UNUSED OUT.png
#
# Columns kb, slice_ms, n, loss (per cent), as experiments/working-set.pl writes them. The paper has
# no such figure; the second name stands where other figures have the paper's points.
results = ARG1
out     = ARG3
here    = system("dirname '" . ARG0 . "'")

xenolith_terminal = out[strlen(out)-3:] eq ".png" ? "png" : "svg"
load here . "/style.gp"
set output out

set title "Throughput lost to slices, by working set: n domains on two processors"
set xlabel "working set (KB)"
set ylabel "loss (%)"
set logscale x 2
set xtics (4, 16, 64, 128, 256, 512, 1024, 2048, 4096)
set xrange [3:5000]
set yrange [-0.5:*]
set key top left

loss(slice, n) = (column("slice_ms") == slice && column("n") == n ? column("loss") : NaN)

plot results using "kb":(loss(5, 4))   with linespoints linestyle 13 title "5 ms, n = 4", \
     results using "kb":(loss(5, 8))   with linespoints linestyle 3  title "5 ms, n = 8", \
     results using "kb":(loss(5, 32))  with linespoints linestyle 3 dashtype 3 title "5 ms, n = 32", \
     results using "kb":(loss(10, 8))  with linespoints linestyle 1 linecolor rgb "#e69f00" title "10 ms, n = 8", \
     results using "kb":(loss(20, 8))  with linespoints linestyle 1 linecolor rgb "#009e73" title "20 ms, n = 8", \
     results using "kb":(loss(50, 8))  with linespoints linestyle 2  title "50 ms, n = 8"
