"""Drift: what changed between a contract and fresh responses. Facts, then rules, then a verdict."""

from . import baseline, history
from .compare import compare, compare_at
from .report import Change, DriftReport
from .rules import RULES, Rule, rule
from .severity import Severity

__all__ = ["RULES", "Change", "DriftReport", "Rule", "Severity", "baseline", "compare", "compare_at", "history", "rule"]
