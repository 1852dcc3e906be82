#!/usr/bin/env bash
# Install from nothing: in a container where Docker answers, else in a fresh environment.
set -euo pipefail
exec bi-contracts intercom install "$@"
