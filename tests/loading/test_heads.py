# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Heads and alphabets of a model: found, checked, loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from small_networks import FEATURES, KEYS, line_batch, weights, write_network

from ocrd_rapid.config.packaged import packaged_json
from ocrd_rapid.errors import ConfigurationError, ModelError, ResourceNotFoundError
from ocrd_rapid.inference.convert import convert
from ocrd_rapid.inference.derive import own_layer
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.feature_identity import facts_of_features
from ocrd_rapid.inference.model import EngineConfig, Model
from ocrd_rapid.inference.output_layers import LinearLayer
from ocrd_rapid.loading import heads as heads_module
from ocrd_rapid.loading.heads import HeadOptions, line_model
from ocrd_rapid.loading.installed_heads import find_head
from ocrd_rapid.ocr.recognition.alphabets import Alphabet
from ocrd_rapid.ocr.recognition.calibration import Calibration, parse_calibration
from ocrd_rapid.ocr.recognition.head_files import OTHER, Head, read_head, write_head
from ocrd_rapid.ocr.recognition.line_model import HeadedModel, LineHead
from ocrd_rapid.resmgr import catalogue
from ocrd_rapid.resmgr.integrity import sha256_of
from ocrd_rapid.resmgr.resource import Resource

CHARACTERS = ("", *KEYS, " ")
LETTERS = ("", "ſ", "a\u0364", "ä", "中", " ")


@pytest.fixture
def resources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the directory of the resources that a user has installed."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "data" / "ocrd-resources" / "ocrd-rapid-recognize"


@pytest.fixture
def network(resources: Path) -> Path:
    return write_network(resources / "rec.onnx")


def install(
    network: Path,
    name: str,
    *,
    automatic: bool = True,
    backbone: str = "",
    file: str = "",
    **more: str,
) -> Path:
    layer = LinearLayer(*weights(len(LETTERS), seed=len(name)))
    header = {"font_family": "Fraktur", "model": "other.onnx", **more}
    head = Head(name, backbone or sha256_of(network), LETTERS, layer, automatic, header)
    path = network.parent / (file or f"rec_{name}.npz")
    write_head(head, path)
    return path


def load(path: Path) -> Model:
    return load_model(path, EngineConfig())


def made(network: Path, **options: object) -> HeadedModel:
    return line_model(load(network), network, CHARACTERS, load, HeadOptions(**options))  # type: ignore[arg-type]


def names(model: HeadedModel) -> list[str]:
    return [head.name for head in model.heads]


def test_a_model_alone_is_used_as_it_is(network: Path, tmp_path: Path) -> None:
    model = made(network)
    assert names(model) == ["base"]
    assert model.heads[0].characters == CHARACTERS
    assert not (tmp_path / "cache" / "ocrd-rapid" / "derived").exists()


def test_auto_takes_what_is_installed_for_this_model(network: Path) -> None:
    install(network, "zeta")
    install(network, "alpha")
    install(network, "mine", automatic=False)
    install(network, "foreign", backbone="0" * 64)
    install(network, "unnamed", file="unnamed.npz")
    model = made(network)
    assert names(model) == ["base", "alpha", "zeta"]
    assert [head.font_family for head in model.heads] == ["", "Fraktur", "Fraktur"]
    assert model.probabilities(line_batch()).shape == (8, len(CHARACTERS) + 2 * len(LETTERS))


