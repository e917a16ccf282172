#!/bin/sh
# Rewrites the locks from pyproject.toml: every hash, no index address. Needs uv on the PATH.
set -eu
cd "$(dirname "$0")/.."
lock() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-annotate --no-header --upgrade "$@"; }
lock pyproject.toml requirements/build.in -o requirements/run.lock
lock pyproject.toml requirements/build.in --group dev -c requirements/run.lock -o requirements/dev.lock
lock --group pyproject.toml:interop -o requirements/interop.lock
