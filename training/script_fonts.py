# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Fonts of a folder for lines that are drawn: those of text, by design, divided once and for all.

Fonts are left out by rules, not by looking at what is read in them:

- weights below 300 and above 800, widths below *semi-condensed* (OS/2 table), and faces whose names
  say so (`_CUTS`);
- fonts whose PANOSE family type is script or symbol (many text fonts are marked decorative), and
  families whose names say that
  they are such, bitmaps, or signs of old systems of writing (`_FAMILIES`);
- fonts of a script that needs shaping and for which they have no rules (GSUB, GPOS);
- fonts of East Asia for other scripts;
- Nastaliq, whose letters stand above each other: a line of it cannot be read column by column.

Cuts of a design go together: `design` says what counts as the same. Of the designs that can draw a
script, ordered by a hash of their names, the first fifth are to judge by, the next tenth to choose
between trainings by, the others to learn from.
"""

from __future__ import annotations

import hashlib
import logging
import re
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError
from PIL import ImageFont

_SUFFIXES = (".ttf", ".otf", ".ttc")
#: Patterns of cuts that no text is set in.
_CUTS = re.compile(
    r"""
    thin | hairline | (extra|ultra)[\s-]?light | condensed | condenc | compressed | narrow
    | display | caption | outline | shadow | black | ultra | heavy | poster | initials | caps\b
    | \bsc\b | smallcap | stencil | 3d | rough | diagnostic | xspace | \bdot\b | \bbunong\b
    | keyboard
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: Patterns of families that are no type for text: bitmaps and terminals, signs and symbols,
#: handwriting and calligraphy, type for titles and ornament, old systems of writing, fonts with
#: other signs than Unicode says.
_FAMILIES = re.compile(
    r"""
    unifont | denemo | babel | ^px\s | patch | dseg | led\b | terminal | vt220 | 3270 | proggy
    | spleen | terminus | \bdot\b | dotgothic | pixel | fixed | misaki | lcdmono | ^ms\ssans
    | ^small\sfonts | ^system$ | ^courier$ | sixtyfour | atari | amiga | phiksel | square
    | courier\s?10 | symbol | math | emoji | dings | awesome | icon | runic | futhark | braille
    | musica | ocr[ab]? | cedilla | ^tahoma$ | script | hand | brush | pen\b | pen[a-z]*$
    | comi[cx] | marker | chancery | chilanka | karumbi | freehand | fasthand | purisa | umpush
    | journal | ktav | nakseo | pilgi | euljiro | kirang | yeon\s?sung | eunjin | dancing
    | kaushan | kristi | leckerli | great\svibes | rufscript | abecedario | ecolier | humor
    | tomson | sjfont | joscelyn | isabella | femke | breip | domestic | gaze?is | theokritos
    | complutum | yigezu | yozghat | qolyazma | muol | moul | metal | decorat | poster | title
    | art$ | ajrak | dedaena | mrgvlovani | bebas | lobster | cherry | reggae | stick | havana
    | levien | staypuft | summersby | el\sabogado | cabinsketch | blankenburg | klaudia | solide
    | murmure | bwht | campania | dustin | dustismo | bajaderka | caliban | aoyagi | konatu
    | mmcedar | gnutypewriter | gothic\suralic | steve | triodpostnaja | hanna | vada | dinaru
    | yetgul | jamo | taza | bangwool | guseul | tint | zelan | bisrat | tibetantsug
    | tibetanyig | dutsa | monlam | ravi\s?prakash | lakki | gidugu | dhurjati | tenali
    | suravaram | potti | sree | chatu | kuttar | phetsot | tagu | nayone | ponenyet | smart
    | stam | rashi | dorian | gladia | anka | ozrad | shmulik | trashim | horev | hillel | neo$
    | miso | mixer | skechers | sticks | strokes | kufi | diwani | nastal | ruqaa? | rewed
    | jelliy | junun | zilwa | tuz | yantu | gul | sulus | tughra | basma | tor\b | kesme
    | ukij\s(bom|chechek|elipbe|orqun|mejnun|merdane|saet|imaret|kawak|moy) | electron | graph$
    | homa | ostorah | shado | granada | tarablus | rehan | hani$ | nice$ | japan$ | jet$
    | petra$ | dimnah | sindbad | khalid | manzomah | battar | cortoba | mashq | sharjah | salem
    | rasheeq | tholoth | furat | kayrawan | alkalami | aegean | analecta | anaktoria | atavyros
    | asea | aroania | avdira | alfios | gospel | abydos | uni.?ol | zawgyi
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: Scripts whose letters need rules of the font, and the tags of these.
_SHAPED: Mapping[str, tuple[str, ...]] = {
    "Arab": ("arab",), "Syrc": ("syrc",), "Deva": ("dev2", "deva", "dev3"),
    "Beng": ("bng2", "beng"), "Guru": ("gur2", "guru"), "Gujr": ("gjr2", "gujr"),
    "Orya": ("ory2", "orya"), "Taml": ("tml2", "taml"), "Telu": ("tel2", "telu"),
    "Knda": ("knd2", "knda"), "Mlym": ("mlm2", "mlym"), "Sinh": ("sinh",), "Khmr": ("khmr",),
    "Mymr": ("mym2", "mymr"), "Tibt": ("tibt",), "Thai": ("thai",), "Laoo": ("lao ",),
}  # fmt: skip
#: Fonts for these have letters of other scripts only as signs, as wide as their own.
_EAST_ASIAN = ("Hang", "Hani", "Kana")
#: Words of a family's name that say nothing of its design.
_NO_DESIGN = re.compile(
    r"\b(ui|pro|std|otf?|ttf|new|basic|compact|book|text|regular|medium|light|bold"
    r"|(semi|demi|extra|ultra) ?bold|(extra|ultra|semi) ?light"
    r"|italic|slanted|inclined|upright|mono|monospace|alt|eco|coding|yethangul|extra|unhinted|hinted"
    r"|plus"
    r"|devanagari|bengali|assamese|marathi|nepali|gurmukhi|gujarati|oriya|odia|telugu|kannada"
    r"|malayalam|tamil|classical|supplement|sinhala|thai|lao|khmer|myanmar|tibetan|ethiopic|hebrew"
    r"|arabic|farsi|urdu|sindhi|sa|armenian|georgian|cjk|jp|kr|sc|tc|cherokee|gpl&gnu|gnu&gpl"
    r"|modern|cond|[ob])\b|[0-9.]+",
    re.IGNORECASE,
)
#: Designs under several names.
_SAME: Mapping[str, str] = {
    "arimo": "liberation sans", "tinos": "liberation serif", "cousine": "liberation mono",
    "liberation": "liberation mono", "carlito": "lato", "hack": "dejavu sans",
    "dejavu": "dejavu sans", "bpg dejavu sans": "dejavu sans", "bitstream vera sans": "dejavu sans",
    "freesans": "nimbus sans", "tex gyre heros": "nimbus sans", "freeserif": "nimbus roman",
    "tex gyre termes": "nimbus roman", "freemono": "nimbus ps",
    "tex gyre cursor": "nimbus ps", "texgyreheros": "nimbus sans", "gentiumalt": "gentium",
    "gentium basic": "gentium", "padauk": "padauk", "linux libertine": "libertinus serif",
    "linux libertine display": "libertinus serif", "linux biolinum": "libertinus sans",
    "scheherazade": "scheherazade", "nanumbarungothic": "nanumgothic", "lohit": "lohit hindi",
    "nanumgothiccoding": "nanumgothic", "nanumsquareround": "nanumsquare",
    "nanumsquare_ac": "nanumsquare", "old standard tt": "old standard",
    "go smallcaps": "go", "clear sans": "clear sans", "mitra": "mukti",
    "keter aram tsova": "keter yg", "ezra sil sr": "ezra sil",
    "taamey frank clm": "frank ruehl clm",
    "taamey david clm": "david clm", "pt sans caption": "pt sans", "pt serif caption": "pt serif",
    "tlwg typist": "tlwg typewriter", "tlwg typo": "tlwg typewriter", "tlwg": "tlwg typewriter",
    "miriam mono clm": "miriam clm",
    "c": "century schoolbook", "schoolbook uralic": "century schoolbook",
    "bookman uralic": "bookman",
    "tex gyre schola": "century schoolbook", "urw bookman": "bookman", "tex gyre bonum": "bookman",
    "p": "palatino", "palladio uralic": "palatino", "tex gyre pagella": "palatino",
    "roman uralic": "nimbus roman", "sans uralic": "nimbus sans", "stixgeneral": "stix",
    "busra high": "busra", "busra moe": "busra", "busra dict": "busra", "mondulkiri": "busra",
    "anonymous minus": "anonymous", "robotobold": "roboto", "robotoitalic": "roboto",
    "robotobolditalic": "roboto", "unifur": "monofur", "eurofurence classic": "eurofurence",
    "droid sans": "open sans", "padmaa bold": "padmaa",
    "cascadia": "cascadia code", "cormorant garamond": "cormorant", "cairo play": "cairo",
    "cormorant infant": "cormorant", "cormorant unicase": "cormorant", "fira": "fira sans",
    "fira code": "fira sans", "montserrat alternates": "montserrat", "inter tight": "inter",
    "frank ruhl libre": "frank ruehl clm", "david libre": "david clm",
    "miriam libre": "miriam clm", "bm dohyeon": "do hyeon", "bm jua_ttf": "jua",
    "tiro hindi": "tiro", "tiro sanskrit": "tiro", "anek bangla": "anek",
    "noto looped": "noto sans looped",
}  # fmt: skip


@dataclass(frozen=True)
class Face:
    """A font file.

    Attributes:
        path: its file.
        family: the name of its family.
        design: see `design`.
        signs: the code points that it has.
        tags: the scripts for which it has rules (GSUB, GPOS).
    """

    path: Path
    family: str
    design: str
    signs: frozenset[int]
    tags: frozenset[str]

    def can_draw(self, text: str) -> bool:
        """Say whether it has all signs of a text; joiners and spaces need none."""
        return all(ord(sign) in self.signs or sign in " \u200c\u200d" for sign in text)

    def knows(self, code: str, letters: str) -> bool:
        """Say whether it can draw a script.

        Args:
            code: of the script, ISO 15924.
            letters: what it must have.
        """
        tags = _SHAPED.get(code)
        if code not in _EAST_ASIAN and (self.can_draw("가") or self.can_draw("国")):
            return False
        return self.can_draw(letters) and (tags is None or bool(self.tags.intersection(tags)))

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """Return the font at a size in pixels, as Pillow takes it, with complex layout."""
        return _sized(self.path, size)


@cache
def _sized(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.RAQM)


@dataclass(frozen=True)
class Division:
    """The fonts of a script, by what they are for."""

    learn: tuple[Face, ...]
    choose: tuple[Face, ...]
    judge: tuple[Face, ...]


def design(family: str) -> str:
    """Return the name of a design, by the name of a family."""
    plain = " ".join(_NO_DESIGN.sub(" ", family).split()).lower().replace("-", " ").strip()
    for first in ("monoid", "monoisome", "induni", "ricty", "ukij esliye"):
        if plain.startswith(first):
            return first
    return _SAME.get(plain, plain) or family.lower()


def read_faces(folder: Path) -> list[Face]:
    """Return the fonts of a folder and of those in it that text is set in, by path."""
    # Faults of fonts are no concern of those who draw with them.
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    faces: dict[tuple[str, str], Face] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in _SUFFIXES or path.is_symlink():
            continue
        try:
            with TTFont(path, lazy=True, fontNumber=0) as font:
                found = _read(path, font)
        except (TTLibError, struct.error, KeyError, AttributeError, AssertionError, OSError):
            continue  # A damaged font, or one without names.
        if found is not None:
            # The same cut in several formats or packages.
            faces.setdefault((found[0].family, found[1]), found[0])
    return sorted(faces.values(), key=lambda face: str(face.path))


def _read(path: Path, font: TTFont) -> tuple[Face, str] | None:
    """Return a font and the name of its cut; nothing if no text is set in it."""
    names, metrics = font["name"], font["OS/2"]
    family = names.getDebugName(16) or names.getDebugName(1) or ""
    cut = names.getDebugName(17) or names.getDebugName(2) or ""
    if not family or _FAMILIES.search(family) or _CUTS.search(f"{family} {cut} {path.stem}"):
        return None
    if not 300 <= metrics.usWeightClass <= 800 or metrics.usWidthClass < 4:
        return None
    if metrics.panose.bFamilyType in (3, 5) or not ("glyf" in font or "CFF " in font):
        return None
    tags = {
        record.ScriptTag
        for table in ("GSUB", "GPOS")
        if table in font and font[table].table.ScriptList
        for record in font[table].table.ScriptList.ScriptRecord
    }
    signs = frozenset(font.getBestCmap() or ())
    return Face(path, family, design(family), signs, frozenset(tags)), cut


def is_fixed_pitch(face: Face) -> bool:
    """Say whether all letters of a font are as wide, as those of typewriters are."""
    font = face.at(40)
    return len({font.getlength(sign) for sign in "iWm."}) == 1


def divide(faces: Iterable[Face]) -> Division:
    """Divide fonts by design: a fifth to judge by, a tenth to choose by, the others to learn from.

    Of three designs and fewer none is to choose by; a single one is to learn from.
    """
    by_design: dict[str, list[Face]] = defaultdict(list)
    for face in faces:
        by_design[face.design].append(face)
    order = sorted(by_design, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    judge = -(-len(order) // 5) if len(order) > 1 else 0
    choose = max(1, len(order) // 10) if len(order) > 3 else 0
    parts = (order[judge + choose :], order[judge : judge + choose], order[:judge])
    return Division(*(tuple(f for name in part for f in by_design[name]) for part in parts))


def grouped(faces: Sequence[Face]) -> list[list[Face]]:
    """Return fonts by family, so that each family can be drawn as often as others."""
    found: dict[str, list[Face]] = defaultdict(list)
    for face in faces:
        found[face.family].append(face)
    return list(found.values())
