#!/usr/bin/env bash
# The scriptlets and triggers of the rpm packages under a real systemd, in a container of
# container.sh. It is a Debian, so what they need of other packages is not asked for.
set -euo pipefail
trap 'echo "rpm.sh: line $LINENO: not as it must be: $BASH_COMMAND" >&2' ERR

step() { printf '%4ds  %s\n' "$SECONDS" "$*"; }
pid() { systemctl show --property=MainPID --value nudged; }
install() { rpm --nodeps "$@" >/root/said 2>&1 || { cat /root/said >&2; return 1; }; }

step "install: as the preset says, then started"
install --install rpm/nudged-[0-9]*.rpm
systemctl --quiet is-enabled nudged.service nudged.socket
systemctl start nudged.socket nudged.service
nudgectl status >/dev/null
[ "$(stat --format='%a %U %G' /run/nudged/nudged.sock /etc/nudged/channels.d)" = "660 nudged nudged
700 nudged nudged" ]

step "a driver makes the running daemon reload"
before=$(pid)
install --install rpm/nudged-driver-apns-[0-9]*.rpm
nudgectl driver ls | grep -q apns
[ "$(pid)" = "$before" ]
install --erase nudged-driver-apns
[ "$(pid)" = "$before" ]

step "an upgrade restarts, the socket stays"
echo '# mine' >>/etc/nudged/nudged.toml
opened=$(systemctl show --property=ActiveEnterTimestampMonotonic --value nudged.socket)
install --upgrade --force rpm/nudged-[0-9]*.rpm
[ "$(pid)" != "$before" ]
[ "$(systemctl show --property=ActiveEnterTimestampMonotonic --value nudged.socket)" = "$opened" ]
tail -1 /etc/nudged/nudged.toml | grep -qx '# mine'
nudgectl status >/dev/null

step "erase: stopped, disabled, the changed configuration is kept"
install --erase nudged
if systemctl --quiet is-active nudged.service || systemctl --quiet is-active nudged.socket; then false; fi
[ ! -e /usr/bin/nudged ] && [ ! -e /run/nudged/nudged.sock ]
[ -z "$(find /etc/systemd/system -name 'nudged.*')" ]
[ -e /etc/nudged/nudged.toml.rpmsave ]
step "done"
