# SPDX-License-Identifier: GPL-2.0-only
# Sizes and counts.
mkdir d; for i in 1 2 3; do head -c $((i * 5000)) /dev/zero >d/$i; done
wc -c d/*
ls -S d; ls -r d; ls -1 d | wc -l
find d -size +8k | sort
find d -newer d/1 -name nothing
test -f d/1 && test -d d && test -s d/2 && test -r d/3 && echo all
