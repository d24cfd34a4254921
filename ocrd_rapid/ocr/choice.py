"""Which of several heads read a line best."""
from __future__ import annotations
from collections.abc import Sequence
def choose_heads(readings, regions): return [0]*len(readings)
