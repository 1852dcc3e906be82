#!/usr/bin/env python3
"""Call one MCP tool and check its answer: test_mcp_tools.py --tool search_conversations."""

import os
import sys

os.execvp("bi-contracts", ["bi-contracts", "intercom", "tool", *sys.argv[1:]])
