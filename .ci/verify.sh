#!/usr/bin/env bash
# The stages of `make verify`, each with its time. All of them run, so that one failure does not hide another;
# the exit code is that of the first that failed. The last line is the test runner's own summary.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/trace
log=build/pytest.log
failed=0

stage() {
  local name=$1 begin=$SECONDS code=0
  shift
  printf '\n== %s\n' "$name"
  "$@" || code=$?
  if [ "$code" -eq 0 ]; then
    printf -- '-- %s: ok, %d s\n' "$name" $((SECONDS - begin))
  else
    printf -- '-- %s: FAILED (exit code %d), %d s\n' "$name" "$code" $((SECONDS - begin))
    [ "$failed" -ne 0 ] || failed=$code
  fi
}

# One file of tests stays in one process: its fixtures are made once. Three processes for two cores, because tests that
# watch processes of their own wait a third of their time.
tests() {
  .venv/bin/python -m pytest -p xdist.plugin -n "${WORKERS:-3}" --dist loadfile -q "$@" 2>&1 | tee "$log"
  return "${PIPESTATUS[0]}"
}

# On CI nobody is there to be told what is missing.
stage "system packages" bash requirements/system.sh $([ -n "${CI:-}" ] || echo --check)
stage "generated code is current" .venv/bin/python -m veracity_gen --check
stage "lint" sh -c '.venv/bin/ruff check . && .venv/bin/ruff format --check .'
if [ -n "${FAST:-}" ]; then
  stage "tests and scenarios, without the slow files" tests -m "not slow"
  stage "ticket files" .venv/bin/python -m veracity_trace check
  printf '\nFAST: types, import contracts, slow tests, planted faults and the matrix were left out; no ticket is judged\n'
else
  stage "types" .venv/bin/mypy
  stage "import contracts" .venv/bin/lint-imports --no-cache --no-logo
  stage "tests and scenarios" tests --trace-out=build/trace/run.json --junitxml=build/trace/junit.xml
  stage "recorded faults are noticed again" .venv/bin/python -m veracity_trace evidence --replay
  stage "tickets to evidence" .venv/bin/python -m veracity_trace report
fi

printf '\n'
[ "$failed" -eq 0 ] && echo "verify: ok" || echo "verify: FAILED"
tail -n 1 "$log"
exit "$failed"
