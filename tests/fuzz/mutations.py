# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Mutations of inputs: what people, broken programs and attackers make of them.

Every function takes the generator of random numbers and gives the same result for the same one.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from random import Random

from lxml import etree

Mutation = Callable[[Random, bytes], bytes]

#: Values that have broken readers somewhere.
NASTY = (
    "", " ", "0", "-1", "1", "2147483648", "-2147483649", "9223372036854775808", "1e9", "1e18",
    "1e38", "1e39", "1e308", "1e309", "-1e309", "nan", "inf", "-inf", "0x_", "0x1F", "1_000",
    "9" * 5000, "0.1", "1,2", "1;2", "true", "null", "None", "~", "[]", "{}", "[[[[[[", "a" * 300,
    "A,B", "../../etc/passwd", "/dev/zero", "/", ".", "..", "~/x", "file://x", "http://[::1",
    "http://a:b@c/", "a\tb", "a\nb", "a\u0000b", "\ufffe", "\ud800", "\u202e", "漢字", "１２",
    "%00", "%s%n", "${a}", "${oc.env:HOME}", "${", "--help", "-I", "//(", "//.*", "a..b",
    "physical:", "~//x", "1..", "2001-13-45", "2001-01-01t00:00:00", "!!float x", "!!python/none",
    "&a [*a]", "*a", "<<", "? x", "- - - -", "\\", "'", '"', "|", ">", "@x", "`",
    "0,0 1,1", "0,0 1e9,0 1e9,1e9 0,1e9", "nan,0 1,inf", "-5,-5 5,-5 5,5 -5,5", "5,5 5,5 5,5",
)  # fmt: skip

_NAMES = (
    "TextRegion", "TextLine", "Word", "Glyph", "Coords", "Baseline", "TextEquiv", "Unicode",
    "TableRegion", "TableCell", "Border", "AlternativeImage", "ReadingOrder", "OrderedGroup",
    "RegionRefIndexed", "Metadata", "Page", "file", "fileGrp", "FLocat", "div", "fptr", "structMap",
    "Relations", "Relation", "TranskribusMetadata", "MetadataItem", "Labels", "Label", "x",
)  # fmt: skip
_ATTRIBUTES = (
    "id", "points", "index", "conf", "orientation", "imageWidth", "imageHeight", "imageFilename",
    "comments", "filename", "type", "custom", "regionRef", "ID", "USE", "MIMETYPE", "FILEID",
    "ORDER", "TYPE", "LOCTYPE", "readingDirection", "textLineOrder", "row", "col", "value", "name",
)  # fmt: skip


def mutate_bytes(random: Random, data: bytes) -> bytes:
    """Flip, cut, double, insert and remove bytes."""
    content = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        place = random.randrange(len(content) + 1)
        length = random.choice((1, 1, 2, 8, 64))
        kind = random.randrange(6)
        if kind == 0 and place < len(content):
            content[place] ^= 1 << random.randrange(8)
        elif kind == 1 and place < len(content):
            content[place] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
        elif kind == 2:
            content[place : place + length] = b""
        elif kind == 3:
            content[place:place] = content[place : place + length] * random.choice((1, 2, 50))
        elif kind == 4:
            content[place:place] = random.randbytes(length)
        elif random.random() < 0.2:
            del content[place:]
    return bytes(content)


def mutate_text(random: Random, data: bytes) -> bytes:
    """Replace words and numbers by nasty ones, move, double and remove parts of lines."""
    text = data.decode("utf-8", "replace")
    for _ in range(random.choice((1, 1, 2, 3))):
        words = list(re.finditer(r"[\w.+-]+|[^\w\s]", text))
        if not words:
            return random.choice(NASTY).encode("utf-8", "surrogatepass")
        word = random.choice(words)
        other = random.choice((random.choice(words)[0], *random.sample(NASTY, 3)))
        kind = random.randrange(5)
        if kind < 3:
            text = text[: word.start()] + other + text[word.end() :]
        elif kind == 3:
            text = (
                text[: word.end()]
                + random.choice((" ", ",", "\n", ""))
                + other
                + text[word.end() :]
            )
        else:
            end = random.choice(words).end()
            text = text[: word.start()] + text[max(end, word.start()) :]
    if random.random() < 0.1:
        return mutate_bytes(random, text.encode("utf-8", "surrogatepass"))
    return text.encode("utf-8", "surrogatepass")


def mutate_xml(random: Random, data: bytes) -> bytes:
    """Change elements and attributes; now and then the text or the bytes instead."""
    chance = random.random()
    if chance < 0.1:
        return mutate_bytes(random, data)
    if chance < 0.2:
        return mutate_text(random, data)
    root = etree.fromstring(data)
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        elements = [e for e in root.iter() if isinstance(e.tag, str)]
        _change(random, random.choice(elements), elements)
    encoding = random.choice(("utf-8", "utf-8", "utf-8", "utf-16", "iso-8859-1"))
    return etree.tostring(root, encoding=encoding, xml_declaration=True)


def _change(random: Random, element: etree._Element, elements: Sequence[etree._Element]) -> None:
    parent, kind = element.getparent(), random.randrange(10)
    if kind < 4:
        known = [str(name) for name in element.attrib] or list(_ATTRIBUTES)
        _set(element, random.choice(known), _value(random, elements))
    elif kind == 4:
        _set(element, random.choice(_ATTRIBUTES), _value(random, elements))
    elif kind == 5 and element.attrib:
        del element.attrib[random.choice(list(element.attrib))]
    elif kind == 6 and parent is not None:
        parent.remove(element)
    elif kind == 7:
        namespace = etree.QName(element).namespace
        name = random.choice(_NAMES)
        element.tag = name if namespace is None else f"{{{namespace}}}{name}"
    elif kind == 8:
        copy = etree.fromstring(etree.tostring(element))
        copy.tail = None
        random.choice(elements).append(copy)
    else:
        with_text = _value(random, elements)
        element.text = "".join(c for c in with_text if c.isprintable())


def _set(element: etree._Element, name: str, value: str) -> None:
    element.set(name, "".join(c for c in value if c.isprintable() or c in "\t\n"))


def _value(random: Random, elements: Sequence[etree._Element]) -> str:
    if random.random() < 0.3:
        others = [str(value) for e in elements for value in e.attrib.values()]
        if others:
            return random.choice(others)
    if random.random() < 0.2:
        count = random.choice((0, 1, 2, 3, 50, 3000))
        size = random.choice((10, 300, 10**7))
        return " ".join(
            f"{random.randrange(-9, size)},{random.randrange(size)}" for _ in range(count)
        )
    return random.choice(NASTY)


def mutate_archive(random: Random, data: bytes) -> bytes:
    """Change the members of a zip archive, or its bytes."""
    if random.random() < 0.3:
        return mutate_bytes(random, data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = random.choice(list(members))
    kind = random.randrange(5)
    if kind == 0:
        del members[name]
    elif kind == 1:
        members[name] = members[random.choice(list(members))]
    elif kind == 2:
        head = members[name][:128]
        members[name] = (
            mutate_text(random, head[10:])[:128]
            .rjust(118)[:118]
            .join((head[:10], members[name][128:]))
        )
    elif kind == 3:
        members[name] = mutate_text(random, members[name])
    else:
        members[name] = mutate_bytes(random, members[name])
    stream = io.BytesIO()
    method = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    with zipfile.ZipFile(stream, "w", method) as archive:
        for member, content in members.items():
            # Not the time of day, for the same seed gives the same input.
            info = zipfile.ZipInfo(member, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            archive.writestr(info, content)
    return stream.getvalue()
