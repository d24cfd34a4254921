# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Heads for scripts: described at the start, loaded when a line needs them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_networks import FEATURES, KEYS, line_batch, weights, write_network

from ocrd_rapid.errors import ConfigurationError, ModelError
from ocrd_rapid.inference.derive import own_layer
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig, Model
from ocrd_rapid.inference.output_layers import ContextLayer, Convolution, LinearLayer, apply_layer
from ocrd_rapid.loading.heads import HeadOptions, line_model
from ocrd_rapid.loading.installed_heads import automatic_heads
from ocrd_rapid.ocr.recognition.alphabets import Alphabet
from ocrd_rapid.ocr.recognition.head_files import OTHER, SCRIPTS_KIND, Head, write_head
from ocrd_rapid.ocr.recognition.line_model import HeadedModel
from ocrd_rapid.resmgr.integrity import sha256_of

CHARACTERS = ("", *KEYS, " ")
TOLD = ("", "Latn", "Cyrl", "Ethi", "Zzzz")
CYRILLIC = ("", "б", "ж", "1", " ", OTHER)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return write_network(tmp_path / "data/ocrd-resources/ocrd-rapid-recognize/rec.onnx")


def context(classes: int) -> ContextLayer:
    rng = np.random.default_rng(classes)
    kernel = rng.normal(size=(3, FEATURES, 4)).astype(np.float32)
    output = LinearLayer(rng.normal(size=(4, classes)).astype(np.float32), np.zeros(classes, "f4"))
    return ContextLayer((Convolution(kernel, np.zeros(4, "f4")),), output)


def install(
    network: Path,
    name: str,
    characters: tuple[str, ...],
    *,
    automatic: bool = True,
    stretch: float = 1.0,
    **header: str,
) -> Head:
    layer = context(len(characters))
    head = Head(name, sha256_of(network), characters, layer, automatic, header, stretch=stretch)
    write_head(head, network.parent / f"rec_{name}.npz", np.float32)
    return head


@pytest.fixture
def installed(network: Path) -> Path:
    """Return a network with a part of its own layer, one for scripts, and a Cyrillic head."""
    own = own_layer(network)
    new = LinearLayer(*weights(1, seed=7))
    kept = [number for number, character in enumerate(CHARACTERS) if character != "中"]
    layer = LinearLayer(
        np.concatenate([own.weights[:, kept], new.weights], axis=1),
        np.concatenate([own.bias[kept], new.bias]),
    )
    characters = (*(CHARACTERS[number] for number in kept), OTHER)
    latin = Head("latin", sha256_of(network), characters, layer, True, {"script": "Latn"}, "base")
    write_head(latin, network.parent / "rec_latin.npz", np.float32)
    install(network, "scripts", TOLD, kind=SCRIPTS_KIND)
    install(network, "cyrillic", CYRILLIC, script="Cyrl")
    return network


class Files:
    """Loads derived models, and remembers how many."""

    def __init__(self) -> None:
        self.loaded: list[Path] = []

    def __call__(self, path: Path) -> Model:
        self.loaded.append(path)
        return load_model(path, EngineConfig())


def made(network: Path, load: Files | None = None, **options: object) -> HeadedModel:
    model = load_model(network, EngineConfig())
    return line_model(model, network, CHARACTERS, load or Files(), HeadOptions(**options))  # type: ignore[arg-type]


def names(model: HeadedModel) -> list[str]:
    return [head.name for head in model.heads]


def test_script_heads_wait_beside_those_that_read_every_line(installed: Path) -> None:
    load = Files()
    model = made(installed, load)
    assert names(model) == ["latin"]
    assert model.scripts is not None
    assert model.scripts.scripts == TOLD[1:]
    assert set(model.scripts.layers) == {"Cyrl"}
    assert model.whole is not None
    width = len(model.heads[0].characters) + len(TOLD) + FEATURES
    assert model.probabilities(line_batch()).shape == (8, width)
    assert len(load.loaded) == 1


