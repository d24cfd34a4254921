# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Give a recognition model its heads and an alphabet."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from ..config.packaged import packaged_json
from ..errors import ConfigurationError, ModelError
from ..inference.deferred import DeferredModel
from ..inference.derive import derive, derive_layer
from ..inference.feature_identity import features_identity
from ..inference.model import Model
from ..inference.output_layers import (
    FeaturesLayer,
    OutputLayer,
    OwnLayer,
    features_of,
    with_classes,
)
from ..inference.prepared import Facts
from ..languages.scripts import LATIN, script_of
from ..ocr.recognition.alphabets import Alphabet, kept_classes, scripts_of
from ..ocr.recognition.calibration import Calibration, parse_calibration
from ..ocr.recognition.head_files import OTHER, SCRIPTS_KIND, Head, read_head
from ..ocr.recognition.line_model import BASE, HeadedModel, LaterLayer, LineHead, ScriptLayers
from .adapters import Restricted
from .installed_heads import automatic_files, find_head
from .once import Once

LOG = logging.getLogger(__name__)

AUTO = "auto"
MODERN = "modern"
AS_PRINTED, RESOLVED = "as-printed", "resolved"

#: Number of letters of a script that a model needs for reading it.
_ENOUGH_LETTERS = 20

#: A letter with a small e above it was the usual form of an umlaut until about 1850.
_UMLAUTS = {letter + "\u0364": umlaut for letter, umlaut in zip("aouAOU", "äöüÄÖÜ", strict=True)}


@dataclass(frozen=True)
class HeadOptions:
    """The heads that read lines, and the characters that they may read.

    Attributes:
        heads: ``auto`` for the model's own output layer, or an installed head that stands for it,
            and every installed head marked for use by default; else names, separated by commas:
            ``base`` for the model's own layer, a name, or a file.
        alphabet: the characters that heads may read; empty for all.
        umlauts: how to write an umlaut with a small e above: ``modern``, as an ordinary umlaut;
            ``as-printed``, as two code points; ``auto``, by the head's header or, if that does not
            tell, as the head was trained.
        abbreviations: how to write the abbreviations of heads that read these: ``as-printed``, or
            ``resolved``, see `ocr.recognition.abbreviations`.
        line_width: factor of the width at which all heads read lines, see `Head.stretch`: less is
            cheaper.
    """

    heads: str = AUTO
    alphabet: Alphabet = field(default_factory=Alphabet)
    umlauts: str = AUTO
    abbreviations: str = AS_PRINTED
    line_width: float = 1.0


def line_model(
    model: Model,
    path: Path,
    characters: tuple[str, ...],
    load: Callable[[Path], Model],
    options: HeadOptions,
) -> HeadedModel:
    """Return a recognition model with the requested heads.

    Args:
        model: the model with its own output layer.
        path: its file.
        characters: the characters of its classes.
        load: loads a derived model in the same way.
        options: heads and alphabet.

    Raises:
        ResourceNotFoundError: a head is not installed.
        ConfigurationError: ``heads`` is empty, or the alphabet has no character of the model.
        ModelError: it is not a recognition model, it cannot get other output layers, or a head is
            damaged or belongs to another model.
    """
    chosen = _choose(path, options.heads)
    heads = list(chosen.heads)
    scripts = _script_layers(path, characters, chosen, load, options)
    own: tuple[int, ...] | None = None
    if options.alphabet:
        alphabet = options.alphabet
        own = _kept(characters, alphabet, others=scripts is not None)
        kept = {characters[number] for number in own}
        if scripts is not None:
            kept = {text for text in kept if script_of(text[:1]) not in scripts.layers}
        heads = [_cut(head, alphabet, kept, others=scripts is not None) for head in heads]
        heads = [h for i, h in enumerate(heads) if h is not None or None not in heads[:i]]
        characters = tuple(characters[number] for number in own)
    layers: list[OutputLayer] = [OwnLayer(own) if h is None else h.layer for h in heads]
    partial_heads = any(h.stands_for and OTHER in h.characters for h in heads if h)
    if scripts is not None and chosen.scripts is not None:
        layers.append(chosen.scripts.layer)
    features = 0
    if partial_heads or scripts is not None:
        layers.append(FeaturesLayer())
        trained = [head for head in (*heads, chosen.scripts) if head]
        features = features_of(trained[0].layer)
    whole = None
    if partial_heads:
        whole = _whole_layer(path, characters, load, features, options.line_width)
    if layers != [OwnLayer()]:
        try:
            model = load(derive(path, layers))
        except ModelError:
            # A model in OpenVINO's own format, or one with another kind of output layer: all of
            # its classes are computed, and the unwanted ones dropped.
            if own is None or heads != [None]:
                raise
            model = Restricted(model, own)
    known = known_calibrations(path)
    lines = [_line_head(head, characters, options, known) for head in heads]
    return HeadedModel(model, lines, whole, scripts, features)


