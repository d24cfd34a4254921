# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The training itself, on a toy network."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ocrd_rapid.errors import InputError
from ocrd_rapid.inference.output_layers import ContextLayer, LinearLayer, arrays_of
from ocrd_rapid.ocr.recognition.head_files import Head, write_head
from ocrd_rapid.training.alphabet import extend
from ocrd_rapid.training.ctc import (
    Epoch,
    TrainingData,
    TrainingState,
    error_rate,
    read_line,
    train,
)
from ocrd_rapid.training.optimizer import TrainingOptions
from ocrd_rapid.training.samples import TrainingLine
from ocrd_rapid.training.store import key_of, read_state, write_state
from ocrd_rapid.training.trainable_layers import Shape

Make = Callable[..., TrainingLine]

OPTIONS = TrainingOptions(epochs=30, batch=4, learning_rate=0.05, pull=0.0, device="cpu")
#: A linear layer that goes on learning, and a new one with context.
KINDS = pytest.mark.parametrize("shape", [None, Shape(16, 3)])


@pytest.fixture(autouse=True)
def torch_or_skip() -> None:
    pytest.importorskip("torch", reason="training needs torch: pip install '.[train]'")


@pytest.fixture
def lines(line: Make) -> list[TrainingLine]:
    """Lines in which the type of c, that the head does not know, is feature 4."""
    texts = ["abc", "cab", "bca", "cc", "acb", "bac", "ccc", "cba"]
    numbers = {"a": 1, "b": 2, "c": 4}
    return [
        line(text, [n for c in text for n in (numbers[c], 0)] + [0] * i, f"d{i}")
        for i, text in enumerate(texts)
    ]


@pytest.fixture
def with_c(head: Head) -> Head:
    """Return the head with a class for c, which has no weights of its own yet."""
    return extend(head, ("", "a", "b", "c"))


@KINDS
def test_a_new_character_is_learnt(
    head: Head, lines: list[TrainingLine], shape: Shape | None
) -> None:
    options = replace(OPTIONS, shape=shape)
    result = train(extend(head, ("", "a", "b", "ä", "c")), TrainingData(lines), options)
    assert [read_line(one, result.head) for one in lines] == [one.text for one in lines]
    assert result.best == len(result.history) - 1 == 30
    assert result.history[-1].loss < 0.1 * result.history[1].loss


def test_a_line_without_text_is_learnt_as_nothing(head: Head, line: Make) -> None:
    """What looks like an a here, and is dirt where it stands beside feature 5, is read no more."""
    text, dirt = line("ab", [1, 0, 2, 0, 0]), line("", [0, 5, 1, 5, 0])
    options = replace(OPTIONS, shape=Shape(16, 3), epochs=60)
    taken = train(head, TrainingData([text]), options).head
    assert read_line(text, taken) == "ab" and read_line(dirt, taken)
    result = train(head, TrainingData([text, dirt]), options)
    assert read_line(text, result.head) == "ab"
    assert read_line(dirt, result.head) == ""
    assert result.history[-1].loss < 0.1


@pytest.fixture
def neighbors(line: Make) -> list[TrainingLine]:
    """Lines in which the column after a letter tells a (0) from b (5)."""
    numbers = {"a": [1, 0, 0], "b": [1, 5, 0]}
    texts = ["ab", "ba", "aab", "bba", "abab", "bbaa", "aaba", "babb"]
    return [line(text, [n for c in text for n in numbers[c]]) for text in texts]


def test_a_layer_with_context_sees_neighbors(head: Head, neighbors: list[TrainingLine]) -> None:
    """A linear layer could say b only one column late, and then it would have said a before."""
    errors = []
    for shape in (None, Shape(16, 3)):
        options = replace(OPTIONS, epochs=60, shape=shape)
        result = train(head, TrainingData(neighbors), options)
        errors.append(error_rate(neighbors, result.head))
    assert errors[0] > 0.2 and errors[1] == 0


def test_a_layer_with_context_keeps_its_shape(head: Head, neighbors: list[TrainingLine]) -> None:
    options = replace(OPTIONS, epochs=60, shape=Shape(16, 3))
    first = train(head, TrainingData(neighbors), options).head
    assert isinstance(first.layer, ContextLayer)
    for shape in (None, Shape(16, 3)):
        again = train(first, TrainingData(neighbors), replace(OPTIONS, epochs=1, shape=shape)).head
        assert isinstance(again.layer, ContextLayer)
        before, after = first.layer.hidden[0].weights, again.layer.hidden[0].weights
        assert 0 < np.abs(after - before).mean() < 0.2 * np.abs(before).mean()
        assert error_rate(neighbors, again) == 0
    other = train(first, TrainingData(neighbors), replace(OPTIONS, epochs=1, shape=Shape(0, 1)))
    assert isinstance(other.head.layer, LinearLayer)


