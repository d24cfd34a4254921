# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The models for a language: the best one of the catalogue, and all that read it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocrd_rapid.errors import ConfigurationError, UnknownResourceError
from ocrd_rapid.resmgr import catalogue
from ocrd_rapid.resmgr.model_languages import WantedLanguage, best_model, reads, wanted_languages
from ocrd_rapid.resmgr.resource import Resource

ENTRIES = catalogue.bundled()["ocrd-rapid-recognize"]


def wanted(name: str) -> WantedLanguage:
    [found] = wanted_languages([name], "--language")
    return found


@pytest.mark.parametrize(
    ("names", "model"),
    [
        ("ko kor Korean korean Hang hangul Kore", "korean_PP-OCRv5_rec_mobile.onnx"),
        ("rus uk bel eslav", "eslav_PP-OCRv5_rec_mobile.onnx"),
        ("Bulgarian srp kaz Cyrl cyrillic", "cyrillic_PP-OCRv5_rec_mobile.onnx"),
        ("ka kan kn Kannada Knda", "ka_PP-OCRv4_rec_mobile.onnx"),
        ("hin san Deva devanagari", "devanagari_PP-OCRv5_rec_mobile.onnx"),
        ("ara urd fas arabic", "arabic_PP-OCRv5_rec_mobile.onnx"),
        ("el grc Greek", "el_PP-OCRv5_rec_mobile.onnx"),
        ("th tha Thai", "th_PP-OCRv5_rec_mobile.onnx"),
        ("ta tam", "ta_PP-OCRv5_rec_mobile.onnx"),
        ("te Telugu", "te_PP-OCRv5_rec_mobile.onnx"),
        ("deu fr vi rs_latin Latn", "PP-OCRv6_rec_small.onnx"),
        ("ch zho chinese_cht Hani jpn japan kana", "PP-OCRv6_rec_small.onnx"),
        ("bre fao", "latin_PP-OCRv5_rec_mobile.onnx"),
    ],
)
def test_best_model(names: str, model: str) -> None:
    for name in names.split():
        assert best_model(ENTRIES, wanted(name)).model.name == model, name


@pytest.mark.parametrize("name", ["amh", "Tibetan", "heb", "kat", "hye"])
def test_languages_without_a_model(name: str) -> None:
    with pytest.raises(UnknownResourceError, match="no model of the catalogue is for"):
        best_model(ENTRIES, wanted(name))


def test_why_a_model_is_the_best() -> None:
    assert best_model(ENTRIES, wanted("tha")).reason == "the only model for Thai"
    assert (
        best_model(ENTRIES, wanted("kor")).reason == "the newest (PP-OCRv5) of 2 models for Korean"
    )
    russian = best_model(ENTRIES, wanted("rus")).reason
    assert russian == "the newest (PP-OCRv5) of 3 models for Russian, which it is made for"
    german = best_model(ENTRIES, wanted("deu")).reason
    assert german.endswith("of 5 models for German, and of these the small one")


def test_a_newer_version_wins_over_its_number_of_digits() -> None:
    [thai] = [entry for entry in ENTRIES if reads(entry, wanted("tha"))]
    newer = replace(thai, name="th10.onnx", version="PP-OCRv10")
    assert best_model([thai, newer], wanted("tha")).model == newer


def test_key_files_are_no_models() -> None:
    keys = [entry for entry in ENTRIES if not entry.model_type]
    assert any(reads(entry, wanted("eng")) for entry in keys)
    with pytest.raises(UnknownResourceError):
        best_model(keys, wanted("eng"))


def test_a_model_for_one_language_is_none_for_another_of_its_script() -> None:
    eslav = next(entry for entry in ENTRIES if entry.name.startswith("eslav_PP-OCRv5"))
    assert reads(eslav, wanted("ukr"))
    assert reads(eslav, wanted("Cyrl"))
    assert not reads(eslav, wanted("bul"))


def test_codes_of_rapidocr_win_and_say_so() -> None:
    assert wanted("ka").ambiguity == "'ka' is RapidOCR's code for Kannada; for Georgian, use kat"
    assert wanted("kat").ambiguity == wanted("korean").ambiguity == wanted("ch").ambiguity == ""


def test_files_of_other_packages_tell_by_their_names() -> None:
    def named(name: str) -> Resource:
        return Resource("ocrd-tesserocr-recognize", name, "https://example.org/x")

    assert reads(named("deu.traineddata"), wanted("German"))
    assert reads(named("Cyrillic.traineddata"), wanted("Cyrl"))
    assert not reads(named("Cyrillic.traineddata"), wanted("Grek"))
    assert not reads(named("no.traineddata"), wanted("Norwegian"))


def test_several_languages_and_none_twice() -> None:
    found = wanted_languages(["deu,kor", "kor"], "--language")
    assert [each.name for each in found] == ["deu", "kor"]
    with pytest.raises(ConfigurationError, match="--language: unknown language or script 'xyz'"):
        wanted_languages(["xyz"], "--language")
