#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# against-baseline.sh RESULT BASELINE: sets the ratios to QEMU -icount, of best runs, of one bench
# run beside those of another; ends with status 1 if one of ours fell by more than a fifth. Absolute
# speeds are the host's and are not compared.
set -eu
result=${1:?usage: against-baseline.sh RESULT BASELINE}
baseline=${2:?usage: against-baseline.sh RESULT BASELINE}
jq -rn --slurpfile now "$result" --slurpfile kept "$baseline" '
    def ratio($run; $image; $name): $run[0].images[$image] | .[$name].best_mips / .["qemu-icount"].best_mips;
    def fixed: . * 100 | round / 100;
    [ $kept[0].images | keys[] as $image | ("xenolith-fast", "xenolith-full") as $name
      | {image: $image, name: $name, was: ratio($kept; $image; $name), is: ratio($now; $image; $name)} ]
    | (.[] | "\(.image) \(.name): \(.was | fixed) times QEMU -icount, now \(.is | fixed)"
             + (if .is < .was * 0.8 then "  SLOWER" else "" end)),
      (if any(.[]; .is < .was * 0.8) then "some fell by more than a fifth" | halt_error(1) else empty end)'