def test_a_model_is_known_by_its_content(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(network, "mine")
    elsewhere = tmp_path / "model [1].onnx"
    elsewhere.write_bytes(network.read_bytes())
    entry = Resource("ocrd-rapid-recognize", name="rec.onnx", url="", sha256=sha256_of(network))
    monkeypatch.setattr(catalogue, "bundled", lambda: {"ocrd-rapid-recognize": [entry]})
    assert names(made(elsewhere)) == ["base", "mine"]


def with_features_of(network: Path, target: Path) -> Path:
    """Write a network with the same features in another file, which says so."""
    model = onnx.load(str(network))
    model.producer_name = "another program"
    facts = {each.key: each.value for each in model.metadata_props}
    onnx.helper.set_model_props(model, facts | facts_of_features(network))
    onnx.save(model, str(target))
    return target


def test_all_heads_of_a_network_fit_another_with_its_features(
    network: Path, tmp_path: Path
) -> None:
    install(network, "mine")
    install(network, "named", automatic=False)
    short = with_features_of(network, tmp_path / "short.onnx")
    assert sha256_of(short) != sha256_of(network)
    for model in (network, short):
        assert names(made(model)) == ["base", "mine"]
        assert names(made(model, heads="named")) == ["named"]
    # A head that was made for the other file alone comes first.
    install(network, "named", automatic=False, file="short_named.npz")
    assert find_head("named", short).name == "short_named.npz"
    assert find_head("named", network).name == "rec_named.npz"


def test_a_file_that_names_another_network_has_only_the_heads_of_that(
    network: Path, tmp_path: Path
) -> None:
    stranger = write_network(tmp_path / "stranger.onnx", seed=5)
    short = with_features_of(stranger, tmp_path / "rec.onnx")
    install(network, "mine")
    assert names(made(short)) == ["base"]
    with pytest.raises(ModelError, match="does not belong to model"):
        made(short, heads="mine")


def test_heads_by_name(network: Path) -> None:
    install(network, "mine", automatic=False)
    path = install(network, "unnamed", file="unnamed.npz")
    assert names(made(network, heads="mine")) == ["mine"]
    assert names(made(network, heads="base, mine ,mine")) == ["base", "mine"]
    assert names(made(network, heads=f"mine,{path}")) == ["mine", "unnamed"]
    assert names(made(network, heads="unnamed")) == ["unnamed"]
    assert names(made(network, heads="base")) == ["base"]
    assert find_head("rec_mine.npz", network) == network.parent / "rec_mine.npz"


def test_heads_that_are_not_there(network: Path) -> None:
    with pytest.raises(ResourceNotFoundError, match=r"could not find head 'x' for model rec\.onnx"):
        made(network, heads="x")
    with pytest.raises(ConfigurationError, match="heads: no head is given"):
        made(network, heads=" , ")


def test_a_head_of_another_model(network: Path) -> None:
    install(network, "foreign", backbone="0" * 64)
    with pytest.raises(ModelError, match=r"does not belong to model rec\.onnx: .* other\.onnx"):
        made(network, heads="foreign")


def test_a_damaged_head_is_never_left_out_silently(network: Path) -> None:
    install(network, "mine").write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match="install it again"):
        made(network)


def install_part(network: Path, name: str = "latin", letters: tuple[str, ...] = ()) -> Head:
    """Install a head that is a part of the model's own layer, which has no 中 and a sign more."""
    kept = [number for number, character in enumerate(CHARACTERS) if character != "中"]
    own = own_layer(network)
    new = LinearLayer(*weights(2, seed=7))
    layer = LinearLayer(
        np.concatenate([own.weights[:, kept], new.weights], axis=1),
        np.concatenate([own.bias[kept], new.bias]),
    )
    characters = (*(CHARACTERS[number] for number in kept), "„", OTHER)
    head = Head(name, sha256_of(network), characters, layer, True, {}, "base")
    write_head(head, network.parent / f"rec_{name}.npz", np.float32)
    return head


def test_a_head_stands_for_the_layer_that_it_is_a_part_of(network: Path) -> None:
    install_part(network)
    install(network, "blackletter")
    model = made(network)
    assert names(model) == ["latin", "blackletter"]
    assert model.heads[0].characters[-2:] == ("„", OTHER)
    assert model.whole is not None
    assert model.whole.head == LineHead("base", CHARACTERS)
    output = model.probabilities(line_batch())
    features = output[:, len(model.heads[0].characters) + len(LETTERS) :]
    assert features.shape[1] == FEATURES
    whole = load(network).run(line_batch())
    read = model.whole.model.run(np.ascontiguousarray(features)[None])
    assert read == pytest.approx(whole, abs=1e-6)


