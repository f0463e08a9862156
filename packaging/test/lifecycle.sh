#!/usr/bin/env bash
# The life of the Debian packages, in a container of container.sh: installed, configured,
# reloaded, hung, killed, upgraded under load, extended, removed, purged.
#
#   lifecycle.sh QUEUED
#
# In /work: new/ and old/ with the packages in two versions, nudged-simulator. QUEUED is how
# many notifications wait during the upgrade. Ends at the first thing that is not as it must be.
set -euo pipefail
trap 'echo "lifecycle.sh: line $LINENO: not as it must be: $BASH_COMMAND" >&2' ERR
shopt -s inherit_errexit

queued=$1
socket=/run/nudged/nudged.sock
sim=/root/simulator

step() { printf '%4ds  %s\n' "$SECONDS" "$*"; }

within() { # SECONDS COMMAND...: until it holds
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || { echo "not within the time: $*" >&2; return 1; }
        sleep 0.1
    done
}

pid() { systemctl show --property=MainPID --value nudged; }
restarts() { systemctl show --property=NRestarts --value nudged; }
ask() { curl --silent --show-error --fail --max-time 30 --unix-socket $socket "http://nudged$1" "${@:2}"; }
answers() { ask /v1/health; }
more_restarts_than() { [ "$(restarts)" -gt "$1" ] && answers; }
vendor() { curl --silent --fail "$(jq -r .control $sim/addresses.json)$1" "${@:2}"; }
token() { printf '%064x' "$1"; }
other_pid() { [ "$(pid)" != "$1" ] && answers; }

serial=0
# Queues COUNT notifications on the channel ios, each to a token of its own, in one stream.
queue() { # COUNT
    local first=$((serial + 1))
    serial=$((serial + $1))
    seq $first $serial | while read -r n; do
        printf '{"to":[{"channel":"ios","token":"%064x"}],"message":{"title":"Carol","body":"%d"}}\n' "$n" "$n"
    done >/root/stream
    ask /v1/notifications --header 'content-type: application/x-ndjson' --data-binary @/root/stream >/root/answers
    [ "$(grep -c '"deliveries":1' /root/answers)" = "$1" ]
}
# Every one that was accepted arrived at the vendor, and none twice.
arrived() { # COUNT
    [ "$(vendor /counts | jq -c '[.apns.accepted, .distinct_tokens]')" = "[$1,$1]" ]
}
# Every one arrived; one that was under way at a kill may have arrived twice.
arrived_all() { # COUNT
    [ "$(vendor /counts | jq .distinct_tokens)" = "$1" ]
}

files() { # everything that packages could leave
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /work -o -path /root \
        -o -path /var/lib/dpkg -o -path /var/log -o -path /var/cache -o -path /var/tmp \) -prune \
        -o -print | grep -vE '^/etc/(passwd|group|shadow|gshadow)-$|^/etc/\.pwd\.lock$|^/var/lib/systemd' | sort
}

install() { dpkg --install "$@" >/root/dpkg.log 2>&1 || { cat /root/dpkg.log >&2; return 1; }; }

files >/root/before
mkdir -p $sim
systemd-run --quiet --unit=simulator /work/nudged-simulator --dir $sim
within 10 test -e $sim/addresses.json

step "install: enabled, active, no channel"
install old/nudged_*.deb
for unit in nudged.service nudged.socket; do
    systemctl --quiet is-enabled $unit
    systemctl --quiet is-active $unit
done
within 10 answers
nudgectl status >/dev/null
[ "$(stat --format='%a %U %G' $socket)" = "660 nudged nudged" ]
[ "$(stat --format='%a %U' /var/lib/nudged /etc/nudged/channels.d | sort -u)" = "700 nudged" ]
systemd-analyze verify --man=no nudged.service nudged.socket
systemd-analyze security --threshold=15 nudged.service >/root/security || { cat /root/security; false; }
step "  $(tail -1 /root/security | tr -cd '[:print:]')"

