"""Examples compiled once into closures; each call makes one more record of the same shape.

What a value becomes depends on the name of its field and on its form: identifiers stay identifiers of that
form, times stay times, names stay names. Tokens such as `type`, `state` and `status` never change, and None
stays None.
"""

from __future__ import annotations

from .record import compiled
from .scope import Maker, Recipe, Reference, Scope

__all__ = ["Maker", "Recipe", "Reference", "Scope", "compiled"]
