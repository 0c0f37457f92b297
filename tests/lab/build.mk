# SPDX-License-Identifier: GPL-2.0-only
# Experiments by Debian's Slurm, on loopback.
#
#: make test-slurm        a sweep as a job array of Slurm's, here, interrupted and resumed
PACKAGES_SLURM := slurm-wlm munge

.PHONY: test-slurm
test-slurm: all deps-test
	@tests/install-packages $(PACKAGES_SLURM)
	@B=$(B) tests/lab/slurm.sh