def test_a_script_head_is_loaded_once_on_its_first_use(installed: Path) -> None:
    load = Files()
    model = made(installed, load)
    assert model.scripts is not None
    [layer] = model.scripts.layers["Cyrl"]()
    assert model.scripts.layers["Cyrl"]() == (layer,)
    assert len(load.loaded) == 2
    assert (layer.head.name, layer.head.characters) == ("cyrillic", CYRILLIC)
    features = model.probabilities(line_batch(128))[:, -FEATURES:]
    scores = apply_layer(context(len(CYRILLIC)), features)
    expected = np.exp(scores - scores.max(axis=1, keepdims=True))
    expected /= expected.sum(axis=1, keepdims=True)
    assert layer.model.run(features[None])[0] == pytest.approx(expected, abs=1e-5)


def test_the_weights_of_script_heads_are_not_read_at_the_start(installed: Path) -> None:
    path = installed.parent / "rec_cyrillic.npz"
    content = path.read_bytes()
    middle = content.index(b"weights.npy") + 200
    path.write_bytes(content[:middle] + b"\xff" * 40 + content[middle + 40 :])
    model = made(installed)
    assert model.scripts is not None
    with pytest.raises(ModelError, match="rec_cyrillic"):
        model.scripts.layers["Cyrl"]()


def test_all_automatic_heads_for_a_script_may_read_it(installed: Path) -> None:
    install(installed, "mine", CYRILLIC, script="Cyrl", stretch=1.5)
    install(installed, "other", CYRILLIC, script="Cyrl", automatic=False)
    model = made(installed)
    assert model.scripts is not None
    layers = model.scripts.layers["Cyrl"]()
    assert [(layer.head.name, layer.head.stretch) for layer in layers] == [
        ("cyrillic", 1.0),
        ("mine", 1.5),
    ]


def test_a_head_for_a_script_that_nothing_tells_reads_every_line(installed: Path) -> None:
    install(installed, "hebrew", ("", "א", " "), script="Hebr")
    assert names(made(installed)) == ["latin", "hebrew"]
    (installed.parent / "rec_scripts.npz").unlink()
    model = made(installed)
    assert (names(model), model.scripts) == (["latin", "cyrillic", "hebrew"], None)


def test_named_heads_read_every_line(installed: Path) -> None:
    model = made(installed, heads="base,cyrillic")
    assert (names(model), model.scripts, model.whole) == (["base", "cyrillic"], None, None)


def test_training_sees_all_heads_but_that_for_scripts(installed: Path) -> None:
    assert [head.name for head in automatic_heads(installed)] == ["cyrillic", "latin"]


@pytest.mark.parametrize(
    ("languages", "heads", "layers", "allowed"),
    [
        (("rus",), ["latin"], {"Cyrl"}, {"Cyrl", "Latn"}),
        (("cyrillic",), ["latin"], {"Cyrl"}, {"Cyrl"}),
        (("deu", "bul"), ["latin"], {"Cyrl"}, {"Cyrl", "Latn"}),
        # Nothing but the layers of before.
        (("deu",), ["latin"], None, None),
        (("amh",), ["latin"], None, None),
        # The part lacks a letter of the whole layer.
        (("rus", "zho"), ["base"], {"Cyrl"}, {"Cyrl", "Latn", "Hani"}),
    ],
)
def test_languages_narrow_the_scripts(
    installed: Path,
    languages: tuple[str, ...],
    heads: list[str],
    layers: set[str] | None,
    allowed: set[str] | None,
) -> None:
    model = made(installed, alphabet=Alphabet(languages))
    assert names(model) == heads
    found = model.scripts
    assert (None if found is None else set(found.layers)) == layers
    assert (None if found is None else set(found.allowed)) == allowed
    model.probabilities(line_batch())
    if found is not None:
        [layer] = found.layers["Cyrl"]()
        assert layer.head.characters == CYRILLIC


def test_characters_narrow_the_scripts_and_their_heads(installed: Path) -> None:
    model = made(installed, alphabet=Alphabet(characters="жb"))
    assert model.scripts is not None
    assert model.scripts.allowed == {"Cyrl", "Latn"}
    [layer] = model.scripts.layers["Cyrl"]()
    assert layer.head.characters == ("", "ж", " ", OTHER)
    # The network's own layer has none of them.
    assert made(installed, alphabet=Alphabet(characters="ж")).heads[0].characters == ("", " ")
    assert made(installed, alphabet=Alphabet(characters="1a")).scripts is None
    with pytest.raises(ConfigurationError, match="cannot read any of the characters"):
        made(installed, alphabet=Alphabet(characters="ب"))
