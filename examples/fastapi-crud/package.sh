#!/usr/bin/env bash
# Packs the application and what it needs as build/function.zip, for the Python that packs it.
set -euo pipefail
cd "$(dirname "$0")"
build=${BUILD:-build}
rm -rf "$build"
mkdir -p "$build/package"
python3 -m pip install --quiet --disable-pip-version-check --target "$build/package" --requirement app/requirements.txt
cp app/main.py "$build/package/"
python3 - "$build" <<'P'
import pathlib, sys, zipfile
build = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(build / "function.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    for path in sorted((build / "package").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            archive.write(path, path.relative_to(build / "package"))
P
echo "packed $build/function.zip"
