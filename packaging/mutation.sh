#!/bin/sh
# Mutation testing of the determination engine, outside CI: packaging/mutation.sh [FOLDER] [JOBS]
# Works on a copy of the last commit, so that no mutant ever stands in the working tree. Every mutant is run, those of
# packaging/mutation/equivalent.toml excepted, which no test can kill and whose reasons stand there. FOLDER keeps what
# is known so far: called again with it, an interrupted run goes on. The room's NOTES.md keeps the figure.
set -eu
folder=${1:-$(mktemp -d)}
jobs=${2:-2}
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
mkdir -p "$folder"
if [ ! -f "$folder/mutants.json" ]; then
  mkdir "$folder/tree"
  git -C "$root" archive HEAD | tar -x -C "$folder/tree"
  "$python" -m venv "$folder/tool"
  "$folder/tool/bin/pip" install -q "cosmic-ray==8.7.0"
  cd "$folder/tree"
  modules=""
  for name in reading nodes conflicts gates_limitation gates_rules gates_statute measures months engine units derive \
    changes lines compiled facts truth vocabulary answers kept tables verdicts; do
    modules="$modules core/domain/determinations/$name.py"
  done
  # shellcheck disable=SC2086  # a list of paths without blanks
  "$folder/tool/bin/python" packaging/mutation/mutants.py "$folder/new.json" $modules
  mv "$folder/new.json" "$folder/mutants.json"
fi
cd "$folder/tree"
MUTATION_JOBS=$jobs PYTHONPATH=. nice -n 10 "$python" packaging/mutation/run_mutants.py "$folder/mutants.json" \
  packaging/mutation/equivalent.toml "$folder/result.json" > /dev/null
"$python" packaging/mutation/report.py "$folder/result.json"
