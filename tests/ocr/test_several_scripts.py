# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines in several scripts: each word is read by a head for its script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedCharacter, RecognizedLine, ScriptRun
from ocrd_rapid.ocr.recognition.head_files import OTHER
from ocrd_rapid.ocr.recognition.line_model import (
    HeadedModel,
    LaterLayer,
    LineHead,
    ScriptLayers,
)
from ocrd_rapid.ocr.recognition.recognizer import Recognizer
from ocrd_rapid.ocr.recognition.script_reading import ReadPart, fill_others, join_parts
from ocrd_rapid.ocr.recognition.unread_scripts import unread_remedy, unread_scripts, unread_text
from ocrd_rapid.ocr.recognition.word_scripts import SeenScripts, scripts_seen

Image = NDArray[np.uint8]

#: Letters are bars of a brightness of their own, 16 pixels wide; ``_`` is a gap of 8 pixels within
#: a word, and a space is 24 pixels wide.
SHADES = {"l": 10, "c": 60, "h": 110, "e": 160, "d": 35}
#: By the shades: no letter, Latin, Cyrillic, Han, Ethiopic, and a digit.
LIGHT, LATIN, CYRILLIC, HAN, ETHIOPIC, DIGIT = range(6)
_ORDER = ["l", "c", "h", "e", "d"]

LATIN_CHARACTERS = ("", "l", "x", "1", " ", OTHER)
CYRILLIC_CHARACTERS = ("", "б", "1", " ", OTHER)
WHOLE_CHARACTERS = ("", "l", "漢", "1", " ")


def draw(text: str) -> Image:
    """Return a line of such letters."""
    parts = [np.full((48, 8, 3), 255, np.uint8)]
    for sign in text:
        width = 24 if sign == " " else 16
        parts.append(np.full((48, width, 3), SHADES.get(sign, 255), np.uint8))
        parts.append(np.full((48, 8, 3), 255, np.uint8))
    image = np.concatenate(parts, axis=1)
    image[:12] = image[36:] = 255
    return image


def shades(batch: FloatArray) -> NDArray[np.intp]:
    """Return the kind of every column, shape (T,); 6 for the middle of a space, 0 for padding."""
    grey = (batch[0, :, 24].mean(axis=0) + 1) * 127.5
    columns = grey[3::8]  # Bars may begin anywhere.
    levels = np.array([255, *(SHADES[sign] for sign in _ORDER)])
    kinds = np.abs(columns[:, None] - levels).argmin(axis=1)
    padding = np.abs(columns - 127.5) < 1
    white = (kinds == LIGHT) & ~padding
    space = white & np.roll(white, 1) & np.roll(white, -1)
    space[[0, -1]] = False
    kinds = np.where(padding, LIGHT, kinds)
    kinds[space] = 6
    return kinds


def one_hot(classes: NDArray[np.intp], count: int, sure: float = 0.98) -> FloatArray:
    found = np.full((len(classes), count), (1 - sure) / (count - 1), dtype=np.float32)
    found[np.arange(len(classes)), classes] = sure
    return found


def network(batch: FloatArray) -> FloatArray:
    """Give the classes of the Latin head, those of the scripts, and the shade as a feature."""
    kinds = shades(batch)
    # The Latin head takes Cyrillic and Ethiopic letters for an x, and knows that Han is none.
    latin = np.array([0, 1, 2, 5, 2, 3, 4])[kinds]
    # Digits, like gaps, are no letters.
    scripts = np.array([0, 1, 2, 3, 4, 0, 0])[kinds]
    features = kinds[:, None].astype(np.float32)
    return np.concatenate([one_hot(latin, 6, 0.9), one_hot(scripts, 5), features], axis=1)[None]


def layer(
    characters: tuple[str, ...],
    classes: list[int],
    *,
    name: str,
    sure: float = 0.98,
    stretch: float = 1.0,
) -> LaterLayer:
    """Return a layer that reads shades as these classes."""

    def run(features: FloatArray) -> FloatArray:
        kinds = features[0, :, 0].astype(int)
        return one_hot(np.array(classes)[kinds], len(characters), sure)[None]

    return LaterLayer(LineHead(name, characters, stretch=stretch), NullModel(run))


CYRILLIC_LAYER = layer(CYRILLIC_CHARACTERS, [0, 4, 1, 4, 4, 2, 3], name="cyrillic")
WHOLE = layer(WHOLE_CHARACTERS, [0, 1, 0, 2, 0, 3, 4], name="base")

