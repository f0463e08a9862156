#!/usr/bin/env bash
# Tests packages that build.sh has made: lint, contents, and their life in a booted container.
#
#   packaging/test/run.sh [--packages DIR] [--binaries DIR] [--queued N] [lint|rpm|licences|dev|lifecycle]...
#
#   --packages DIR   what build.sh put out                                  (target/packages)
#   --binaries DIR   where nudged-simulator is                              (target/debug)
#   --queued N       notifications that wait while nudged is upgraded       (10000)
#
# lint: lintian and rpmlint say nothing. rpm: the packages go into an empty root and out again.
# licences: what is linked in is told with its licences, in both kinds of packages. dev: the template of nudged-driver-dev passes its conformance test. lifecycle: as root only, with
# both kinds of packages under a real systemd.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."

die() { echo "run.sh: $*" >&2; exit 1; }
say() { printf -- '-- %s\n' "$*"; }

packages=target/packages binaries=target/debug queued=10000 parts=()
while [ $# -gt 0 ]; do
    case $1 in
        --packages) packages=${2:?} && shift ;;
        --binaries) binaries=${2:?} && shift ;;
        --queued) queued=${2:?} && shift ;;
        lint | rpm | licences | dev | lifecycle) parts+=("$1") ;;
        *) die "unknown argument $1" ;;
    esac
    shift
done
[ ${#parts[@]} -gt 0 ] || parts=(lint rpm licences dev lifecycle)
packages=$(realpath "$packages")
drivers=$(basename --multiple plugins/*/)
work=$(mktemp --directory)
trap 'rm -rf --one-file-system "$work"' EXIT

lint() {
    say "lintian"
    lintian --display-info --fail-on error,warning,info --suppress-tags-from-file packaging/deb/lintian-suppressed \
        "$packages"/*.deb 2>"$work/lintian" || { cat "$work/lintian"; die "lintian has something to say"; }
    say "rpmlint"
    rpmlint --config packaging/rpm/rpmlint.toml "$packages"/*.rpm >"$work/rpmlint" 2>&1 \
        && grep -q " 0 errors, 0 warnings" "$work/rpmlint" \
        || { cat "$work/rpmlint"; die "rpmlint has something to say"; }
}

rpm_packages() {
    say "rpm: contents, scripts, an empty root"
    local nudged root=$work/root driver
    nudged=$(ls "$packages"/nudged-[0-9]*.rpm)
    rpm --query --package --list "$nudged" >"$work/files"
    for file in /usr/bin/nudged /usr/bin/nudgectl /etc/nudged/nudged.toml /usr/lib/systemd/system/nudged.service \
        /usr/lib/systemd/system/nudged.socket /usr/lib/sysusers.d/nudged.conf /usr/share/man/man8/nudged.8.gz; do
        grep -qxF "$file" "$work/files" || die "$file is not in $nudged"
    done
    [ "$(rpm --query --package --configfiles "$nudged")" = /etc/nudged/nudged.toml ] || die "nudged.toml is no config file"
    rpm --query --package --scripts "$nudged" >"$work/scripts"
    for part in preinstall postinstall preuninstall postuninstall; do
        grep -q "^$part scriptlet" "$work/scripts" || die "no $part scriptlet"
    done
    rpm --query --package --filetriggers "$nudged" >"$work/triggers"
    [ "$(grep -c -- '-- /usr/lib/nudged/drivers' "$work/triggers")" = 2 ] || die "no triggers for drivers"
    for driver in $drivers; do
        rpm --query --package --list "$packages/nudged-driver-$driver"-[0-9]*.rpm >"$work/files"
        grep -qx "/usr/lib/nudged/drivers/libnudged_$driver.so" "$work/files" || die "no library of $driver"
    done
    mkdir "$root"
    in_root() { # rpm, where no C library lives and no script can run
        rpm --root "$root" --dbpath /var/lib/rpm "$@" 2>"$work/said" || { cat "$work/said"; die "rpm $*"; }
    }
    in_root --initdb
    in_root --install --nodeps --noscripts --notriggers "$packages"/*.rpm
    in_root --verify --nodeps --nouser --nogroup nudged nudged-drivers nudged-driver-apns
    in_root --query --all >"$work/installed"
    # shellcheck disable=SC2046 # a list of names
    in_root --erase --nodeps --noscripts --notriggers $(cat "$work/installed")
    find "$root" -path "$root/var/lib/rpm" -prune -o -type f -print >"$work/left"
    [ ! -s "$work/left" ] || { cat "$work/left"; die "files are left behind"; }
}

licences() {
    local package name file
    say "licences of what is linked in"
    packaging/test/licences.sh
    for name in nudged $(printf 'nudged-driver-%s ' $drivers); do
        file=usr/share/doc/$name/third-party.txt
        package=$(ls "$packages/${name}"_*.deb)
        dpkg-deb --fsys-tarfile "$package" | tar --extract --to-stdout "./$file.gz" | gunzip >"$work/deb.txt"
        package=$(ls "$packages/$name"-[0-9]*.rpm)
        rpm2cpio "$package" | cpio --quiet --extract --to-stdout "./$file" >"$work/rpm.txt"
        cmp "$work/deb.txt" "$work/rpm.txt" || die "$name: the packages tell different licences"
        grep -q '^serde v' "$work/deb.txt" || die "$name: serde is linked in, and not told"
        grep -q 'Permission is hereby granted' "$work/deb.txt" || die "$name: no text of a licence"
    done
}

dev() {
    say "the template of nudged-driver-dev"
    dpkg-deb --extract "$packages"/nudged-driver-dev_*.deb "$work/dev"
    cp -r "$work/dev/usr/share/nudged/driver-template" "$work/acme"
    sed -i "s|/usr/share|$work/dev/usr/share|" "$work/acme/Cargo.toml"
    cp Cargo.lock "$work/acme/" # the crates that are here already
    cargo test --quiet --offline --manifest-path "$work/acme/Cargo.toml" --target-dir target/driver-template
}

lifecycle() {
    mkdir "$work/in" "$work/in/new" "$work/in/old" "$work/in/rpm" "$work/from"
    cp "$packages"/*.deb "$work/in/new/"
    cp "$packages"/*.rpm "$work/in/rpm/"
    cp "$packages"/nudged_*.deb "$packages"/nudged-driver-{apns,meizu}_*.deb "$work/from/"
    packaging/test/older.sh "$work/from" "$work/in/old"
    cp "$binaries/nudged-simulator" packaging/test/lifecycle.sh packaging/test/rpm.sh "$work/in/"
    say "the life of the Debian packages"
    packaging/test/container.sh "$work/in" lifecycle.sh "$queued" || die "lifecycle of the Debian packages"
    say "the life of the rpm packages"
    packaging/test/container.sh "$work/in" rpm.sh || die "lifecycle of the rpm packages"
}

for part in "${parts[@]}"; do
    case $part in rpm) rpm_packages ;; *) "$part" ;; esac
done
say "all good"
