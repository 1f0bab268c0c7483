#!/usr/bin/env bash
# Makes the container image of the page: perl, from the packages of this Debian or Ubuntu machine, as an OCI layout in a tar
# archive (https://github.com/opencontainers/image-spec, image-layout.md). No registry, no download, no engine.
#   examples/first-light/image.sh ARCHIVE      then: ./selvage image import ARCHIVE --name NAME
set -euo pipefail
archive=${1:?usage: image.sh ARCHIVE}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The files of perl and of the libraries that it needs, each beneath the folder where it truly lies.
libraries=$(dpkg -S $(ldd /usr/bin/perl | grep -o '/[^ ]*' | xargs -n 1 basename | sort -u | sed 's,^,*/,') | grep -v '^diversion ' | cut -d: -f1 | sort -u)
for package in perl-base $libraries; do
  dpkg -L "$package:$(dpkg --print-architecture)" 2>/dev/null || dpkg -L "$package"
done | grep -vE '^/\.?$|/usr/share/|/gconv|/audit' | while read -r file; do
  [[ -d $file ]] || echo "$(cd "${file%/*}/" && pwd -P)/${file##*/}"
done | sort -u | sed 's,^/,,' > "$work/files"
# Where /lib is a link to /usr/lib, programs find their loader by it.
for link in bin lib lib64; do [[ -L /$link ]] && echo "$link" >> "$work/files"; done

# Puts a file among the layout's blobs and prints "sha256:... size".
blob() {
  local digest
  digest=$(sha256sum "$1" | cut -d' ' -f1)
  mv "$1" "$work/layout/blobs/sha256/$digest"
  echo "sha256:$digest $(stat -c %s "$work/layout/blobs/sha256/$digest")"
}
mkdir -p "$work/layout/blobs/sha256"
tar --create --file "$work/layer" --directory / --no-recursion --owner 0 --group 0 --numeric-owner --mtime @0 --files-from "$work/files"
read -r layer layer_size < <(blob "$work/layer")
cat > "$work/config" <<END
{"architecture": "$(dpkg --print-architecture)", "os": "linux", "config": {"Cmd": ["/usr/bin/perl"]}, "rootfs": {"type": "layers", "diff_ids": ["$layer"]}}
END
read -r config config_size < <(blob "$work/config")
cat > "$work/manifest" <<END
{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
 "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "$config", "size": $config_size},
 "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": "$layer", "size": $layer_size}]}
END
read -r manifest manifest_size < <(blob "$work/manifest")
echo '{"imageLayoutVersion": "1.0.0"}' > "$work/layout/oci-layout"
cat > "$work/layout/index.json" <<END
{"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "$manifest", "size": $manifest_size}]}
END
tar --create --file "$archive" --directory "$work/layout" oci-layout index.json blobs
