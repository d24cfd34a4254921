# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Configurations in the form of RapidOCR HKMC: YAML files, mappings, dotted parameters.

Given values are merged over the defaults, key by key; ``${oc.env:NAME,default}`` and
``${Section.key}`` are filled in, as in OmegaConf; then every key is checked, and all errors are
reported together.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, cast

from ..config.directories import expanded
from ..config.similar import did_you_mean
from ..errors import ConfigurationError, ResourceNotFoundError
from ..inference.traits import MODEL_SUFFIXES, engine_for
from ..plain_data import MAX_DEPTH, parse_yaml
from .hkmc_schema import PROFILES, ClsSection, DetSection, EngineSection, GlobalSection, RecSection
from .value_rules import ALIAS, INTERNAL, RULE, Refused, ValueRule

Tree = dict[str, Any]

#: An innermost ``${…}``.
_INTERPOLATION = re.compile(r"\$\{([^${}]*)\}")
_MAX_DEPTH = 20
#: Largest number of references filled in, and of characters of a text with references, as
#: references to references to … multiply.
_MAX_REFERENCES, _MAX_TEXT = 10_000, 100_000


@dataclass(frozen=True)
class HkmcConfig:
    """A complete and checked configuration.

    Attributes:
        general: ``Global``.
        engine: ``EngineConfig``.
        det: ``Det``.
        cls: ``Cls``.
        rec: ``Rec``.
        given: dotted names of the given keys; the others are defaults. Ignored in comparisons of
            configurations.
    """

    general: GlobalSection = field(default_factory=GlobalSection)
    engine: EngineSection = field(default_factory=EngineSection)
    det: DetSection = field(default_factory=DetSection)
    cls: ClsSection = field(default_factory=ClsSection)
    rec: RecSection = field(default_factory=RecSection)
    given: frozenset[str] = field(default=frozenset(), compare=False)


#: Sections by their names in files.
_SECTIONS: Mapping[str, type[Any]] = {
    "Global": GlobalSection,
    "EngineConfig": EngineSection,
    "Det": DetSection,
    "Cls": ClsSection,
    "Rec": RecSection,
}


