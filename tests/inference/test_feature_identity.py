# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A file may say that it gives another network's features."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_networks import write_network

from ocrd_rapid.inference.derive import cut, derive
from ocrd_rapid.inference.feature_identity import (
    FEATURES_KEY,
    NETWORK_KEY,
    facts_of_features,
    features_identity,
    features_network,
)
from ocrd_rapid.inference.modelfile import check_model_file, read_metadata
from ocrd_rapid.resmgr.integrity import sha256_of

HASH = "0123456789abcdef" * 4


def renamed(path: Path, target: Path, **facts: str) -> Path:
    """Write a network with further metadata."""
    model = onnx.load(str(path))
    kept = {each.key: each.value for each in model.metadata_props}
    names = {"features": FEATURES_KEY, "network": NETWORK_KEY}
    onnx.helper.set_model_props(model, kept | {names[key]: facts[key] for key in facts})
    onnx.save(model, str(target))
    return target


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return write_network(tmp_path / "large.onnx")


def test_a_network_that_names_no_other_is_known_by_its_own_hash(network: Path) -> None:
    assert features_identity(network) == sha256_of(network)
    assert features_network(network) == "large.onnx"


def test_a_network_may_name_another_whose_features_it_gives(network: Path, tmp_path: Path) -> None:
    facts = facts_of_features(network)
    other = renamed(
        network, tmp_path / "s.onnx", features=facts[FEATURES_KEY], network=facts[NETWORK_KEY]
    )
    assert sha256_of(other) != features_identity(other) == sha256_of(network)
    assert features_network(other) == "large.onnx"
    # What is made of that names the first one, too.
    assert facts_of_features(other) == facts


@pytest.mark.parametrize("value", ["", "abc", HASH.upper(), f"{HASH}0", f"{HASH}\n"])
def test_what_is_no_hash_names_nothing(network: Path, tmp_path: Path, value: str) -> None:
    other = renamed(network, tmp_path / "s.onnx", features=value, network="large.onnx")
    assert features_identity(other) == sha256_of(other)
    assert features_network(other) == "s.onnx"


@pytest.mark.parametrize(
    ("name", "found"), [("../../etc/x.onnx", "x.onnx"), ("", "s.onnx"), ("/", "s.onnx")]
)
def test_a_name_leads_nowhere_else(network: Path, tmp_path: Path, name: str, found: str) -> None:
    other = renamed(network, tmp_path / "s.onnx", features=HASH, network=name)
    assert features_network(other) == found


def test_files_of_other_formats_are_known_by_their_own_hash(tmp_path: Path) -> None:
    path = tmp_path / "model.xml"
    path.write_text(f"<net>{FEATURES_KEY} {HASH}</net>")
    assert features_identity(path) == sha256_of(path)


def test_a_network_with_fewer_characters_is_another_one(network: Path, tmp_path: Path) -> None:
    # Heads by default would read the characters that were left out.
    other = renamed(network, tmp_path / "s.onnx", features=HASH, network="large.onnx")
    target = tmp_path / "cut.onnx"
    target.write_bytes(cut(other, (0, 1, 2), {"character": "a"}))
    assert features_identity(target) == sha256_of(target)
    assert read_metadata(target) == {"character": "a"}


def test_the_metadata_are_read_as_onnx_reads_them(network: Path, tmp_path: Path) -> None:
    model = onnx.load(str(network))
    facts = {"character": "ä\n中" * 5000, "": "nothing", "empty": "", FEATURES_KEY: HASH}
    onnx.helper.set_model_props(model, facts)
    onnx.save(model, str(network))
    assert read_metadata(network) == facts


@given(st.binary(max_size=80), st.integers(0, 2000))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_files_have_no_metadata_or_others(
    network: Path, tmp_path: Path, noise: bytes, at: int
) -> None:
    content, broken = network.read_bytes(), tmp_path / "broken.onnx"
    broken.write_bytes(content[:at] + noise + content[at + len(noise) :])
    assert all(isinstance(value, str) for value in read_metadata(broken).values())
    assert len(features_identity(broken)) == 64


def test_the_default_recognizer_names_the_network_that_it_was_made_of() -> None:
    folder = Path(__file__).parents[2] / "ocrd_rapid/models/ocrd-rapid-recognize"
    path = folder / "PP-OCRv6_rec_small_8bit.onnx"
    check_model_file(path)
    assert features_network(path) == "PP-OCRv6_rec_small.onnx"
    assert features_identity(path) != sha256_of(path)
    assert derive(path, []).stat().st_size < path.stat().st_size
