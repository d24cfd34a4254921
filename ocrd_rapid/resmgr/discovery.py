# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The installed OCR-D processors and their tool descriptions.

Like OCR-D core 3.13.3: the executables on the PATH, described by core's ``ocrd-all-tool.json``
where it has them, else by their own ``--dump-json``. Foreign executables may be slow, noisy,
broken or hang: they are asked in parallel and with a time limit, their answers are cached by
the file's path, size and time of change, and those without an answer are left out.
"""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import json
import logging
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ..cache import EXECUTABLES
from ..config import tools
from ..errors import ConfigurationError
from ..plain_data import parse_json
from .resource import Resource

LOG = logging.getLogger(__name__)

#: Time limit for the answer of a foreign executable, in seconds.
TIME_LIMIT = 60.0
#: Names on the PATH that begin like those of processors but are not (core's list, core itself).
_NOT_PROCESSORS = frozenset({"ocrd-cis-data", "ocrd-import", "ocrd-make", "ocrd-rapid"})


def find_executables(pattern: str = "ocrd-*", path: str | None = None) -> dict[str, Path]:
    """Return the processors on the PATH whose names match a glob pattern, sorted by name.

    Of several with one name, the first on the PATH counts, as it does for the shell.
    """
    found: dict[str, Path] = {}
    for entry in (os.environ.get("PATH", "") if path is None else path).split(os.pathsep):
        with contextlib.suppress(OSError):
            for candidate in Path(entry or ".").iterdir():
                name = candidate.name
                if (
                    name.startswith("ocrd-")
                    and name not in _NOT_PROCESSORS
                    and name not in found
                    and fnmatch.fnmatchcase(name, pattern)
                    and candidate.is_file()
                    and os.access(candidate, os.X_OK)
                ):
                    found[name] = candidate
    return dict(sorted(found.items()))


def describe(executables: Mapping[str, Path]) -> dict[str, dict[str, Any]]:
    """Return the tool descriptions of executables; those without one are left out."""
    registry = _registry("ocrd-all-tool.json")
    own = set(tools.executables())

    def ask(item: tuple[str, Path]) -> tuple[str, dict[str, Any] | None]:
        name, path = item
        if name in own:
            return name, tools.tool_description(name)
        if isinstance(registry.get(name), dict):
            return name, registry[name]
        return name, _dump_json(path)

    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = pool.map(ask, executables.items())
        return {name: tool for name, tool in answers if tool is not None}


def resources_of(executable: str, tool: Mapping[str, Any]) -> list[Resource]:
    """Return the resources that a tool description advertises; broken entries are left out."""
    found = []
    for entry in tool.get("resources") or []:
        try:
            found.append(Resource.from_mapping(executable, entry))
        except (ConfigurationError, TypeError, ValueError, AttributeError) as error:
            LOG.warning("%s advertises an unusable resource: %s", executable, error)
    return found


def module_directory(executable: str) -> Path | None:
    """Return the *module* location of a processor, or ``None`` if it has none."""
    known = _registry("ocrd-all-module-dir.json").get(executable)
    if isinstance(known, str):
        return Path(known)
    path = shutil.which(executable) if executable.startswith("ocrd-") else None
    if path is None:
        return None
    text = _cached_output(Path(path), "--dump-module-dir")
    # A foreign script may print anything.
    lines = (text or "").strip().splitlines()
    directory = Path(lines[-1]) if lines else None
    if directory is not None and directory.is_absolute() and directory.is_dir():
        return directory
    return None


def _registry(name: str) -> Mapping[str, Any]:
    """Return one of the registries that OCR-D's installers put beside core, if present."""
    from importlib.util import find_spec

    spec = find_spec("ocrd")
    places: Iterable[str] = (spec.submodule_search_locations or []) if spec else []
    for place in places:
        with contextlib.suppress(OSError, ValueError):
            content = parse_json((Path(place) / name).read_text(encoding="utf-8"))
            if isinstance(content, dict):
                return content
    return {}


def _dump_json(path: Path) -> dict[str, Any] | None:
    text = _cached_output(path, "--dump-json")
    if text is None:
        return None
    # Libraries print warnings before the JSON (core #1223), which may have braces, too.
    decoder, start = json.JSONDecoder(), text.find("{")
    while start >= 0:
        with contextlib.suppress(ValueError, RecursionError):
            tool, _ = decoder.raw_decode(text[start:])
            if "executable" in tool:
                return dict(tool)
        start = text.find("{", start + 1)
    LOG.warning("%s --dump-json does not print JSON; it is left out", path)
    return None


def _cached_output(path: Path, option: str) -> str | None:
    """Return the output of an executable for an option, cached while the file is unchanged."""
    name = _entry_name(path, option)
    known = EXECUTABLES.read(name) if name else None
    if known is not None:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return str(json.loads(known)["output"])
    output = _output(path, option)
    if output is not None and name:
        text = json.dumps({"path": str(path), "option": option, "output": output})
        EXECUTABLES.keep(name, text.encode("utf-8"))
    return output


def _entry_name(path: Path, option: str) -> str | None:
    """Return the name of an answer in the cache; it depends on the state of the executable."""
    try:
        state = path.stat()
    except OSError:
        return None
    key = f"{path}\n{state.st_size}\n{state.st_mtime_ns}\n{option}"
    return f"{hashlib.sha256(key.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.json"


def _output(path: Path, option: str) -> str | None:
    try:
        done = subprocess.run(
            [str(path), option],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        LOG.warning("%s %s did not answer within %.0f s; it is left out", path, option, TIME_LIMIT)
        return None
    except OSError as error:
        LOG.warning("%s cannot be run (%s); it is left out", path, error.strerror)
        return None
    if done.returncode:
        LOG.warning("%s %s exited with %d; it is left out", path, option, done.returncode)
        return None
    return done.stdout.decode("utf-8", "replace")
