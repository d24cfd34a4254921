# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From a line image to the network's input, and from distributions to text."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from full_model import FullModel
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocrd_rapid.errors import ModelError
from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.recognition.ctc_decoding import Decoder, RecognizedLine, decode
from ocrd_rapid.ocr.recognition.head_files import OTHER
from ocrd_rapid.ocr.recognition.line_input import LINE_HEIGHT, MAX_WIDTH, prepare_line
from ocrd_rapid.ocr.recognition.line_model import HeadedModel, LaterLayer, LineHead
from ocrd_rapid.ocr.recognition.recognizer import WIDTH_BUCKET, Recognizer

Image = NDArray[np.uint8]

CHARACTERS = ("", "a", "b", "ch", "\u3000", " ")
BLANK, A, B, CH, WIDE, SPACE = range(6)


def path(classes: list[int], certainty: float = 1.0) -> FloatArray:
    """Return the distributions whose most probable classes are those given."""
    rest = (1 - certainty) / (len(CHARACTERS) - 1)
    values = np.full((len(classes), len(CHARACTERS)), rest, dtype=np.float32)
    values[np.arange(len(classes)), classes] = certainty
    return values


def read(*classes: int) -> str:
    return decode(path(list(classes)), CHARACTERS).text


def test_blanks_are_no_text() -> None:
    assert decode(path([BLANK] * 5), CHARACTERS) == RecognizedLine("", 0.0, ())


def test_an_output_without_columns_is_no_text() -> None:
    assert decode(path([]), CHARACTERS) == RecognizedLine("", 0.0, ())


def test_repeats_are_one_character() -> None:
    assert read(A, A, A, B, B) == "ab"


def test_a_blank_parts_equal_characters() -> None:
    assert read(A, BLANK, A, A, BLANK, BLANK, A) == "aaa"


def test_a_character_may_return() -> None:
    assert read(A, B, A) == "aba"


def test_an_entry_may_be_several_code_points_long() -> None:
    line = decode(path([A, CH, CH, B]), CHARACTERS)
    assert line.text == "achb"
    assert [c.text for c in line.characters] == ["a", "ch", "b"]


def test_white_space_inside_stays() -> None:
    assert read(A, SPACE, B, WIDE, A) == "a b\u3000a"


def test_white_space_at_the_ends_is_removed() -> None:
    line = decode(path([SPACE, BLANK, WIDE, A, SPACE, B, BLANK, SPACE]), CHARACTERS)
    assert line.text == "a b"
    assert [c.text for c in line.characters] == ["a", " ", "b"]


def test_nothing_but_white_space_is_no_text() -> None:
    assert decode(path([SPACE, BLANK, WIDE]), CHARACTERS) == RecognizedLine("", 0.0, ())


#: The blank, then what may be confused, best first.
SIGNS = ("", "‹", "›", ">", "(", "a", " ", ",")


def with_guillemets(text: str, *, alternatives: int = 0) -> RecognizedLine:
    """Read a text whose guillemets are nearly signs and brackets, a column for each character."""
    values = np.full((2 * len(text), len(SIGNS)), 0.001, dtype=np.float32)
    values[1::2, 0] = 1
    for column, character in enumerate(text):
        values[2 * column, SIGNS.index(character)] = 0.8
        likely = {"‹": "(", "›": ">"}.get(character, "")
        values[2 * column, SIGNS.index(likely)] = 0.15
    return decode(values, SIGNS, alternatives=alternatives)


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ("a › a", "a > a"),
        ("› a", "> a"),
        ("a‹a", "a(a"),
        ("a ›a‹ a", "a ›a‹ a"),
        ("‹a a›, a", "‹a a›, a"),
        ("›a,‹", "›a,‹"),
    ],
)
def test_single_guillemets_touch_a_word_on_one_side(read: str, expected: str) -> None:
    assert with_guillemets(read).text == expected


def test_a_sign_in_place_of_a_guillemet_has_its_own_probability() -> None:
    line = with_guillemets("a › a", alternatives=2)
    assert line.characters[2].probability == pytest.approx(0.15 / 0.155, abs=1e-3)
    assert ">" not in dict(line.characters[2].alternatives)


#: A Greek head: the blank, what is none of its letters, letters, and a capital.
GREEK = ("", OTHER, "ς", "τ", "η", "ο", "Τ", " ", "1")


