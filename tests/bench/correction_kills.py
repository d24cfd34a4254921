# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Kills the correction server at random moments while lines are saved: nothing confirmed is lost.

Usage: PYTHONPATH=tests/support python tests/bench/correction_kills.py [KILLS]
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from correction_client import check_whole, typed_until_killed
from read_books import make_read_book


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    chance = random.Random("kills")
    saved = 0
    with tempfile.TemporaryDirectory() as folder:
        book = make_read_book(Path(folder) / "book", 6)
        confirmed: dict[Any, str] = {}
        for number in range(kills):
            found = typed_until_killed(book, chance, longest=1.5)
            saved += len(found)
            confirmed |= found
            check_whole(book, confirmed)
            print(f"\rkill {number + 1}: {saved} lines confirmed", end="", flush=True)
    print(f"\n{kills} kills, {saved} lines confirmed, none lost")


if __name__ == "__main__":
    main()
