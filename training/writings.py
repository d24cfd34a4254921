# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is drawn for every script: languages with their dictionaries, signs, digits, spellings.

Dictionaries are left out if their licence is not clearly one of free software for every purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """A language and its sources.

    Attributes:
        code: ISO 639-1, or 639-2 where that has none.
        share: of the lines of its script, in proportion to those of the other languages.
        locales: the folders of its translations; by default the one named like the code.
        dictionary: package and name of its dictionary.
        licence: of the dictionary.
    """

    code: str
    share: float = 1.0
    locales: tuple[str, ...] = ()
    dictionary: tuple[str, str] | None = None
    licence: str = ""


def _dictionary(
    code: str, share: float, package: str, name: str, licence: str, *locales: str
) -> Language:
    return Language(code, share, locales, (package, name), licence)


@dataclass(frozen=True)
class Writing:
    """What is drawn for one script.

    Attributes:
        code: of the script, ISO 15924.
        languages: written with it.
        signs: punctuation and marks of the script that any line may have.
        digits: its own digits, from 0 to 9, if it has any in use.
        quotes: pairs of quotation marks.
        right_to_left: its direction.
        cased: it has capitals.
        old: names of the functions that make old spellings of a line, with their shares; see
            `spellings`.
    """

    code: str
    languages: tuple[Language, ...]
    signs: str = ""
    digits: str = ""
    quotes: tuple[str, ...] = ("“”", '""', "()")
    right_to_left: bool = False
    cased: bool = False
    old: tuple[tuple[str, float], ...] = ()