def _whole_layer(
    path: Path,
    characters: tuple[str, ...],
    load: Callable[[Path], Model],
    features: int,
    stretch: float,
) -> LaterLayer:
    """Return the model's own output layer, loaded on first use, as few pages need it."""
    facts = Facts((None, None, features), (None, None, len(characters)), {})
    model = DeferredModel(facts, lambda: load(derive_layer(path, OwnLayer())))
    calibration = known_calibrations(path).get(BASE, Calibration())
    head = LineHead(BASE, characters, calibration=calibration, stretch=stretch)
    return LaterLayer(head, model)


def _script_layers(
    path: Path,
    characters: tuple[str, ...],
    chosen: _Chosen,
    load: Callable[[Path], Model],
    options: HeadOptions,
) -> ScriptLayers | None:
    """Return what tells scripts, if any, and the heads for them, which are loaded on first use.

    With an alphabet, that is of use only if it has a script that a head of its own reads.
    """
    if chosen.scripts is None:
        return None
    told = chosen.scripts.characters[1:]
    allowed = scripts_of(options.alphabet)
    files = {
        script: found
        for script, found in chosen.by_script.items()
        if not options.alphabet or script in allowed
    }
    if options.alphabet and not files:
        return None
    whole = readable_scripts(characters).intersection(told)
    layers = {
        script: Once(partial(_later_layers, path, found, load, options))
        for script, found in files.items()
    }
    return ScriptLayers(told, layers, frozenset(whole - {LATIN}), allowed)


def readable_scripts(characters: Iterable[str]) -> frozenset[str]:
    """Return the codes of the scripts of which a model has enough letters to read them."""
    counts = Counter(map(script_of, (text[:1] for text in characters)))
    return frozenset(s for s, count in counts.items() if s and count >= _ENOUGH_LETTERS)


def _later_layers(
    path: Path, files: Iterable[Path], load: Callable[[Path], Model], options: HeadOptions
) -> tuple[LaterLayer, ...]:
    """Load heads that read the features of lines later."""
    found = []
    known = known_calibrations(path)
    for file in files:
        head = read_head(file)
        if options.alphabet:
            kept = _kept(head.characters, options.alphabet, others=True)
            head = _with_classes(head, {*kept, *_places(head, OTHER)})
        LOG.info("Using %s", file)
        line_head = _line_head(head, (), options, known)
        found.append(LaterLayer(line_head, load(derive_layer(path, head.layer))))
    return tuple(found)


def _kept(characters: Sequence[str], alphabet: Alphabet, *, others: bool) -> tuple[int, ...]:
    """Return the classes that an alphabet needs.

    Args:
        characters: the character of every class.
        alphabet: the alphabet.
        others: whether other heads may have its characters; then the space is enough.
    """
    try:
        return kept_classes(characters, alphabet)
    except ConfigurationError:
        if not others:
            raise
        return tuple(n for n, text in enumerate(characters) if n == 0 or text == " ")


def _places(head: Head, character: str) -> list[int]:
    return [number for number, text in enumerate(head.characters) if text == character]


def known_calibrations(path: Path) -> dict[str, Calibration]:
    """Return the calibrations of the heads of a model that the package brings, by their names.

    Args:
        path: the file of the model. Models with other features have none.
    """
    if path.suffix.lower() != ".onnx" or not path.is_file():
        return {}
    packaged = packaged_json("loading/calibrations.json")
    networks = {each["sha256"]: each["heads"] for each in packaged["networks"]}
    heads = networks.get(features_identity(path), {})
    return {name: parse_calibration(weights) for name, weights in heads.items()}


