#!/usr/bin/env bash
# Several MCP clients at once (--clients N).
set -euo pipefail
exec bi-contracts intercom clients "$@"
