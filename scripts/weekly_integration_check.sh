#!/usr/bin/env bash
# One verdict on store, sync and drift, kept from week to week.
set -euo pipefail
exec bi-contracts intercom weekly "$@"
