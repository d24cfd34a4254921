#!/bin/sh
# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

# Install ocrd-rapid @VERSION@ from this folder, without a network:
#     sh install.sh [FOLDER]         (default: ~/ocrd-rapid)
# PYTHON=/path/to/python3 names the Python to use.
set -eu

python=${PYTHON:-python@PYTHON@}
target=${1:-$HOME/ocrd-rapid}
case $target in /*) ;; *) target=$PWD/$target ;; esac
cd "$(dirname "$0")"

stop() { echo "install.sh: error: $1" >&2; exit 1; }

# Compiled modules fit one version of Python only.
"$python" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "@PYTHON@")' 2>/dev/null ||
  stop "this kit needs Python @PYTHON@, and '$python' is none; install it, or name it: PYTHON=/path/to/python3 sh install.sh"

if command -v sha256sum >/dev/null; then check=sha256sum; else check='shasum -a 256'; fi
sums=$(LC_ALL=C $check -c SHA256SUMS 2>&1) || {
  echo "$sums" | grep -v ': OK$' >&2
  stop "a file of the kit is damaged, see above; copy the kit again"
}

# Neither venv's own pip nor the one of the system is needed.
"$python" -m venv --without-pip "$target"
"$target/bin/python" "$(echo wheels/pip-*.whl)/pip" --disable-pip-version-check install --quiet \
  --no-index --find-links wheels --require-hashes -r requirements.txt
if [ -e models.zip ]; then "$target/bin/ocrd-rapid" resmgr import models.zip; fi
"$target/bin/ocrd-rapid" check
echo "Installed. To read the sample page: $target/bin/ocrd-rapid ocr $PWD/sample.png"
