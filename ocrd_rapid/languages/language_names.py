# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Languages and scripts by their names and codes.

Languages have English names and the codes of ISO 639: part 1, part 2 (both if there are two) or 3.
Scripts have those of `SCRIPTS`. A name that is both, such as Arabic, means the script.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..config.similar import did_you_mean
from ..errors import ConfigurationError
from .scripts import LATIN, SCRIPTS, script_name

#: Names of languages, by the scripts in which they are written, with their codes.
_TABLE = """
Latn
  afrikaans af afr, albanian sq sqi alb, azerbaijani az aze, basque eu eus baq, bosnian bs bos,
  breton br bre, catalan ca cat, croatian hr hrv, czech cs ces cze, danish da dan,
  dutch nl nld dut, english en eng, esperanto eo epo, estonian et est, faroese fo fao,
  filipino fil, finnish fi fin, french fr fra fre, frisian fy fry, galician gl glg,
  german de deu ger, middle-high-german gmh, hungarian hu hun, icelandic is isl ice,
  indonesian id ind, irish ga gle, italian it ita, kurdish ku kur kmr, neo-latin la lat,
  latvian lv lav, lithuanian lt lit, low-german nds, luxembourgish lb ltz, malay ms msa may,
  maltese mt mlt, maori mi mri mao, norwegian no nor nb nob nn nno, occitan oc oci,
  polish pl pol, portuguese pt por, quechua qu que, romanian ro ron rum, romansh rm roh,
  serbo-croatian hbs sh, slovak sk slk slo, slovenian sl slv, sorbian wen hsb dsb,
  spanish es spa, swahili sw swa, swedish sv swe, tagalog tl tgl, turkish tr tur,
  uzbek uz uzb, vietnamese vi vie, welsh cy cym wel
Grek
  greek el ell gre grc
Copt Grek
  coptic cop
Cyrl
  russian ru rus, ukrainian uk ukr, belarusian be bel, bulgarian bg bul, serbian sr srp,
  macedonian mk mkd mac, kazakh kk kaz, mongolian mn mon, kyrgyz ky kir, tajik tg tgk,
  tatar tt tat, bashkir ba bak, chuvash cv chv, ossetian os oss, chechen ce che,
  abkhazian ab abk, rusyn rue, church-slavonic cu chu
Hebr
  hebrew he heb, yiddish yi yid, ladino lad
Arab
  arabic ar ara, persian fa fas per, urdu ur urd, ottoman-turkish ota, pashto ps pus,
  uyghur ug uig, sindhi sd snd, sorani ckb
Syrc
  syriac syc syr
Deva
  hindi hi hin, marathi mr mar, nepali ne nep, sanskrit sa san, konkani kok, maithili mai,
  bhojpuri bho
Beng
  bengali bn ben, assamese as asm
Guru
  punjabi pa pan
Gujr
  gujarati gu guj
Orya
  odia or ori ory
Taml
  tamil ta tam
Telu
  telugu te tel
Knda
  kannada kn kan
Mlym
  malayalam ml mal
Sinh
  sinhala si sin
Thai
  thai th tha
Laoo
  lao lo lao
Tibt
  tibetan bo bod tib, dzongkha dz dzo
Mymr
  burmese my mya bur
Khmr
  khmer km khm
Geor
  georgian ka kat geo
Armn
  armenian hy hye arm
Ethi
  amharic am amh, tigrinya ti tir, geez gez
Thaa
  dhivehi dv div
Cher
  cherokee chr
Cans
  inuktitut iu iku, cree cr cre, ojibwe oj oji
Hang Hani
  korean ko kor
Hani
  chinese zh zho chi
Hira Kana Hani
  japanese ja jpn
"""

#: Groups of scripts by the names and codes of ISO 15924 that mean them; they win over `SCRIPTS`.
_GROUPS = {
    "latf": (LATIN,), "latg": (LATIN,), "cyrs": ("Cyrl",), "aran": ("Arab",), "syre": ("Syrc",),
    "hans": ("Hani",), "hant": ("Hani",), "kore": ("Hang", "Hani"),
    **dict.fromkeys(("hrkt", "kana", "katakana", "hira", "hiragana"), ("Hira", "Kana")),
    "jpan": ("Hira", "Kana", "Hani"),
}  # fmt: skip


@dataclass(frozen=True)
class Written:
    """What the name or the code of a language or a script means.

    Attributes:
        scripts: the codes of the scripts, that of the language's letters first.
        language: the English name of the language, in lower case; empty for scripts as such.
    """

    scripts: tuple[str, ...]
    language: str = ""

    def __str__(self) -> str:
        """Return its name for messages."""
        if self.language:
            return self.language.replace("-", " ").title()
        return f"{' and '.join(map(script_name, self.scripts))} script"


def _languages() -> dict[str, Written]:
    found: dict[str, Written] = {}
    scripts: tuple[str, ...] = ()
    for line in _TABLE.strip().splitlines():
        if not line.startswith(" "):
            scripts = tuple(line.split())
            continue
        for entry in filter(None, line.strip().split(",")):
            name, *codes = entry.split()
            found |= dict.fromkeys([name, *codes], Written(scripts, name))
    return found


#: Languages and scripts by the names and codes, in lower case, that users may give.
BY_NAME = {
    # Languages that are known only as those of a script come first: all others win.
    **{script.language: Written((code,)) for code, script in SCRIPTS.items()},
    **_languages(),
    **{script.name.lower(): Written((code,)) for code, script in SCRIPTS.items()},
    **{code.lower(): Written((code,)) for code in SCRIPTS},
    **{code: Written(scripts) for code, scripts in _GROUPS.items()},
}


def parse_languages(
    text: str, option: str = "languages", also: Iterable[str] = ()
) -> tuple[str, ...]:
    """Split a list such as ``deu,lat``, and check that every name is known.

    Args:
        text: the list.
        option: what the user has given it with, for messages.
        also: names that are allowed beside those of `BY_NAME`, in lower case.

    Returns:
        The names in lower case.

    Raises:
        ConfigurationError: a name is unknown; the message has the most similar ones.
    """
    names = tuple(
        name.strip().lower() for name in text.replace("+", ",").split(",") if name.strip()
    )
    allowed = {*BY_NAME, *also}
    for name in names:
        if name not in allowed:
            raise ConfigurationError(
                f"{option}: unknown language or script '{name}'{did_you_mean(name, allowed)}"
                " (allowed are codes of ISO 639 such as deu, fra, lat; names of languages and"
                " scripts such as german, cyrillic; codes of ISO 15924 such as Latn)"
            )
    return names
