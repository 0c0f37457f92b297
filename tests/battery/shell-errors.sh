# SPDX-License-Identifier: GPL-2.0-only
# What goes wrong, and its status.
nosuchcommand 2>/dev/null; echo $?
./nosuchfile 2>/dev/null; echo $?
echo data >plain; ./plain 2>/dev/null; echo $?
cat nofile; echo $?
cd nowhere 2>/dev/null || echo "no folder"
sh -c 'set -e; false; echo not reached'; echo $?
sh -c 'set -u; echo $undefined' 2>/dev/null; echo $?
sh -c 'exit 300'; echo $?
mkdir d; rmdir d/x 2>/dev/null; rm d 2>/dev/null || echo "a folder"
