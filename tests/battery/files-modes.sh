# SPDX-License-Identifier: GPL-2.0-only
# Permissions and times.
umask 022; echo x >f; mkdir d
stat -c '%a %F' f d; stat -c %s f
chmod 640 f; stat -c %a f; chmod u+x,o=r f; stat -c %a f; chmod -R go-rwx d; stat -c %a d
umask 077; touch g; stat -c %a g
touch -d '2003-10-19 12:00:00' f; stat -c %Y f; date -u -r f '+%Y-%m-%d'
touch -r f g; [ f -nt g ] || [ f -ot g ] || echo "same time"
cp -p f h; stat -c '%a %Y' h
ls -l f | cut -c1-10
