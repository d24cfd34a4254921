# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Visible and invisible text (render mode 3) of pages, also inside of form XObjects."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf

_INVISIBLE = 3

_SHOWING = {"Tj", "TJ", "'", '"'}
_OPENING = {"BDC", "BMC"}

#: Operators without which the rest of a page looks the same once no text follows them, as they
#: only move within a text object or set what a ``Q`` takes back.
_MOVES = {"Td", "TD", "Tm", "T*"}
_STATE = {"Tc", "Tw", "Tz", "TL", "Tf", "Tr", "Ts", "cm"}

#: Form XObjects within each other that are searched; damaged ones may run in a circle.
_DEEPEST = 20

#: An instruction: operands and operator.
_Instruction = tuple[list[Any], Any]


@dataclass
class _Group:
    """Instructions from an opening operator on, up to where its end is looked for.

    Attributes:
        kind: the operator that opened it; empty for the whole page.
        mode: the render mode of text before it.
        kept: its instructions.
        removed: whether text was removed from it.
        painted: whether it does more than to move and to set a state that its end takes back.
    """

    kind: str
    mode: int
    kept: list[_Instruction] = field(default_factory=list)
    removed: bool = False
    painted: bool = False


def without_invisible_text(instructions: Sequence[Any]) -> tuple[list[_Instruction], bool]:
    """Return the instructions of a content stream without invisible text.

    Groups that held nothing else (``q … Q``, text objects, marked content) go with it.

    Args:
        instructions: operands and operator each, as pikepdf parses them.

    Returns:
        The instructions, and whether text was removed.
    """
    from pikepdf import Operator

    groups = [_Group("", 0)]
    mode = 0
    for instruction in instructions:
        operands, operator = list(instruction.operands), str(instruction.operator)
        group = groups[-1]
        if operator == "Tr" and operands:
            mode = int(operands[0])
        if operator in ("q", "BT") or operator in _OPENING:
            groups.append(_Group(operator, mode, [(operands, instruction.operator)]))
            continue
        if operator in _SHOWING and mode == _INVISIBLE:
            group.removed = True
            # The other effects of these two on the text that follows.
            if operator == '"':
                group.kept.append(([operands[0]], Operator("Tw")))
                group.kept.append(([operands[1]], Operator("Tc")))
            if operator in ("'", '"'):
                group.kept.append(([], Operator("T*")))
            continue
        ends = _ends(operator, groups)
        group.kept.append((operands, instruction.operator))
        if not ends:
            group.painted |= operator not in _MOVES | _STATE
            continue
        groups.pop()
        if group.kind == "q":
            mode = group.mode
        _settle(groups[-1], group)
    while len(groups) > 1:
        group = groups.pop()
        groups[-1].kept += group.kept
        groups[-1].removed |= group.removed
    return groups[0].kept, groups[0].removed


def _ends(operator: str, groups: Sequence[_Group]) -> bool:
    opened = {"Q": ("q",), "ET": ("BT",), "EMC": tuple(_OPENING)}
    return groups[-1].kind in opened.get(operator, ())


def _settle(outer: _Group, group: _Group) -> None:
    """Put a complete group into the one around it, as far as it still has a purpose."""
    outer.removed |= group.removed
    if group.removed and not group.painted:
        # What it has set lasts beyond the end of a text object, but not beyond a Q.
        if group.kind != "q":
            outer.kept += [one for one in group.kept if str(one[1]) in _STATE]
        return
    outer.kept += group.kept
    outer.painted = True


