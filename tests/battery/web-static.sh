# SPDX-License-Identifier: GPL-2.0-only
# A web server and clients over loopback.
mkdir www; seq 1 5000 >www/numbers; echo '<h1>hello</h1>' >www/index.html
httpd -f -p 127.0.0.1:18081 -h www &
server=$!
sleep 1
wget -q -O - http://127.0.0.1:18081/
wget -q -O got http://127.0.0.1:18081/numbers; cmp got www/numbers && echo same
wget -q -O - http://127.0.0.1:18081/absent; echo $?
for i in 1 2 3 4; do wget -q -O part$i http://127.0.0.1:18081/numbers & p="$p $!"; done
wait $p; md5sum part* | cut -d' ' -f1 | uniq | wc -l
kill $server; wait $server 2>/dev/null; echo $?
wget -q -O - http://127.0.0.1:18081/ 2>/dev/null; echo $?
