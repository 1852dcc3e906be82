"""What is loaded when: libraries that cost time come with the first call, not with the import."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import sys
import bi_contracts.resilience
print(sorted({"stamina", "tenacity", "aiolimiter", "prometheus_client"} & set(sys.modules)))
"""


def test_importing_resilience_loads_neither_stamina_nor_aiolimiter() -> None:
    """The public names are cheap to import; a program that never calls pays nothing."""
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
