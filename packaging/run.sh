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
accounts=$home/demo-accounts.json
unfinished=$home.unfinished

if [ -e "$unfinished" ]; then
    # The last start was stopped while it made the station: nobody has ever seen its passwords, nothing is in it.
    rm -rf "$home"
fi
if [ ! -e "$home/station.json" ]; then
    # Only a folder that was empty is ours to sweep; in any other the program itself refuses.
    [ -n "$(ls -A "$home")" ] || : >"$unfinished"
    say "正在建立演示站点:$home" "making the demo station in this folder"
    made=$("$PYTHON" main.py --home "$home" --json station new --demo) || exit $?
    (umask 077 && printf '%s\n' "$made" >"$accounts")
    rm -f "$unfinished"
fi
if [ -e "$accounts" ]; then
    say "演示站点的账户、角色和密码:" "accounts, roles and passwords of the demo station:"
    "$PYTHON" packaging/demo.py accounts "$home"
fi

if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ "$(uname)" = Linux ]; then
    say "此机没有图形显示,改在命令行完成同样的检查。" \
        "This machine has no display, so the same visit is made from the command line."
    exec "$PYTHON" packaging/demo.py visit "$home"
fi
exec "$PYTHON" main.py --home "$home" "$@"
