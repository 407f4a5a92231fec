#!/bin/sh
# Proves that a fresh clone runs on a Debian 12 on which nothing of the project is installed.
#   sh packaging/chroot-proof.sh FOLDER [SCRIPT...]        as root; needs debootstrap, git and unshare
# FOLDER keeps the bare system for the next time (FOLDER/bare) and the log of each command (FOLDER/*.log).
# SCRIPT is what is run in the clone: default "packaging/test.sh" and then "packaging/run.sh".
# The mirror, the certificates and the settings of apt and pip are those of this machine; the project is HEAD of this clone.
set -eu
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { sed -n '2,6p' "$0" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "Only root can make a chroot. Nothing was changed. Run this as root." >&2; exit 3; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- packaging/test.sh packaging/run.sh

bare=$folder/bare
system=$folder/system
suite=bookworm
if [ ! -e "$bare/etc/debian_version" ]; then
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $suite" | head -n 1)
    rm -rf "$bare"
    debootstrap --variant=minbase "$suite" "$bare" "$mirror" >"$folder/debootstrap.log"
fi
rm -rf "$system"
cp -a "$bare" "$system"
git clone --quiet --no-local . "$system/mingjian"

# What every machine has before the project comes: names, certificates, package sources, pip's own settings.
for path in /etc/resolv.conf /etc/hosts /etc/ssl/certs /usr/local/share/ca-certificates /usr/share/ca-certificates \
    /etc/pip.conf /etc/xdg/pip /etc/apt/sources.list.d/debian.sources; do
    [ ! -e "$path" ] || cp -RL --parents "$path" "$system" 2>/dev/null || true
done
[ ! -e /etc/apt/sources.list.d/debian.sources ] || : >"$system/etc/apt/sources.list"

settings=$(env | grep -E '^(PIP_(CERT|INDEX_URL|DEFAULT_TIMEOUT|TRUSTED_HOST)|(HTTPS?|NO|https?|no)_?(PROXY|proxy)|SSL_CERT_(FILE|DIR))=' || true)
for script in "$@"; do
    log=$folder/$(basename "$script" .sh)
    echo "== $script -> $log-*.log"
    for turn in first second; do
        began=$(date +%s)
        status=0
        # The mounts end with the namespace. No display, no terminal, nothing of this shell's environment.
        # shellcheck disable=SC2016,SC2086
        unshare --mount --pid --fork sh -c '
            mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/dev/shm"
            shift_root=$1; script=$2; shift 2
            exec chroot "$shift_root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb "$@" \
                sh -c "cd /mingjian && exec sh $script" </dev/null' \
            proof "$system" "$script" $settings >"$log-$turn.log" 2>&1 || status=$?
        echo "$turn run: exit $status, $(($(date +%s) - began)) s; last line: $(tail -n 1 "$log-$turn.log")"
    done
done
echo "project and packages on disk: $(du -sh "$system" | cut -f 1), of which .venv $(du -sh "$system/mingjian/.venv" | cut -f 1), bare system $(du -sh "$bare" | cut -f 1)"
