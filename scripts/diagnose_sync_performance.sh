#!/usr/bin/env bash
# Why a sync is slow: rate limit, network, store or processor.
set -euo pipefail
exec bi-contracts intercom diagnose "$@"
