#!/bin/sh
# Mutation testing of the determination engine, outside CI: packaging/mutation.sh [SAMPLE] [SECONDS]
# Works on a copy of the last commit, so that no mutant ever stands in the working tree. A fixed seed draws the sample,
# the same for everybody; SAMPLE 0 takes every mutant. After SECONDS (default 1700) what is left is not run and said so.
# Result: how many of the mutants that ran were killed, and the survivors with their place. NOTES.md of the room keeps it.
set -eu
sample=${1:-150}
seconds=${2:-1700}
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tree"
git -C "$root" archive HEAD | tar -x -C "$work/tree"
"$python" -m venv "$work/tool"
"$work/tool/bin/pip" install -q "cosmic-ray==8.7.0"
cd "$work/tree"
tests=""
for name in golden derive duties statute_rows limits lists measures replay package bad_packages properties published; do
  tests="$tests tests/domain/determinations/test_$name.py"
done
cat > mutation.toml <<TOML
[cosmic-ray]
module-path = [$(for name in reading nodes conflicts gates_limitation gates_rules gates_statute measures months engine \
  units derive changes lines compiled facts truth; do printf '"core/domain/determinations/%s.py", ' "$name"; done)]
timeout = 120.0
excluded-modules = []
test-command = "$python -m pytest -x -q -p no:randomly -p no:cacheprovider $tests"
[cosmic-ray.distributor]
name = "local"
TOML
"$work/tool/bin/cosmic-ray" init mutation.toml session.sqlite
"$python" - "$sample" <<'PY'
import random, sqlite3, sys
size = int(sys.argv[1])
db = sqlite3.connect("session.sqlite")
# Two classes cannot be killed and are left out: the `|` of types, which is no behaviour under `from __future__ import
# annotations`, and `is` against `==` where the other side is True, False or None, because every truth here is one of them.
jobs = sorted(
    db.execute("select job_id, module_path, start_pos_row, start_pos_col, operator_name from mutation_specs"),
    key=lambda job: job[1:],
)
def is_type(path, row, operator):
    line = open(path, encoding="utf-8").read().splitlines()[row - 1]
    return "BinaryOperator_BitOr" in operator and (":" in line or "->" in line)
def is_truth(path, row, operator):
    line = open(path, encoding="utf-8").read().splitlines()[row - 1]
    return operator.endswith(("_Is_Eq", "_IsNot_NotEq")) and any(f" {word}" in line for word in ("True", "False", "None"))
real = [job for job in jobs if not is_type(job[1], job[2], job[4]) and not is_truth(job[1], job[2], job[4])]
kept = {job[0] for job in (random.Random(20260305).sample(real, min(size, len(real))) if size else real)}
gone = [(job[0],) for job in jobs if job[0] not in kept]
db.executemany("delete from mutation_specs where job_id = ?", gone)
db.executemany("delete from work_items where job_id = ?", gone)
db.commit()
print(f"{len(jobs)} mutants, {len(jobs) - len(real)} cannot be killed, {len(kept)} drawn")
PY
nice -n 10 timeout "$seconds" "$work/tool/bin/cosmic-ray" exec mutation.toml session.sqlite || echo "stopped after $seconds s"
"$python" - <<'PY'
import sqlite3
db = sqlite3.connect("session.sqlite")
rows = db.execute(
    "select r.test_outcome, m.module_path, m.start_pos_row, m.start_pos_col, m.operator_name, r.diff from work_results r"
    " join mutation_specs m on m.job_id = r.job_id order by m.module_path, m.start_pos_row"
).fetchall()
killed = [row for row in rows if str(row[0]).upper().endswith("KILLED")]
left = [row for row in rows if str(row[0]).upper().endswith("SURVIVED")]
print(f"{len(rows)} ran, {len(killed)} killed, {len(left)} survived: {100 * len(killed) / max(1, len(rows)):.1f} %")
for row in left:
    print(f"survived {row[1]}:{row[2]}:{row[3]} {row[4]}")
    print("\n".join(line for line in (row[5] or "").splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")))
PY
