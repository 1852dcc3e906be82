#!/usr/bin/env bash
# The integration procedure: eight steps, one report.
set -euo pipefail
exec bi-contracts intercom test "$@"