def test_weights_of_a_new_layer_decay(head: Head, neighbors: list[TrainingLine]) -> None:
    sizes = []
    for decay in (0.0, 1.0):
        options = replace(OPTIONS, shape=Shape(16, 3), decay=decay)
        layer = train(head, TrainingData(neighbors), options).head.layer
        sizes.append(sum(np.abs(values).sum() for values in arrays_of(layer).values()))
    assert sizes[1] < 0.8 * sizes[0]


def test_with_dropout_outputs_are_alike(head: Head, neighbors: list[TrainingLine]) -> None:
    """A head that learnt to do without half of the outputs of a convolution does so better."""
    wrong = []
    for dropout in (0.0, 0.5):
        options = replace(OPTIONS, epochs=60, shape=Shape(16, 3), dropout=dropout)
        result = train(head, TrainingData(neighbors), options).head
        assert isinstance(result.layer, ContextLayer)
        assert error_rate(neighbors, result) == 0
        errors = []
        for seed in range(20):
            weights = result.layer.output.weights.copy()
            weights[np.random.default_rng(seed).permutation(16)[:8]] = 0
            layer = replace(result.layer, output=replace(result.layer.output, weights=weights))
            errors.append(error_rate(neighbors, replace(result, layer=layer)))
        wrong.append(sum(errors))
    assert wrong[1] < wrong[0]


@KINDS
def test_the_same_seed_gives_the_same_bytes(
    with_c: Head, lines: list[TrainingLine], tmp_path: Path, shape: Shape | None
) -> None:
    options = replace(OPTIONS, shape=shape, dropout=0.2)
    for name in ("a", "b"):
        result = train(with_c, TrainingData(lines, validation=lines[:2]), options)
        write_head(result.head, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_another_seed_gives_another_head(with_c: Head, lines: list[TrainingLine]) -> None:
    found = [
        train(with_c, TrainingData(lines), replace(OPTIONS, epochs=2, seed=seed)) for seed in (1, 2)
    ]
    assert (found[0].head.layer.weights != found[1].head.layer.weights).any()


@KINDS
def test_a_resumed_training_is_the_same_one(
    with_c: Head, lines: list[TrainingLine], tmp_path: Path, shape: Shape | None
) -> None:
    options = replace(OPTIONS, shape=shape, dropout=0.2)
    data = TrainingData(lines[2:], validation=lines[:2])
    key = key_of(with_c, with_c.characters, options, lines)
    stored: list[Path] = []

    def store(epoch: Epoch, state: TrainingState) -> None:
        path = tmp_path / f"{epoch.number}.npz"
        write_state(path, key, state)
        stored.append(path)

    whole = train(with_c, data, options, on_epoch=store)
    state = read_state(stored[6], key)
    assert state is not None and state.epoch == 7
    rest = train(with_c, data, options, resume=state)
    expected = arrays_of(whole.head.layer)
    found = arrays_of(rest.head.layer)
    assert all((found[name] == expected[name]).all() for name in expected)
    # As text: what is not known is NaN, which equals nothing.
    assert str(rest.history) == str(whole.history) and rest.best == whole.best


def test_only_the_very_same_training_is_resumed(
    head: Head, lines: list[TrainingLine], tmp_path: Path
) -> None:
    characters = ("", "a", "b", "c")
    key = key_of(head, characters, OPTIONS, lines)
    write_state(tmp_path / "s.npz", key, TrainingState(1, {}, (), 0))
    assert read_state(tmp_path / "s.npz", key) == TrainingState(1, {}, (), 0)
    others = [
        key_of(head, characters, replace(OPTIONS, seed=2), lines),
        key_of(head, characters, replace(OPTIONS, shape=Shape(16, 3)), lines),
        key_of(head, ("", "a", "c", "b"), OPTIONS, lines),
        key_of(head, characters, OPTIONS, lines[1:]),
        key_of(head, characters, OPTIONS, [replace(lines[0], text="abd"), *lines[1:]]),
    ]
    assert len({key, *others}) == 6
    assert all(read_state(tmp_path / "s.npz", other) is None for other in others)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"\x93NUMPY"])
