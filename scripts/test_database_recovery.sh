#!/usr/bin/env bash
# Damage a copy of the store, repair it, compare.
set -euo pipefail
exec bi-contracts intercom recovery "$@"