step "a driver package makes the running daemon reload"
before=$(pid)
install old/nudged-driver-apns_*.deb old/nudged-driver-meizu_*.deb
within 10 sh -c 'nudgectl driver ls | grep -q meizu'
nudgectl driver ls | grep -q apns
[ "$(pid)" = "$before" ]

step "configure, reload, send"
cp $sim/ca.pem /etc/nudged/ca.pem
sed -i 's/^#extra_roots = .*/extra_roots = ["ca.pem"]/' /etc/nudged/nudged.toml
# As the documents say: the daemon reads it by its group and cannot write it, others do neither.
install_secret() { command install --owner=root --group=nudged --mode=0640 "$1" "/etc/nudged/channels.d/$2"; }
install_key() { install_secret "$1" AuthKey.p8; }
install_key $sim/apns/AuthKey_SIMKEY0001.p8
nudgectl channel add ios --driver apns --key /etc/nudged/channels.d/AuthKey.p8 --key-id SIMKEY0001 --team-id SIMTEAM001 \
    --topic com.example.chat --endpoint "$(jq -r .apns $sim/addresses.json)" >/dev/null
systemctl reload nudged
[ "$(pid)" = "$before" ]
nudgectl send --channel ios --token "$(token 1)" --title Ann --body hi --wait >/dev/null
[ "$(vendor '/received?vendor=apns' | jq length)" = 1 ]

step "a reload with a bad key fails, says why, and changes nothing"
openssl genrsa -out /root/rsa.pem 2048 2>/dev/null
install_key /root/rsa.pem
if systemctl reload nudged 2>/root/said; then false; fi
systemctl status --no-pager nudged >/root/status || true
grep -q "AuthKey.p8" /root/status
step "  $(grep Status: /root/status | head -1)"
[ "$(pid)" = "$before" ]
nudgectl send --channel ios --token "$(token 2)" --title Ann --body hi --wait >/dev/null
install_key $sim/apns/AuthKey_SIMKEY0001.p8
systemctl reload nudged
systemctl status --no-pager nudged >/root/status
if grep -q "AuthKey.p8.*refused" /root/status; then false; fi

step "a secret by LoadCredential="
mkdir -p /etc/systemd/system/nudged.service.d
cp $sim/apns/AuthKey_SIMKEY0001.p8 /root/secret.p8 && chmod 0600 /root/secret.p8
printf '[Service]\nLoadCredential=apns.p8:/root/secret.p8\n' >/etc/systemd/system/nudged.service.d/test.conf
systemctl daemon-reload
systemctl restart nudged
sed -e 's|^key = .*|key = "/run/credentials/nudged.service/apns.p8"|' -e 's/^certificate_id.*/certificate_id = 7/' \
    /etc/nudged/channels.d/ios.toml >/root/other.toml
install_secret /root/other.toml other.toml
systemctl reload nudged
nudgectl send --channel other --token "$(token 3)" --title Ann --body hi --wait >/dev/null
rm /etc/nudged/channels.d/other.toml
systemctl reload nudged

step "the watchdog ends a daemon that hangs, and nothing is lost"
printf '[Service]\nWatchdogSec=3\n' >/etc/systemd/system/nudged.service.d/test.conf
systemctl daemon-reload
systemctl restart nudged
vendor /reset --request POST
nudgectl queue hold ios >/dev/null
queue 1000
count=$(restarts)
kill -STOP "$(pid)"
within 40 more_restarts_than "$count"
journalctl --unit=nudged --grep="Watchdog timeout" >/dev/null
nudgectl queue release ios >/dev/null
within 30 arrived 1000

step "kill -9 under load loses nothing"
rm -r /etc/systemd/system/nudged.service.d
systemctl daemon-reload
systemctl restart nudged
vendor /reset --request POST
queue 1000
before=$(pid) && kill -KILL "$before"
within 10 other_pid "$before"
within 30 arrived_all 1000

