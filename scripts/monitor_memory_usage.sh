#!/usr/bin/env bash
# Watch the memory of every bi-contracts process until told to stop: pkill -f monitor_memory_usage
set -euo pipefail
# exec keeps one process, so the signal reaches it; the label is what pkill finds it by.
exec bi-contracts intercom memory monitor --label monitor_memory_usage "$@"