def by_greek_head(text: str, alike: dict[int, str], *, alphabet: Sequence[str] = GREEK) -> str:
    """Read a text, two columns for each character, of which some are nearly ``alike`` ones.

    Args:
        text: what is most probable; ``.`` stands for a sign of another script.
        alike: by their index, what signs of another script may be as well, column for column.
        alphabet: the characters of the head.
    """
    values = np.full((3 * len(text), len(alphabet)), 0.001, dtype=np.float32)
    values[2::3, 0] = 1
    for number, character in enumerate(text):
        own = alphabet.index(OTHER if character == "." else character)
        values[3 * number : 3 * number + 2, own] = 0.7
        for column, likely in enumerate(alike.get(number, "")):
            values[3 * number + column, alphabet.index(likely)] = 0.2
    return decode(values, alphabet).text.replace(OTHER, ".")


@pytest.mark.parametrize(
    ("read", "alike", "expected"),
    [
        ("τη.", {2: "ςς"}, "της"),  # at the end of a word, or before other signs
        ("τη. 1", {2: "ςς"}, "της 1"),
        (".ης", {0: "ΤΤ"}, "Της"),
        (".ης", {0: "Το"}, "Τοης"),  # two letters that were one sign
        (".ο", {0: "ΤΤ"}, ".ο"),  # which may be Latin letters, both of them
        ("...ο", {}, "...ο"),  # a word of another script
        ("τη ...", {3: "ςς", 4: "ςς", 5: "ςς"}, "τη ..."),
        (".1", {0: "ςς"}, ".1"),  # a number is of no script
        (".", {0: "ο"}, "."),
    ],
)
def test_in_a_word_of_its_letters_a_head_reads_nothing_else(
    read: str, alike: dict[int, str], expected: str
) -> None:
    assert by_greek_head(read, alike) == expected


@pytest.mark.parametrize("letters", ["ςτηοAΤ", "ςτηοxy"])
def test_other_scripts_stand_in_a_word_where_nothing_looks_alike(letters: str) -> None:
    alphabet = ("", OTHER, *letters)
    assert by_greek_head("τη.", {2: "ςς"}, alphabet=alphabet) == "τη."


def test_the_probability_is_the_mean_of_the_characters() -> None:
    columns = [(A, 0.6), (A, 0.9), (BLANK, 1.0), (B, 0.8)]
    values = np.concatenate([path([number], certainty) for number, certainty in columns])
    line = decode(values, CHARACTERS)
    # Of repeats, the first column counts; blanks do not.
    assert [c.probability for c in line.characters] == pytest.approx([0.6, 0.8])
    assert line.probability == pytest.approx(0.7)


def test_white_space_at_the_ends_does_not_count() -> None:
    values = np.concatenate([path([SPACE], 0.3), path([A], 0.9), path([SPACE], 0.3)])
    assert decode(values, CHARACTERS).probability == pytest.approx(0.9)


def test_neither_probability_nor_confidence_is_ever_above_one() -> None:
    line = decode(path([A, B]) * np.float32(1.0001), CHARACTERS)
    assert (line.probability, line.confidence) == (1.0, 1.0)
    assert [(c.probability, c.confidence) for c in line.characters] == [(1.0, 1.0)] * 2


def test_a_position_is_the_middle_of_the_first_column() -> None:
    line = decode(path([BLANK, A, A, BLANK, B]), CHARACTERS)
    assert [c.position for c in line.characters] == pytest.approx([1.5 / 5, 4.5 / 5])


def test_a_position_is_a_share_of_the_image_without_its_padding() -> None:
    line = decode(path([A, B, BLANK, BLANK]), CHARACTERS, share=0.5)
    assert [c.position for c in line.characters] == pytest.approx([0.25, 0.75])


def test_what_is_read_in_the_padding_is_at_the_end() -> None:
    line = decode(path([A, BLANK, BLANK, B]), CHARACTERS, share=0.5)
    assert line.characters[-1].position == 1.0


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=80),
    st.floats(0.21, 1.0),
    st.floats(0.01, 1.0),
)
def test_positions_rise_and_all_shares_are_from_0_to_1(
    classes: list[int], certainty: float, share: float
) -> None:
    line = decode(path(classes, certainty), CHARACTERS, share)
    positions = [c.position for c in line.characters]
    assert positions == sorted(positions)
    assert all(0 < p <= 1 for p in positions)
    assert all(0 <= c.confidence <= 1 for c in line.characters)
    assert 0 <= line.confidence <= 1
    assert line.text == "".join(c.text for c in line.characters)


