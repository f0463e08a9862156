#!/usr/bin/env bash
# Puts nudged as it is installed below a directory; all packages are cut from that tree.
#
#   packaging/install.sh BINARIES DESTDIR
#
# BINARIES is cargo's output directory, such as target/release. What differs between
# distributions (where units and completions go, how documents are packed) is theirs.
set -euo pipefail

binaries=$(realpath "$1")
mkdir -p "$2"
to=$(realpath "$2")
source=$(realpath "$(dirname "$0")/..")
cd "$source"
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
date=$(date --utc --date="@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}" +%F)

put() { # MODE FILE PATH
    install -D --mode="$1" "$2" "$to$3"
}

program() { # FILE PATH: stripped of debug information; the section headers stay
    put 0755 "$binaries/$1" "$2"
    strip --strip-unneeded --remove-section=.comment "$to$2"
}

# pandoc's title block, NAME(SECTION) SOURCE | VOLUME, is no man page's to go-md2man.
man_page() { # FILE.md
    local page section
    page=$(basename "$1" .md)
    section=${page##*.}
    mkdir -p "$to/usr/share/man/man$section"
    sed -E "1s/^% (.*)\(([0-9])\) .* \| (.*)/% \"\1\" \"\2\" \"$date\" \"nudged $version\" \"\3\"/; 2,3{/^%/d}" "$1" \
        | go-md2man | sed 's/\\fC/\\fB/g' >"$to/usr/share/man/man$section/$page"
}

completions() { # SHELL PATH
    mkdir -p "$(dirname "$to$2")"
    "$binaries/nudgectl" completions "$1" >"$to$2"
}

program nudged /usr/bin/nudged
program nudgectl /usr/bin/nudgectl
put 0644 etc/nudged/nudged.toml /etc/nudged/nudged.toml
mkdir -p "$to/etc/nudged/channels.d" "$to/usr/lib/nudged/drivers"
for page in packaging/man/*.md; do man_page "$page"; done
completions bash /usr/share/bash-completion/completions/nudgectl
completions zsh /usr/share/zsh/vendor-completions/_nudgectl
completions fish /usr/share/fish/vendor_completions.d/nudgectl.fish
put 0644 packaging/systemd/nudged.preset /usr/lib/systemd/system-preset/80-nudged.preset
mkdir -p "$to/usr/share/doc/nudged"
put 0644 README.md /usr/share/doc/nudged/README.md
put 0644 daemon/docs/sending.md /usr/share/doc/nudged/sending.md
"$binaries/nudgectl" openapi >"$to/usr/share/doc/nudged/openapi.json"
packaging/licences.pl nudged >"$to/usr/share/doc/nudged/third-party.txt"

for driver in plugins/*/; do
    driver=$(basename "$driver")
    # Loaded, not run.
    program "libnudged_$driver.so" "/usr/lib/nudged/drivers/libnudged_$driver.so"
    chmod 0644 "$to/usr/lib/nudged/drivers/libnudged_$driver.so"
    put 0644 "plugins/$driver/README.md" "/usr/share/doc/nudged-driver-$driver/README.md"
    put 0644 "etc/nudged/channels.d/$driver.toml.example" \
        "/usr/share/doc/nudged-driver-$driver/examples/$driver.toml"
    packaging/licences.pl "nudged-$driver" >"$to/usr/share/doc/nudged-driver-$driver/third-party.txt"
done

# For authors of drivers: the two crates as cargo publishes them, and the driver of the guide.
crates=$(mktemp --directory)
trap 'rm -rf "$crates"' EXIT
cargo package --quiet --allow-dirty --no-verify --locked --exclude-lockfile --package nudged-plugin-api \
    --package nudged-driver-kit --target-dir "$crates"
for crate in plugin-api driver-kit; do
    mkdir -p "$to/usr/share/nudged/$crate"
    tar --extract --gzip --file "$crates"/package/nudged-$crate-*.crate --strip-components=1 \
        --no-same-owner --directory "$to/usr/share/nudged/$crate" \
        --exclude='*/.cargo_vcs_info.json' --exclude='*/Cargo.toml.orig' --exclude='*/Cargo.lock' --exclude='*/tests'
done
for file in packaging/dev/Cargo.toml plugins/clippy.toml; do
    put 0644 "$file" "/usr/share/nudged/driver-template/$(basename "$file")"
done
put 0644 plugin-api/kit/tests/readme/acme.rs /usr/share/nudged/driver-template/src/lib.rs
put 0644 packaging/dev/README.md /usr/share/doc/nudged-driver-dev/README.md

find "$to" -type d -exec chmod 0755 {} +
find "$to/usr/share" -type f -exec chmod 0644 {} +
