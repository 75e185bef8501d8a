#!/bin/sh
# Makes .venv as uv.lock says, with nothing but python3. Run through `make setup`.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
export UV_PYTHON_PREFERENCE=system UV_NO_PROGRESS=1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# A home that cannot be written to (or none at all) must not matter.
if [ ! -w "${HOME:-/nonexistent}" ]; then
    export UV_CACHE_DIR="$scratch/cache" UV_PYTHON_INSTALL_DIR="$PWD/.python" PIP_NO_CACHE_DIR=1
fi

command -v "$python" >/dev/null || { echo "Please install python3 with venv first." >&2; exit 1; }
make_venv() {
    "$python" -m venv "$1" >"$1.log" 2>&1 && rm "$1.log" && return
    cat "$1.log" >&2
    rm -rf "$1" "$1.log"
    echo "python3 could not make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 1
}

echo "Preparing .venv (a few seconds, once)"
if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null || { rm -rf .venv; make_venv .venv; }
    uv_home=.venv
else
    # Too old for Upward, good enough for uv, which finds or fetches a newer one.
    uv_home=$scratch/venv
    make_venv "$uv_home"
fi
[ -x "$uv_home/bin/uv" ] || "$uv_home/bin/python" -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
# The second attempt is for networks with a certificate authority of their own.
"$uv_home/bin/uv" sync --quiet --locked || UV_SYSTEM_CERTS=1 "$uv_home/bin/uv" sync --quiet --locked
touch .venv/.ready
