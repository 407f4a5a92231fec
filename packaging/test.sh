#!/bin/sh
# Does what CI does: prepares the environment, then style, import contracts, types and the tests.
#   sh packaging/test.sh [--long] [pytest arguments]      --long adds the tests marked long and more examples a property
# Ends on pytest's own summary; exits non-zero when anything failed.
set -u
cd "$(dirname "$0")/.." || exit 3
. packaging/setup.sh
prepare test

marks="not long"
profile=house
if [ "${1:-}" = --long ]; then
    shift
    marks=""
    profile=house-long
fi

QT_QPA_PLATFORM=offscreen
export QT_QPA_PLATFORM
unset DISPLAY WAYLAND_DISPLAY

failed=""
check() {
    name=$1
    shift
    printf '== %s\n' "$name"
    "$@" || failed="$failed $name"
}
check ruff "$PYTHON" -m ruff check main.py core ui tests packaging
check imports "$VENV/bin/lint-imports" --no-logo
check pyright "$VENV/bin/pyright"

printf '== pytest\n'
[ -z "$failed" ] || printf 'failed before the tests:%s\n' "$failed"
"$PYTHON" -m pytest -n "${MINGJIAN_TEST_WORKERS:-2}" --dist loadscope --hypothesis-profile="$profile" -m "$marks" "$@"
status=$?
[ -z "$failed" ] || [ "$status" -ne 0 ] || status=1
exit "$status"
