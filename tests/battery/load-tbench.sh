# SPDX-License-Identifier: GPL-2.0-only
# tbench: the same over TCP, with a server.
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
tbench_srv >/dev/null 2>&1 & server=$!
sleep 1
tbench -t 2 -c load 2 127.0.0.1 >out 2>&1; echo $?
grep -o 'Throughput' out; grep -o '2 clients  2 procs' out; grep -i 'fail\|error' out | grep -v 'create barrier'
kill $server
