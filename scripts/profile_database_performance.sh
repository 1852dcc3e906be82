#!/usr/bin/env bash
# How the store writes and answers, with the plan of every query.
set -euo pipefail
exec bi-contracts intercom database --profile "$@"