step "killed again and again, the socket stays open"
for _ in $(seq 8); do
    before=$(pid)
    kill -KILL "$before"
    # No refused connection: this waits.
    answers >/dev/null
    [ "$(pid)" != "$before" ]
done
systemctl --quiet is-active nudged.socket

step "started with a refused configuration, callers wait until it is mended"
cp --preserve /etc/nudged/nudged.toml /root/good.toml
echo 'nonsense = 1' >>/etc/nudged/nudged.toml
if systemctl restart nudged 2>/dev/null; then false; fi
(sleep 4; cp /root/good.toml /etc/nudged/nudged.toml) &
answers >/dev/null
systemctl --quiet is-active nudged.socket
wait

step "without nudged.socket the daemon opens the socket itself"
systemctl --quiet stop nudged.socket nudged.service
systemctl --quiet mask nudged.socket
systemctl start nudged
answers >/dev/null
[ "$(stat --format='%a %U %G' $socket)" = "660 nudged nudged" ]
systemctl stop nudged
systemctl --quiet unmask nudged.socket
systemctl start nudged.socket nudged.service

step "upgrade with $queued queued and under load: none lost, none twice, no connection refused"
vendor /reset --request POST
nudgectl queue hold ios >/dev/null
queue "$queued"
# Callers: send with a key of their own, again when an answer is cut off.
caller() { # NUMBER
    local n=0 status body
    : >"/root/caller$1"
    while [ ! -e /root/upgraded ]; do
        n=$((n + 1))
        body=$(printf '{"idempotency_key":"%s-%s","to":[{"channel":"ios","token":"%064x"}],"message":{"body":"x"}}' \
            "$1" "$n" $((1000000000 * $1 + n)))
        until
            status=0
            curl --silent --show-error --fail-with-body --max-time 60 --output "/root/answer$1" --unix-socket $socket \
                http://nudged/v1/notifications --data "$body" 2>"/root/error$1" || status=$?
            [ $status = 0 ]
        do
            echo "curl $status" >>"/root/trouble$1"
            # 22: an answer, and it was no. 7 may be a refused connection, and may be one that the
            # stopping daemon had taken and closed unanswered; which of them, the knocker tells.
            case $status in 22) { date +%T.%N; cat "/root/error$1" "/root/answer$1"; } >>/root/refused ;; esac
        done
        echo "$n" >"/root/caller$1"
    done
}
# Connects and nothing else, all the time: what the kernel refuses.
cat >/root/knocker.pl <<'END'
use Socket;
my ($count, %refused) = (0);
until (-e "/root/upgraded") {
    socket(my $to, PF_UNIX, SOCK_STREAM, 0) or die;
    $count++;
    connect($to, pack_sockaddr_un($ARGV[0])) or $refused{"$!"}++;
    close $to;
    select(undef, undef, undef, 0.001);
}
print "$count connections\n";
print STDERR "$refused{$_} times: $_\n" for keys %refused;
END
perl /root/knocker.pl $socket >/root/knocked 2>>/root/refused &
rm -f /root/trouble*
for n in 1 2 3; do caller $n & done
before=$(pid) opened=$(systemctl show --property=ActiveEnterTimestampMonotonic --value nudged.socket)
sleep 1
dpkg --install --force-confold new/nudged_*.deb new/nudged-driver-apns_*.deb new/nudged-driver-meizu_*.deb \
    >/root/dpkg.log 2>&1 || { cat /root/dpkg.log; false; }
sleep 1
touch /root/upgraded
wait
[ "$(pid)" != "$before" ]
[ "$(systemctl show --property=ActiveEnterTimestampMonotonic --value nudged.socket)" = "$opened" ]
[ ! -s /root/refused ] || { cat /root/refused; false; }
all=$queued
for n in 1 2 3; do all=$((all + $(cat /root/caller$n))); done
step "  $((all - queued)) sent meanwhile, $(cat /root/trouble* 2>/dev/null | wc -l) cut off and sent again, $(cat /root/knocked)"
nudgectl queue release ios >/dev/null
within 300 arrived $all

