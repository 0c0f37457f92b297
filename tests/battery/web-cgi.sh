# SPDX-License-Identifier: GPL-2.0-only
# A web server that runs scripts.
mkdir -p www/cgi-bin
cat >www/cgi-bin/echo <<'END'
#!/bin/sh
echo 'Content-Type: text/plain'
echo
echo "method $REQUEST_METHOD, query $QUERY_STRING"
END
chmod +x www/cgi-bin/echo
httpd -f -p 127.0.0.1:18082 -h www &
server=$!
sleep 1
wget -q -O - 'http://127.0.0.1:18082/cgi-bin/echo?a=1&b=2'
wget -q -O - --post-data 'x=y' 'http://127.0.0.1:18082/cgi-bin/echo'
kill $server; wait $server 2>/dev/null; echo $?
