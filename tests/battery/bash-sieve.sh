# SPDX-License-Identifier: GPL-2.0-only
# bash: the primes below 2000.
bash -c 'n=2000
for ((i = 2; i <= n; i++)); do p[i]=1; done
for ((i = 2; i * i <= n; i++)); do
    ((p[i])) && for ((j = i * i; j <= n; j += i)); do p[j]=0; done
done
c=0
for ((i = 2; i <= n; i++)); do ((p[i])) && { ((c++)); last=$i; }; done
echo $c $last'
