#!/usr/bin/env bash
# How fast the API answers, by endpoint.
set -euo pipefail
exec bi-contracts intercom latency "$@"
