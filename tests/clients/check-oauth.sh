#!/usr/bin/env bash
# Exchange tokens with unmodified OAuth clients: openid-client, jsforce, Authlib, and
# requests_oauth2client. Installs them into CLIENTS_CACHE; check-jsforce.mjs installed jsforce.
# Takes BASE_URL, ORG_USERNAME, and the server's TOKENX_DATA_DIR. Prints PASS and FAIL lines.
set -euo pipefail
cd "$(dirname "$0")/../.."

python=${PYTHON:-.venv/bin/python}
cache=${CLIENTS_CACHE:-$HOME/.cache/real-clients}
JSFORCE=$(ls -d "$cache"/jsforce-* | tail -n 1)
OPENID_CLIENT=$cache/openid-client-6.9.0
if [ ! -d "$OPENID_CLIENT/node_modules/openid-client" ]; then
  mkdir -p "$OPENID_CLIENT"
  echo '{"private": true}' >"$OPENID_CLIENT/package.json"
  npm install --no-audit --no-fund --loglevel=error --prefix "$OPENID_CLIENT" openid-client@6.9.0 >/dev/null
fi
venv=$cache/python-oauth-1
if [ ! -x "$venv/bin/python" ]; then
  "$python" -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check authlib==1.9.10 requests-oauth2client==1.8.0 requests==2.32.5
fi

newer_node=$(ls -d "$cache"/node-*/node_modules/node-*/bin 2>/dev/null | tail -n 1)
export PATH="${newer_node:+$newer_node:}$PATH" JSFORCE OPENID_CLIENT
eval "$("$python" -m tests.clients.exchange_setup)"

failed=0
node tests/clients/check-oauth.mjs || failed=1
"$venv/bin/python" tests/clients/check_oauth.py || failed=1
exit "$failed"
