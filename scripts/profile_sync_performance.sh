#!/usr/bin/env bash
# The time of a sync, by layer.
set -euo pipefail
exec bi-contracts intercom performance --profile "$@"
