#!/usr/bin/env bash
# Sync and query in rounds, and look for growth.
set -euo pipefail
exec bi-contracts intercom memory leaks "$@"
