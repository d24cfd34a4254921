# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Texts in Latin script, with the letters of all its orthographies.

Sentences of a language show its letters as often as they are; many are rare, capitals above all.
So some lines have words in which a letter with marks stands in place of its base. Orthographies
without translations borrow the words of another language.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from script_texts import Composer, LanguageTexts, Word, normalize, read_language, word_of
from writings import WRITINGS, Language, Writing

#: What a font must have to draw this script.
LETTERS = "ABCabcxyzäöüßéàçñĀāĄąČčĐđĘęĞğİıŁłŐőŘřŠšŤťŮůŴŵŽž0123456789"

_VIETNAMESE = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ"
#: Orthographies: share of the lines, locales of the words, letters beyond a to z.
_ORTHOGRAPHIES = f"""
3 en,en_GB éïöæœāēīōū
2 de äöüß
1 de äöüßāēīōūăĕĭŏŭâêîôûæœëẅůå
2 fr àâæçéèêëîïôœùûüÿāēīōū
1 it àèéìíîòóù
1.5 es,ca,gl,ast áàçèéíïñòóúü
1 pt áâãàçéêíóôõúü
1 nl,af,fy,li áâäéëèêíîïóôöúûüý
1.5 da,nb,nn æøåéèêòóôǿǽ
1 sv,fi,et äöåéõšžü
2 is áðéíóúýþæöǫø
1.5 fo,is áðíóúýæøþ
2 pl ąćęłńóśźż
1.5 csb,hsb,pl ąãéëłńóòôùćčěřśšźżž
2.5 cs,sk áäčďéěíĺľňóôŕřšťúůýž
1.5 hr,sl,bs,sr@latin čćđšž
2.5 hu áéíóöőúüű
2.5 lt ąčęėįšųūžáàãéèẽýỹóòõúùũñĩ
2.5 lv āčēģīķļņšūžŗōǟȫȭḑțõ
3 ro ăâîșțşţ
3 tr,az,crh,tk,tt@iqtelif çğıİöşüâîûəňýžäŋ
1.5 ku,kmr,uz çêîşûẍḧ
1.5 sq,br,eu,oc âàáçèéêëíïîòóôúùûüñ
2 eo ĉĝĥĵŝŭ
2 mt,it ċġħżàèìòù
3 ga áéíóúḃċḋḟġṁṗṡṫ
1 ga,gd,gv àèìòùáéíóúçïäë
2.5 cy,kw,br âêîôûŵŷàáäëïöüÿẁẃẅỳýŷŵ
3 la,it,en āēīōūȳăĕĭŏŭæœëǣǽēęůũĩ
1.5 nds,lb,wa,frp,rm äöüßëéèêàâûåęōāñę
8 vi {_VIETNAMESE}
1 mi,haw,sm,to,en āēīōū
1.5 id,ms,tl,sw,so,en āáâéêíîóôúñḥḍṣṭẓġḫẖṯḏīūǧǰẗṛ
1.5 xh,zu,rw,en ẹọṣńǹǎɓɗƙƴɛɔŋƒɣʋɨʉọịụṅũĩẽṱḓḽṋ
1.5 nb,fi,en čđŋšŧžáâǥǧǩǯʒõäöïå
0.7 en,fr āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹê
2 en,de,fr ḍḥṭṇṅñṃṛṝḷḹṣśẓḫḏṯẖġāīūēōṁḻṉṟẕĕŏčšžǰ
1.5 de,en ǫǭęẽũõĩỹḗḕṓṑāēīōūǣþðæœđḅẏůůẃẇẋẍ
1 crh,kab,en čḍǧḥɛṛṣṭẓɣəŋ
1 pt,es ẽĩũỹãõñâêîôûàèìòùáéíóúýç
"""
#: Signs of quotation that the head has; a low single one is a comma to it.
_QUOTES = ("„“", "«»", "„”", "“”", '""', "()", "[]", "‘’", "»«", "›‹")
#: Letters that Unicode does not decompose, and those of a to z that they resemble.
_BASES = dict(zip("ßæœøđðłħıŋþəŧǥʒɓɗƙƴɛɔƒɣʋɨʉ", "saooddlhintetgzbdkyeofgviu", strict=True))
#: Shares of lines with words that got other letters, of lines in capitals, of words so changed.
_CHANGED, _CAPITALS, _WORDS = 0.5, 0.07, 0.5
#: Sentences and words of an orthography.
_SENTENCES, _VOCABULARY = 2500, 4000
#: Share of lines with the long s of old prints.
_LONG_S = 0.03


