#!/usr/bin/env bash
# Check sf and jsforce in longer workflows: a round trip of all types, records, and Setup links.
# Uses the clients that check-sf.sh and check-jsforce.mjs installed into CLIENTS_CACHE. Takes
# BASE_URL and ACCESS_TOKEN, and prints PASS and FAIL lines.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${CLIENTS_CACHE:-$HOME/.cache/real-clients}
newer_node=$(ls -d "$cache"/node-*/node_modules/node-*/bin 2>/dev/null | tail -n 1)
export PATH="${newer_node:+$newer_node:}$(ls -d "$cache"/sf-*/node_modules/.bin | tail -n 1):$PATH"
JSFORCE=$(ls -d "$cache"/jsforce-* | tail -n 1)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A separate home keeps the user's orgs, aliases, and settings untouched.
export HOME="$work" JSFORCE SF_ACCESS_TOKEN="$ACCESS_TOKEN" SF_DISABLE_TELEMETRY=true SF_AUTOUPDATE_DISABLE=true \
  SF_SKIP_NEW_VERSION_CHECK=true SF_USE_GENERIC_UNIX_KEYCHAIN=true SF_DISABLE_LOG_FILE=true CI=true
cd "$work"

failed=0
check() { # name, and a function or a command
  local name=$1 status && shift
  # In a condition, bash would continue after a failed command.
  set +e
  (
    set -e
    "$@"
  ) >"$work/output" 2>&1
  status=$?
  set -e
  [ "$status" = 0 ] && echo "PASS $name" && return
  failed=1
  echo "FAIL $name: $(tr '\n' ' ' <"$work/output" | tail -c 600)"
}
id_in() { grep -o '"id": "[^"]*"' "$work/output.json" | head -n 1 | cut -d '"' -f 4; }

types=(ApexClass ConnectedApp ExternalClientApplication ExtlClntAppGlobalOauthSettings ExtlClntAppOauthSettings
  ExtlClntAppOauthConfigurablePolicies OauthTokenExchangeHandler)
