#!/bin/sh
# Makes tenfold/static/vendor/ anew from npm packages at pinned versions, whose tarballs must have the sha256 named here.
# Only an engineer who raises a version runs this (it needs npm); the copies are committed, so that a user needs no Node.
#   tools/vendor_frontend.sh        then: git diff tenfold/static/vendor
# shellcheck disable=SC2016  # the backquotes are Markdown
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
vendor=$root/tenfold/static/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

outline_icons="
adjustments alert-triangle archive arrow-back-up arrow-down arrow-forward-up arrow-left arrow-right arrow-up
award ban bell binary-tree binary-tree-2 calendar calendar-event camera camera-off certificate chart-bar
chart-dots chart-funnel chart-line check checks chevron-down chevron-left chevron-right chevron-up circle-check
circle-dashed circle-x clipboard clock copy device-mobile device-mobile-vibration door door-enter door-exit dots
dots-vertical download edit external-link eye eye-off file-spreadsheet file-text filter flag gift grip-vertical
help-circle history home hourglass inbox info-circle key keyboard language layout-dashboard link list-check
list-details lock login logout mail menu-2 message messages minus moon package photo photo-check photo-plus
photo-x player-pause player-play player-stop plus qrcode refresh robot rocket scan search seedling send settings
share shield-check sitemap speakerphone star sun tag test-pipe ticket trash trophy upload user user-check
user-circle user-minus user-plus user-x users users-group users-plus volume wifi-off world x zoom-in
"

# fetch NAME VERSION SHA256: unpacks the package, checked, into $package
fetch() {
    tarball=$work/$(cd "$work" && npm pack --silent "$1@$2")
    echo "$3  $tarball" | sha256sum --check --quiet
    package=$work/$(echo "$1" | tr '@/' '__')
    mkdir "$package"
    tar -xzf "$tarball" -C "$package" --strip-components=1
}

# begin FOLDER NAME VERSION SHA256 LICENCE: fetches a package and opens its chapter of the manifest
begin() {
    fetch "$2" "$3" "$4"
    folder=$vendor/$1
    mkdir -p "$folder"
    printf '\n## %s %s\n\nLicence: %s. Package sha256: `%s`.\n\n' "$2" "$3" "$5" "$4" >> "$vendor/VENDOR.md"
}

# take FILE [AS]: copies one file of the package, without the address of a source map that we do not ship
take() {
    target=$folder/${2:-$(basename "$1")}
    sed -e '/^\/\/# sourceMappingURL=/d' -e 's,/\*# sourceMappingURL=[^*]*\*/,,' "$package/$1" > "$target"
    list "$target"
}

# list PATH: writes a file of ours into the manifest
list() {
    printf -- '- `%s` sha256 `%s`\n' "${1#"$vendor"/}" "$(sha256sum "$1" | cut -d' ' -f1)" >> "$vendor/VENDOR.md"
}

rm -rf "$vendor"
mkdir -p "$vendor"
cat > "$vendor/VENDOR.md" <<'END'
# Front-end files that are not ours

Copied from npm packages by `tools/vendor_frontend.sh`, which writes this page; nothing is changed but the addresses of
source maps, which are taken out. A test compares every file with its sha256 here.
END

begin htmx htmx.org 2.0.11 165a2655073e9e6e55e307a7c74e8ebcdb76afb7701f9c16cfd106a13add408e 0BSD
take dist/htmx.min.js
take LICENSE

begin htmx-ext-sse htmx-ext-sse 2.2.4 90b46f5ab915ba2f64e6348448c8dba509277a47e15c125ffb65754eb4f6b5dc 0BSD
take dist/sse.min.js
take LICENSE

begin idiomorph idiomorph 0.8.0 c2b48584153f0167b5c98cb815576338ccd82a97378e53fbf29d139dfd67207e 0BSD
take dist/idiomorph-ext.min.js
take LICENSE

begin echarts echarts 6.1.0 681aff88cc1038c3fa941a3a53d1b177a52250b05335efc607d6105ae13be481 Apache-2.0
take dist/echarts.min.js
take LICENSE
take NOTICE
take licenses/LICENSE-d3
begin echarts zrender 6.1.0 38f2fb722a638be016ca0175b139c40c886ef47fc2afdb741b2e7e7ae9683f9c 'BSD-3-Clause (inside echarts.min.js)'
take LICENSE LICENSE-zrender

begin tabler @tabler/core 1.6.1 d02d679e51f6c179b21f035e154c13cdcb2ae8b18579e56ea606408ba7fc7a87 MIT
take dist/css/tabler.min.css
take dist/js/tabler.min.js
begin tabler bootstrap 5.3.8 8b02d4a7482e0f0a2b1da58f1c9c86830e96cc2f77f094f89e4681b19886bc38 'MIT (inside tabler.min.*)'
take LICENSE LICENSE-bootstrap
begin tabler @popperjs/core 2.11.8 8e09bdfa912035668e62cea61321bce27cbd011b85672055db25d271bd63af49 'MIT (inside tabler.min.js)'
take LICENSE.md LICENSE-popper

begin qr qr 0.7.0 632ef43ecb74f7eb5f578e978068bcbfba0fbba36101e79c079a6d95f24d8865 'MIT OR Apache-2.0; parts after ZXing, Apache-2.0'
take decode.js
take index.js
take LICENSE
take LICENSE-MIT

begin weui weui 2.6.26 f88a8f1d22ceb94e802bf423bd477a4a0cfad4cf9d70a77eedbc3cb17511b435 MIT
take dist/style/weui.min.css
# Its licence file also names the tools that built it; the notice and the terms of what we ship are these parts.
sed -n -e '1,6p' -e '/^Terms of the MIT License:/,$p' "$package/LICENSE.txt" > "$folder/LICENSE"
list "$folder/LICENSE"

begin tabler-icons @tabler/icons 3.51.0 b30108713d3fa60aee862c2a133225da8e0f309be0708fe2925763ff810c766c MIT
take LICENSE
# The package of @tabler/core carries no licence text; its author's, under the same licence, is that of the icons.
{ sed -n '1,2p' "$folder/LICENSE"
  sed -n 's/^ \* \(Copyright .*\)/\1/p' "$vendor/tabler/tabler.min.css" | head -2
  sed -n '4,$p' "$folder/LICENSE"; } > "$vendor/tabler/LICENSE"
list "$vendor/tabler/LICENSE"
for icon in $outline_icons; do take "icons/outline/$icon.svg"; done
