# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Visible and invisible text (render mode 3) of pages, also inside of form XObjects."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf

_INVISIBLE = 3

#: Render modes that paint, and do not clip what follows.
_PAINTING = {0, 1, 2}

_SHOWING = {"Tj", "TJ", "'", '"'}
_OPENING = {"BDC", "BMC"}

#: Operators without which the rest of a page looks the same once no text follows them, as they
#: only move within a text object or set what a ``Q`` takes back.
_MOVES = {"Td", "TD", "Tm", "T*"}
_STATE = {"Tc", "Tw", "Tz", "TL", "Tf", "Tr", "Ts", "cm"}

#: Form XObjects within each other that are searched; damaged ones may run in a circle.
_DEEPEST = 20

#: The object number and generation of a form; `_PAGE` for the content of the page itself.
_StreamKey = tuple[int, int]
_PAGE: _StreamKey = (0, 0)

#: An instruction: operands and operator.
_Instruction = tuple[list[Any], Any]


@dataclass
class _Group:
    """Instructions from an opening operator on, up to where its end is looked for.

    Attributes:
        kind: the operator that opened it; empty for the whole page.
        kept: its instructions.
        removed: whether text was removed from it.
        painted: whether it does more than to move and to set a state that its end takes back.
    """

    kind: str
    kept: list[_Instruction] = field(default_factory=list)
    removed: bool = False
    painted: bool = False


def without_text(instructions: Sequence[Any], removed: Collection[int]) -> list[_Instruction]:
    """Return the instructions of a content stream without some of its text.

    Groups that held nothing else (``q … Q``, text objects, marked content) go with it.

    Args:
        instructions: operands and operator each, as pikepdf parses them.
        removed: indices of the instructions that show the text.
    """
    from pikepdf import Operator

    groups = [_Group("")]
    for i, instruction in enumerate(instructions):
        operands, operator = list(instruction.operands), str(instruction.operator)
        group = groups[-1]
        if operator in ("q", "BT") or operator in _OPENING:
            groups.append(_Group(operator, [(operands, instruction.operator)]))
            continue
        if i in removed:
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
        _settle(groups[-1], group)
    while len(groups) > 1:
        group = groups.pop()
        groups[-1].kept += group.kept
    return groups[0].kept


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


def remove_invisible_text(
    pdf: pikepdf.Pdf, page: pikepdf.Page, unseen: Sequence[bool] = ()
) -> None:
    """Remove the invisible text of a page; forms that other pages show as well stay there.

    Args:
        pdf: the document.
        page: a page of it.
        unseen: of each text that pdfium finds on it, whether that is painted, but not seen, such
            as below the scan: this goes, too.
    """
    from pikepdf import parse_content_stream, unparse_content_stream

    invisible = _invisible_texts(page, unseen)
    removed = invisible.pop(_PAGE, set())
    kept: Sequence[_Instruction] = []
    if removed:
        kept = unwrapped(without_text(parse_content_stream(page), removed))
        page.obj.Contents = _stream(pdf, unparse_content_stream(kept))
    cleaned = _cleaned_resources(pdf, page.resources, invisible, _DEEPEST)
    if cleaned is not None:
        page.obj.Resources = cleaned
    if removed:
        _drop_fonts(page, {str(operands[0]) for operands, name in kept if str(name) == "Tf"})


def _invisible_texts(page: pikepdf.Page, unseen: Sequence[bool]) -> dict[_StreamKey, set[int]]:
    """Return the instructions that show invisible text, by the content streams that they are in.

    An instruction of a form that is drawn more than once counts if it never shows anything.
    """
    shown = list(_texts(page, _PAGE, page.resources, 0, _DEEPEST))
    # pdfium makes an object of each text that is not empty. If it sees another number, such as
    # on a damaged page, nobody knows which is which.
    numbered = [text for text in shown if not text.empty]
    if len(numbered) != len(unseen):
        unseen = [bool(unseen) and all(unseen)] * len(numbered)
    painted = {
        (text.stream, text.index)
        for text, hidden in zip(numbered, unseen, strict=True)
        if text.mode != _INVISIBLE and not (hidden and text.mode in _PAINTING)
    }
    invisible: dict[_StreamKey, set[int]] = {}
    for text in shown:
        gone = text.mode == _INVISIBLE or not text.empty
        if gone and (text.stream, text.index) not in painted:
            invisible.setdefault(text.stream, set()).add(text.index)
    return invisible