def load_config(
    path: str | os.PathLike[str] | None = None,
    config: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> HkmcConfig:
    """Return a configuration: defaults, overridden by the file, the mapping and the parameters.

    Args:
        path: a YAML file with any of the sections Global, EngineConfig, Det, Cls, Rec.
        config: the same as a mapping, which may be OmegaConf's ``DictConfig``.
        params: single values by their dotted names, such as ``Det.model_path``.
        environ: environment variables, by default those of the process.

    Raises:
        ResourceNotFoundError: the file does not exist (a `FileNotFoundError`, too).
        ConfigurationError: the file is not YAML, or keys or values are wrong; the message names
            all of them, and the allowed ones.
    """
    origin = str(path) if path is not None else ""
    given: Tree = _read_file(expanded(path)) if path is not None else {}
    if config is not None:
        if not isinstance(config, Mapping):
            raise ConfigurationError(
                f"config must be a mapping, not {type(config).__name__};"
                " name a file with config_path"
            )
        given = merge(given, _plain(config))
    for key, value in (params or {}).items():
        given = merge(given, _nested(str(key), _plain(value)))
    defaults = merge(_defaults(), PROFILES.get(_profile(given), {}))
    variables = os.environ if environ is None else environ
    tree = _Interpolation(merge(defaults, given), variables).resolve()
    for section in ("Det", "Cls", "Rec"):
        _choose_engine(tree.get(section), given.get(section))
    errors: list[str] = []
    sections = {
        name: _build(section, tree.pop(name), name, errors) for name, section in _SECTIONS.items()
    }
    errors += [_unknown(key, _SECTIONS) for key in tree]
    if errors:
        where = f"{origin}: " if origin else ""
        raise ConfigurationError(where + " ".join(errors))
    return HkmcConfig(
        general=sections["Global"],
        engine=sections["EngineConfig"],
        det=sections["Det"],
        cls=sections["Cls"],
        rec=sections["Rec"],
        given=frozenset(_leaves(given)),
    )


def _choose_engine(section: Any, given: Any) -> None:
    """Set the engine that the model of a section needs, if no engine is given."""
    if not isinstance(section, dict) or not isinstance(given, Mapping) or given.get("engine_type"):
        return
    names = [section["model_path"]] if section.get("model_path") else []
    if not names and isinstance(section.get("model_dir"), str):
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            found = [path.name for path in expanded(section["model_dir"]).iterdir()]
            names = [name for name in found if name.lower().endswith(MODEL_SUFFIXES)]
    engines = {
        engine_for(os.fspath(name)) for name in names if isinstance(name, (str, os.PathLike))
    }
    if len(engines) == 1 and (engine := engines.pop()):
        section["engine_type"] = engine


def checked(section: type[Any], name: str, value: Any) -> Any:
    """Return a value given by other means for a key of a section, converted by the key's rule.

    Raises:
        ConfigurationError: the value is not allowed.
    """
    rule: ValueRule = next(item for item in fields(section) if item.name == name).metadata[RULE]
    try:
        return rule(value)
    except Refused:
        raise ConfigurationError(rule.complaint(name, value)) from None


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> Tree:
    """Return a deep merge: mappings are merged, other values of ``above`` replace ``below``.

    A section that is null (such as one with only comments) changes nothing.
    """
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(old, value)
        elif not (isinstance(old, Mapping) and value is None):
            merged[key] = value
    return merged


def _read_file(path: Path) -> Tree:
    import yaml

    try:
        content = parse_yaml(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise ResourceNotFoundError(f"config_path not found: {path.absolute()}") from error
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ConfigurationError(
            f"{path} is not valid YAML: {reason} (write Windows paths with / or in single quotes)"
        ) from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigurationError(
            f"{path} is not a configuration: expected the sections {', '.join(_SECTIONS)}"
        )
    return {str(key): value for key, value in content.items()}


def _plain(value: Any, depth: int = 0) -> Any:
    """Return mappings as dictionaries, sequences as lists, members of enumerations as values.

    Raises:
        ConfigurationError: they are nested too deeply; one may contain itself.
    """
    if depth > MAX_DEPTH:
        raise ConfigurationError(f"config: more than {MAX_DEPTH} nested mappings")
    omegaconf = sys.modules.get("omegaconf")  # loaded if the value is one of its objects
    if omegaconf is not None and omegaconf.OmegaConf.is_config(value):
        # Its references may lead to keys that only the defaults have: they are filled in later.
        value = omegaconf.OmegaConf.to_container(value, resolve=False)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_plain(item, depth + 1) for item in value]
    return value


def _nested(key: str, value: Any) -> Tree:
    """Return ``{"a": {"b": value}}`` for the key ``a.b``."""
    for part in reversed(key.split(".")):
        value = {part: value}
    return dict(value)


def _profile(given: Mapping[str, Any]) -> str:
    det = given.get("Det")
    return str(det.get("profile")) if isinstance(det, Mapping) else ""


def _defaults() -> Tree:
    return {name: _as_tree(section()) for name, section in _SECTIONS.items()}


def _as_tree(section: Any) -> Tree:
    """Return a section with its defaults as a tree; sequences as lists, for references to them."""
    tree = {}
    for item in fields(section):
        value = getattr(section, item.name)
        tree[item.name] = _as_tree(value) if is_dataclass(value) else value
    return tree


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


class _Interpolation:
    """Fills in ``${…}`` in a tree."""

    def __init__(self, tree: Tree, environ: Mapping[str, str]) -> None:
        self._tree = tree
        self._environ = environ
        self._done = 0

    def resolve(self) -> Tree:
        """Return the tree with all interpolations filled in.

        Raises:
            ConfigurationError: one leads nowhere, is circular, or is of an unknown kind.
        """
        resolved = self._value(self._tree, "", 0)
        return dict(resolved)

    def _value(self, value: Any, key: str, depth: int) -> Any:
        self._done += depth > 0  # counts the target of a reference each time
        if self._done > _MAX_REFERENCES:
            raise ConfigurationError(f"{key}: too many references")
        if isinstance(value, str) and "${" in value:
            return self._text(value, key, depth)
        if isinstance(value, Mapping):
            prefix = f"{key}." if key else ""
            return {name: self._value(v, f"{prefix}{name}", depth) for name, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._value(item, key, depth) for item in value]
        return value

    def _text(self, text: str, key: str, depth: int) -> Any:
        if depth > _MAX_DEPTH:
            raise ConfigurationError(f"{key}: '{text}' refers to itself")
        while match := _INTERPOLATION.search(text):
            self._done += 1
            if self._done > _MAX_REFERENCES or len(text) > _MAX_TEXT:
                raise ConfigurationError(f"{key}: too many references, or too long a text")
            value = self._lookup(match[1].strip(), key, depth)
            if match[0] == text:
                return value
            text = (
                text[: match.start()] + ("" if value is None else str(value)) + text[match.end() :]
            )
        return text

    def _lookup(self, expression: str, key: str, depth: int) -> Any:
        resolver, colon, argument = expression.partition(":")
        if not colon:
            return self._reference(expression, key, depth)
        if resolver.strip() != "oc.env":
            raise ConfigurationError(
                f"{key}: ${{{expression}}} cannot be filled in;"
                " allowed are ${oc.env:NAME}, ${oc.env:NAME,default} and ${Section.key}"
            )
        name, comma, default = argument.partition(",")
        value = self._environ.get(name.strip())
        if value is not None:
            return value
        if not comma:
            raise ConfigurationError(
                f"{key}: environment variable {name.strip()} is not set;"
                f" set it, or write ${{oc.env:{name.strip()},default}}"
            )
        return _unquoted(default.strip())

    def _reference(self, reference: str, key: str, depth: int) -> Any:
        value: Any = self._tree
        for part in reference.split("."):
            if not isinstance(value, Mapping) or part not in value:
                raise ConfigurationError(
                    f"{key}: ${{{reference}}} refers to a key that does not exist"
                )
            value = value[part]
        return self._value(value, reference, depth + 1)


def _unquoted(text: str) -> str | None:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return None if text == "null" else text


def _build(section: type[Any], tree: Any, prefix: str, errors: list[str]) -> Any:
    """Return a section made from a tree; add its faults to ``errors``."""
    if not isinstance(tree, Mapping):
        errors.append(f"{prefix} must be a mapping of keys to values, not {tree!r}.")
        return None
    declared: dict[str, Field[Any]] = {item.name: item for item in fields(section)}
    aliases = {item.metadata.get(ALIAS): name for name, item in declared.items()}
    values: Tree = {}
    for key, value in tree.items():
        name = aliases.get(key, key)
        dotted = f"{prefix}.{key}"
        if name not in declared:
            shown = (n for n, item in declared.items() if not item.metadata.get(INTERNAL))
            errors.append(_unknown(dotted, shown))
        elif name == key or value is not None:  # a null alias is ignored
            values[name] = _read(declared[name], value, dotted, errors)
    return None if errors else section(**values)


def _read(declared: Field[Any], value: Any, dotted: str, errors: list[str]) -> Any:
    rule: ValueRule | None = declared.metadata.get(RULE)
    if rule is None:  # a nested section: its default is an object of its class
        return _build(cast("type[Any]", declared.default_factory), value, dotted, errors)
    try:
        return rule(value)
    except Refused:
        leaf = dotted.rpartition(".")[2]
        errors.append(f"{rule.complaint(leaf, value)} ({dotted})")
        return None


def _unknown(dotted: str, allowed: Iterable[str]) -> str:
    names = list(allowed)
    meant = did_you_mean(dotted.rpartition(".")[2], names)
    return f"{dotted} is not a valid key{meant or '.'} Allowed keys are: {', '.join(names)}."