Layers = Mapping[str, Callable[[], tuple[LaterLayer, ...]]]


def recognizer(
    layers: Layers | None = None,
    *,
    whole: LaterLayer | None = WHOLE,
    allowed: frozenset[str] = frozenset(),
    run: Callable[[FloatArray], FloatArray] = network,
    threads: int = 1,
) -> Recognizer:
    if layers is None:
        layers = {"Cyrl": lambda: (CYRILLIC_LAYER,)}
    scripts = ScriptLayers(
        ("Latn", "Cyrl", "Hani", "Ethi"), layers, frozenset({"Hani"} if whole else ()), allowed
    )
    model = HeadedModel(
        NullModel(run, {}, (None, 3, 48, None), (None, None, 12)),
        [LineHead("latin", LATIN_CHARACTERS, stands_for="base")],
        whole,
        scripts,
        1,
    )
    return Recognizer(model, threads)


def read(text: str, **options: object) -> RecognizedLine:
    [line] = recognizer(**options).recognize([draw(text)])  # type: ignore[arg-type]
    return line


def test_padding_is_of_no_script() -> None:
    def run(batch: FloatArray) -> FloatArray:
        found = network(batch)
        grey = (batch[0, 0, 24] + 1) * 127.5
        found[0, np.abs(grey[3::8] - 127.5) < 1, 6:11] = one_hot(np.array([HAN]), 5)
        return found

    line = read("llll", run=run)
    assert (line.text, [run.script for run in line.runs]) == ("llll", ["Latn"])


@pytest.mark.parametrize(
    ("drawn", "text", "scripts"),
    [
        ("lll lll", "lll lll", ("Latn",)),
        ("cccc ccc", "бббб ббб", ("Cyrl",)),
        ("llllll cccc lll", "llllll бббб lll", ("Latn", "Cyrl")),
        ("cccc llllll", "бббб llllll", ("Latn", "Cyrl")),
        # Numbers are read by the head for the words beside them, at the ends, too.
        ("dd cccc dd ccc d", "11 бббб 11 ббб 1", ("Cyrl",)),
        ("dd d", "11 1", ()),
        # The whole layer reads a script that no head has.
        ("hhh hh", "漢漢漢 漢漢", ("Hani",)),
        ("lllll hhhh ccccc", "lllll 漢漢漢漢 ббббб", ("Latn", "Cyrl", "Hani")),
    ],
)
def test_every_word_is_read_by_a_head_for_its_script(
    drawn: str, text: str, scripts: tuple[str, ...]
) -> None:
    line = read(drawn)
    assert line.text == text
    assert "".join(character.text for character in line.characters) == text
    assert line.scripts == scripts
    places = [character.position for character in line.characters]
    assert places == sorted(places)


def test_the_runs_of_a_line_say_where_its_scripts_are() -> None:
    line = read("llllll cccc")
    latin, cyrillic = line.runs
    assert (latin.script, cyrillic.script) == ("Latn", "Cyrl")
    assert latin.begin < latin.end < cyrillic.begin < cyrillic.end
    assert min(latin.probability, cyrillic.probability) > 0.95
    assert latin.is_read
    assert cyrillic.is_read
    assert line.script_at(0.01) == "Latn"
    assert line.script_at(0.99) == "Cyrl"
    assert RecognizedLine("", 0.0).script_at(0.5) == ""


def test_heads_are_loaded_only_for_pages_that_need_them() -> None:
    loaded = []

    def load() -> tuple[LaterLayer, ...]:
        loaded.append(1)
        return (CYRILLIC_LAYER,)

    reader = recognizer({"Cyrl": load})
    assert [line.text for line in reader.recognize([draw("lll ll"), draw("dd")])] == [
        "lll ll",
        "11",
    ]
    assert not loaded
    assert reader.recognize([draw("cccc")])[0].text == "бббб"
    assert loaded


def test_latin_lines_are_run_once_and_nothing_else() -> None:
    runs = []

    def run(batch: FloatArray) -> FloatArray:
        runs.append(batch.shape[3])
        return network(batch)

    recognizer(run=run).recognize([draw("lll lll"), draw("l")])
    assert len(runs) == 2
    # Nor is a line in another script: its features are kept.
    recognizer(run=run).recognize([draw("ccccc ccc")])
    assert len(runs) == 3


