#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# report.sh XENOLITH IMAGE [OPTION...]: runs the calibration image and sets each primitive beside
# what was published for it (paper/primitives.csv). Options go to `xenolith boot`, as in --set
# cost.cr3_load=0.
set -eu
export LC_ALL=C # awk writes numbers with a point
xenolith=${1:?usage: report.sh XENOLITH IMAGE [OPTION...]}
image=${2:?usage: report.sh XENOLITH IMAGE [OPTION...]}
shift 2
measured=$(mktemp)
trap 'rm -f "$measured"' EXIT
"$xenolith" boot "$image" --mem 64M --timing full "$@" >"$measured" 2>/dev/null
awk -v table=paper/primitives.csv '
    BEGIN {
        while ((getline line <table) > 0) {
            if (line ~ /^#/ || line ~ /^primitive,/)
                continue
            split(line, field, ",")
            source = line
            for (i = 1; i <= 4; i++)
                sub(/^[^,]*,/, "", source)
            gsub(/"/, "", source)
            known[field[1]]++
            published[field[1], known[field[1]]] = sprintf("%10s  %-10s  %s", field[2], field[4], source)
        }
        printf "%-22s %10s %10s  %-10s  %s\n", "primitive", "cycles", "published", "confidence", "source"
    }
    NF == 3 && $3 == "milli-cycles" {
        printf "%-22s %10.1f %s\n", $1, $2 / 1000, known[$1] ? published[$1, 1] : ""
        for (i = 2; i <= known[$1]; i++)
            printf "%-22s %10s %s\n", "", "", published[$1, i]
        seen++
    }
    END { exit !seen }' "$measured"
