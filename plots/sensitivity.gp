# SPDX-License-Identifier: GPL-2.0-only
#
# sensitivity.gp - which numbers hang on which parameter: a heat map
#
#   gnuplot -c plots/sensitivity.gp RESULTS.csv UNUSED OUT.svg
#   gnuplot -c plots/sensitivity.gp RESULTS.csv UNUSED OUT.png
#
# Columns parameter, set_to, row, column, number, change (per cent), as experiments/sensitivity.pl
# writes them. The paper has no such figure.
results = ARG1
out     = ARG3
here    = system("dirname '" . ARG0 . "'")

xenolith_terminal = out[strlen(out)-3:] eq ".png" ? "png" : "svg"
load here . "/style.gp"
if (xenolith_terminal eq "svg") {
    set terminal svg size 900,1100 dynamic noenhanced font "DejaVu Sans,12" background "#ffffff"
} else {
    set terminal pngcairo size 1350,1650 noenhanced font "DejaVu Sans,17" background "#ffffff"
}
set output out

set title "Change in per cent where one parameter is set to another value"
unset key
unset grid
set yrange [*:*] reverse
set x2tics rotate by 40 left font ",11" scale 0
unset xtics
set ytics font ",10" scale 0
set x2range [-0.5:7.5] # eight numbers
set palette defined (-20 COLOUR_SLOW, -5 "#9fc8e4", 0 "#ffffff", 5 "#f2b48c", 20 COLOUR_FAST)
set cbrange [-20:20]
set cblabel "per cent"
set tmargin 7

name(row) = sprintf("%s = %s", strcol("parameter"), strcol("set_to"))

plot results using "column":"row":"change":x2ticlabels(strcol("number")):yticlabels(name(0)) axes x2y1 with image, \
     results using "column":"row":(sprintf("%+.1f", column("change"))) axes x2y1 with labels font ",9"
