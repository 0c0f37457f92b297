# SPDX-License-Identifier: GPL-2.0-only
#
# style.gp - how every figure looks; each figure's script loads it first
#
# One colour a system, in all figures (Okabe and Ito's palette, distinguishable without red and
# green). Ours are solid lines with filled points, the paper's the same colour, dashed, with open
# points.

if (!exists("xenolith_terminal")) xenolith_terminal = "svg"
if (xenolith_terminal eq "svg") {
    set terminal svg size 800,520 dynamic enhanced font "DejaVu Sans,13" background "#ffffff"
} else {
    set terminal pngcairo size 1200,780 enhanced font "DejaVu Sans,18" background "#ffffff"
}
set encoding utf8
set datafile separator comma
set datafile commentschars "#"
set datafile missing NaN # a row of another system does not interrupt a line

COLOUR_NATIVE = "#000000"
COLOUR_SLOW   = "#0072b2" # 50 ms slices
COLOUR_FAST   = "#d55e00" # 5 ms slices

set style line 1 linecolor rgb COLOUR_NATIVE linewidth 2 pointtype 5 pointsize 0.7
set style line 2 linecolor rgb COLOUR_SLOW   linewidth 2 pointtype 7 pointsize 0.7
set style line 3 linecolor rgb COLOUR_FAST   linewidth 2 pointtype 9 pointsize 0.8
set style line 11 linecolor rgb COLOUR_NATIVE linewidth 1.2 dashtype 2 pointtype 4 pointsize 0.7
set style line 12 linecolor rgb COLOUR_SLOW   linewidth 1.2 dashtype 2 pointtype 6 pointsize 0.7
set style line 13 linecolor rgb COLOUR_FAST   linewidth 1.2 dashtype 2 pointtype 8 pointsize 0.8

set style line 20 linecolor rgb "#dddddd" linewidth 0.7
set grid linestyle 20
set border 3 linecolor rgb "#444444"
set tics nomirror textcolor rgb "#444444"
set key textcolor rgb "#222222" samplen 2.5 spacing 1.1

# The value in column `column` of a row of `system`, else nothing: rows of several systems share a
# file.
of(system, column) = (strcol("system") eq system ? column(column) : NaN)
