#!/bin/sh
# Prepares a Debian for Pictor Worker: the programs it uses, and a user of its own. Run as root while an image is built; `npm run test:image`
# runs the very same in a Debian root folder.
#
#   install.sh cpu        Blender from Debian; renders on the processor
#   install.sh nvidia     Blender from blender.org, which brings the kernels for NVIDIA's cards; the driver comes with NVIDIA's container toolkit
#   install.sh gateway    no Blender
set -eu
variant=$1
export DEBIAN_FRONTEND=noninteractive

# Scenes are rendered in a sandbox where the container may make one (bubblewrap); EEVEE draws on a screen that is not there (Xvfb).
packages='ca-certificates'
case $variant in
  cpu) packages="$packages blender bubblewrap xvfb libegl1" ;;
  # What Blender's own build links to besides what it brings.
  nvidia) packages="$packages bubblewrap xvfb curl xz-utils libegl1 libgl1 libice6 libsm6 libx11-6 libxfixes3 libxi6 libxkbcommon0 libxrender1 libxxf86vm1" ;;
  gateway) ;;
  *)
    echo "install.sh: $variant is none of cpu, nvidia, gateway" >&2
    exit 2
    ;;
esac
apt-get -q update
# shellcheck disable=SC2086 # a list of packages
apt-get -q install -y --no-install-recommends $packages
rm -rf /var/lib/apt/lists/*

if [ "$variant" = nvidia ]; then
  : "${BLENDER_VERSION:=4.5.3}"
  series=${BLENDER_VERSION%.*}
  archive=blender-$BLENDER_VERSION-linux-x64.tar.xz
  from=https://download.blender.org/release/Blender$series
  cd /tmp
  curl -fsSLO "$from/$archive"
  # The hash may be given, so that a release that was changed later is noticed; else blender.org's own list is asked.
  if [ -n "${BLENDER_SHA256:-}" ]; then
    echo "$BLENDER_SHA256  $archive" | sha256sum -c -
  else
    curl -fsSL "$from/blender-$BLENDER_VERSION.sha256" | grep " $archive\$" | sha256sum -c -
  fi
  mkdir -p /opt/blender
  tar -xJf "$archive" -C /opt/blender --strip-components=1
  ln -s /opt/blender/blender /usr/local/bin/blender
  rm "$archive"
fi

# A fixed number: volumes keep it, and whoever runs the image can name it.
groupadd --system --gid 10001 pictor
useradd --system --uid 10001 --gid pictor --home-dir /data --no-create-home --shell /usr/sbin/nologin pictor
install -d -o pictor -g pictor -m 0700 /data