@dataclass(frozen=True)
class _Text:
    """An instruction that shows text.

    Attributes:
        stream: the content stream that it is in.
        index: its index there.
        mode: its render mode.
        empty: whether it has no characters.
    """

    stream: _StreamKey
    index: int
    mode: int
    empty: bool


def _texts(
    content: Any, stream: _StreamKey, resources: Any, mode: int, depth: int
) -> Iterator[_Text]:
    """Yield the texts of a content stream, and of the forms that it draws, as they are painted.

    Args:
        content: the page or form.
        stream: its key.
        resources: its resources.
        mode: the render mode of text at its beginning.
        depth: number of levels of forms to look into.
    """
    from pikepdf import parse_content_stream

    modes: list[int] = []
    for i, instruction in enumerate(parse_content_stream(content)):
        operator = str(instruction.operator)
        if operator == "q":
            modes.append(mode)
        elif operator == "Q" and modes:
            mode = modes.pop()
        elif operator == "Tr" and len(instruction.operands):
            mode = int(instruction.operands[0])
        elif operator in _SHOWING:
            yield _Text(stream, i, mode, not _has_characters(list(instruction.operands)))
        elif operator == "Do" and depth and len(instruction.operands):
            form = resources.get("/XObject", {}).get(str(instruction.operands[0]))
            if form is not None and form.get("/Subtype") == "/Form":
                own = form.get("/Resources", resources)
                yield from _texts(form, form.objgen, own, mode, depth - 1)


def _has_characters(operands: Sequence[Any]) -> bool:
    """Return whether the operands of an instruction show anything."""
    from pikepdf import Array, String

    last = operands[-1] if operands else None
    parts = list(last) if isinstance(last, Array) else [last]
    return any(isinstance(part, String) and bytes(part) for part in parts)


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


def _cleaned_resources(
    pdf: pikepdf.Pdf, resources: Any, invisible: Mapping[_StreamKey, set[int]], depth: int
) -> Any:
    """Return resources whose forms have no invisible text; ``None`` if they had none."""
    from pikepdf import Dictionary

    forms = resources.get("/XObject") if isinstance(resources, Dictionary) else None
    if forms is None or not depth:
        return None
    changed = {}
    for name, form in forms.items():
        if form.get("/Subtype") == "/Form":
            cleaned = _cleaned_form(pdf, form, invisible, depth - 1)
            if cleaned is not None:
                changed[name] = cleaned
    if not changed:
        return None
    copy = Dictionary(dict(resources.items()))
    copy.XObject = Dictionary(dict(forms.items()))
    for name, form in changed.items():
        copy.XObject[name] = form
    return copy


def _cleaned_form(
    pdf: pikepdf.Pdf, form: Any, invisible: Mapping[_StreamKey, set[int]], depth: int
) -> Any:
    """Return a copy of a form without invisible text; ``None`` if it has none."""
    from pikepdf import parse_content_stream, unparse_content_stream

    removed = invisible.get(form.objgen)
    resources = _cleaned_resources(pdf, form.get("/Resources"), invisible, depth)
    if not removed and resources is None:
        return None
    content = form.read_bytes()
    if removed:
        content = unparse_content_stream(without_text(parse_content_stream(form), removed))
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
    return has_fonts(page) and any(
        text.mode != _INVISIBLE for text in _texts(page, _PAGE, page.resources, 0, _DEEPEST)
    )


def is_one_image(page: pikepdf.Page) -> bool:
    """Return whether a page shows an image, and nothing else but invisible text."""
    kinds = [item.get("/Subtype") for item in page.resources.get("/XObject", {}).values()]
    return kinds == ["/Image"] and not has_visible_text(page)