@given(
    st.lists(st.lists(st.integers(0, 5), max_size=20), max_size=6),
    st.floats(0.21, 1.0),
    st.floats(0.01, 1.0),
    st.integers(0, 2),
)
def test_where_parts_end_changes_nothing(
    parts: list[list[int]], certainty: float, share: float, alternatives: int
) -> None:
    whole = path([number for part in parts for number in part], certainty)
    decoder = Decoder(CHARACTERS, alternatives)
    for part in parts:
        decoder.add(path(part, certainty))
    assert decoder.line(share) == decode(whole, CHARACTERS, share, alternatives)


#: The alphabet of the texts that are encoded: no entry is the beginning of another.
ALPHABET = "".join(chr(c) for c in range(0x20, 0x7F)) + "äöüßſæœ日本語"


@given(st.text(ALPHABET, max_size=40), st.data())
def test_decoding_a_ctc_path_gives_its_text_again(text: str, data: st.DataObject) -> None:
    runs = data.draw(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)),
                              min_size=len(text), max_size=len(text)))  # fmt: skip
    classes: list[int] = []
    for character, (blanks, repeats) in zip(text, runs, strict=True):
        number = ALPHABET.index(character) + 1
        if classes and classes[-1] == number:
            blanks = max(1, blanks)
        classes += [0] * blanks + [number] * repeats
    classes.append(0)
    one_hot = np.eye(len(ALPHABET) + 1, dtype=np.float32)[classes]
    line = decode(one_hot, ("", *ALPHABET))
    assert line.text == text.strip()
    assert line.confidence == (1.0 if text.strip() else 0.0)


def grey(height: int, width: int, value: int = 255) -> Image:
    return np.full((height, width, 3), value, dtype=np.uint8)


