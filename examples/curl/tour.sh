#!/usr/bin/env bash
# The two-minute tour with curl and jq: sign up, me, refresh, sessions, log out; REST, then GraphQL.
# Usage: tour.sh [BASE_URL]
set -euo pipefail
base=${1:-http://127.0.0.1:4455}
name=jill$RANDOM$RANDOM
password='correct horse battery staple'

call() { # METHOD PATH [JSON]: prints the answer, fails on an error
  curl --silent --show-error --fail-with-body --request "$1" "$base$2" \
    --header 'Content-Type: application/json' \
    ${access:+--header "Authorization: Bearer $access"} \
    ${3:+--data "$3"}
}
access=

echo "# sign up"
answer=$(call POST /v1/register "{\"username\":\"$name\",\"email\":\"$name@example.com\",\"password\":\"$password\"}")
jq '.access_token |= .[:20] + "…" | .refresh_token |= .[:12] + "…"' <<<"$answer"

echo "# log in"
answer=$(call POST /v1/login "{\"identifier\":\"$name\",\"password\":\"$password\"}")
access=$(jq -r .access_token <<<"$answer")
refresh=$(jq -r .refresh_token <<<"$answer")

echo "# me"
call GET /v1/me | jq .

echo "# refresh: the old refresh token is spent, the new one is its only successor"
answer=$(access= call POST /v1/refresh "{\"refresh_token\":\"$refresh\"}")
access=$(jq -r .access_token <<<"$answer")
jq '{expires_in, scope, token_type}' <<<"$answer"

echo "# sessions"
call GET /v1/sessions | jq -c '.. | objects | select(.device?) | {id, device}'

echo "# the same over GraphQL"
call POST /graphql '{"query":"{ me { username email } }"}' | jq -c .data

echo "# log out: the session and all of its tokens end"
call POST /v1/logout
curl --silent --output /dev/null --write-out 'me afterwards: %{http_code}\n' \
  --header "Authorization: Bearer $access" "$base/v1/me"