_LOW = ("„“", "«»", "„”", "“”", '""', "()", "[]")
WRITINGS: Mapping[str, Writing] = {
    "latin": Writing(
        "Latn",
        tuple(map(Language, ("en", "de", "fr", "it", "es", "nl", "pl", "cs", "sv", "hu", "tr"))),
        quotes=(*_LOW, "‘’", "‚‘", "»«"),
        cased=True,
    ),
    "cyrillic": Writing(
        "Cyrl",
        (
            _dictionary("ru", 4, "hunspell-ru", "ru_RU", "BSD-4-Clause"),
            _dictionary("uk", 2, "hunspell-uk", "uk_UA", "MPL-1.1"),
            Language("be", 1.5),
            _dictionary("bg", 1.5, "hunspell-bg", "bg_BG", "GPL-2.0-or-later"),
            _dictionary("sr", 2, "hunspell-sr", "sr_RS", "LGPL-3.0-or-later"),
            Language("mk", 1.5),
            _dictionary("kk", 0.5, "hunspell-kk", "kk_KZ", "GPL-2.0-or-later"),
            Language("mn", 0.5),
            Language("ky", 0.2),
            Language("tg", 0.2),
            Language("tt", 0.2),
        ),
        signs="’",
        quotes=(*_LOW, "«»", "«»"),
        cased=True,
        old=(("russian_before_1918", 0.12), ("stressed", 0.04)),
    ),
    "greek": Writing(
        "Grek",
        (_dictionary("el", 1, "hunspell-el", "el_GR", "MPL-1.1"),),
        signs="·;’᾽",
        quotes=("«»", "«»", "“”", "‘’", '""', "()", "[]"),
        cased=True,
        old=(("polytonic", 0.55),),
    ),
    "armenian": Writing(
        "Armn",
        (_dictionary("hy", 1, "myspell-hy", "hy_AM", "GPL-2.0-or-later"),),
        signs="՝՞՜։՛֊",
        quotes=("«»", "«»", "«»", "„“", "()"),
        cased=True,
    ),
    "georgian": Writing("Geor", (Language("ka"),), quotes=(*_LOW,)),
    "hebrew": Writing(
        "Hebr",
        (
            Language("he", 5),
            Language("yi", 1),
        ),
        signs="־׳״₪",
        quotes=('""', '""', "״״", "„”", "()", "[]"),
        right_to_left=True,
        old=(("pointed", 0.2),),
    ),
    "arabic": Writing(
        "Arab",
        (
            _dictionary("ar", 4, "hunspell-ar", "ar", "GPL-2.0-or-later"),
            _dictionary("fa", 2, "myspell-fa", "fa_IR", "GPL-2.0-or-later"),
            Language("ur", 2),
            Language("ug", 0.3),
            Language("ckb", 0.3),
            Language("ps", 0.4),
        ),
        signs="،؛؟٪ـ۔",
        digits="٠١٢٣٤٥٦٧٨٩",
        quotes=("«»", '""', "“”", "()", "[]"),
        right_to_left=True,
        old=(("vowelled", 0.08), ("ottoman", 0.08)),
    ),
    "devanagari": Writing(
        "Deva",
        (
            _dictionary("hi", 4, "hunspell-hi", "hi_IN", "GPL-2.0-or-later"),
            Language("mr", 2),
            _dictionary("ne", 2, "hunspell-ne", "ne_NP", "LGPL-2.1-or-later"),
            Language("mai", 0.5),
            Language("sa", 0.5, ("sa",)),
        ),
        signs="।॥ऽॐ",
        digits="०१२३४५६७८९",
    ),
    "bengali": Writing(
        "Beng",
        (
            _dictionary(
                "bn", 4, "hunspell-bn", "bn_BD", "GPL-2.0-or-later", "bn", "bn_IN", "bn_BD"
            ),
            Language("as", 1),
        ),
        signs="।॥৳",
        digits="০১২৩৪৫৬৭৮৯",
    ),
    "gurmukhi": Writing("Guru", (Language("pa"),), signs="।॥ੴ", digits="੦੧੨੩੪੫੬੭੮੯"),
    "gujarati": Writing(
        "Gujr",
        (_dictionary("gu", 1, "hunspell-gu", "gu_IN", "GPL-3.0-or-later"),),
        signs="।",
        digits="૦૧૨૩૪૫૬૭૮૯",
    ),
    "odia": Writing("Orya", (Language("or"),), signs="।", digits="୦୧୨୩୪୫୬୭୮୯"),
    "telugu": Writing(
        "Telu",
        (_dictionary("te", 1, "hunspell-te", "te_IN", "GPL-2.0-or-later"),),
        signs="।",
        digits="౦౧౨౩౪౫౬౭౮౯",
    ),
    "kannada": Writing("Knda", (Language("kn"),), signs="।", digits="೦೧೨೩೪೫೬೭೮೯"),
    "malayalam": Writing(
        "Mlym",
        (_dictionary("ml", 1, "hunspell-ml", "ml_IN", "GPL-3.0-or-later"),),
        digits="൦൧൨൩൪൫൬൭൮൯",
    ),
    "tamil": Writing("Taml", (Language("ta"),), digits="௦௧௨௩௪௫௬௭௮௯"),
    "sinhala": Writing("Sinh", (Language("si"),)),
    "thai": Writing(
        "Thai",
        (_dictionary("th", 1, "hunspell-th", "th_TH", "LGPL-2.1-or-later"),),
        signs="ๆฯ฿",
        digits="๐๑๒๓๔๕๖๗๘๙",
    ),
    "lao": Writing(
        "Laoo",
        (_dictionary("lo", 1, "hunspell-lo", "lo_LA", "LGPL-3.0-or-later"),),
        signs="ໆຯ₭",
        digits="໐໑໒໓໔໕໖໗໘໙",
    ),
    "khmer": Writing("Khmr", (Language("km"),), signs="។៕៖ៗ៛", digits="០១២៣៤៥៦៧៨៩"),
    "burmese": Writing("Mymr", (Language("my"),), signs="၊။", digits="၀၁၂၃၄၅၆၇၈၉"),
    "tibetan": Writing("Tibt", (Language("dz"),), signs="་།༄༅", digits="༠༡༢༣༤༥༦༧༨༩"),
    "ethiopic": Writing(
        "Ethi",
        (Language("am", 3), Language("ti"), Language("gez", 0.5), Language("byn", 0.5)),
        signs="፡።፣፤፥",
        quotes=("«»", "“”", "()"),
    ),
    "hangul": Writing(
        "Hang",
        (Language("ko"),),
        quotes=("“”", "‘’", "()", '""', "「」", "『』", "《》"),
    ),
    "han": Writing(
        "Hani",
        (Language("zh", 1, ("zh_CN", "zh_TW", "zh_HK")),),
        signs="。，、；：！？（）",
        quotes=("「」", "『』", "“”", "《》"),
    ),
    "kana": Writing("Kana", (Language("ja"),), signs="。、！？（）ー", quotes=("「」", "『』")),
}  # fmt: skip