@given(st.integers(1, 300), st.integers(1, 3000))
def test_a_line_is_48_high_and_a_multiple_of_32_wide(height: int, width: int) -> None:
    batch, share = prepare_line(grey(height, width))
    assert batch.shape[:3] == (1, 3, 48)
    assert batch.dtype == np.float32
    assert batch.flags.c_contiguous
    padded = batch.shape[3]
    assert padded % 32 == 0
    expected = min(28_800, -(-48 * width // height))
    assert share * padded == pytest.approx(expected)
    assert 0 <= padded - expected < 32


def test_the_constants_are_those_the_networks_were_trained_with() -> None:
    assert (LINE_HEIGHT, WIDTH_BUCKET, MAX_WIDTH) == (48, 32, 28_800)
    assert MAX_WIDTH % WIDTH_BUCKET == 0


def test_what_is_not_image_is_zero() -> None:
    batch, share = prepare_line(grey(48, 100))
    assert batch.shape[3] == 128
    assert share == 100 / 128
    assert (batch[0, :, :, :100] == 1).all()
    assert (batch[0, :, :, 100:] == 0).all()


def test_a_line_that_fills_its_bucket_is_not_padded() -> None:
    batch, share = prepare_line(grey(48, 96))
    assert (batch.shape[3], share) == (96, 1.0)


def test_pixels_become_minus_one_to_one_in_bgr() -> None:
    image = grey(48, 32)
    image[:] = (0, 51, 255)
    batch, _ = prepare_line(image)
    assert batch[0, :, 10, 10] == pytest.approx([-1.0, 51 / 127.5 - 1, 1.0], abs=1e-6)


def test_an_image_of_the_right_height_keeps_its_pixels() -> None:
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    batch, _ = prepare_line(image)
    assert batch[0].transpose(1, 2, 0) == pytest.approx(image / 127.5 - 1, abs=1e-6)


def test_a_large_image_is_averaged_when_it_shrinks() -> None:
    """Sampling single pixels would keep the noise: thin strokes would break."""
    noise = np.random.default_rng(0).integers(0, 256, (480, 960, 3), dtype=np.uint8)
    batch, _ = prepare_line(noise)
    assert batch.std() < 0.1


def test_a_long_line_is_not_squeezed() -> None:
    batch, share = prepare_line(grey(48, 20_000))
    assert (batch.shape[3], share) == (20_000, 1.0)


def test_what_is_too_long_for_a_line_is_squeezed() -> None:
    image = grey(1, 4000)
    image[:, 2000:] = 0
    batch, share = prepare_line(image)
    assert (batch.shape[3], share) == (28_800, 1.0)
    assert (batch[..., :14_392] == 1).all()
    assert (batch[..., 14_408:] == -1).all()


@pytest.mark.parametrize("shape", [(1, 1), (1000, 1), (5000, 3)])
def test_a_line_without_width_has_one_column(shape: tuple[int, int]) -> None:
    batch, share = prepare_line(grey(*shape, 0))
    expected = 48 if shape == (1, 1) else 1
    assert batch.shape == (1, 3, 48, 64 if expected == 48 else 32)
    assert (batch[..., :expected] == -1).all()
    assert (batch[..., expected:] == 0).all()
    assert share == expected / batch.shape[3]


@given(st.integers(1, 300), st.integers(1, 3000), st.floats(0.25, 4))
def test_a_stretched_line_is_so_many_times_as_wide(height: int, width: int, stretch: float) -> None:
    batch, share = prepare_line(grey(height, width), 32, stretch)
    expected = min(28_800, max(1, math.ceil(48 * stretch * width / height)))
    assert batch.shape == (1, 3, 48, -(-expected // 32) * 32)
    assert share * batch.shape[3] == pytest.approx(expected)
    assert (batch[..., :expected] == 1).all()


def test_a_stretched_line_shows_the_same_from_left_to_right() -> None:
    image = grey(48, 100)
    image[:, 50:] = 0
    batch, _ = prepare_line(image, stretch=1.5)
    assert (batch[..., :73] == 1).all() and (batch[..., 77:150] == -1).all()


def test_a_large_image_is_averaged_even_if_it_becomes_wider() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (480, 100, 3), dtype=np.uint8)
    batch, _ = prepare_line(noise, stretch=20)
    assert batch[..., :200].std() < 0.2


def brightness(batch: FloatArray) -> FloatArray:
    """Give every 8 columns the class of their brightness: 0 for padding, 1 black, 2 white."""
    columns = batch.mean(axis=(1, 2)).reshape(len(batch), -1, 8).mean(axis=2)
    classes = np.select([columns < -0.5, columns > 0.5], [A, B], BLANK)
    return np.asarray(np.eye(len(CHARACTERS), dtype=np.float32)[classes])


def full(
    function: Callable[[FloatArray], FloatArray] = brightness,
    output_shape: tuple[int | None, ...] = (None, None, len(CHARACTERS)),
) -> FullModel:
    return FullModel(NullModel(function, {}, (None, 3, 48, None), output_shape), CHARACTERS)


def bars(*widths: int, height: int = 48) -> Image:
    """Return a line of black and white bars, in turns."""
    return np.concatenate(
        [grey(height, width, 255 * (i % 2)) for i, width in enumerate(widths)], axis=1
    )


def test_a_line_is_prepared_run_and_decoded() -> None:
    (line,) = Recognizer(full()).recognize([bars(16, 32, 8)])
    assert line.text == "aba"
    assert line.confidence == 1.0
    assert [c.position for c in line.characters] == pytest.approx([4 / 56, 20 / 56, 52 / 56])


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_no_lines_have_no_results(threads: int) -> None:
    assert Recognizer(full(), threads).recognize([]) == []


@pytest.mark.parametrize("long", [False, True])
def test_a_line_with_other_signs_is_read_by_the_whole_layer(long: bool) -> None:
    """White is no sign of the head, but of the layer that it stands for."""
    asked = []

    def part(batch: FloatArray) -> FloatArray:
        classes = np.asarray(brightness(batch))
        return np.concatenate([classes, np.asarray(3 - classes.argmax(axis=2))[:, :, None]], axis=2)

    def rest(features: FloatArray) -> FloatArray:
        asked.append(features.shape)
        return np.eye(4, dtype=np.float32)[3 - features[:, :, 0].astype(int)]

    shape = (None, None, len(CHARACTERS) + 1)
    characters = ("", "a", OTHER, *CHARACTERS[3:])
    model = HeadedModel(
        NullModel(part, {}, (None, 3, 48, None), shape),
        [LineHead("part", characters, stands_for="base")],
        LaterLayer(LineHead("base", ("", "A", "B", "C")), NullModel(rest, {}, (), ())),
        features=1,
    )
    more = 200 if long else 1
    one, other = Recognizer(model, 2).recognize([bars(16), bars(*[16, 32] * more, 8)])
    assert (one.text, one.head) == ("a", "part")
    assert (other.text, other.head) == ("AB" * more + "A", "base")
    assert {(shape[0], shape[2]) for shape in asked} == {(1, 1)}
    assert (len(asked) > 1) == long


def many_lines() -> list[Image]:
    rng = np.random.default_rng(0)
    return [
        bars(*(8 * rng.integers(1, 9, rng.integers(1, 30))), height=int(rng.choice([48, 48, 96])))
        for _ in range(60)
    ]


def test_the_results_are_in_the_order_of_the_images() -> None:
    images = [bars(*[16] * count) for count in (3, 9, 1, 27, 2, 8, 4)]
    expected = ["aba", "ababababa", "a", "ab" * 13 + "a", "ab", "abababab", "abab"]
    for threads in (1, 2, 5, 50):
        assert [line.text for line in Recognizer(full(), threads).recognize(images)] == expected


@pytest.mark.parametrize("threads", [2, 4, 16])
def test_threads_change_nothing(threads: int) -> None:
    images = many_lines()
    alone = Recognizer(full()).recognize(images)
    assert len({line.text for line in alone}) > 20
    assert Recognizer(full(), threads).recognize(images) == alone


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_reads_with_threads_of_its_own() -> None:
    recognizer = Recognizer(full(), 2)
    images = [bars(16, 32, 8), bars(16)]
    expected = recognizer.recognize(images)
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        os._exit(0 if recognizer.recognize(images) == expected else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_neighbours_change_nothing() -> None:
    images = many_lines()
    together = Recognizer(full(), 4).recognize(images)
    assert [Recognizer(full()).recognize([image])[0] for image in images] == together
    assert Recognizer(full(), 4).recognize(images[::-1]) == together[::-1]


def test_every_line_is_run_alone_in_its_own_width() -> None:
    seen: list[tuple[int, ...]] = []

    def remember(batch: FloatArray) -> FloatArray:
        seen.append(batch.shape)
        return brightness(batch)

    Recognizer(full(remember)).recognize([bars(10), bars(500), bars(33)])
    assert seen == [(1, 3, 48, 32), (1, 3, 48, 512), (1, 3, 48, 64)]


def test_as_many_lines_are_read_at_once_as_there_are_threads() -> None:
    meeting = threading.Barrier(3)

    def meet(batch: FloatArray) -> FloatArray:
        meeting.wait(timeout=600)
        return brightness(batch)

    found = Recognizer(full(meet), threads=3).recognize([bars(16)] * 3)
    assert [line.text for line in found] == ["a", "a", "a"]


def test_one_thread_reads_one_line_at_a_time() -> None:
    lock = threading.Lock()

    def exclusive(batch: FloatArray) -> FloatArray:
        assert lock.acquire(blocking=False), "two lines at once"
        time.sleep(0.001)
        lock.release()
        return brightness(batch)

    assert len(Recognizer(full(exclusive)).recognize([bars(16)] * 10)) == 10


@given(st.lists(st.integers(1, 60), min_size=1, max_size=100), st.integers(0, 2))
@settings(max_examples=30)
def test_a_long_line_reads_as_if_it_were_read_at_once(counts: list[int], wanted: int) -> None:
    widths = [8 * count for count in counts]
    widths[-1] += max(0, 20_000 - sum(widths))
    image = bars(*widths)
    seen = []

    def unsure(batch: FloatArray) -> FloatArray:
        seen.append(batch.shape[3])
        return np.asarray(0.75 * brightness(batch) + 0.05, dtype=np.float32)

    (line,) = Recognizer(full(unsure)).recognize([image], alternatives=wanted)
    assert len(seen) > 1
    assert max(seen) <= 2400
    batch, share = prepare_line(image)
    assert replace(line, head="") == decode(unsure(batch)[0], CHARACTERS, share, wanted)
    assert line.text == ("ab" * len(widths))[: len(widths)]


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_of_the_model_is_not_swallowed(threads: int) -> None:
    def fail(batch: FloatArray) -> FloatArray:
        if batch.shape[3] > 100:
            raise ModelError("the engine failed")
        return brightness(batch)

    with pytest.raises(ModelError, match="the engine failed"):
        Recognizer(full(fail), threads).recognize([bars(16), bars(200), bars(16)])


def test_characters_of_another_model_are_refused_with_both_numbers() -> None:
    def more_classes(batch: FloatArray) -> FloatArray:
        return np.zeros((1, batch.shape[3] // 8, 9), dtype=np.float32)

    recognizer = Recognizer(full(more_classes, (None, None, None)))
    with pytest.raises(ModelError, match="9 classes, 6 characters"):
        recognizer.recognize([bars(16)])


@pytest.mark.parametrize(
    ("input_shape", "output_shape"),
    [
        ((None, 3, None, None), (None, 1, None, None)),  # detection
        ((None, 3, 48, 192), (None, 2)),  # orientation
        ((None, 1, 32, None), (None, None, 6)),
        ((None,), (None, None, 6)),
    ],
)
def test_a_model_of_another_kind_is_refused(
    input_shape: tuple[int | None, ...], output_shape: tuple[int | None, ...]
) -> None:
    with pytest.raises(ModelError) as caught:
        FullModel(NullModel(brightness, {}, input_shape, output_shape), CHARACTERS)
    assert "not a text recognition model" in str(caught.value)
    assert str(output_shape) in str(caught.value)


# Alternatives


def certainties(**shares: float) -> FloatArray:
    """Return one column with these probabilities; ``_`` is the blank."""
    names = {"_": BLANK, "a": A, "b": B, "ch": CH, "wide": WIDE, "space": SPACE}
    column = np.zeros((1, len(CHARACTERS)), dtype=np.float32)
    for name, share in shares.items():
        column[0, names[name]] = share
    return column


def alternatives(column: FloatArray, count: int) -> list[tuple[str, float]]:
    (found,) = decode(column, CHARACTERS, alternatives=count).characters
    return [(text, round(share, 3)) for text, share in found.alternatives]


def test_alternatives_are_the_next_most_probable_characters() -> None:
    column = certainties(a=0.2, b=0.5, ch=0.3)
    assert alternatives(column, 1) == [("ch", 0.3)]
    assert alternatives(column, 2) == [("ch", 0.3), ("a", 0.2)]


def test_alternatives_are_no_blank_and_no_white_space() -> None:
    column = certainties(_=0.3, a=0.4, b=0.1, wide=0.15, space=0.05)
    assert alternatives(column, 3) == [("b", 0.1)]


def test_equal_alternatives_are_in_the_order_of_the_classes() -> None:
    assert alternatives(certainties(a=0.2, b=0.6, ch=0.2), 2) == [("a", 0.2), ("ch", 0.2)]


def test_more_alternatives_than_there_are_characters_are_those_there_are() -> None:
    assert alternatives(certainties(a=0.2, b=0.5, ch=0.3), 100) == [("ch", 0.3), ("a", 0.2)]


def test_alternatives_are_those_of_the_column_that_counts() -> None:
    columns = np.concatenate([certainties(a=0.6, b=0.4), certainties(a=0.7, ch=0.3)])
    (found,) = decode(columns, CHARACTERS, alternatives=1).characters
    assert [text for text, _ in found.alternatives] == ["b"]


@given(st.lists(st.integers(0, 5), max_size=40), st.floats(0.21, 0.99), st.integers(1, 8))
def test_alternatives_change_nothing_else(classes: list[int], certainty: float, count: int) -> None:
    columns = path(classes, certainty)
    plain, rich = (decode(columns, CHARACTERS, alternatives=n) for n in (0, count))
    assert (rich.text, rich.probability) == (plain.text, plain.probability)
    assert [replace(c, alternatives=()) for c in rich.characters] == list(plain.characters)
    assert all(c.alternatives == () for c in plain.characters)
    for character in rich.characters:
        assert len(character.alternatives) <= count
        assert character.text not in [text for text, _ in character.alternatives]
        shares = [character.probability, *(share for _, share in character.alternatives)]
        assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_recognizer_gives_alternatives_when_asked(threads: int) -> None:
    def unsure(batch: FloatArray) -> FloatArray:
        return np.asarray(0.75 * brightness(batch) + 0.05, dtype=np.float32)

    recognizer = Recognizer(full(unsure), threads)
    for line in recognizer.recognize([bars(16, 32)] * 4, alternatives=1):
        assert [c.alternatives[0][0] for c in line.characters] == ["b", "a"]
    for line in recognizer.recognize([bars(16, 32)] * 4):
        assert [c.alternatives for c in line.characters] == [(), ()]
