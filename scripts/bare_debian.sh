#!/bin/sh
# Shows that the README's commands work on a bare Debian 12: makes one in a folder (debootstrap, as root),
# clones this project into the home of an ordinary user there, and runs what follows the folder's name.
#
#   scripts/bare_debian.sh /tmp/bare make test
#
# The folder is kept for the next run; remove it by hand. Only the last commit is seen. What this machine
# needs to reach the package index (its certificates, its pip settings) is lent to the other.
set -eu
[ $# -ge 2 ] && [ "$(id -u)" = 0 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
project=$(cd "$(dirname "$0")/.." && pwd)
root=$1
shift

if [ ! -x "$root/usr/bin/make" ]; then
  debootstrap --variant=minbase --include=python3,python3-venv,git,make,ca-certificates \
    bookworm "$root"
fi
chroot "$root" id town >/dev/null 2>&1 || chroot "$root" useradd --create-home --shell /bin/sh town
for lent in /etc/ssl/certs/ca-certificates.crt /etc/resolv.conf /etc/hosts /etc/pip.conf; do
  if [ -e "$lent" ]; then cp --dereference "$lent" "$root$lent"; fi
done
[ -e "$root/proc/self" ] || mount -t proc proc "$root/proc"
chmod 1777 "$root/dev/shm"
trap 'umount "$root/proc"' EXIT

rm -rf "$root/home/town/beffroi"
git clone --quiet --no-local "$project" "$root/home/town/beffroi"
chroot "$root" chown -R town: /home/town/beffroi
chroot "$root" setpriv --reuid=town --regid=town --init-groups \
  env --unset=BEFFROI_SHARED --unset=CI HOME=/home/town PATH=/usr/local/bin:/usr/bin:/bin \
  sh -c 'cd ~/beffroi && exec "$@"' sh "$@"
