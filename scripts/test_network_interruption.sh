#!/usr/bin/env bash
# A sync whose connection is cut, against one that is not.
set -euo pipefail
exec bi-contracts intercom interruption "$@"
