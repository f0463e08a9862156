#!/usr/bin/env bash
# Builds the packages of nudged.
#
#   packaging/build.sh [deb|rpm|all] [--out DIR] [--binaries DIR] [--verify]
#
#   --out DIR       where the packages go                          (target/packages)
#   --binaries DIR  take programs and drivers from there and build none, such as target/debug
#   --verify        pack twice and fail unless both are the same to the byte
#
# cargo build > install.sh: one tree > debhelper and rpmbuild cut it into packages. Times are
# those of the last commit (SOURCE_DATE_EPOCH), so that one source and one toolchain give one
# result. Nothing is written outside target/ and --out.
set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022
cd "$(dirname "$0")/.."
here=$PWD

die() { echo "build.sh: $*" >&2; exit 2; }

formats='deb rpm' out=target/packages binaries='' verify=
while [ $# -gt 0 ]; do
    case $1 in
        deb | rpm) formats=$1 ;;
        all) formats='deb rpm' ;;
        --out) out=${2:?} && shift ;;
        --binaries) binaries=${2:?} && shift ;;
        --verify) verify=1 ;;
        -h | --help) sed -n '2,/^set -e/{/^set -e/d;s/^# \{0,1\}//;p}' "$0" && exit ;;
        *) die "unknown argument $1" ;;
    esac
    shift
done
mkdir -p "$out" && out=$(realpath "$out")
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
grep -q "^nudged ($version-" packaging/deb/changelog || die "packaging/deb/changelog lacks $version"
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}

need() { # PROGRAM PACKAGE
    command -v "$1" >/dev/null || die "$1 is missing: apt-get install $2"
}
need strip binutils
need go-md2man go-md2man
case $formats in *deb*) need dh debhelper ;; esac
case $formats in *rpm*) need rpmbuild rpm ;; esac

if [ -z "$binaries" ]; then
    # No path of this machine in what is built.
    export RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$here=/usr/src/nudged --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/usr/src/cargo"
    packages=$(basename --multiple plugins/*/)
    # shellcheck disable=SC2046,SC2086 # a list of names
    cargo build --locked --release --target-dir target/package --package nudged --package nudged-ctl $(printf -- '--package nudged-%s ' $packages)
    binaries=target/package/release
fi
binaries=$(realpath "$binaries")

work=$(mktemp --directory "$here/target/packing.XXXXXX")
trap 'rm -rf "$work"' EXIT

service() { # DRIVER: whose it is, in words
    sed -n 's/^description = "nudged driver: \(.*\)"/\1/p' "plugins/$1/Cargo.toml"
}

pack_deb() { # TREE WORK OUT
    mkdir -p "$2/nudged" && cp -r packaging/deb "$2/nudged/debian" && cp -r "$1" "$2/nudged/tree"
    cp packaging/systemd/nudged.{service,socket,sysusers,tmpfiles} "$2/nudged/debian/"
    (
        cd "$2/nudged/debian"
        drivers=''
        for driver in ../tree/usr/lib/nudged/drivers/*.so; do
            driver=$(basename "$driver" .so) && driver=${driver#libnudged_}
            sed "s|@NAME@|$driver|; s|@SERVICE@|$(cd "$here" && service "$driver")|" control.driver >>control
            echo "usr/lib/nudged/drivers/libnudged_$driver.so" >"nudged-driver-$driver.install"
            echo "debian/tmp/usr/share/doc/nudged-driver-$driver/*" >"nudged-driver-$driver.docs"
            drivers="$drivers${drivers:+, }nudged-driver-$driver (= \${binary:Version})"
        done
        rm control.driver
        sed -i "s|@DRIVERS@|$drivers|" control
        sed '1,/^Copyright/d; s/^$/./; s/^/ /' "$here/LICENSE-MIT" | sed '1{/^ \.$/d}' >mit
        sed -i -e '/^@MIT@$/{r mit' -e 'd}' copyright && rm mit
        chmod +x rules
        cd .. && DEB_RULES_REQUIRES_ROOT=no debian/rules binary
    ) >"$2/log" 2>&1 || { cat "$2/log" >&2; die "debhelper failed"; }
    grep -E "warning|error" "$2/log" >&2 || true
    mv "$2"/*.deb "$3/"
}

pack_rpm() { # TREE WORK OUT
    local driver
    mkdir -p "$2"
    for driver in "$1"/usr/lib/nudged/drivers/*.so; do
        driver=$(basename "$driver" .so) && driver=${driver#libnudged_}
        sed "s|@NAME@|$driver|; s|@SERVICE@|$(service "$driver")|" packaging/rpm/driver.spec >>"$2/drivers"
        echo "Requires:       nudged-driver-$driver = %{version}" >>"$2/requires"
    done
    sed -e "/^@DRIVERS@\$/{r $2/drivers" -e 'd}' -e "/^@REQUIRES@\$/{r $2/requires" -e 'd}' \
        packaging/rpm/nudged.spec >"$2/nudged.spec"
    rpmbuild -bb "$2/nudged.spec" --define "_topdir $2/top" --define "tree $1" --define "units $here/packaging/systemd" \
        --define "licences $here" --define "upstream_version $version" >"$2/log" 2>&1 \
        || { cat "$2/log" >&2; die "rpmbuild failed"; }
    grep "^warning" "$2/log" >&2 || true
    mv "$2"/top/RPMS/*/*.rpm "$3/"
}

pack() { # WORK OUT
    mkdir -p "$1" "$2"
    packaging/install.sh "$binaries" "$1/tree"
    for format in $formats; do "pack_$format" "$1/tree" "$1/$format" "$2"; done
}

pack "$work/first" "$work/packages"
if [ -n "$verify" ]; then
    pack "$work/second" "$work/again"
    diff <(cd "$work/packages" && sha256sum ./*) <(cd "$work/again" && sha256sum ./*) \
        || die "two builds of the same differ"
    echo "build.sh: packed twice, the same to the byte"
fi
for format in $formats; do rm -f "$out"/nudged*."$format"; done
mv "$work"/packages/* "$out/"
(cd "$out" && ls -l --human-readable ./*)
