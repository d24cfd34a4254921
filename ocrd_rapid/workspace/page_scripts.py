# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Scripts of segments: from codes of ISO 15924 to the values of PAGE-XML and back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree

#: Names of the scripts in PAGE 2019-07-15, by their codes.
_NAMES = dict(
    pair.split("=")
    for pair in re.split(
        r"; ",
        "Adlm=Adlam; Afak=Afaka; Aghb=Caucasian Albanian; Ahom=Ahom, Tai Ahom; Arab=Arabic; "
        "Aran=Arabic (Nastaliq variant); Armi=Imperial Aramaic; Armn=Armenian; Avst=Avestan; "
        "Bali=Balinese; Bamu=Bamum; Bass=Bassa Vah; Batk=Batak; Beng=Bengali; Bhks=Bhaiksuki; "
        "Blis=Blissymbols; Bopo=Bopomofo; Brah=Brahmi; Brai=Braille; Bugi=Buginese; "
        "Buhd=Buhid; Cakm=Chakma; Cans=Unified Canadian Aboriginal Syllabics; Cari=Carian; "
        "Cham=Cham; Cher=Cherokee; Cirt=Cirth; Copt=Coptic; Cprt=Cypriot; Cyrl=Cyrillic; "
        "Cyrs=Cyrillic (Old Church Slavonic variant); Deva=Devanagari (Nagari); Dsrt=Deseret "
        "(Mormon); Dupl=Duployan shorthand, Duployan stenography; Egyd=Egyptian demotic; "
        "Egyh=Egyptian hieratic; Egyp=Egyptian hieroglyphs; Elba=Elbasan; Ethi=Ethiopic; "
        "Geok=Khutsuri (Asomtavruli and Nuskhuri); Geor=Georgian (Mkhedruli); "
        "Glag=Glagolitic; Goth=Gothic; Gran=Grantha; Grek=Greek; Gujr=Gujarati; "
        "Guru=Gurmukhi; Hanb=Han with Bopomofo; Hang=Hangul; Hani=Han (Hanzi, Kanji, Hanja); "
        "Hano=Hanunoo (Hanunóo); Hans=Han (Simplified variant); Hant=Han (Traditional "
        "variant); Hatr=Hatran; Hebr=Hebrew; Hira=Hiragana; Hluw=Anatolian Hieroglyphs; "
        "Hmng=Pahawh Hmong; Hrkt=Japanese syllabaries; Hung=Old Hungarian (Hungarian Runic); "
        "Inds=Indus (Harappan); Ital=Old Italic (Etruscan, Oscan etc.); Jamo=Jamo; "
        "Java=Javanese; Jpan=Japanese; Jurc=Jurchen; Kali=Kayah Li; Kana=Katakana; "
        "Khar=Kharoshthi; Khmr=Khmer; Khoj=Khojki; Kitl=Khitan large script; Kits=Khitan "
        "small script; Knda=Kannada; Kore=Korean (alias for Hangul + Han); Kpel=Kpelle; "
        "Kthi=Kaithi; Lana=Tai Tham (Lanna); Laoo=Lao; Latf=Latin (Fraktur variant); "
        "Latg=Latin (Gaelic variant); Latn=Latin; Leke=Leke; Lepc=Lepcha (Róng); Limb=Limbu; "
        "Lina=Linear A; Linb=Linear B; Lisu=Lisu (Fraser); Loma=Loma; Lyci=Lycian; "
        "Lydi=Lydian; Mahj=Mahajani; Mand=Mandaic, Mandaean; Mani=Manichaean; Marc=Marchen; "
        "Maya=Mayan hieroglyphs; Mend=Mende Kikakui; Merc=Meroitic Cursive; Mero=Meroitic "
        "Hieroglyphs; Mlym=Malayalam; Modi=Modi, Moḍī; Mong=Mongolian; Moon=Moon (Moon code, "
        "Moon script, Moon type); Mroo=Mro, Mru; Mtei=Meitei Mayek (Meithei, Meetei); "
        "Mult=Multani; Mymr=Myanmar (Burmese); Narb=Old North Arabian (Ancient North "
        "Arabian); Nbat=Nabataean; Newa=Newa, Newar, Newari; Nkgb=Nakhi Geba; Nkoo=N’Ko; "
        "Nshu=Nüshu; Ogam=Ogham; Olck=Ol Chiki (Ol Cemet’, Ol, Santali); Orkh=Old Turkic, "
        "Orkhon Runic; Orya=Oriya; Osge=Osage; Osma=Osmanya; Palm=Palmyrene; Pauc=Pau Cin "
        "Hau; Perm=Old Permic; Phag=Phags-pa; Phli=Inscriptional Pahlavi; Phlp=Psalter "
        "Pahlavi; Phlv=Book Pahlavi; Phnx=Phoenician; Piqd=Klingon (KLI pIqaD); Plrd=Miao "
        "(Pollard); Prti=Inscriptional Parthian; Rjng=Rejang (Redjang, Kaganga); "
        "Roro=Rongorongo; Runr=Runic; Samr=Samaritan; Sara=Sarati; Sarb=Old South Arabian; "
        "Saur=Saurashtra; Sgnw=SignWriting; Shaw=Shavian (Shaw); Shrd=Sharada, Śāradā; "
        "Sidd=Siddham; Sind=Khudawadi, Sindhi; Sinh=Sinhala; Sora=Sora Sompeng; "
        "Sund=Sundanese; Sylo=Syloti Nagri; Syrc=Syriac; Syre=Syriac (Estrangelo variant); "
        "Syrj=Syriac (Western variant); Syrn=Syriac (Eastern variant); Tagb=Tagbanwa; "
        "Takr=Takri; Tale=Tai Le; Talu=New Tai Lue; Taml=Tamil; Tang=Tangut; Tavt=Tai Viet; "
        "Telu=Telugu; Teng=Tengwar; Tfng=Tifinagh (Berber); Tglg=Tagalog (Baybayin, Alibata); "
        "Thaa=Thaana; Thai=Thai; Tibt=Tibetan; Tirh=Tirhuta; Ugar=Ugaritic; Vaii=Vai; "
        "Visp=Visible Speech; Wara=Warang Citi (Varang Kshiti); Wole=Woleai; Xpeo=Old "
        "Persian; Xsux=Cuneiform, Sumero-Akkadian; Yiii=Yi; Zinh=Code for inherited script; "
        "Zmth=Mathematical notation; Zsye=Symbols (Emoji variant); Zsym=Symbols; Zxxx=Code "
        "for unwritten documents; Zyyy=Code for undetermined script; Zzzz=Code for uncoded "
        "script",
    )
)
_OTHER = "other"


def set_scripts(element: etree._Element, scripts: Sequence[str]) -> None:
    """Set the scripts of a region, line, word or glyph; of a glyph only the first.

    Args:
        element: the segment.
        scripts: codes, the most frequent first; empty removes what is there.
    """
    names: tuple[str, ...] = ("primaryScript", "secondaryScript")
    if etree.QName(element).localname == "Glyph":
        names = ("script",)
    for place, name in enumerate(names):
        if place < len(scripts):
            element.set(name, _value(scripts[place]))
        else:
            element.attrib.pop(name, "")


def scripts_of_element(element: etree._Element) -> tuple[str, ...]:
    """Return the known codes of the scripts of a segment, see `set_scripts`."""
    values = (str(element.get(name, "")) for name in ("primaryScript", "secondaryScript", "script"))
    codes = (value.partition(" - ")[0] for value in values)
    return tuple(code for code in codes if code in _NAMES)


def _value(code: str) -> str:
    name = _NAMES.get(code)
    return f"{code} - {name}" if name else _OTHER
