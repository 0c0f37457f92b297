# SPDX-License-Identifier: GPL-2.0-only
# Handlers that nest, and reads that go on.
bash -c 'trap "echo got usr1" USR1
(sleep 0.3; kill -USR1 $$; sleep 0.3; echo line) | { cat; } & 
wait; wait; echo done'
bash -c 'n=0; trap "n=\$((n+1))" USR1; for i in 1 2 3 4 5; do kill -USR1 $$; done; echo $n'
sh -c 'trap "echo int" INT; kill -INT $$; kill -INT $$; echo end'
mksh-musl -c 'trap "echo hup" HUP; kill -HUP $$; echo end'
