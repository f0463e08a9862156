#!/usr/bin/env bash
# Boots a throw-away Debian with systemd as its process 1, runs a script in it, powers it off.
#
#   packaging/test/container.sh DIRECTORY SCRIPT [ARGUMENT]...
#   packaging/test/container.sh --prepare
#
# DIRECTORY is /work inside; SCRIPT, a file in it, runs there as root, as a unit of its own. Its
# output and exit status are ours; 125 is a failure of the container itself. The container
# has no network but lo, keeps nothing, and ends with us. Needs root, systemd-nspawn and
# mmdebstrap; the system is made once, from the mirrors of this machine, in $NUDGED_CONTAINER
# (target/container).
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."

# curl is a caller at the socket; rpm installs the other packages, with openssl for a bad key.
packages=systemd,systemd-sysv,dbus,libnss-systemd,init-system-helpers,curl,rpm,openssl,jq,passwd
base=${NUDGED_CONTAINER:-target/container}
limit=${NUDGED_CONTAINER_SECONDS:-900}

say() { echo "container: $*" >&2; }
die() { say "$@"; exit 125; }

[ "$(id -u)" = 0 ] || die "needs root"
for tool in mmdebstrap systemd-nspawn; do
    command -v $tool >/dev/null || die "$tool is missing: apt-get install mmdebstrap systemd-container"
done
mkdir -p "$base" && base=$(realpath "$base")
root=$base/bookworm-$(echo "$packages" | sha256sum | cut -c1-8)

prepare() {
    local new mirrors
    new=$(mktemp --directory "$base/new.XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf --one-file-system '$new'" RETURN
    say "making a Debian in $root"
    mirrors=$(grep -rhoE 'https?://[^ ]*/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -1) || true
    mmdebstrap --quiet --mode=root --variant=minbase --include="$packages" \
        --aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/locale/*' \
        bookworm "$new/root.tar" "${mirrors:-http://deb.debian.org/debian}" </dev/null >"$base/log" 2>&1 \
        || { tail -20 "$base/log" >&2; die "mmdebstrap failed"; }
    mkdir "$new/root" && tar --extract --numeric-owner --file "$new/root.tar" --directory "$new/root"
    chmod 0755 "$new/root"
    echo nudged >"$new/root/etc/hostname"
    : >"$new/root/etc/machine-id"
    printf '[Journal]\nStorage=volatile\nRateLimitBurst=0\n' >"$new/root/etc/systemd/journald.conf"
    for unit in console-getty.service getty.target apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
        e2scrub_all.timer fstrim.timer; do
        ln -s /dev/null "$new/root/etc/systemd/system/$unit"
    done
    mv "$new/root" "$root"
}

exec 9>"$base/lock"
flock 9
[ -d "$root" ] || prepare
flock --unlock 9
[ "${1:-}" != --prepare ] || exit 0
work=$(realpath "$1") script=$2
shift 2

# A cgroup of our own, in each hierarchy there is: nspawn makes fixed names below the one it is in.
state=$(mktemp --directory)
groups=() nspawn=
clean_up() {
    trap - EXIT
    [ -z "$nspawn" ] || kill -KILL "$nspawn" 2>/dev/null || true
    [ -z "$nspawn" ] || wait "$nspawn" 2>/dev/null || true
    # The last processes go a moment after the first.
    [ -z "$nspawn" ] || sleep 0.5
    for group in "${groups[@]}"; do find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true; done
    rm -rf --one-file-system "$state"
}
trap clean_up EXIT
trap 'exit 143' TERM INT HUP
while read -r _ _ _ _ mounted rest; do
    case $rest in
        *" - cgroup2 "*) here=$(sed -n 's/^0:://p' /proc/self/cgroup) ;;
        *" - cgroup "*name=systemd*) here=$(sed -n 's/^[0-9]*:name=systemd://p' /proc/self/cgroup) ;;
        *) continue ;;
    esac
    for group in "$mounted${here%/}"/nudged-test.*; do # of one that was killed
        [ -e "/proc/${group##*.}" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
    group=$mounted${here%/}/nudged-test.$$
    if mkdir "$group" 2>/dev/null; then groups+=("$group"); fi
done </proc/self/mountinfo

(
    for group in "${groups[@]}"; do echo "$BASHPID" >"$group/cgroup.procs"; done
    # In a process namespace that dies with us, however we die.
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec setpriv --pdeathsig KILL \
        unshare --pid --fork --kill-child --mount-proc systemd-nspawn --quiet --boot \
        --directory="$root" --volatile=overlay --bind="$work:/work" --machine="nudged-$$" --private-network \
        --register=no --keep-unit --link-journal=no --console=pipe --resolv-conf=off --timezone=off
) </dev/null >"$state/console" 2>&1 9>&- &
nspawn=$!

failed() {
    cat "$state/console" >&2
    die "$@"
}

child() { tr -d ' ' <"/proc/$1/task/$1/children"; }
# Its process 1 is the child of nspawn, which is the child of unshare, once it serves systemctl.
leader=''
for _ in $(seq 300); do
    kill -0 "$nspawn" 2>/dev/null || failed "systemd-nspawn ended"
    leader=$(child "$(child "$nspawn")" 2>/dev/null) || true
    [ -z "$leader" ] || [ ! -S "/proc/$leader/root/run/systemd/private" ] || break
    leader='' && sleep 0.1
done
[ -n "$leader" ] || failed "no systemd after 30 s"
inside() { nsenter --target "$leader" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@" </dev/null; }

up=$(timeout 60 nsenter --target "$leader" --all systemctl is-system-running --wait </dev/null) || true
case $up in running | degraded) say "systemd is up: $up" ;; *) failed "systemd is not up: $up" ;; esac

# The status through a file: systemd-run says 0 when the container dies under it.
rm -f "$work/.status"
printf 'bash "$@"; echo $? >/work/.status\n' >"$work/.run"
timeout "$limit" nsenter --target "$leader" --all systemd-run --quiet --pipe --wait --collect --unit=checks \
    --working-directory=/work --setenv=HOME=/root --setenv=LC_ALL=C --setenv=DEBIAN_FRONTEND=noninteractive \
    bash /work/.run "$script" "$@" </dev/null &
wait $! || true # a signal ends this at once, a command in the foreground would not
status=$(cat "$work/.status" 2>/dev/null) || status=125
if [ "$status" != 0 ]; then
    { echo "--- failed units"; inside systemctl --no-pager --plain --no-legend --failed
      echo "--- the end of the journal"; inside journalctl --no-pager --output=short-precise --lines=40 --unit=nudged.service --unit=nudged.socket; } >&2 || true
fi
kill -s RTMIN+4 "$leader" 2>/dev/null || true # poweroff
for _ in $(seq 150); do kill -0 "$nspawn" 2>/dev/null || break; sleep 0.1; done
exit "$status"
