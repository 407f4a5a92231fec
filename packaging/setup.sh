# Sourced by run.sh and test.sh from the root of the project: makes ready what they need, once.
# `prepare run` or `prepare test`; leaves $PYTHON. POSIX sh, because /bin/sh of Debian is dash.
# Every answer of a tool goes to $LOG, which is shown only when a step fails.

LANG=C.UTF-8
PYTHONUTF8=1
export LANG PYTHONUTF8
unset LC_ALL PYTHONHOME PYTHONPATH

VENV=.venv
LOG=$VENV/setup.log
PYTHON=$VENV/bin/python

say() { printf '%s\n' "$1" "  $2" >&2; }

fail() {
    say "$1" "$2"
    exit 3
}

# Runs one step with its chatter in the log; $1 and $2 are the words for it.
step() {
    say "$1" "$2"
    shift 2
    "$@" >>"$LOG" 2>&1 && return 0
    tail -n 40 "$LOG" >&2
    return 1
}

# The parts of a list file up to and with the section asked for: run, or run and test.
section() {
    if [ "$1" = run ]; then sed '/^# \[test\]/,$d' "$2"; else cat "$2"; fi | sed -e 's/ *#.*//' -e '/^$/d'
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

may_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] && return 0
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null || [ -t 0 ]
}

is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# Names the packages of section $1 that are missing; of two names the one this system knows.
missing_packages() {
    section "$1" packaging/debian-packages.txt | while read -r names; do
        known=
        found=
        for name in $(printf '%s' "$names" | tr '|' ' '); do
            if is_installed "$name"; then found=yes; fi
        done
        for name in $(printf '%s' "$names" | tr '|' ' '); do
            if [ -z "$found$known" ] && apt-cache show "$name" >/dev/null 2>&1; then known=$name; fi
        done
        # Before the first `apt-get update` no name is known; the last one is the Debian 12 name.
        [ -n "$found" ] || printf '%s ' "${known:-$name}"
    done
}

system_packages() {
    MISSING=
    command -v dpkg-query >/dev/null || return 0
    MISSING=$(missing_packages "$1")
    [ -n "$MISSING" ] || return 0
    if ! may_install; then
        say "缺少系统软件包,此账户无权安装。请管理员运行:apt-get install --no-install-recommends $MISSING" \
            "System packages are missing and this account may not install them. Ask an administrator to run the command above."
        return 0
    fi
    step "正在更新软件包目录…" "updating the package catalogue" as_root apt-get update || true
    MISSING=$(missing_packages "$1")
    # shellcheck disable=SC2086  # the names are words on purpose
    step "正在安装系统软件包:$MISSING" "installing these system packages" \
        as_root apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $MISSING ||
        fail "系统软件包未能安装,项目文件未改动。请检查网络和软件源后重试。" \
            "The system packages could not be installed; nothing of the project was changed. Check the network and the package sources, then run this again."
    MISSING=
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for name in ${MINGJIAN_PYTHON:-} python3 python3.11 python3.12 python3.13; do
        if command -v "$name" >/dev/null && is_new_enough "$name"; then
            BASE_PYTHON=$(command -v "$name")
            return 0
        fi
    done
    fail "没有找到 Python 3.11 或更新的版本。请安装 Python 3.11(Debian 12:apt-get install python3 python3-venv),或用 MINGJIAN_PYTHON 指明其位置。" \
        "No Python 3.11 or later was found. Install it, or name it in MINGJIAN_PYTHON; nothing was changed."
}

# modern or legacy-linux, by the C library: the newest wheels of the window want glibc 2.34.
# MINGJIAN_LOCK overrules it, so that the older lock can be tried on a newer system before a release.
lock_name() {
    if [ -n "${MINGJIAN_LOCK:-}" ]; then
        echo "$MINGJIAN_LOCK"
        return
    fi
    glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed -n 's/^glibc 2\.\([0-9]*\).*/\1/p')
    if [ -z "$glibc" ] || [ "$glibc" -ge 34 ]; then
        echo modern
    elif [ "$glibc" -ge 28 ]; then
        echo legacy-linux
    else
        echo too-old
    fi
}

make_venv() {
    if [ -x "$PYTHON" ] && is_new_enough "$PYTHON"; then return 0; fi
    rm -rf "$VENV"
    mkdir "$VENV"
    step "正在建立运行环境 .venv…" "making the environment .venv" "$BASE_PYTHON" -m venv "$VENV" || {
        rm -rf "$VENV"
        fail "运行环境未能建立。请安装 python3-venv 后重试。" \
            "The environment could not be made. Install python3-venv and run this again."
    }
}

# $1: run or test, $2: lock file
install_lock() {
    step "正在安装 $2 中的组件,首次约需几分钟…" "installing the parts of $2; the first time takes some minutes" \
        "$PYTHON" -m pip install --disable-pip-version-check --no-input --no-deps --only-binary :all: -r "$2" ||
        fail "组件未能安装,项目文件未改动。请检查网络或 pip 的软件源设置后重试;日志:$LOG" \
            "The parts could not be installed; nothing of the project was changed. Check the network or pip's own index settings and run this again; the log is named above."
}

# Finds out early, with a sentence, what else would be a crash inside the window.
probe() {
    "$PYTHON" packaging/probe.py >>"$LOG" 2>&1 && return 0
    tail -n 5 "$LOG" >&2
    fail "系统库不全,程序无法启动。请安装:${MISSING:-packaging/debian-packages.txt 所列软件包}" \
        "System libraries are missing, so the program cannot start. Install the packages named above (packaging/debian-packages.txt)."
}

stamp_of() { cat "$@" packaging/setup.sh packaging/debian-packages.txt | cksum; }

# $1: run or test
prepare() {
    lock=$(lock_name)
    [ -f "packaging/$lock.lock" ] || fail "此系统的 glibc 早于 2.28,无法运行。请升级系统。" \
        "The C library of this system is older than glibc 2.28. A newer system is needed."
    set -- "$1" "packaging/$lock.lock"
    [ "$1" = run ] || set -- "$1" "$2" "packaging/$lock-test.lock"
    need=$1
    shift
    if is_ready "$need" "$@"; then return 0; fi
    LOG=$(mktemp)
    system_packages "$need"
    find_python
    make_venv
    cat "$LOG" >>"$VENV/setup.log" && rm -f "$LOG"
    LOG=$VENV/setup.log
    for file in "$@"; do install_lock "$need" "$file"; done
    probe
    stamp_of "$@" >"$VENV/ready-$need"
    say "环境已就绪。" "ready"
}

is_ready() {
    need_ready=$1
    shift
    [ -x "$PYTHON" ] && [ -f "$VENV/ready-$need_ready" ] && [ "$(stamp_of "$@")" = "$(cat "$VENV/ready-$need_ready")" ]
}
