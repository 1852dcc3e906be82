"""Checks of data on their way: complete, unique, in time, well formed, connected, not too large and not too slow.

Each check is a plain function of rows that returns findings, [] where all is well. Nothing here reads anything.
"""

from .completeness import Filled, emptied, list_emptied, missing, observed, promised, promised_rows
from .contracts import violated
from .declared import KINDS, Declared
from .examination import NO_ROWS, Examined, Sample, examine
from .expected import DataFlowBroken, DataFlowTest
from .formats import is_mail, malformed_mail, not_json
from .known import ACROSS, FRESHNESS, PLANNED, REFERENCES, UNIQUE
from .limits import Limits, exceeded, limits_of
from .moments import Moment, Role, moment_of, role_of
from .references import NOBODY, Judged, Reference, derived, judge
from .table import Table, table
from .times import Freshness, Planned, far_from_others, in_future, newest, out_of_order, stale, unsorted
from .uniqueness import Unique, keys, shared

__all__ = [
    "ACROSS",
    "FRESHNESS",
    "KINDS",
    "NOBODY",
    "NO_ROWS",
    "PLANNED",
    "REFERENCES",
    "UNIQUE",
    "DataFlowBroken",
    "DataFlowTest",
    "Declared",
    "Examined",
    "Filled",
    "Freshness",
    "Judged",
    "Limits",
    "Moment",
    "Planned",
    "Reference",
    "Role",
    "Sample",
    "Table",
    "Unique",
    "derived",
    "emptied",
    "examine",
    "exceeded",
    "far_from_others",
    "in_future",
    "is_mail",
    "judge",
    "keys",
    "limits_of",
    "list_emptied",
    "malformed_mail",
    "missing",
    "moment_of",
    "newest",
    "not_json",
    "observed",
    "out_of_order",
    "promised",
    "promised_rows",
    "role_of",
    "shared",
    "stale",
    "table",
    "unsorted",
    "violated",
]
