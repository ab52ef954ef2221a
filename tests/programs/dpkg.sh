# Package work: build, install, upgrade, configure files, verify, remove; apt's own check.
# guests: riscv64 aarch64
# timeout: 180
set -euo pipefail
make_deb() { # version
	rm -rf p; mkdir -p p/DEBIAN p/usr/bin p/etc
	printf '#!/bin/sh\necho version %s\n' "$1" > p/usr/bin/mimus-try; chmod 755 p/usr/bin/mimus-try
	echo "set=$1" > p/etc/mimus-try.conf; echo /etc/mimus-try.conf > p/DEBIAN/conffiles
	printf 'Package: mimus-try\nVersion: %s\nArchitecture: all\nMaintainer: a <a@b>\nDescription: try\n' "$1" > p/DEBIAN/control
	printf '#!/bin/sh\nset -e\necho "$1 $2" >> /tmp/test/scripts\n' > p/DEBIAN/postinst; chmod 755 p/DEBIAN/postinst
	dpkg-deb --root-owner-group -b p "try-$1.deb"
}
make_deb 1.0; make_deb 2.0
dpkg -i try-1.0.deb; [ "$(mimus-try)" = 'version 1.0' ]
echo changed > /etc/mimus-try.conf
dpkg --force-confold -i try-2.0.deb; [ "$(mimus-try)" = 'version 2.0' ]
grep -qx changed /etc/mimus-try.conf; [ -e /etc/mimus-try.conf.dpkg-dist ]
grep -q 'configure 1.0' scripts
dpkg -L mimus-try | grep -x /usr/bin/mimus-try > /dev/null
dpkg -r mimus-try; [ ! -e /usr/bin/mimus-try ]; dpkg -P mimus-try
[ "$(dpkg -l | grep -vc '^ii')" -le 6 ]; [ -z "$(dpkg -C)" ]; [ -z "$(dpkg -V libc-bin bash coreutils)" ]
apt-get -q check; apt-cache policy bash | grep Installed > /dev/null