step "the admin's nudged.toml stays, the new one lies beside it"
cmp /etc/nudged/nudged.toml /root/good.toml
head -1 /etc/nudged/nudged.toml | grep -q before
head -1 /etc/nudged/nudged.toml.dpkg-dist | grep -qv before

step "a third driver while it runs"
before=$(pid)
install new/nudged-driver-fcm_*.deb
within 10 sh -c 'nudgectl driver ls | grep -q fcm'
install_secret $sim/fcm/service-account.json service-account.json
nudgectl channel add android --driver fcm --service-account /etc/nudged/channels.d/service-account.json \
    --endpoint "$(jq -r .fcm $sim/addresses.json)" --token-uri "$(jq -r .token $sim/addresses.json)" >/dev/null
systemctl reload nudged
nudgectl send --channel android --token "$(token 5)" --title Ann --body hi --wait >/dev/null
[ "$(pid)" = "$before" ]

step "a driver in use is removed: the daemon warns and goes on with what it has in memory"
dpkg --remove nudged-driver-fcm >/root/dpkg.log 2>&1
if grep -q "the reload was refused" /root/dpkg.log; then false; fi
journalctl --unit=nudged | grep -q "goes on as it is in memory"
nudgectl send --channel android --token "$(token 6)" --title Ann --body hi --wait >/dev/null
[ "$(pid)" = "$before" ]
install new/nudged-driver-fcm_*.deb
systemctl reload nudged

step "what an admin stopped, an upgrade leaves stopped; what was disabled, disabled"
systemctl --quiet disable --now nudged.socket nudged.service
install new/nudged_*.deb
if systemctl --quiet is-active nudged.service || systemctl --quiet is-active nudged.socket; then false; fi
if systemctl --quiet is-enabled nudged.service; then false; fi
systemctl --quiet enable --now nudged.socket nudged.service

step "remove: stopped, data and configuration stay; installed again, it goes on"
nudgectl device put bob phone --channel ios --token "$(token 6)" >/dev/null
# shellcheck disable=SC2046 # a list of names
dpkg --remove $(dpkg-query --show --showformat='${Package} ' 'nudged*') >/root/dpkg.log 2>&1
if systemctl --quiet is-active nudged.service || systemctl --quiet is-active nudged.socket; then false; fi
[ ! -e $socket ] && [ ! -e /usr/bin/nudged ]
[ -e /etc/nudged/nudged.toml ] && [ -d /var/lib/nudged ]
install new/*.deb
within 10 answers
systemctl --quiet is-enabled nudged.service
nudgectl device ls bob | grep -q phone
[ "$(nudgectl driver ls | grep -cE '^(apns|fcm|harmony|honor|huawei|meizu|oppo|tpns|vivo|xiaomi) ')" = 10 ]

step "purge leaves what the admin made, and nothing else"
# shellcheck disable=SC2046 # a list of names
dpkg --purge $(dpkg-query --show --showformat='${Package} ' 'nudged*') >/root/dpkg.log 2>&1
files >/root/after
[ "$(comm -13 /root/before /root/after)" = "/etc/nudged
/etc/nudged/ca.pem
/etc/nudged/channels.d
/etc/nudged/channels.d/.last_certificate_id
/etc/nudged/channels.d/AuthKey.p8
/etc/nudged/channels.d/android.toml
/etc/nudged/channels.d/ios.toml
/etc/nudged/channels.d/service-account.json" ] || { comm -3 /root/before /root/after; false; }
getent passwd nudged >/dev/null # owns them

step "installed and purged without channels: no trace"
rm -r /etc/nudged
install new/nudged_*.deb
within 10 answers
dpkg --purge nudged >/root/dpkg.log 2>&1
files >/root/after
diff /root/before /root/after
if getent passwd nudged >/dev/null; then false; fi
[ ! -e /run/nudged ]
[ "$(systemctl --failed --plain --no-legend | grep -c nudged)" = 0 ]
step "done"
