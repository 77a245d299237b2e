#!/usr/bin/env bash
# Builds the program twice, in two folders whose paths differ in name and length, each with a target folder of its own and
# nothing kept from the other, and compares the two programs byte by byte.
#
# usage: reproducible.sh [PROFILE]     default: release; `dist` is what the image holds, and takes twice as long
#
# What is built is what git would commit from this folder. The paths that a build bakes in (panics' places, line tables, C
# files' names) are written the same way in both: the folder as /build, Cargo's home as /cargo. Held equal is what a person
# who builds again can hold equal: the compiler, the linker and the C compiler of one machine. That another machine's give the same
# bytes is not checked here.
set -euo pipefail
cd "$(dirname "$0")/../.."
profile=${1:-release}
unset CARGO_TARGET_DIR RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
export CARGO_INCREMENTAL=0 CARGO_TERM_COLOR=never SOURCE_DATE_EPOCH=0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cargo_home=${CARGO_HOME:-$HOME/.cargo}

# Both are copied before either is built: what is changed meanwhile is in neither.
folders=("$scratch/a" "$scratch/another-folder")
for folder in "${folders[@]}"; do
  mkdir -p "$folder"
  git ls-files -z --cached --others --exclude-standard |
    tar --create --null --files-from=- --ignore-failed-read | tar --extract -C "$folder"
done

build() {
  local folder=$1
  (
    cd "$folder"
    CFLAGS="-ffile-prefix-map=$folder=/build -ffile-prefix-map=$cargo_home=/cargo" \
      RUSTFLAGS="--remap-path-prefix=$folder=/build --remap-path-prefix=$cargo_home=/cargo" \
      cargo build --locked --quiet --profile "$profile" --bin pci-compliance-mcp
  )
  mv "$folder/target/$profile/pci-compliance-mcp" "$scratch/$(basename "$folder").bin"
  # One target folder at a time: each takes a gigabyte.
  rm -rf "$folder/target"
}

for folder in "${folders[@]}"; do build "$folder"; done

sha256sum "$scratch"/*.bin
if ! cmp "$scratch/a.bin" "$scratch/another-folder.bin"; then
  echo "the two builds differ" >&2
  exit 1
fi
# Equal programs could still both name this machine's folders.
if grep --quiet --text --fixed-strings -e "$scratch" -e "$cargo_home" "$scratch/a.bin"; then
  echo "the program holds paths of the machine that built it" >&2
  exit 1
fi
echo "the same bytes, and no path of this machine ($profile)"
