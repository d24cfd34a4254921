# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How the heads of scripts are made: their sizes, and the lines that they learn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Share of the lines to learn from that look like good scans.
SOFT = 0.3


@dataclass(frozen=True)
class Recipe:
    """How a head is made.

    Attributes:
        letters: what a font must have.
        stretch: see `Head.stretch`.
        hidden: outputs of the hidden convolution.
        columns: that a convolution sees at once.
        second: outputs of a second convolution; 0 for none.
        dropout: see `TrainingOptions`.
        lines: drawn to learn from.
        epochs: passes over them.
    """

    letters: str
    stretch: float = 1.0
    hidden: int = 256
    columns: int = 5
    second: int = 0
    dropout: float = 0.2
    lines: int = 5000
    epochs: int = 14


RECIPES: Mapping[str, Recipe] = {
    "cyrillic": Recipe("АБЯабвгдежзийклмнопрстуфхцчшщъыьэюя"),
    "greek": Recipe("αβγδεζηθικλμνξοπρστυφχψωάώΔΩ"),
    "armenian": Recipe("աբգդեզէըԱԲև"),
    "georgian": Recipe("აბგდევზჰ", stretch=1.2),
    "hebrew": Recipe("אבגדהםןץ", stretch=1.6, columns=7),
    "arabic": Recipe("ابتثجحخدپچگيكىة", stretch=2.2, hidden=176, second=176, dropout=0.1),
    "devanagari": Recipe("कखगघािीश्", stretch=1.8, hidden=192, second=192, lines=6000),
    "bengali": Recipe("কখগঘািী্", stretch=1.8, hidden=128, second=128),
    "gurmukhi": Recipe("ਕਖਗਾਿ", stretch=1.8, hidden=128, second=128),
    "gujarati": Recipe("કખગાિ", stretch=1.8, hidden=128, second=128),
    "odia": Recipe("କଖଗାି", stretch=1.8, hidden=128, second=128),
    "telugu": Recipe("కఖగాి్", stretch=1.8, hidden=128, second=128),
    "kannada": Recipe("ಕಖಗಾಿ", stretch=1.8, hidden=128, second=128),
    "malayalam": Recipe("കഖഗാി", stretch=1.8, hidden=128, second=128),
    "tamil": Recipe("கஙசா்", stretch=1.8, hidden=128, second=128),
    "sinhala": Recipe("කඛගාි", stretch=1.8, hidden=128, second=128),
    "thai": Recipe("กขคงาิ่", stretch=1.6, hidden=128, second=128),
    "lao": Recipe("ກຂຄາິ", stretch=1.6, hidden=128, second=128),
    "khmer": Recipe("កខគាិ្", stretch=1.8, hidden=128, second=128),
    "burmese": Recipe("ကခဂာိ", stretch=1.8, hidden=128, second=128),
    "tibetan": Recipe("ཀཁགིུ", stretch=1.8, hidden=128, second=128),
    "ethiopic": Recipe("ሀሁሂአኡ", stretch=1.2),
    "hangul": Recipe("가나다라마바사힘값", stretch=1.2),
}  # fmt: skip