def test_a_stretched_head_reads_a_wider_line() -> None:
    widths = []

    def run(batch: FloatArray) -> FloatArray:
        widths.append(batch.shape[3])
        return network(batch)

    wide = layer(CYRILLIC_CHARACTERS, [0, 4, 1, 4, 4, 2, 3], name="cyrillic", stretch=2.0)
    line = read("ccccccc lll", layers={"Cyrl": lambda: (wide,)}, run=run)
    assert line.text == "ббббббб lll"
    assert widths[1] >= 1.8 * widths[0]


def test_words_are_read_without_what_is_around_them() -> None:
    """Beside Cyrillic letters, the network sees no Latin ones where there are some."""
    widths = []

    def run(batch: FloatArray) -> FloatArray:
        widths.append(batch.shape[3])
        output, kinds = network(batch), shades(batch)
        latin, cyrillic = (kinds == 1 + _ORDER.index(sign) for sign in "lc")
        if cyrillic.any():
            output[0, latin, :6] = one_hot(np.full(np.count_nonzero(latin), 2), 6)
        return output

    assert read("ccccccc lll cccc", run=run).text == "ббббббб lll бббб"
    # Only the word is run again.
    assert widths[1:] == [w for w in widths[1:] if w < widths[0] / 2]
    assert len(widths) == 2


def test_only_the_allowed_scripts_are_read() -> None:
    assert read("cccc llll", allowed=frozenset({"Latn"})).text == "xxxx llll"
    only = read("cccc llll", allowed=frozenset({"Cyrl"}))
    assert (only.text[:4], only.scripts) == ("бббб", ("Cyrl",))


def test_words_of_two_scripts_follow_their_region() -> None:
    """A short word that may be of both scripts is read like the lines around it."""

    def run(batch: FloatArray) -> FloatArray:
        output = network(batch)
        if batch.shape[3] < 100:  # the short line
            both = output[0, :, 7] + output[0, :, 8]
            output[0, :, 7], output[0, :, 8] = both * 0.45, both * 0.55
        return output

    lines = [draw("cc"), *[draw("cccccc ccccc")] * 3]
    latin = [draw("cc"), *[draw("llllll lllll")] * 3]
    found = recognizer(run=run).recognize([*lines, *latin], regions=[0] * 4 + [1] * 4)
    assert [found[0].scripts, found[4].scripts] == [("Cyrl",), ("Latn",)]


def looks(sign: str, script: int, below: int = 10**6) -> Callable[[FloatArray], FloatArray]:
    """Return a network that takes a letter for one of another script, in shorter lines.

    Its Latin head is not sure of the letter.
    """

    def run(batch: FloatArray) -> FloatArray:
        output = network(batch)
        kinds = shades(batch)
        if np.count_nonzero(kinds) < below:
            concerned = kinds == 1 + _ORDER.index(sign)
            output[0, concerned, 6:11] = np.eye(5)[script]
            output[0, concerned, :6] *= 0.4
        return output

    return run


def test_words_that_look_latin_are_of_the_script_whose_head_reads_them() -> None:
    """The Latin head reads them, too, but less surely; where no word is Cyrillic, they stay."""
    lines = [draw("cccccccccc lll"), draw("cccccc ccccc lllll lllll llll")]
    found = recognizer(run=looks("c", LATIN, 30)).recognize(lines, regions=[0, 0])
    assert [line.text for line in found] == ["бббббббббб lll", "бббббб ббббб lllll lllll llll"]
    assert found[0].scripts == ("Cyrl", "Latn")
    alone = recognizer(run=looks("c", LATIN, 30)).recognize(lines, regions=[0, 1])
    assert alone[0].text == "xxxxxxxxxx lll"


def test_latin_words_that_look_cyrillic_are_latin() -> None:
    assert read("lllll lll", run=looks("l", CYRILLIC)).text == "lllll lll"
    assert read("lllll cccc", run=looks("l", CYRILLIC)).scripts == ("Latn", "Cyrl")


def test_words_of_an_unread_script_may_be_of_one_that_a_head_reads() -> None:
    lines = [draw("cccc"), draw("cccccc ccccc ccccc lllll"), draw("eeeeeeee eeeee")]
    found = recognizer(run=looks("c", ETHIOPIC, 30)).recognize(lines)
    assert [line.text for line in found[:2]] == ["бббб", "бббббб ббббб ббббб lllll"]
    assert unread_scripts(found) == ["Ethi"]


