# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""An evaluation as one HTML file, without scripts and external resources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..export.escaping import escaped
from .comparison import Comparison, Piece, align
from .evaluation import Evaluation
from .normalization import characters
from .page_errors import LineResult, PageResult
from .report import describe, line_name, notes, percent

#: Maximum number of confusions in the file.
_CONFUSIONS = 100

_STYLE = """
body { font: 16px/1.5 serif; max-width: 80em; margin: 2em auto; padding: 0 1em; color: #111;
  background: #fff }
table { border-collapse: collapse; margin: 1em 0 }
th, td { padding: .2em .8em; border-bottom: 1px solid #ccc; text-align: left; vertical-align: top }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.sides { width: 100%; table-layout: fixed }
.sides td { overflow-wrap: anywhere; unicode-bidi: plaintext }
.lines { table-layout: auto }
.replaced { background: #ffe08a }
.missing { background: #ffb3ad; text-decoration: underline }
.added { background: #b9d7ff; text-decoration: underline dotted }
tr.total { font-weight: bold }
"""

_FIGURES = "<th>chars</th><th>CER</th><th>WER</th><th>lines CER</th><th>lines WER</th>"


def html_report(evaluation: Evaluation) -> str:
    """Return the HTML document: summary, confusions, and each page next to its reference."""
    title = escaped(f"{evaluation.text} against {evaluation.reference}")
    rules = evaluation.normalization
    folded = ", folded" if rules.fold else ""
    body = [
        f"<h1>{title}</h1>",
        f"<p>Normalization: {rules.form}{folded}, white space collapsed."
        f" Aligned by {evaluation.level}. CER and WER: in the order of the text;"
        " lines: line by line, in any order.</p>",
        *_summary(evaluation),
        *(f"<p>{escaped(note)}</p>" for note in notes(evaluation)),
        *_confusions(evaluation.chosen),
        '<p>Colours: <span class="replaced">replaced</span>,'
        ' <span class="missing">missing from the text</span>,'
        ' <span class="added">superfluous in the text</span>.</p>',
    ]
    for number, page in enumerate(evaluation.pages):
        body += _page(page, number, by_line=evaluation.level == "line")
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
            f"<style>{_STYLE}</style></head><body>",
            *body,
            "</body></html>\n",
        ]
    )


def _summary(evaluation: Evaluation) -> Iterator[str]:
    yield f"<h2>Pages</h2><table><tr><th>page</th>{_FIGURES}</tr>"
    for number, page in enumerate(evaluation.pages):
        name = f'<a href="#page{number}">{escaped(page.page)}</a>'
        yield f"<tr><td>{name}</td>{_cells(page.ordered, page.order_free)}</tr>"
    cells = _cells(evaluation.ordered, evaluation.order_free)
    yield f'<tr class="total"><td>all ({len(evaluation.pages)})</td>{cells}</tr></table>'


def _cells(ordered: Comparison, order_free: Comparison) -> str:
    values = [
        str(ordered.length),
        percent(ordered.character_error_rate),
        percent(ordered.word_error_rate),
        percent(order_free.character_error_rate),
        percent(order_free.word_error_rate),
    ]
    return "".join(f'<td class="n">{value}</td>' for value in values)


def _confusions(result: Comparison) -> Iterator[str]:
    confusions = result.most_confused(_CONFUSIONS)
    if not confusions:
        return
    yield "<h2>Confusions</h2><table><tr><th>count</th><th>reference</th><th>text</th></tr>"
    for (reference, text), count in confusions:
        pair = f"<td>{escaped(describe(reference))}</td><td>{escaped(describe(text))}</td>"
        yield f'<tr><td class="n">{count}</td>{pair}</tr>'
    yield "</table>"


def _page(page: PageResult, number: int, *, by_line: bool) -> Iterator[str]:
    yield f'<h2 id="page{number}">{escaped(page.page)}</h2>'
    if by_line:
        yield '<table class="sides lines"><tr><th>line</th><th>CER</th>'
        yield "<th>reference</th><th>text</th></tr>"
        yield from map(_line, page.lines)
    else:
        reference, text = page.reference_lines, page.text_lines
        pieces = list(align(" ".join(reference), " ".join(text)))
        yield '<table class="sides"><tr><th>reference</th><th>text</th></tr>'
        yield f"<tr><td>{_side(pieces, _breaks(reference), reference=True)}</td>"
        yield f"<td>{_side(pieces, _breaks(text), reference=False)}</td></tr>"
    yield "</table>"


def _line(line: LineResult) -> str:
    pieces = list(align(line.reference, line.text))
    rate = percent(line.comparison.character_error_rate)
    return (
        f'<tr><td>{escaped(line_name(line))}</td><td class="n">{rate}</td>'
        f"<td>{_side(pieces, set(), reference=True)}</td>"
        f"<td>{_side(pieces, set(), reference=False)}</td></tr>"
    )


def _breaks(lines: Sequence[str]) -> set[int]:
    """Return the positions of the spaces between lines in the joined text."""
    positions, end = set(), -1
    for line in lines:
        end += len(characters(line)) + 1
        positions.add(end)
    return positions


def _side(pieces: Sequence[Piece], breaks: set[int], *, reference: bool) -> str:
    """Return one side of an alignment with its differences marked."""
    position, parts = 0, []
    for piece in pieces:
        own, other = (piece.reference, piece.text) if reference else (piece.text, piece.reference)
        if not own:
            continue
        shown = "".join(
            _shown(sign, at in breaks, piece.same) for at, sign in enumerate(own, start=position)
        )
        position += len(own)
        kind = "replaced" if other else "missing" if reference else "added"
        parts.append(shown if piece.same else f'<span class="{kind}">{shown}</span>')
    return "".join(parts)


def _shown(character: str, line_end: bool, same: bool) -> str:
    """Return a character as HTML, with a visible sign for a space that is an error."""
    if character == " ":
        return ("" if same else "␣") + ("<br>" if line_end else " " if same else "")
    return escaped(character)
