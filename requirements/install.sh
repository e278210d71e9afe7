#!/usr/bin/env bash
# install.sh runtime|dev PYTHON: .venv with the packages of one lock file, and the checkout itself, editable.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=$1 python=$2
unset PYTHONDONTWRITEBYTECODE

if [ ! -x .venv/bin/python ]; then
  echo "making .venv"
  if command -v uv >/dev/null; then
    uv venv --quiet --seed --python "$python" .venv
  else
    "$python" -m venv .venv
  fi
fi
.venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { echo "veracity needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }

echo "installing requirements/$kind.lock"
if command -v uv >/dev/null; then
  uv pip install --quiet --python .venv/bin/python --compile-bytecode --require-hashes -r "requirements/$kind.lock"
  uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
else
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "requirements/$kind.lock"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
fi
rm -f .venv/.runtime-* .venv/.dev-*