def test_the_whole_layer_is_used_where_it_is_asked_for(network: Path) -> None:
    install_part(network)
    install(network, "mine")
    model = made(network, heads="base,mine")
    assert (names(model), model.whole) == (["base", "mine"], None)
    model = made(network, heads="latin")
    assert names(model) == ["latin"]
    assert model.whole is not None


@pytest.mark.parametrize(
    ("alphabet", "expected", "characters"),
    [
        # All of it is in the part, and the part has a sign more.
        (Alphabet(("deu",)), ["latin"], ("", "a", "b", "c", "ä", "Ä", " ", "„")),
        (Alphabet(characters="ab"), ["latin"], ("", "a", "b", " ")),
        # The part lacks some of it.
        (Alphabet(("chi",)), ["base"], ("", "a", "b", "c", "ä", "Ä", "中", " ")),
    ],
)
def test_an_alphabet_needs_no_layer_but_one(
    network: Path, alphabet: Alphabet, expected: list[str], characters: tuple[str, ...]
) -> None:
    install_part(network)
    model = made(network, alphabet=alphabet)
    assert (names(model), model.whole) == (expected, None)
    assert model.heads[0].characters == characters
    assert names(made(network, alphabet=alphabet, heads="latin,base")) == list(
        dict.fromkeys([*expected, "base"])
    )


def test_umlauts(network: Path) -> None:
    install(network, "mine")
    plain = ("", "ſ", "ä", "ä", "中", " ")
    assert made(network).heads[1].characters == LETTERS
    assert made(network, umlauts="modern").heads[1].characters == plain
    install(network, "mine", umlauts="modern")
    assert made(network).heads[1].characters == plain
    assert made(network, umlauts="as-printed").heads[1].characters == LETTERS


def test_abbreviations_are_resolved_for_heads_that_read_them(network: Path) -> None:
    install(network, "mine")
    install(network, "old", abbreviations=True)
    found = {head.name: head.resolves for head in made(network, abbreviations="resolved").heads}
    assert found == {"base": False, "mine": False, "old": True}
    assert not any(head.resolves for head in made(network).heads)


def test_what_the_choice_needs_to_know_of_a_typeface(network: Path) -> None:
    install(network, "mine")
    install(network, "old", frequency=0.1, typical_letters="ſ")
    found = {head.name: (head.frequency, head.typical_letters) for head in made(network).heads}
    assert found == {"base": (1, ""), "mine": (1, ""), "old": (0.1, "ſ")}


def test_the_alphabet_restricts_every_head(network: Path) -> None:
    install(network, "mine")
    model = made(network, alphabet=Alphabet(("deu",)))
    assert model.heads[0].characters == ("", "a", "b", "c", "ä", "Ä", " ")
    assert model.heads[1].characters == ("", "ſ", "a\u0364", "ä", " ")
    output = model.probabilities(line_batch())
    whole = load(network).run(line_batch())[0]
    kept = whole[:, [CHARACTERS.index(c) for c in model.heads[0].characters]]
    assert output[:, :7] == pytest.approx(kept / kept.sum(axis=1, keepdims=True), abs=1e-6)
    assert output[:, 7:].sum(axis=1) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("kind", ["xml", "not linear"])
def test_a_model_that_cannot_be_cut_is_restricted_all_the_same(
    resources: Path, network: Path, kind: str
) -> None:
    if kind == "xml":
        path = convert(network, resources / "ir").xml
        engine, characters = EngineConfig("openvino"), CHARACTERS
    else:
        path = write_network(resources / "plain.onnx", linear=False)
        engine, characters = EngineConfig(), CHARACTERS[:FEATURES]
    model = load_model(path, engine)
    options = HeadOptions(alphabet=Alphabet(characters="a"))
    lines = line_model(model, path, characters, lambda file: load_model(file, engine), options)
    expected = tuple(c for c in characters if c in ("", "a", " "))
    assert lines.heads[0].characters == expected
    output = lines.probabilities(line_batch())
    whole = model.run(line_batch())[0]
    kept = whole[:, [characters.index(c) for c in expected]]
    assert output == pytest.approx(kept / kept.sum(axis=1, keepdims=True), abs=1e-6)
    assert lines.model.output_shape[-1] == len(expected)


