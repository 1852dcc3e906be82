#!/usr/bin/env bash
# What the syncs and checks of the last days came to (--last-30-days).
set -euo pipefail
exec bi-contracts intercom report "$@"
