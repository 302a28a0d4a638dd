#!/usr/bin/env bash
# Install the Salesforce CLI into CLIENTS_CACHE and run the checks in check_sf.py with it.
# Takes BASE_URL and ACCESS_TOKEN, and prints PASS and FAIL lines.
set -euo pipefail
cd "$(dirname "$0")/../.."

cache=${CLIENTS_CACHE:-$HOME/.cache/real-clients}
sf_version=2.150.6
node_version=22.23.3
export npm_config_update_notifier=false

npm_install() { # folder package
  mkdir -p "$1"
  [ -f "$1/package.json" ] || echo '{"private": true}' >"$1/package.json"
  npm install --no-audit --no-fund --loglevel=error --prefix "$1" "$2" >/dev/null
}
node_is_new_enough() { # sf needs Node 22.19 or later
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 19) ? 0 : 1)'
}

if ! node_is_new_enough; then
  platform=$(node -p 'process.platform + "-" + process.arch')
  newer_node=$cache/node-$node_version/node_modules/node-$platform/bin
  [ -x "$newer_node/node" ] || npm_install "$cache/node-$node_version" "node-$platform@$node_version"
  export PATH="$newer_node:$PATH"
fi
bin=$cache/sf-$sf_version/node_modules/.bin
[ -x "$bin/sf" ] || npm_install "$cache/sf-$sf_version" "@salesforce/cli@$sf_version"
export PATH="$bin:$PATH"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home"
# A separate home keeps the user's orgs, aliases, and settings untouched.
export WORK="$work" HOME="$work/home" SF_DISABLE_TELEMETRY=true SF_AUTOUPDATE_DISABLE=true \
  SF_SKIP_NEW_VERSION_CHECK=true SF_USE_GENERIC_UNIX_KEYCHAIN=true SF_DISABLE_LOG_FILE=true \
  SF_USE_PROGRESS_BAR=false CI=true
"${PYTHON:-python3}" -m tests.clients.check_sf
