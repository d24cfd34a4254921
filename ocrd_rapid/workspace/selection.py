"""Choose pages by the expressions of ``--page-id``.

Specification: comma-separated tokens, each an ID, a range ``A..B`` over the last number in the
ID, or a regular expression after ``//`` that must match the whole ID; ``~`` before a token
takes its pages out again. The result is always in the order of the METS.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import UsageError

_LAST_NUMBER = re.compile(r"^(.*?)(\d+)(\D*)$", re.DOTALL)


def select_pages(expression: str | None, pages: Sequence[str]) -> list[str]:
    """Return the pages that an expression selects.

    Args:
        expression: value of ``--page-id``; ``None`` or empty selects all pages.
        pages: page IDs in the order of the METS.

    Raises:
        UsageError: a token is malformed or matches no page.
    """
    tokens = [token for token in (expression or "").split(",") if token]
    if not tokens:
        return list(pages)
    wanted: set[str] = set()
    unwanted: set[str] = set()
    for token in tokens:
        negative = token.startswith("~")
        found = _match(token.removeprefix("~"), pages)
        (unwanted if negative else wanted).update(found)
    if all(token.startswith("~") for token in tokens):
        wanted = set(pages)
    return [page for page in pages if page in wanted - unwanted]


def _match(token: str, pages: Sequence[str]) -> set[str]:
    if token.startswith("//"):
        try:
            pattern = re.compile(token[2:])
        except re.error as error:
            raise UsageError(f"--page-id: invalid regular expression '{token[2:]}': {error}") from (
                error
            )
        found = {page for page in pages if pattern.fullmatch(page)}
    elif ".." in token:
        found = _in_range(token, pages)
    else:
        found = {token} & set(pages)
    if not found:
        shown = ", ".join(pages[:3]) + (", …" if len(pages) > 3 else "")
        raise UsageError(f"--page-id: '{token}' matches none of the pages ({shown or 'none'})")
    return found


def _in_range(token: str, pages: Sequence[str]) -> set[str]:
    start, _, end = token.partition("..")
    first, last = _LAST_NUMBER.match(start), _LAST_NUMBER.match(end)
    if first is None or last is None:
        raise UsageError(f"--page-id: range '{token}' has no number to count")
    if (first[1], first[3]) != (last[1], last[3]) or int(first[2]) > int(last[2]):
        raise UsageError(f"--page-id: '{token}' is not a range from a lower to a higher number")
    low, high, width = int(first[2]), int(last[2]), len(first[2])

    def inside(page: str) -> bool:
        match = _LAST_NUMBER.match(page)
        if match is None or (match[1], match[3]) != (first[1], first[3]):
            return False
        number = int(match[2])
        return low <= number <= high and match[2] == f"{number:0{width}d}"

    return {page for page in pages if inside(page)}
