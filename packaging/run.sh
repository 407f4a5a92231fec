#!/bin/sh
# Opens the window on the demo station; prepares everything that is missing first.
#   sh packaging/run.sh [options of main.py]      such as --lang en
# The station is in $MINGJIAN_HOME, by default ~/.local/share/mingjian. Without a display the same visit is made
# from the command line.
set -u
cd "$(dirname "$0")/.." || exit 3
. packaging/setup.sh
prepare run

home=${MINGJIAN_HOME:-$HOME/.local/share/mingjian}
mkdir -p "$home" && home=$(cd "$home" && pwd) || exit 3
# Accounts and passwords of made-up people; they stay readable so that the second start can show them too.
accounts=$home/demo-accounts.txt
unfinished=$home.unfinished

if [ -e "$unfinished" ]; then
    # The last start was stopped while it made the station: nobody has ever seen its passwords, nothing is in it.
    rm -rf "$home"
fi
if [ ! -e "$home/station.json" ]; then
    # Only a folder that was empty is ours to sweep; in any other the program itself refuses.
    [ -n "$(ls -A "$home")" ] || : >"$unfinished"
    say "正在建立演示站点:$home" "making the demo station in this folder"
    made=$("$PYTHON" main.py --home "$home" station new --demo) || exit $?
    (umask 077 && printf '%s\n' "$made" >"$accounts")
    rm -f "$unfinished"
fi
[ ! -e "$accounts" ] || cat "$accounts"

if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ "$(uname)" = Linux ]; then
    say "此机没有图形显示,改在命令行完成同样的检查。" \
        "This machine has no display, so the same visit is made from the command line."
    exec sh packaging/demo-visit.sh "$home"
fi
exec "$PYTHON" main.py --home "$home" "$@"
