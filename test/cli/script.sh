#!/bin/sh
# How scripts use orch. Expects `orch` and `node` on PATH and an empty working directory; fails at the first wrong step.
set -eu

# jq where it is installed; otherwise the few filters used here, by node.
query() {
  if command -v jq >/dev/null; then jq -r "$1"; else node -e '
    const path = process.argv[1].split(".").filter(Boolean);
    const text = require("node:fs").readFileSync(0, "utf8").trim();
    for (const line of text.split("\n")) console.log(path.reduce((value, key) => value[key], JSON.parse(line)));
  ' "$1"; fi
}

expect() {
  test "$1" = "$2" || { echo "expected '$2', got '$1'" >&2; exit 1; }
}

id=$(orch add "printf 'a result'")
expect "$id" task-001
expect "$(orch list --json | query .description)" "printf 'a result'"

orch run --exec sh --json | query .event > events
expect "$(head -1 events)" run:start
expect "$(tail -1 events)" run:end

orch show "$id" --result > file
expect "$(wc -c < file | tr -d ' ')" 8
expect "$(cat file)" "a result"
expect "$(orch status --json | query .counts.completed)" 1

orch add "exit 3" > /dev/null
code=0
orch run --exec sh --no-retry > /dev/null || code=$?
expect "$code" 1
code=0
orch show task-002 --result > empty 2> why || code=$?
expect "$code" 1
test ! -s empty
test -s why
echo fine
