"""What `verify` looks at, one noun a file. Each finds `Found`s and changes nothing."""

from __future__ import annotations
