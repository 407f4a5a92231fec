#!/bin/sh
# Opens the window on the demo station; prepares everything that is missing first.
#   sh packaging/run.sh [options of main.py]      such as --lang en
# The station is in $MINGJIAN_HOME, by default ~/.local/share/mingjian. Without a display the same visit is made
# from the command line.
set -u
cd "$(dirname "$0")/.." || exit 3
. packaging/setup.sh
prepare run

home=${MINGJIAN_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/mingjian}

# Chinese typing: the wheel has no fcitx plugin, but fcitx5 also answers as ibus through the portal (platform.md section 10).
has_fcitx_plugin() { ls "$VENV"/lib/python3*/site-packages/PySide6/Qt/plugins/platforminputcontexts/*fcitx* >/dev/null 2>&1; }
wants_fcitx() { [ "${QT_IM_MODULE:-}" = fcitx ] || [ "${QT_IM_MODULE:-}" = fcitx5 ] || [ "${XMODIFIERS:-}" = "@im=fcitx" ]; }
if wants_fcitx && ! has_fcitx_plugin; then
    QT_IM_MODULE=ibus
    IBUS_USE_PORTAL=1
    export QT_IM_MODULE IBUS_USE_PORTAL
fi

if [ ! -e "$home/main.db" ]; then
    say "正在建立演示站点:$home" "making the demo station; these are its accounts and passwords:"
    "$PYTHON" main.py --home "$home" station new --demo || exit $?
fi

if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ "$(uname)" = Linux ]; then
    say "此机没有图形显示,改在命令行完成同样的检查。" \
        "This machine has no display, so the same visit is made from the command line."
    exec sh packaging/demo-visit.sh
fi
exec "$PYTHON" main.py --home "$home" "$@"
