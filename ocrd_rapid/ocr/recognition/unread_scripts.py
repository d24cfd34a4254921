# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Say which scripts of lines nothing reads, and what can be done about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ...languages.scripts import SCRIPTS, UNKNOWN
from .ctc_decoding import RecognizedLine

#: Number of columns of letters, and probability, from which a script is believed to be there:
#: about two words. Specks and ornaments are less.
_COLUMNS = 16
_SURE = 0.95
#: Share of a page's columns of letters that it has at least: titles in odd letters and print that
#: shines through are taken for other scripts here and there (1.2 % on one of the 40 public pages).
#: Stamps, signatures and initials have strokes of no script at all.
_SHARE, _SHARE_OF_UNKNOWN = 0.03, 0.2


def unread_scripts(lines: Iterable[RecognizedLine]) -> list[str]:
    """Return the codes of scripts in lines that no head and no output layer reads.

    Args:
        lines: the lines of a page as they are finally read.

    Returns:
        The most frequent first.
    """
    found: Counter[str] = Counter()
    total = 0
    for line in lines:
        for run in line.runs:
            total += run.columns
            if not run.is_read and run.probability >= _SURE:
                found[run.script] += run.columns
    shares = {script: _SHARE_OF_UNKNOWN if script == UNKNOWN else _SHARE for script in found}
    return [
        script
        for script, columns in found.most_common()
        if columns >= max(_COLUMNS, shares[script] * total)
    ]


def unread_text(script: str) -> str:
    """Return what there is, for a message: text in a certain script that nothing reads."""
    if script == UNKNOWN or script not in SCRIPTS:
        return "text in a script that no installed model reads"
    return f"text in {SCRIPTS[script].name} script, which no installed model or head reads"


def unread_remedy(script: str) -> str:
    """Return the consequence and the remedy, for a message."""
    language = SCRIPTS[script].language if script in SCRIPTS else ""
    option = f" --language {language}" if language else ""
    return (
        "its words are most probably wrong and have a low confidence; find a model with:"
        f" ocrd-rapid resmgr list-available{option}, or make a head with: ocrd-rapid train"
    )
