#!/usr/bin/env bash
# What licences.pl makes of crates with a licence's text, without one, and with nothing at all.
set -euo pipefail
export LC_ALL=C
script=$(realpath "$(dirname "$0")/../licences.pl")
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
cd "$work"

die() { echo "licences.sh: $*" >&2; cat said complaint >&2; exit 1; }

crate() { # NAME TOML: a crate of others, beside ours
    mkdir -p "$1/src" && : >"$1/src/lib.rs"
    printf '[package]\nname = "%s"\nversion = "1.0.0"\nedition = "2021"\n%s\n' "$1" "$2" >"$1/Cargo.toml"
    printf '%s = { path = "../%s" }\n' "$1" "$1" >>ours/Cargo.toml
}

told() { # succeeds; cargo may complain of a lock that others hold
    (cd ours && cargo generate-lockfile --quiet --offline && "$script" ours) >said 2>complaint
}

mkdir -p ours/src && : >ours/src/lib.rs
printf '[package]\nname = "ours"\nversion = "1.0.0"\nedition = "2021"\n[dependencies]\n' >ours/Cargo.toml
crate brings 'license = "ISC"'
printf 'Copyright Alice\r\n\r\nDo  as you like.\r\n' >brings/LICENSE.txt
crate same 'license-file = "docs/terms"'
mkdir same/docs && printf '\nCopyright Alice\n\n  Do as you like.' >same/docs/terms
crate names 'license = "MIT/Apache-2.0"
authors = ["Bob <bob@example.com>"]'
crate two 'license = "Zlib AND 0BSD"'
told || die "a good crate is refused"
grep -qx 'names v1.0.0  MIT/Apache-2.0' said || die "a crate is not listed"
[ "$(grep -c 'Copyright Alice' said)" = 1 ] || die "a text is there twice"
grep -qx 'brings v1.0.0: LICENSE.txt' said || die "whose text it is is not told"
grep -qx 'same v1.0.0: terms' said || die "whose text it is too is not told"
grep -q '^names v1.0.0, .*Bob <bob@example.com>$' said || die "the author is not told"
[ "$(grep -c 'Permission is hereby granted, free of charge' said)" = 1 ] || die "the named licence has no text"
[ "$(grep -c '^two v1.0.0, ' said)" = 2 ] || die "of two licences one is missing"
if grep -q '^ours ' said; then die "our own crate is told"; fi
cp said first && told && cmp first said || die "twice is not the same"

crate nothing ''
crate unknown 'license = "LicenseRef-Mine"'
if told; then die "a crate without a licence passes"; fi
grep -q '  nothing v1.0.0 (no licence named)' complaint || die "a crate without a licence is not named"
grep -q '  unknown v1.0.0 (LicenseRef-Mine)' complaint || die "a licence without a text is not named"
