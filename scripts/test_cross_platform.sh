#!/usr/bin/env bash
# The tests on every interpreter that is there.
set -euo pipefail
exec bi-contracts intercom cross-platform "$@"
