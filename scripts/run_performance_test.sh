#!/usr/bin/env bash
# Sync, writes, queries and memory beside their targets; --profile says where the time goes.
set -euo pipefail
exec bi-contracts intercom performance "$@"