def test_heads_need_a_model_that_can_have_them(resources: Path, network: Path) -> None:
    path = convert(network, resources / "ir").xml
    file = install(network, "mine", backbone=sha256_of(path))
    engine = EngineConfig("openvino")
    with pytest.raises(ModelError, match="other output layers need an ONNX file"):
        line_model(
            load_model(path, engine), path, CHARACTERS, lambda f: load_model(f, engine),
            HeadOptions(str(file)),
        )  # fmt: skip


def test_every_head_decodes_its_own_part(network: Path) -> None:
    install(network, "mine")
    both, alone = made(network), made(network, heads="mine")
    batch = line_batch(128)
    assert np.allclose(
        both.probabilities(batch)[:, len(CHARACTERS) :], alone.probabilities(batch), atol=1e-6
    )


def test_lines_are_as_wide_as_is_asked_and_as_a_head_wants_them(network: Path) -> None:
    path = install(network, "wide")
    write_head(replace(read_head(path), stretch=1.5), path)
    heads = made(network, heads="base,wide", line_width=0.5).heads
    assert [head.stretch for head in heads] == [0.5, 0.75]
    assert [head.stretch for head in made(network, heads="base,wide").heads] == [1.0, 1.5]


def test_what_reads_the_rest_reads_the_same_features(network: Path) -> None:
    layer = LinearLayer(*weights(4, seed=1))
    head = Head("part", sha256_of(network), ("", "a", "b", OTHER), layer, True, {}, "base")
    write_head(head, network.parent / "rec_part.npz")
    model = made(network, line_width=0.5)
    assert model.whole is not None
    assert model.whole.head.stretch == model.heads[0].stretch == 0.5


# Calibration


def test_a_head_has_the_calibration_of_its_file(network: Path) -> None:
    calibration = Calibration(own=0.7, constant=-0.5)
    path = install(network, "own")
    write_head(replace(read_head(path), calibration=calibration), path)
    calibrations = {h.name: h.calibration for h in made(network, heads="base,own").heads}
    assert calibrations == {"base": Calibration(), "own": calibration}


def test_models_that_the_package_knows_have_their_calibrations(
    network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(network, "own")
    known = {"base": {"own": 0.6}, "own": {"own": 0.5}}
    entry = {"sha256": sha256_of(network), "heads": known}
    monkeypatch.setattr(heads_module, "packaged_json", lambda _: {"networks": [entry]})
    calibrations = [h.calibration.own for h in made(network, heads="base,own").heads]
    assert calibrations == [0.6, 0.5]


def test_the_packaged_calibrations_can_be_read() -> None:
    networks = packaged_json("loading/calibrations.json")["networks"]
    assert networks
    for network in networks:
        assert {"base", "latin", "blackletter"} <= set(network["heads"])
        for values in network["heads"].values():
            # A surer character must stay the surer one, and none may be believed more.
            assert 0 < parse_calibration(values).own <= 1


def test_a_head_that_reads_alone_refuses_nothing(network: Path) -> None:
    letters = (*LETTERS, OTHER)
    layer = LinearLayer(*weights(len(letters), seed=3))
    head = Head("mine", sha256_of(network), letters, layer, True)
    write_head(head, network.parent / "rec_mine.npz")
    alone, beside = made(network, heads="mine"), made(network, heads="base,mine")
    assert alone.heads[0].characters == LETTERS
    assert not alone.heads[0].refuses
    assert beside.heads[1].characters == letters
    assert [head.refuses for head in beside.heads] == [False, True]
    whole = beside.probabilities(line_batch())[:, len(CHARACTERS) :]
    kept = whole[:, :-1] / whole[:, :-1].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(alone.probabilities(line_batch()), kept, atol=1e-5)
