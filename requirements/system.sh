#!/usr/bin/env bash
# system.sh [--check]: programs of the system that some proofs run. With --check it only names what is missing.
# Tests that need a missing one are skipped by name, and the tickets that rest on them count as not run.
set -euo pipefail

# program, Debian package, what it proves
needed="chromium chromium pages in a real browser
strace strace faults of single system calls
fio fio what the disk can do, beside the journal"

missing=$(while read -r program package purpose; do
  command -v "$program" >/dev/null || echo "$package: $purpose"
done <<<"$needed")
[ -n "$missing" ] || exit 0

echo "missing system packages:"
sed 's/^/  /' <<<"$missing"
if [ "${1:-}" = --check ]; then
  echo "make setup-system installs them; until then the tests that need them are skipped, and their tickets are not run"
  exit 0
fi
command -v apt-get >/dev/null || { echo "no apt-get here: install them by hand" >&2; exit 1; }
as_root=$([ "$(id -u)" -eq 0 ] || echo sudo)
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2046 # one word a package
$as_root apt-get install -y -qq --no-install-recommends $(cut -d: -f1 <<<"$missing") >/dev/null
