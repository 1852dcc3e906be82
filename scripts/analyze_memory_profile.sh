#!/usr/bin/env bash
# What memory_usage.jsonl, or the file that is named, shows.
set -euo pipefail
exec bi-contracts intercom memory analyze "$@"