def test_a_line_that_looks_like_a_third_script_is_of_the_usual_one_if_its_head_reads_it() -> None:
    """A heading in a region of its own; its head would read it, but not well."""
    ethiopic = layer(("", "ሀ", "1", " ", OTHER), [0, 4, 1, 4, 1, 2, 3], name="ethiopic", sure=0.7)
    layers = {"Cyrl": lambda: (CYRILLIC_LAYER,), "Ethi": lambda: (ethiopic,)}
    lines = [draw("cccc"), draw("cccccc ccccc ccccc lllll"), draw("eeee")]
    reader = recognizer(layers, run=looks("c", ETHIOPIC, 30))
    found = reader.recognize(lines, regions=[0, 1, 2])
    assert [line.text for line in found] == ["бббб", "бббббб ббббб ббббб lllll", "ሀሀሀሀ"]
    assert [line.scripts[0] for line in found] == ["Cyrl", "Cyrl", "Ethi"]
    # On a page of its script, it stays.
    assert reader.recognize([draw("cccc"), draw("eeeee eeeee")])[0].text == "ሀሀሀሀ"


def test_no_picture_is_seen_twice_where_several_scripts_are_tried() -> None:
    """Neither a whole line that is read alone, nor one that two scripts stretch alike."""
    ethiopic = layer(
        ("", "ሀ", "1", " ", OTHER), [0, 4, 1, 4, 1, 2, 3], name="ethiopic", sure=0.7, stretch=2.0
    )
    cyrillic = layer(
        CYRILLIC_CHARACTERS, [0, 4, 1, 4, 4, 2, 3], name="cyrillic", sure=0.7, stretch=2.0
    )
    seen: list[bytes] = []

    def run(batch: FloatArray) -> FloatArray:
        seen.append(batch.tobytes())
        return looks("c", ETHIOPIC, 30)(batch)

    layers = {"Cyrl": lambda: (cyrillic,), "Ethi": lambda: (ethiopic,)}
    lines = [draw("cccc"), draw("cccccc ccccc ccccc lllll"), draw("eeee eee")]
    found = recognizer(layers, run=run).recognize(lines, regions=[0, 0, 0])
    assert {script for line in found for script in line.scripts} >= {"Cyrl", "Ethi"}
    assert len(seen) > len(lines)
    assert len(seen) == len(set(seen))


def test_digits_do_not_prove_a_script_where_another_head_reads_letters() -> None:
    """The Latin head takes Cyrillic letters for digits, nearly as surely as they are read."""

    def run(batch: FloatArray) -> FloatArray:
        output = looks("c", LATIN, 30)(batch)
        output[0, shades(batch) == 1 + _ORDER.index("c"), :6] = one_hot(np.array([3]), 6, 0.45)
        return output

    cyrillic = [draw("ccccc lll"), draw("cccccc ccccc cccccc ccccc lllll")]
    latin = [draw("ccccc lll"), draw("cccccc ccccc lllll lllll llll lllll")]
    unsure = layer(CYRILLIC_CHARACTERS, [0, 4, 1, 4, 4, 2, 3], name="cyrillic", sure=0.55)
    reader = recognizer({"Cyrl": lambda: (unsure,)}, run=run)
    assert reader.recognize(cyrillic, regions=[0, 0])[0].text == "ббббб lll"
    assert reader.recognize([draw("ddd"), cyrillic[1]], regions=[0, 0])[0].text == "111"
    # On a page that is mainly Latin, numbers are more frequent than words of another script.
    assert reader.recognize(latin, regions=[0, 0])[0].text == "11111 lll"


def test_of_several_heads_for_a_script_the_better_one_reads() -> None:
    worse = layer(CYRILLIC_CHARACTERS, [0, 4, 2, 4, 4, 2, 3], name="worse", sure=0.5)
    layers = {"Cyrl": lambda: (worse, CYRILLIC_LAYER)}
    line = read("ccccc cccc", layers=layers)
    assert (line.text, line.head) == ("ббббб бббб", "cyrillic")
    layers = {"Cyrl": lambda: (CYRILLIC_LAYER, worse)}
    assert read("ccccc cccc", layers=layers).text == "ббббб бббб"


def test_what_nothing_reads_is_known() -> None:
    line = read("llllll eeeeeeee eeeee")
    assert [(run.script, run.is_read) for run in line.runs] == [("Latn", True), ("Ethi", False)]
    sure = [character.confidence for character in line.characters if character.text == "l"]
    unsure = [character.confidence for character in line.characters if character.text == "x"]
    assert len(unsure) == 13
    assert min(sure) > 0.85
    assert max(unsure) < 0.05
    assert unread_scripts([line]) == ["Ethi"]
    assert unread_scripts([read("lll ccc"), read("hhh")]) == []


