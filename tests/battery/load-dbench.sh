# SPDX-License-Identifier: GPL-2.0-only
# dbench: processes that begin together by a semaphore, and then work on files.
# It takes 0, the number of the first set of a system, for a failure to create one, and goes on.
cat >load <<'END'
Deltree "\clients\client1" NT_STATUS_OK
Mkdir "\clients" NT_STATUS_OK
NTCreateX "\clients\client1" 0x1 0x2 7 NT_STATUS_OK
Close 7 NT_STATUS_OK
NTCreateX "\clients\client1\book" 0x40 0x2 8 NT_STATUS_OK
WriteX 8 0 65534 65534 NT_STATUS_OK
ReadX 8 30000 4096 4096 NT_STATUS_OK
Flush 8 NT_STATUS_OK
Close 8 NT_STATUS_OK
Rename "\clients\client1\book" "\clients\client1\novel" NT_STATUS_OK
QUERY_PATH_INFORMATION "\clients\client1\novel" 1004 NT_STATUS_OK
Unlink "\clients\client1\novel" 0x7 NT_STATUS_OK
END
dbench -t 2 -c load 3 >out 2>&1; echo $?
grep -o 'Throughput' out; grep -o '3 clients  3 procs' out; grep -i 'fail\|error' out | grep -v 'create barrier'; ls
