#!/usr/bin/env bash
# Posts a message to the running system and shows the row that it became.
set -euo pipefail

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  cat <<'TXT'
Usage: bin/test.sh [TEXT]

Posts TEXT ("hello" by default) to /messages and waits until GET /messages/{messageId} shows its row.

API_URL   where the API is: the local runtime's by default (http://127.0.0.1:3000),
          or the output api_url of a deployed dev stage

Exit codes: 0 the row is there, 1 it is not (what was answered is printed)
TXT
  exit 0
fi

api=${API_URL:-http://127.0.0.1:${PORT:-3000}}
text=${1:-hello}

# JSON needs quotes and backslashes escaped; bash can do that much by itself.
escaped=${text//\\/\\\\}
escaped=${escaped//\"/\\\"}

echo "POST $api/messages"
if ! answer=$(curl -sS --max-time 30 -X POST "$api/messages" -H 'content-type: application/json' -d "{\"message\":\"$escaped\"}"); then
  echo "Nothing answers at $api. Start the system with: npm start" >&2
  exit 1
fi
echo "  $answer"

id=$(sed -n 's/.*"messageId":"\([0-9a-f-]*\)".*/\1/p' <<<"$answer")
[[ -n $id ]] || exit 1

echo "GET $api/messages/$id"
for _ in $(seq 1 100); do
  if row=$(curl -sS --fail --max-time 30 "$api/messages/$id" 2>/dev/null); then
    echo "  $row"
    exit 0
  fi
  sleep 0.1
done
echo "  no row after 10 seconds" >&2
exit 1
