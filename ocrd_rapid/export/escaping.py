# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text within markup: the one way in which text of any origin gets into HTML and XML."""

from __future__ import annotations

from html import escape

from ..workspace.xml import clean_text


def escaped(text: str, *, quotes: bool = True) -> str:
    """Return a text for the content of an element, or for an attribute in double quotes.

    Control characters, which neither HTML nor XML can hold, are left out.

    Args:
        text: the text.
        quotes: whether quotation marks are escaped, too, as attributes need it.
    """
    return escape(clean_text(text), quote=quotes)


def attributes(**values: str | int | None) -> str:
    """Return attributes, each with a space before; those that are ``None`` are left out.

    Args:
        values: by their names; an underscore stands for a hyphen, one at the end for nothing.
    """
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escaped(str(value))}"'
        for name, value in values.items()
        if value is not None
    )
