#!/usr/bin/env bash
# Resolve both lock files for Python 3.11 and newer. They hold versions and hashes, and no addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
    "$@"
}
compile pyproject.toml requirements/build.in -o requirements/runtime.lock
compile pyproject.toml requirements/build.in --group dev --extra search --extra cluster -o requirements/dev.lock
if grep -n '://' requirements/*.lock; then
  echo "a lock file names an address" >&2
  exit 1
fi