def test_a_speck_of_another_script_is_not_reported() -> None:
    line = RecognizedLine("x", 1.0, runs=(ScriptRun("Ethi", 0, 1, 3, 1.0, is_read=False),))
    assert unread_scripts([line]) == []
    assert unread_scripts([line] * 9) == ["Ethi"]
    doubtful = RecognizedLine("x", 1.0, runs=(ScriptRun("Ethi", 0, 1, 99, 0.6, is_read=False),))
    assert unread_scripts([doubtful]) == []


def test_titles_and_stamps_are_no_scripts_that_cannot_be_read() -> None:
    stamp = RecognizedLine("x", 1.0, runs=(ScriptRun("Zzzz", 0, 1, 30, 1.0, is_read=False),))
    text = RecognizedLine("abc", 1.0, runs=(ScriptRun("Latn", 0, 1, 60, 1.0),))
    assert unread_scripts([text] * 9 + [stamp]) == []
    assert unread_scripts([text] + [stamp] * 3) == ["Zzzz"]
    title = RecognizedLine("x", 1.0, runs=(ScriptRun("Tfng", 0, 1, 25, 1.0, is_read=False),))
    assert unread_scripts([text] * 20 + [title]) == []
    assert unread_scripts([text] * 5 + [title]) == ["Tfng"]


def test_what_cannot_be_read_is_named_with_a_remedy() -> None:
    assert "Ethiopic script" in unread_text("Ethi")
    assert "--language amh" in unread_remedy("Ethi")
    assert unread_text("Zzzz") == "text in a script that no installed model reads"
    assert "--language" not in unread_remedy("Zzzz")


def test_threads_and_neighbours_change_nothing_without_doubt() -> None:
    images = [draw(text) for text in ("llll cc", "ccccc", "hhhh lll", "eeeee", "dd", "lllll")] * 3
    alone = recognizer().recognize(images)
    assert recognizer(threads=4).recognize(images) == alone


# Readings side by side


def reading(text: str, *, begin: float = 0.0, end: float = 1.0, name: str = "") -> RecognizedLine:
    """Return a reading with its characters evenly from one place to another."""
    step = (end - begin) / max(1, len(text))
    characters = tuple(
        RecognizedCharacter(each, 0.9, begin + (i + 0.5) * step) for i, each in enumerate(text)
    )
    return RecognizedLine(text, 0.9, characters, name)


def test_parts_are_joined_at_the_space_of_either_reading() -> None:
    left, right = reading("abc ???", name="left"), reading("???xyzw", name="right")
    parts = [ReadPart(left, 0, 0.43), ReadPart(right, 0.58, 1)]
    assert join_parts(parts).text == "abc xyzw"
    assert join_parts(parts).head == "left"
    other = [ReadPart(reading("abcdefg"), 0, 0.42), ReadPart(reading("??? xyz"), 0.58, 1)]
    assert join_parts(other).text == "abc xyz"


def test_both_spaces_are_one_and_no_space_stays_none() -> None:
    spaces = [ReadPart(reading("abc  ??"), 0, 0.42), ReadPart(reading("??  xyz"), 0.58, 1)]
    assert join_parts(spaces).text == "abc xyz"
    none = [ReadPart(reading("abcd??"), 0, 0.5), ReadPart(reading("???xyz"), 0.5, 1)]
    assert join_parts(none).text == "abcxyz"


def test_the_characters_of_another_head_take_the_place_of_others() -> None:
    own = reading(f"аб {OTHER} вг")
    other = reading("?? X  ??")
    assert fill_others(own, other).text == "аб X вг"
    spread = reading(f"а {OTHER} {OTHER} г")
    assert fill_others(spread, reading("? X Y ?")).text == "а X Y г"
    assert fill_others(reading("абв"), other).text == "абв"
    assert fill_others(reading(f"{OTHER}"), reading(OTHER)).text == ""
    # What neither reads leaves one space, and none at an end.
    assert fill_others(reading(f"а {OTHER} б"), reading("? * ?")).text == "а * б"
    assert fill_others(reading(f"а {OTHER} б"), reading(f"? {OTHER} ?")).text == "а б"
    assert fill_others(reading(f"{OTHER} б"), reading(OTHER)).text == "б"


