# SPDX-License-Identifier: GPL-2.0-only
# nc: text, a file and a refused connection.
nc -l -p 18083 -s 127.0.0.1 >got & sleep 0.5
echo 'through TCP' | nc 127.0.0.1 18083; wait; cat got
seq 1 30000 >big
nc -l -p 18084 -s 127.0.0.1 <big >/dev/null & sleep 0.5
nc 127.0.0.1 18084 </dev/null | cmp - big && echo same; wait
nc 127.0.0.1 18085 </dev/null 2>/dev/null; echo $?
bash -c 'nc -l -p 18086 -s 127.0.0.1 -e cat & sleep 0.5; exec 3<>/dev/tcp/127.0.0.1/18086; echo ping >&3; read -u 3 a; echo "$a back"; exec 3>&-; wait'
