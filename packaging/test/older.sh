#!/usr/bin/env bash
# Makes of Debian packages the ones of a version before, to upgrade from.
#
#   packaging/test/older.sh FROM TO
set -euo pipefail

work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
for package in "$1"/*.deb; do
    dpkg-deb --raw-extract "$package" "$work/it"
    sed -i 's/^Version: .*/Version: 0.0.1-1/' "$work/it/DEBIAN/control"
    if [ -e "$work/it/etc/nudged/nudged.toml" ]; then
        # Its defaults were told in other words then.
        sed -i '1s/.*/# nudged, as it was configured before/' "$work/it/etc/nudged/nudged.toml"
    fi
    dpkg-deb --root-owner-group -Znone --build "$work/it" "$2/$(basename "${package/_[0-9]*-[0-9]*_/_0.0.1-1_}")" >/dev/null
    rm -r "$work/it"
done
