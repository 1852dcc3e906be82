#!/usr/bin/env bash
# How fast the store writes and answers, beside the targets.
set -euo pipefail
exec bi-contracts intercom database "$@"
