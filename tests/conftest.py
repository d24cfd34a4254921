# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Fixtures for all tests.

No test sees the user's own models or databases: HOME and the XDG directories are new for each
test. Tests that need the real models get them through the fixture ``models``.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from null_models import install

from ocrd_rapid.config.tools import executables
from ocrd_rapid.resmgr import catalogue, locations

# Where tests run in the background, as under nohup, Ctrl-C and SIGHUP are ignored, and would be by
# the processes of the tests, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# What Hypothesis makes up is the same in every run, so that a failure can be seen again and comes
# from a change. To look for more: pytest --hypothesis-profile=more. No machine is too slow.
settings.register_profile("more", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("more"), derandomize=True)
settings.load_profile("same")

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "tests" / "assets" / "sample" / "sample.png"
SCANS = ROOT.parent / "shared" / "data" / "pages"

#: Where `make models` puts the models that those of the package are made of (kept over runs).
MODELS = Path(os.environ.get("OCRD_RAPID_TEST_MODELS", ROOT / ".models"))

DEFAULT_MODELS = {entry.executable: entry.name for entry in catalogue.resource_set("default")}
ORIGINAL_MODELS = {entry.executable: entry.name for entry in catalogue.resource_set("original")}

#: The folder of the package's own models, whatever a test makes of it.
PACKAGED = locations.module_root()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a home of its own and no settings from outside."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for name in list(os.environ):
        if name.startswith("OCRD") and name != "OCRD_RAPID_TEST_MODELS":
            monkeypatch.delenv(name)
    return home


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Undo what a command that ran in this process did to the logging."""
    root, ours = logging.getLogger(), logging.getLogger("ocrd_rapid")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the test the only one to install models, and go to an empty directory."""
    monkeypatch.setattr(locations, "SYSTEM_SHARE", tmp_path / "system")
    monkeypatch.setattr(locations, "module_dir", lambda _: tmp_path / "module")
    monkeypatch.delenv("OCR_MODEL_DIR", raising=False)
    directory = tmp_path / "cwd"
    directory.mkdir()
    monkeypatch.chdir(directory)
    return directory


@pytest.fixture
def model_store() -> Path:
    """Return the folder with all models that are here for tests besides those of the package."""
    return MODELS / "ocrd-resources"


@pytest.fixture
def models(own_home: Path) -> Path:
    """Install the default models for the test (as links), even if it hides those of the package."""
    return _installed(DEFAULT_MODELS, PACKAGED, own_home)


@pytest.fixture
def original_models(own_home: Path) -> Path:
    """Install the models that the default ones are made of (as links), or skip the test."""
    store = MODELS / "ocrd-resources"
    for executable, name in ORIGINAL_MODELS.items():
        if not (store / executable / name).is_file():
            pytest.skip(f"model {name} is not in {MODELS}: run `make models`")
    return _installed(ORIGINAL_MODELS, store, own_home)


def _installed(names: Mapping[str, str], store: Path, home: Path) -> Path:
    """Link models from a folder into the user's resources; return the folder of these."""
    resources = home / "data" / "ocrd-resources"
    for executable, name in names.items():
        target = resources / executable / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(store / executable / name, target)
        except OSError:
            shutil.copyfile(store / executable / name, target)
    return resources


@pytest.fixture
def null_models(own_home: Path) -> dict[str, Path]:
    """Install models that only tests have, see ``tests/support/null_models.py``."""
    return install(own_home / "data" / "ocrd-resources")


@pytest.fixture
def scans() -> Path:
    """Return the folder of real scans with ground truth, or skip the test."""
    if not SCANS.is_dir():
        pytest.skip("../shared/data/pages is not here: no real scans to measure on")
    return SCANS


@pytest.fixture
def scoring(scans: Path) -> ModuleType:
    """Return ../shared/tools/score_pages.py."""
    path = scans.parent.parent / "tools" / "score_pages.py"
    if not path.is_file():
        pytest.skip("../shared/tools/score_pages.py is not here")
    pytest.importorskip("rapidfuzz")
    spec = importlib.util.spec_from_file_location("score_pages", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its dataclasses look themselves up.
    sys.modules["score_pages"] = module
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Result:
    """What a command did."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs one of our commands in a process of its own."""

    def call(
        *arguments: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> Result:
        command = str(arguments[0])
        script = Path(sys.executable).with_name(command)
        assert command == "ocrd-rapid" or command in executables()
        done = subprocess.run(
            [str(script), *map(str, arguments[1:])],
            cwd=cwd or tmp_path,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=600,  # a guard against hanging, as all others in the tests
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def workspace(run: Run, tmp_path: Path) -> Path:
    """Return a workspace with the sample page as P_0001 in OCR-D-IMG."""
    directory = tmp_path / "workspace"
    assert run("ocrd-rapid", "workspace", "-d", directory, "init").code == 0
    added = run(
        "ocrd-rapid", "workspace", "-d", directory, "add",
        "-G", "OCR-D-IMG", "-i", "IMG_0001", "-g", "P_0001", SAMPLE,
    )  # fmt: skip
    assert added.code == 0, added.err
    return directory


@pytest.fixture(scope="session")
def bundled() -> catalogue.Catalogue:
    """Return the bundled catalogue."""
    return catalogue.bundled()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return a running Chromium."""
    api = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if program is None:
        pytest.skip("needs Chromium")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()