@dataclass(frozen=True)
class Orthography:
    """A way of writing.

    Attributes:
        share: of the lines.
        composer: of texts in its language.
        letters: beyond a to z.
    """

    share: float
    composer: Composer
    letters: str

    @cached_property
    def by_base(self) -> Mapping[str, list[str]]:
        """Its letters by what they stand in place of."""
        found: dict[str, list[str]] = {}
        for letter in self.letters:
            found.setdefault(base_of(letter), []).append(letter)
        return found


def base_of(letter: str) -> str:
    """Return the letter of a to z, or A to Z, in whose place a letter may stand."""
    base = unicodedata.normalize("NFD", letter)[0]
    return _BASES.get(base, base)


@dataclass(frozen=True)
class LatinComposer(Composer):
    """Makes up lines in Latin script.

    Attributes:
        orthographies: of the lines.
    """

    orthographies: tuple[Orthography, ...] = ()

    def line(self, chance: random.Random, *, natural: bool = False) -> list[Word]:
        """Return the words of a line, see `Composer.line`."""
        shares = [each.share for each in self.orthographies]
        chosen = chance.choices(self.orthographies, shares)[0]
        words = [word.text for word in chosen.composer.line(chance, natural=natural)]
        if not natural:
            words = self._taught(words, chosen, chance)
        return [word_of(normalize(word)) for word in words]

    def _taught(
        self, words: list[str], orthography: Orthography, chance: random.Random
    ) -> list[str]:
        if chance.random() < _CHANGED:
            words = [
                _with_letter(word, orthography, chance) if chance.random() < _WORDS else word
                for word in words
            ]
        if chance.random() < _CAPITALS:
            words = [_upper(word) for word in words]
        elif chance.random() < _LONG_S:
            words = [_with_long_s(word) for word in words]
        return words


def _with_letter(word: str, orthography: Orthography, chance: random.Random) -> str:
    """Return a word with a letter of an orthography in place of its base."""
    of = orthography.by_base
    places = [i for i, sign in enumerate(word) if sign in of or sign.lower() in of]
    if not places:
        return word
    for place in chance.sample(places, min(len(places), chance.choice((1, 1, 2)))):
        sign = word[place]
        # A capital may have a letter of its own, as İ is that of i.
        letter = chance.choice([*of.get(sign, ()), *of.get(sign.lower(), ())])
        word = word[:place] + (_upper(letter) if sign.isupper() else letter) + word[place + 1 :]
    return _upper(word) if chance.random() < 0.1 else word


def _upper(text: str) -> str:
    """Return a text in capitals; letters that have none as one sign stay as they are."""
    text = text.replace("ß", "ẞ")
    return "".join(sign.upper() if len(sign.upper()) == 1 else sign for sign in text)


def _with_long_s(word: str) -> str:
    """Return a word with a long s wherever one stands in old prints, about."""
    return "".join(
        "ſ" if sign == "s" and word[i + 1 : i + 2].isalpha() else sign
        for i, sign in enumerate(word)
    )


def read_latin(folder: Path) -> LatinComposer:
    """Return the composer of lines in Latin script from unpacked packages."""
    plain = WRITINGS["latin"]
    found = []
    for row in _ORTHOGRAPHIES.split("\n"):
        if row:
            share, locales, letters = row.split()
            language = Language(locales, locales=tuple(locales.split(",")))
            writing = Writing("Latn", (language,), quotes=_QUOTES, cased=True)
            texts = _some(read_language(language, writing, folder))
            composer = Composer(writing, [texts])
            found.append(Orthography(float(share), composer, "".join(dict.fromkeys(letters))))
    composed = replace(plain, quotes=_QUOTES)
    return LatinComposer(composed, (), orthographies=tuple(found))


def _some(texts: LanguageTexts) -> LanguageTexts:
    """Return some of the texts of a language: all would fill the memory."""
    words = random.Random(0).sample(texts.vocabulary, min(_VOCABULARY, len(texts.vocabulary)))
    # They are in an order drawn by lot.
    return LanguageTexts(texts.sentences[:_SENTENCES], sorted(words))


def letters_of(composer: LatinComposer) -> list[str]:
    """Return all letters of the orthographies beyond a to z, small and capital, sorted."""
    small = {letter for each in composer.orthographies for letter in each.letters}
    return sorted({*small, *map(_upper, small)})