log_in() {
  sf template generate project --name project
  cd project
  sf org login access-token --instance-url "$BASE_URL" --alias tokenx --set-default --no-prompt
}
round_trip() {
  cd project
  sf project retrieve start "${types[@]/#/--metadata=}"
  git init -q . && git add force-app
  sf project deploy start --source-dir force-app --json >"$work/output.json"
  if grep -E '"state": "(Changed|Created|Failed)"' "$work/output.json"; then return 1; fi
  sf project retrieve start "${types[@]/#/--metadata=}"
  git diff --exit-code --stat force-app
}
manifest() {
  cd project
  sf project generate manifest --from-org tokenx --output-dir whole
  for type in "${types[@]}"; do grep "<name>$type</name>" whole/package.xml; done
}
records() {
  cd project
  sf data query --query "SELECT Id FROM ApexClass LIMIT 1" --json | grep -o '01p[A-Za-z0-9]*' | head -n 1 >"$work/class"
  sf data create record --sobject OauthTokenExchangeHandler --json --values "DeveloperName=More_Checks MasterLabel='More checks' \
    Description=Mine SupportedTokenTypesJwt=true TokenHandlerApexId=$(cat "$work/class")" >"$work/output.json"
  sf data update record --sobject OauthTokenExchangeHandler --record-id "$(id_in)" --values "IsEnabled=true"
  sf data get record --sobject OauthTokenExchangeHandler --where "DeveloperName=More_Checks" | grep "IsEnabled: true"
  sf data delete record --sobject OauthTokenExchangeHandler --record-id "$(id_in)"
}
permission_set() {
  cd project
  folder=force-app/main/default/permissionsets
  mkdir -p "$folder"
  cat >"$folder/More_Checks.permissionset-meta.xml" <<XML
<?xml version="1.0" encoding="UTF-8"?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <hasActivationRequired>false</hasActivationRequired>
    <label>More checks</label>
    <userPermissions>
        <enabled>true</enabled>
        <name>ApiEnabled</name>
    </userPermissions>
</PermissionSet>
XML
  cp "$folder/More_Checks.permissionset-meta.xml" "$work/before.xml"
  sf project deploy start --metadata PermissionSet:More_Checks
  sf project retrieve start --metadata PermissionSet:More_Checks
  diff "$work/before.xml" "$folder/More_Checks.permissionset-meta.xml"
  sf org assign permset --name More_Checks
  query="SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'More_Checks'"
  sf data query --query "$query" --json | grep -o '0Pa[A-Za-z0-9]*' | head -n 1 >"$work/assignment"
  sf org assign permset --name More_Checks >"$work/again" 2>&1 && return 1
  grep "Duplicate PermissionSetAssignment" "$work/again"
  sf data delete record --sobject PermissionSetAssignment --record-id "$(cat "$work/assignment")"
  sf project delete source --metadata PermissionSet:More_Checks --no-prompt
}
anonymous_apex() {
  cd project
  printf "Integer twice(Integer x) { return 2 * x; }\nSystem.debug('Twice: ' + twice(4));\n" >"$work/good.apex"
  sf apex run --file "$work/good.apex" >"$work/run"
  grep "Compiled successfully" "$work/run"
  grep "USER_DEBUG|\[2\]|DEBUG|Twice: 8" "$work/run"
  echo "Integer x = 'a';" >"$work/bad.apex"
  sf apex run --file "$work/bad.apex" >"$work/run" 2>&1 && return 1
  grep "Illegal assignment from String to Integer" "$work/run"
  echo "Integer x = 1 / 0;" >"$work/bad.apex"
  sf apex run --file "$work/bad.apex" >"$work/run" 2>&1 && return 1
  grep "Divide by 0" "$work/run"
}
open_setup() {
  cd project
  link=$(sf org open --url-only --json --path lightning/setup/DeployStatus/home | grep -o "$BASE_URL[^\"]*" | head -n 1)
  curl --silent --fail --location --cookie-jar "$work/cookies" "$link" | grep "Deployment Status"
}
logs() {
  cd project
  sf data query --query "SELECT Id FROM User WHERE Username = '$ORG_USERNAME'" --json | grep -o '005[A-Za-z0-9]*' | head -n 1 >"$work/user"
  sf data create record --use-tooling-api --sobject DebugLevel --json \
    --values "DeveloperName=More_Checks MasterLabel=Checks ApexCode=FINEST ApexProfiling=INFO" >"$work/output.json"
  # The end is in ten minutes, in ISO 8601.
  end=$(node --print 'new Date(Date.now() + 600000).toISOString()')
  values="TracedEntityId=$(cat "$work/user") DebugLevelId=$(id_in) LogType=USER_DEBUG ExpirationDate=$end"
  sf data create record --use-tooling-api --sobject TraceFlag --json --values "$values" >"$work/output.json"
  sf data create record --use-tooling-api --sobject TraceFlag --values "$values" >"$work/again" 2>&1 && return 1
  grep "This entity is already being traced by a trace flag" "$work/again"
  echo "System.debug('Hello from sf');" >hello.apex
  sf apex run --file hello.apex
  sf apex list log | grep Success
  sf apex list log --json | grep -o '07L[A-Za-z0-9]*' | head -n 1 >"$work/log"
  sf apex get log --number 1 --json | grep "Hello from sf"
  sf apex get log --log-id "$(cat "$work/log")" --output-dir logs
  grep -E "^67.0 APEX_CODE,FINEST;APEX_PROFILING,INFO;" "logs/$(cat "$work/log").log"
  sf data delete record --use-tooling-api --sobject ApexLog --record-id "$(cat "$work/log")"
  sf data delete record --use-tooling-api --sobject TraceFlag --record-id "$(id_in)"
}
tail_log() {
  cd project
  sf apex tail log >"$work/tail" 2>&1 && return 1
  grep "403::Tailing debug logs isn't available in tokenx" "$work/tail"
  sf data query --use-tooling-api --query "SELECT DebugLevel.DeveloperName FROM TraceFlag" | grep SFDC_DevConsole
}
describe_org() {
  cd project
  sf org list limits
  sf org list sobject record-counts
  sf sobject describe --sobject OauthTokenExchHandlerApp
  sf org auth show-access-token --no-prompt
  sf api request rest /services/data/v62.0/limits
}

check "sf logs in from a project" log_in
check "sf retrieves every type and deploys it back unchanged" round_trip
check "sf lists the whole org in a manifest" manifest
check "sf creates, changes, reads, and deletes a record" records
check "sf deploys a permission set and assigns it" permission_set
check "sf runs anonymous Apex" anonymous_apex
check "sf opens Setup" open_setup
check "sf traces a user, and lists, gets, and deletes logs" logs
check "sf is told that logs can't be tailed" tail_log
check "sf describes the org" describe_org
check "jsforce creates, changes, reads, and deletes a list of records" node "$here/check-more.mjs"
exit "$failed"
