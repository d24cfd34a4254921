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

from correction_client import Typed, kill_while_typing
from read_books import make_read_book


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    chance = random.Random("kills")
    saved = 0
    typed = Typed()
    with tempfile.TemporaryDirectory() as folder:
        book = make_read_book(Path(folder) / "book", 6)
        for number in range(kills):
            saved += kill_while_typing(book, chance, typed, longest=1.5)
            print(f"\rkill {number + 1}: {saved} lines confirmed", end="", flush=True)
    print(f"\n{kills} kills, {saved} lines confirmed, none lost")


if __name__ == "__main__":
    main()