def _line_head(
    head: Head | None,
    own: tuple[str, ...],
    options: HeadOptions,
    known: Mapping[str, Calibration],
) -> LineHead:
    if head is None:
        calibration = known.get(BASE, Calibration())
        return LineHead(BASE, own, calibration=calibration, stretch=options.line_width)
    characters = head.characters
    umlauts = head.header.get("umlauts") if options.umlauts == AUTO else options.umlauts
    if umlauts == MODERN:
        characters = tuple(_UMLAUTS.get(character, character) for character in characters)
    calibration = head.calibration or known.get(head.name, Calibration())
    return LineHead(
        head.name,
        characters,
        head.font_family,
        head.stands_for,
        calibration,
        head.stretch * options.line_width,
        resolves=options.abbreviations == RESOLVED and bool(head.header.get("abbreviations")),
        frequency=head.frequency,
        typical_letters=head.typical_letters,
    )


def _cut(
    head: Head | None, alphabet: Alphabet, wanted: Collection[str], *, others: bool
) -> Head | None:
    """Return a head with only the characters of an alphabet.

    A head that stands for the model's own layer is replaced by that layer (``None``) if it lacks
    characters ``wanted`` of that layer. For ``others`` see `_kept`.
    """
    if head is None or (head.stands_for and not set(wanted).issubset(head.characters)):
        return None
    return _with_classes(head, _kept(head.characters, alphabet, others=others))


def _with_classes(head: Head, classes: Iterable[int]) -> Head:
    """Return a head with only some of its classes, in their order."""
    kept = sorted(classes)
    layer = with_classes(head.layer, kept)
    return replace(head, characters=tuple(head.characters[n] for n in kept), layer=layer)


@dataclass(frozen=True)
class _Chosen:
    """The requested heads.

    Attributes:
        heads: those that read every line; ``None`` is the model's own output layer.
        scripts: what tells scripts apart.
        by_script: the files of heads for other scripts, which read only lines that have them.
    """

    heads: tuple[Head | None, ...]
    scripts: Head | None = None
    by_script: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)


def _choose(path: Path, wanted: str) -> _Chosen:
    """Return the requested heads."""
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    if not names:
        raise ConfigurationError(
            f"heads: no head is given (allowed are {AUTO}, {BASE}, or names of installed heads,"
            " separated by commas)"
        )
    if names != [AUTO]:
        named = [None if name == BASE else _named(name, path) for name in dict.fromkeys(names)]
        return _Chosen(tuple(named) if len(named) > 1 else (_alone(named[0]),))
    files = list(automatic_files(path))
    tellers = [read_head(file) for file, header in files if header.get("kind") == SCRIPTS_KIND]
    told = set(tellers[0].characters) - {"", LATIN} if tellers else set()
    found: list[Head] = []
    by_script: dict[str, tuple[Path, ...]] = {}
    for file, header in files:
        script = str(header.get("script", ""))
        if script in told:
            by_script[script] = (*by_script.get(script, ()), file)
        elif header.get("kind") != SCRIPTS_KIND:
            LOG.info("Using %s", file)
            found.append(read_head(file))
    standing = [head for head in found if head.stands_for == BASE]
    first = standing[0] if standing else None
    heads = (first, *(head for head in found if head not in standing))
    return _Chosen(heads, tellers[0] if tellers else None, by_script)


def _alone(head: Head | None) -> Head | None:
    """Return a head that reads alone: nothing else reads what it would refuse."""
    if head is None or head.stands_for:
        return head
    refused = _places(head, OTHER)
    return _with_classes(head, set(range(len(head.characters))) - set(refused)) if refused else head


def _named(name: str, path: Path) -> Head:
    file = find_head(name, path)
    head = read_head(file)
    if head.backbone != features_identity(path):
        model = head.header.get("model", "another")
        raise ModelError(
            f"head {file} does not belong to model {path.name}: it was made for {model}"
            f" (sha256 {head.backbone[:12]}…); choose that model, or another head"
        )
    LOG.info("Using %s", file)
    return head
