# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Languages: from the names in PAGE-XML to the codes that everybody else uses (BCP 47)."""

from __future__ import annotations

import re

#: Codes by the names of the languages in PAGE 2019-07-15.
_CODES = dict(
    pair.split("=")
    for pair in re.split(
        r",\s*",
        "Abkhaz=ab, Afar=aa, Afrikaans=af, Akan=ak, Albanian=sq, Amharic=am, Arabic=ar,"
        " Aragonese=an, Armenian=hy, Assamese=as, Avaric=av, Avestan=ae, Aymara=ay,"
        " Azerbaijani=az, Bambara=bm, Bashkir=ba, Basque=eu, Belarusian=be, Bengali=bn,"
        " Bihari=bh, Bislama=bi, Bosnian=bs, Breton=br, Bulgarian=bg, Burmese=my, Cambodian=km,"
        " Cantonese=yue, Catalan=ca, Chamorro=ch, Chechen=ce, Chichewa=ny, Chinese=zh,"
        " Chuvash=cv, Cornish=kw, Corsican=co, Cree=cr, Croatian=hr, Czech=cs, Danish=da,"
        " Divehi=dv, Dutch=nl, Dzongkha=dz, English=en, Esperanto=eo, Estonian=et, Ewe=ee,"
        " Faroese=fo, Fijian=fj, Finnish=fi, French=fr, Fula=ff, Gaelic=gd, Galician=gl,"
        " Ganda=lg, Georgian=ka, German=de, Greek=el, Guaraní=gn, Gujarati=gu, Haitian=ht,"
        " Hausa=ha, Hebrew=he, Herero=hz, Hindi=hi, Hiri Motu=ho, Hungarian=hu, Icelandic=is,"
        " Ido=io, Igbo=ig, Indonesian=id, Interlingua=ia, Interlingue=ie, Inuktitut=iu,"
        " Inupiaq=ik, Irish=ga, Italian=it, Japanese=ja, Javanese=jv, Kalaallisut=kl,"
        " Kannada=kn, Kanuri=kr, Kashmiri=ks, Kazakh=kk, Khmer=km, Kikuyu=ki, Kinyarwanda=rw,"
        " Kirundi=rn, Komi=kv, Kongo=kg, Korean=ko, Kurdish=ku, Kwanyama=kj, Kyrgyz=ky, Lao=lo,"
        " Latin=la, Latvian=lv, Limburgish=li, Lingala=ln, Lithuanian=lt, Luba-Katanga=lu,"
        " Luxembourgish=lb, Macedonian=mk, Malagasy=mg, Malay=ms, Malayalam=ml, Maltese=mt,"
        " Manx=gv, Māori=mi, Marathi=mr, Marshallese=mh, Mongolian=mn, Nauru=na, Navajo=nv,"
        " Ndonga=ng, Nepali=ne, North Ndebele=nd, Northern Sami=se, Norwegian=no,"
        " Norwegian Bokmål=nb, Norwegian Nynorsk=nn, Nuosu=ii, Occitan=oc, Ojibwe=oj,"
        " Old Church Slavonic=cu, Oriya=or, Oromo=om, Ossetian=os, Pāli=pi, Panjabi=pa,"
        " Pashto=ps, Persian=fa, Polish=pl, Portuguese=pt, Punjabi=pa, Quechua=qu, Romanian=ro,"
        " Romansh=rm, Russian=ru, Samoan=sm, Sango=sg, Sanskrit=sa, Sardinian=sc, Serbian=sr,"
        " Shona=sn, Sindhi=sd, Sinhala=si, Slovak=sk, Slovene=sl, Somali=so, South Ndebele=nr,"
        " Southern Sotho=st, Spanish=es, Sundanese=su, Swahili=sw, Swati=ss, Swedish=sv,"
        " Tagalog=tl, Tahitian=ty, Tajik=tg, Tamil=ta, Tatar=tt, Telugu=te, Thai=th, Tibetan=bo,"
        " Tigrinya=ti, Tonga=to, Tsonga=ts, Tswana=tn, Turkish=tr, Turkmen=tk, Twi=tw,"
        " Uighur=ug, Ukrainian=uk, Urdu=ur, Uzbek=uz, Venda=ve, Vietnamese=vi, Volapük=vo,"
        " Walloon=wa, Welsh=cy, Western Frisian=fy, Wolof=wo, Xhosa=xh, Yiddish=yi, Yoruba=yo,"
        " Zhuang=za, Zulu=zu",
    )
)
_NAMES = {code: name for name, code in reversed(_CODES.items())}

#: A code, as programs write it in place of the name.
_CODE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{1,8})*")


def language_code(name: str) -> str:
    """Return the code (BCP 47) of a language in PAGE-XML; empty if it is unknown."""
    return _CODES.get(name) or (name if _CODE.fullmatch(name) else "")


def language_name(code: str) -> str:
    """Return the name of a language in PAGE-XML by its code (BCP 47); empty if it has none."""
    return _NAMES.get(code.partition("-")[0].lower(), "")