def remove_invisible_text(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """Remove the invisible text of a page; forms that other pages show as well stay there."""
    from pikepdf import parse_content_stream, unparse_content_stream

    kept, removed = without_invisible_text(parse_content_stream(page))
    if removed:
        page.obj.Contents = _stream(pdf, unparse_content_stream(unwrapped(kept)))
    cleaned = _cleaned_resources(pdf, page.resources, _DEEPEST)
    if cleaned is not None:
        page.obj.Resources = cleaned
    if removed:
        _drop_fonts(page, {str(operands[0]) for operands, name in kept if str(name) == "Tf"})


def _drop_fonts(page: pikepdf.Page, used: set[str]) -> None:
    """Remove the fonts from the resources of a page that its content does not use."""
    from pikepdf import Dictionary

    objects = page.resources.get("/XObject", {}).values()
    if any(item.get("/Subtype") == "/Form" and "/Resources" not in item for item in objects):
        return  # it may take the fonts of the page
    resources = Dictionary(dict(page.resources.items()))
    fonts = dict(resources.get("/Font", {}).items())
    resources.Font = Dictionary({name: font for name, font in fonts.items() if name in used})
    page.obj.Resources = resources


def unwrapped(instructions: Sequence[_Instruction]) -> Sequence[_Instruction]:
    """Return instructions without the artifact and the ``q … Q`` that are around all of them.

    An earlier layer has put them there; else they would be around the page once more each time.
    """
    for opening, end in ((_OPENING, "EMC"), ({"q"}, "Q")):
        operators = [str(operator) for _, operator in instructions]
        if len(operators) < 2 or operators[0] not in opening or operators[-1] != end:
            return instructions
        depth = 0
        for operator in operators[:-1]:
            depth += (operator in opening) - (operator == end)
            if not depth:
                return instructions
        if opening is _OPENING and str(instructions[0][0][0]) != "/Artifact":
            return instructions
        instructions = instructions[1:-1]
    return instructions


def _cleaned_resources(pdf: pikepdf.Pdf, resources: Any, depth: int) -> Any:
    """Return resources whose forms have no invisible text; ``None`` if they had none."""
    from pikepdf import Dictionary

    forms = resources.get("/XObject") if isinstance(resources, Dictionary) else None
    if forms is None or not depth:
        return None
    changed = {}
    for name, form in forms.items():
        if form.get("/Subtype") == "/Form":
            cleaned = _cleaned_form(pdf, form, depth - 1)
            if cleaned is not None:
                changed[name] = cleaned
    if not changed:
        return None
    copy = Dictionary(dict(resources.items()))
    copy.XObject = Dictionary(dict(forms.items()))
    for name, form in changed.items():
        copy.XObject[name] = form
    return copy


def _cleaned_form(pdf: pikepdf.Pdf, form: Any, depth: int) -> Any:
    """Return a copy of a form without invisible text; ``None`` if it has none."""
    from pikepdf import parse_content_stream, unparse_content_stream

    kept, removed = without_invisible_text(parse_content_stream(form))
    resources = _cleaned_resources(pdf, form.get("/Resources"), depth)
    if not removed and resources is None:
        return None
    content = unparse_content_stream(kept) if removed else form.read_bytes()
    copy = _stream(pdf, content)
    for key, value in form.items():
        if key not in ("/Length", "/Filter", "/DecodeParms"):
            copy[key] = value
    if resources is not None:
        copy.Resources = resources
    return copy


def _stream(pdf: pikepdf.Pdf, content: bytes) -> pikepdf.Stream:
    from pikepdf import Name

    return pdf.make_stream(zlib.compress(content, 9), Filter=Name.FlateDecode)


def has_fonts(page: pikepdf.Page) -> bool:
    """Return whether a page may have text of any kind."""
    return _has_fonts(page.resources, _DEEPEST)


def _has_fonts(resources: Any, depth: int) -> bool:
    from pikepdf import Dictionary

    if not isinstance(resources, Dictionary) or not depth:
        return False
    if len(resources.get("/Font", {})):
        return True
    forms = (f for f in resources.get("/XObject", {}).values() if f.get("/Subtype") == "/Form")
    return any(_has_fonts(form.get("/Resources"), depth - 1) for form in forms)


def has_visible_text(page: pikepdf.Page) -> bool:
    """Return whether a page shows text."""
    return has_fonts(page) and _shows_text(page, page.resources, 0, _DEEPEST)


def _shows_text(content: Any, resources: Any, mode: int, depth: int) -> bool:
    """Return whether a content stream shows text, or a form that it draws.

    Args:
        content: the page or form.
        resources: its resources.
        mode: the render mode of text at its beginning.
        depth: number of levels of forms to look into.
    """
    from pikepdf import parse_content_stream

    modes: list[int] = []
    for instruction in parse_content_stream(content):
        operator = str(instruction.operator)
        if operator == "q":
            modes.append(mode)
        elif operator == "Q" and modes:
            mode = modes.pop()
        elif operator == "Tr":
            mode = int(instruction.operands[0])
        elif operator in _SHOWING and mode != _INVISIBLE:
            return True
        elif operator == "Do" and depth:
            form = resources.get("/XObject", {}).get(str(instruction.operands[0]))
            if form is not None and form.get("/Subtype") == "/Form":
                own = form.get("/Resources", resources)
                if _shows_text(form, own, mode, depth - 1):
                    return True
    return False


def is_one_image(page: pikepdf.Page) -> bool:
    """Return whether a page shows an image, and nothing else but invisible text."""
    kinds = [item.get("/Subtype") for item in page.resources.get("/XObject", {}).values()]
    return kinds == ["/Image"] and not has_visible_text(page)
