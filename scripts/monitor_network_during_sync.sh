#!/usr/bin/env bash
# Requests, bytes, retries and rate budget during a sync.
set -euo pipefail
exec bi-contracts intercom network "$@"