def test_a_named_head_gets_what_it_does_not_know_from_the_first_one() -> None:
    """Both heads read every line, so the line is Cyrillic or Latin as a whole."""
    kinds = {"l": [0, 1, 2, 0, 0, 3, 4], "c": [0, 4, 1, 4, 4, 2, 3]}

    def run(batch: FloatArray) -> FloatArray:
        own = shades(batch)
        first = one_hot(np.array(kinds["l"])[own], 6, 0.6)
        second = one_hot(np.array(kinds["c"])[own], 5, 0.95)
        return np.concatenate([first, second], axis=1)[None]

    heads = [LineHead("latin", LATIN_CHARACTERS), LineHead("cyrillic", CYRILLIC_CHARACTERS)]
    model = HeadedModel(NullModel(run, {}, (None, 3, 48, None), (None, None, 11)), heads)
    [line] = Recognizer(model).recognize([draw("cccccc ll ccccccc")])
    assert (line.text, line.head) == ("бббббб ll ббббббб", "cyrillic")
    alone = HeadedModel(
        NullModel(lambda batch: run(batch)[:, :, 6:], {}, (None, 3, 48, None), (None, None, 5)),
        heads[1:],
    )
    assert Recognizer(alone).recognize([draw("cc ll cc")])[0].text == "бб бб"


def test_a_word_in_a_region_of_one_script_is_less_likely_of_a_third_one() -> None:
    word = ScriptRun("Grek", 0, 1, columns=20)
    region = SeenScripts(columns={"Cyrl": 300, "Grek": 20, "Latn": 30})
    assert region.likely("Cyrl", word) == region.likely("Latn", word)
    # What is told of the word itself says nothing of what is around it.
    assert region.likely("Grek", word) == region.likely("Hebr", word)
    assert region.likely("Grek", word) < region.likely("Cyrl", word) - 3
    assert region.likely("Grek", replace(word, script="Cyrl")) > region.likely("Grek", word)


@pytest.mark.parametrize("columns", [{"Latn": 300, "Cyrl": 20}, {"Cyrl": 60, "Grek": 40}, {}])
def test_elsewhere_it_is_less_likely_of_one_that_is_not_usual_on_the_page(
    columns: dict[str, int],
) -> None:
    word = ScriptRun("Latn", 0, 1, columns=20)
    seen = SeenScripts(columns=columns, on_page={"Latn": 900, "Cyrl": 300, "Grek": 40})
    assert seen.likely("Latn", word) == seen.likely("Cyrl", word) == 0
    assert seen.likely("Hebr", word) < seen.likely("Grek", word) < -1


def test_a_script_that_nothing_reads_is_as_likely_as_its_page_has_it() -> None:
    """Its own line says nothing: lines that look like another script do so as a whole."""
    word = ScriptRun("Ethi", 0, 1, columns=20, is_read=False)
    line = [word, replace(word, columns=60)]
    cyrillic, ethiopic = (
        scripts_seen([line, [ScriptRun(script, 0, 1, columns=900)]], [0, 1], ("Latn", "Cyrl"))[0]
        for script in ("Cyrl", "Ethi")
    )
    assert cyrillic.likely("Ethi", word) < cyrillic.likely("Cyrl", word) - 2
    assert ethiopic.likely("Ethi", word) > ethiopic.likely("Cyrl", word) + 2
    assert (cyrillic.region, cyrillic.page) == (frozenset(), {"Latn", "Cyrl"})


def test_what_is_rare_on_a_page_is_latin_or_nothing_in_doubt() -> None:
    page = [[ScriptRun("Latn", 0, 1, columns=900)], [ScriptRun("Cyrl", 0, 1, columns=10)]]
    text, dirt = scripts_seen(page, [0, 1], ("Latn", "Cyrl"))
    assert text.rare == dirt.rare == {"Cyrl"}
    # It is no rival for words of others, and Latin is one for it, and more likely.
    assert text.page == {"Latn"}
    assert dirt.with_latin == {"Latn", "Cyrl"}
    word = ScriptRun("Cyrl", 0, 1, columns=10)
    assert dirt.likely("Latn", word) > dirt.likely("Cyrl", word) + 1
    [seen, _] = scripts_seen(
        [page[0], [ScriptRun("Cyrl", 0, 1, columns=30)]], None, ("Latn", "Cyrl")
    )
    assert seen.rare == frozenset()
    assert seen.page == {"Latn", "Cyrl"}
