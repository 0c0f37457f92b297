# SPDX-License-Identifier: GPL-2.0-only
#
# figure5.gp - tuples a second of 1 to 8 PostgreSQL servers by one server's, ours and the paper's
#
#   gnuplot -c plots/figure5.gp OURS.csv PAPER.csv OUT.svg
#   gnuplot -c plots/figure5.gp OURS.csv PAPER.csv OUT.png
#
# Both have the columns n, test and tuples; OURS.csv is that of experiments/figure5.pl.
ours  = ARG1
paper = ARG2
out   = ARG3
here  = system("dirname '" . ARG0 . "'")

xenolith_terminal = out[strlen(out)-3:] eq ".png" ? "png" : "svg"
load here . "/style.gp"
set output out

# What a file says of one server under a test.
alone(file, name) = real(system("awk -F, '$1 == \"1\" && $2 == \"" . name . "\" { n = $3 } END { print n + 0 }' '" . file . "'"))
ours_ir    = alone(ours, "ir")
ours_oltp  = alone(ours, "oltp")
paper_ir   = alone(paper, "ir")
paper_oltp = alone(paper, "oltp")

set title "Figure 5: PostgreSQL servers on two processors, one a domain"
set xlabel "servers (8w: with the weights 8 to 1)"
set ylabel "tuples a second, of one server's"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.8 border -1
set yrange [0:2.5]
set key outside top center horizontal

# One cluster a row of the file, under one test; the other test's rows are left out.
rows(file, name) = "< grep -v '^#' '" . file . "' | awk -F, -v OFS=, 'NR == 1 || $2 == \"" . name . "\"'"

plot rows(ours, "ir")    using (column("tuples") / ours_ir):xtic(1) title "select" linestyle 1, \
     rows(paper, "ir")   using (column("tuples") / paper_ir)  title "select, paper" linestyle 11 fillstyle solid 0.3, \
     rows(ours, "oltp")  using (column("tuples") / ours_oltp) title "update" linestyle 3, \
     rows(paper, "oltp") using (column("tuples") / paper_oltp) title "update, paper" linestyle 13 fillstyle solid 0.3