def test_a_damaged_state_is_no_state(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "s.npz").write_bytes(content)
    assert read_state(tmp_path / "s.npz", "k") is None


def test_it_is_never_worse_than_the_start_on_the_validation_lines(head: Head, line: Make) -> None:
    wrong = [line("b", [1, 0, 0]), line("bb", [1, 0, 1])]
    right = [line("a", [1, 0]), line("aa", [1, 0, 1, 0]), line("ab", [1, 0, 2])]
    options = replace(OPTIONS, learning_rate=2.0)
    result = train(head, TrainingData(wrong, validation=right), options)
    assert result.history[-1].error > 0
    assert error_rate(right, result.head) == result.history[0].error == 0


def test_the_last_epoch_is_kept_where_validation_lines_only_judge(head: Head, line: Make) -> None:
    wrong = [line("b", [1, 0, 0]), line("bb", [1, 0, 1])]
    worse = TrainingData(wrong, validation=[line("a", [1, 0]), line("ab", [1, 0, 2])])
    options = replace(OPTIONS, epochs=12, learning_rate=2.0, last=True)
    result = train(head, worse, options)
    assert result.best == 12
    judged = [epoch.number for epoch in result.history if not math.isnan(epoch.error)]
    assert judged == [0, 5, 10, 12]
    assert error_rate(worse.validation, result.head) == result.history[-1].error > 0


def test_it_stops_when_it_only_gets_worse(head: Head, line: Make) -> None:
    wrong = [line("b", [1, 0, 0]), line("bb", [1, 0, 1])]
    right = [line("a", [1, 0]), line("ab", [1, 0, 2])]
    options = replace(OPTIONS, epochs=100, patience=3, learning_rate=10.0)
    history = train(head, TrainingData(wrong, validation=right), options).history
    errors = [epoch.error for epoch in history]
    lowest = max(i for i, error in enumerate(errors) if error == min(errors))
    assert len(history) - 1 == lowest + 3 < 100


def test_the_pull_keeps_weights_near_the_start(head: Head, lines: list[TrainingLine]) -> None:
    distances = []
    for pull in (0.0, 5.0):
        options = replace(OPTIONS, pull=pull)
        result = train(extend(head, ("", "a", "b", "ä", "c")), TrainingData(lines), options)
        distances.append(np.abs(result.head.layer.weights[:, :4] - head.layer.weights).mean())
    assert distances[1] < 0.7 * distances[0]


def test_rehearsal_keeps_what_the_lines_unlearn(head: Head, line: Make) -> None:
    new = [line("b", [3, 0]), line("bb", [3, 0, 3])]
    old = [line("ä" * n, [3, 0] * n) for n in (1, 2, 3, 4, 5, 6)]
    errors = []
    for rehearsal in ([], old):
        options = replace(OPTIONS, learning_rate=1.0, rehearsal=3.0)
        result = train(head, TrainingData(new, rehearsal=rehearsal, guard=old), options)
        assert result.history[0].guard == 0
        assert result.history[-1].guard == error_rate(old, result.head)
        errors.append(result.history[-1].guard)
    assert errors == [1, 0]


def test_lines_that_cannot_be_learnt_are_passed_over(head: Head, line: Make) -> None:
    bad = [line("x", [0]), line("aa", [1, 1]), line("", [0])]
    with pytest.raises(InputError, match="no usable lines to train on"):
        train(head, TrainingData(bad), OPTIONS)
    result = train(head, TrainingData([*bad, line("a", [1, 0])]), replace(OPTIONS, epochs=1))
    assert math.isfinite(result.history[-1].loss)


def test_a_line_without_weight_is_not_learnt(head: Head, line: Make) -> None:
    lines = [line("a", [1, 0]), line("b", [5, 0], weight=0.0)]
    options = replace(OPTIONS, rehearsal=0.0)
    only = train(head, TrainingData(lines[:1]), options)
    both = train(head, TrainingData(lines), options)
    np.testing.assert_allclose(both.head.layer.weights, only.head.layer.weights, atol=1e-5)


def test_threads_of_torch_are_as_before(head: Head, line: Make) -> None:
    import torch

    before = torch.get_num_threads()
    train(head, TrainingData([line("a", [1, 0])]), replace(OPTIONS, epochs=1))
    assert torch.get_num_threads() == before
