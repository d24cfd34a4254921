# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Our resource manager and that of OCR-D core in turn, on the same directories and database."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ocrd_rapid.cli.errors import run_command
from ocrd_rapid.cli.main import cli
from ocrd_rapid.config import directories
from ocrd_rapid.resmgr import installed, locations

ROOT = Path(__file__).resolve().parent.parent.parent
CORE = ROOT / ".venv-core" / "bin"
FAKE = "ocrd-fake"

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (CORE / "ocrd").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> set[str]:
        return set(self.out.splitlines())


@dataclass
class Web:
    """What the web server has."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)


Command = Callable[..., Done]


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """Run a web server on this machine."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    content = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = content.files.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body or b"")

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        content.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield content
        server.shutdown()
        thread.join()


@pytest.fixture
def fake(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a processor with two resources on the PATH; return its module directory."""
    module = tmp_path / "module"
    module.mkdir()
    (module / "shipped.bin").write_text("shipped")
    web.files.update({"/a.bin": b"first", "/b.data": b"second"})
    resources = [
        {"url": f"{web.url}/a.bin", "name": "a.bin", "description": "One", "size": 5},
        {
            "url": f"{web.url}/b.data",
            "name": "b.data",
            "description": "Two\n  with a second line",
            "size": 6,
            "parameter_usage": "without-extension",
        },
    ]
    for entry in resources:
        entry |= {"type": "file", "path_in_archive": ".", "version_range": ">= 0.0.1"}
    tool = {
        "executable": FAKE,
        "description": "Fake",
        "steps": ["recognition/text-recognition"],
        "categories": ["Text recognition and optimization"],
        "input_file_grp_cardinality": 1,
        "output_file_grp_cardinality": 1,
        "resource_locations": ["data", "cwd", "system", "module"],
        "resources": resources,
        "parameters": {},
    }
    path = tmp_path / "bin" / FAKE
    path.parent.mkdir()
    path.write_text(
        f"#!/bin/sh\ncase \"$1\" in\n--dump-json|-J) cat <<'END'\n{json.dumps(tool)}\nEND\n;;\n"
        f"--dump-module-dir|-D) echo '{module}';;\nesac\n"
    )
    path.chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", os.pathsep.join([str(path.parent), os.defpath]))
    return module


@pytest.fixture
def core(tmp_path: Path, fake: Path) -> Command:
    """Return a function that runs ``ocrd resmgr``, or core's Python."""

    def call(*arguments: str | Path, python: str = "") -> Done:
        script = ["python", "-c", python] if python else ["ocrd", "resmgr"]
        command = [str(CORE / script[0]), *script[1:]]
        done = subprocess.run(
            [*command, *map(str, arguments)],
            cwd=tmp_path / "home",
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def ours(fake: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Return a function that runs ``ocrd-rapid resmgr`` in this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def call(*arguments: str | Path) -> Done:
        code = run_command(cli, "ocrd-rapid", ["resmgr", *map(str, arguments)])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    yield call
    root.handlers[:] = handlers
    root.setLevel(level)


def data(name: str = "") -> Path:
    return locations.data_home() / "ocrd-resources" / FAKE / name


def put(name: str, content: str = "content") -> Path:
    path = data(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def registered() -> dict[str, dict[str, Any]]:
    """Return the entries of the fake processor in the user's database."""
    path = directories.config_home() / "ocrd" / "resources.yml"
    entries = yaml.safe_load(path.read_text())[FAKE]
    assert len({entry["name"] for entry in entries}) == len(entries)
    return {entry["name"]: entry for entry in entries}


def assert_core_accepts_the_database(core: Command) -> None:
    done = core("list-available", "-D", "-e", FAKE)
    assert done.code == 0, done.err
    assert [name for name in registered() if f"- {name} @ " not in done.out] == []


def test_what_we_download_core_lists_resolves_and_replaces(
    core: Command, ours: Command, web: Web
) -> None:
    assert ours("download", FAKE, "a.bin").code == 0
    assert f"- a.bin @  ({web.url}/a.bin" in core("list-installed", "-e", FAKE).out
    code = (
        "import sys; from ocrd_utils import list_resource_candidates as candidates;"
        "from pathlib import Path;"
        "print(*[p for p in candidates(*sys.argv[1:]) if Path(p).exists()])"
    )
    assert core(FAKE, "a.bin", python=code).out.strip() == str(data("a.bin"))
    web.files["/a.bin"] = b"newer"
    done = core("download", "-o", FAKE, "a.bin")
    assert done.code == 0, done.err
    assert data("a.bin").read_bytes() == b"newer"
    assert ours("verify", "-e", FAKE).out.startswith(("ok", "unknown"))
    assert_core_accepts_the_database(core)


def test_what_core_downloads_we_list_verify_and_replace(
    core: Command, ours: Command, web: Web
) -> None:
    done = core("download", FAKE, "a.bin")
    assert done.code == 0, done.err
    assert f"- a.bin @  ({web.url}/a.bin" in ours("list-installed", "-e", FAKE).out
    verified = ours("verify", "-e", FAKE)
    assert (verified.code, verified.out.split()[0]) in ((0, "ok"), (0, "unknown"))
    web.files["/a.bin"] = b"newer"
    assert ours("download", FAKE, "a.bin").code == 0
    assert data("a.bin").read_bytes() == b"first"
    assert ours("download", "-o", FAKE, "a.bin").code == 0
    assert data("a.bin").read_bytes() == b"newer"
    assert_core_accepts_the_database(core)


def test_what_we_download_from_anywhere_core_replaces(
    core: Command, ours: Command, web: Web
) -> None:
    web.files["/own.bin"] = b"own"
    assert ours("download", "-n", f"{web.url}/own.bin", FAKE, "own.bin").code == 0
    assert ours("verify", "-e", FAKE).out.startswith("ok")
    web.files["/own.bin"] = b"changed"
    done = core("download", "-o", FAKE, "own.bin")
    assert done.code == 0, done.err
    assert data("own.bin").read_bytes() == b"changed"
    assert_core_accepts_the_database(core)


def test_what_core_copies_from_a_path_we_list_and_replace(
    core: Command, ours: Command, tmp_path: Path
) -> None:
    source = tmp_path / "source.bin"
    source.write_text("one")
    done = core("download", "-n", source, FAKE, "own.bin")
    assert done.code == 0, done.err
    assert f"- own.bin @  ({source})" in ours("list-installed", "-e", FAKE).lines
    assert ours("verify", "-e", FAKE).out.startswith("unknown")
    source.write_text("two")
    assert ours("download", "-o", FAKE, "own.bin").code == 0
    assert data("own.bin").read_text() == "two"
    assert_core_accepts_the_database(core)


def test_what_we_copy_from_a_path_core_replaces(
    core: Command, ours: Command, tmp_path: Path
) -> None:
    source = tmp_path / "source.bin"
    source.write_text("one")
    assert ours("download", "-n", source, FAKE, "own.bin").code == 0
    source.write_text("two")
    done = core("download", "-o", FAKE, "own.bin")
    assert done.code == 0, done.err
    assert data("own.bin").read_text() == "two"


def test_an_unknown_file_that_we_imported_is_still_unknown_to_core(
    core: Command, ours: Command, tmp_path: Path
) -> None:
    put("mystery.bin")
    bundle = tmp_path / "bundle.zip"
    assert ours("export", "-o", bundle, FAKE).code == 0
    data("mystery.bin").unlink()
    assert ours("import", bundle).code == 0
    assert_core_accepts_the_database(core)
    data("mystery.bin").unlink()
    done = core("download", FAKE, "*")
    assert done.code == 0, done.err
    assert {path.name for path in data().iterdir()} == {"a.bin", "b.data"}


def test_an_archive_and_a_directory_of_ours_are_valid_for_core(
    core: Command, ours: Command, web: Web, tmp_path: Path
) -> None:
    (tmp_path / "top" / "sub").mkdir(parents=True)
    (tmp_path / "top" / "sub" / "inner").write_text("inner")
    with tarfile.open(tmp_path / "x.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "top", "top")
    web.files["/x.tar.gz"] = (tmp_path / "x.tar.gz").read_bytes()
    url = f"{web.url}/x.tar.gz"
    archive = ["-t", "archive", "-P", "top/sub"]
    assert ours("download", "-n", url, *archive, FAKE, "unpacked").code == 0
    assert ours("download", "-n", tmp_path / "top", "-t", "directory", FAKE, "folder").code == 0
    assert {"unpacked", "folder"} <= set(registered())
    assert_core_accepts_the_database(core)
    (data("unpacked") / "inner").write_text("changed")
    done = core("download", "-o", FAKE, "unpacked")
    assert done.code == 0, done.err
    assert (data("unpacked") / "inner").read_text() == "inner"


def test_no_entry_is_lost_when_both_write_in_turn(
    core: Command, ours: Command, web: Web, tmp_path: Path
) -> None:
    web.files |= {f"/{name}": name.encode() for name in ("one", "two", "three")}
    for command, name in ((core, "one"), (ours, "two"), (core, "three")):
        assert command("download", "-n", f"{web.url}/{name}", FAKE, name).code == 0
    assert ours("download", FAKE, "a.bin").code == 0
    put("by-hand.bin")
    assert ours("list-installed").code == 0
    put("later-by-hand.bin")
    assert core("list-installed", "-e", FAKE).code == 0
    assert ours("remove", FAKE, "by-hand.bin").code == 0
    assert {"one", "two", "three", "a.bin", "later-by-hand.bin"} <= set(registered())
    assert "by-hand.bin" not in registered()
    assert_core_accepts_the_database(core)


@pytest.mark.parametrize("first", ["core", "ours"])
def test_both_print_the_same_of_what_is_available(
    core: Command, ours: Command, web: Web, first: str
) -> None:
    web.files["/own.bin"] = b"own"
    assert ours("download", "-n", f"{web.url}/own.bin", FAKE, "own.bin").code == 0
    commands = (core, ours) if first == "core" else (ours, core)
    one, two = [command("list-available", "-e", FAKE) for command in commands]
    assert one.code == two.code == 0
    assert one.lines == two.lines
    assert {FAKE, f"- a.bin @  ({web.url}/a.bin)", "  with a second line"} <= one.lines
    assert len(one.out.splitlines()) == len(two.out.splitlines())


@pytest.mark.parametrize("first", ["core", "ours"])
def test_both_print_the_same_of_what_is_installed(
    core: Command, ours: Command, fake: Path, first: str
) -> None:
    for name in ("a.bin", "by-hand.bin", "preset.json", "directory/inner"):
        put(name)
    commands = (core, ours) if first == "core" else (ours, core)
    one, two = [command("list-installed", "-e", FAKE) for command in commands]
    assert one.code == two.code == 0
    assert one.lines == two.lines
    assert f"- shipped.bin @  ({fake / 'shipped.bin'})" in one.lines
    assert sum(line.startswith("- ") for line in one.out.splitlines()) == 5
    assert_core_accepts_the_database(core)


def test_of_a_pattern_that_fits_nothing_core_prints_a_heading_and_we_an_error(
    core: Command, ours: Command
) -> None:
    one, two = (command("list-available", "-e", "ocrd-none") for command in (core, ours))
    assert (one.code, one.out) == (0, "ocrd-none\n\n")
    assert (two.code, two.out) == (4, "")


def test_where_data_and_system_are_one_directory_everything_is_listed_once(
    core: Command, ours: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = tmp_path / "x" / "share"
    monkeypatch.setenv("XDG_DATA_HOME", str(share))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(share / "ocrd-resources"))
    monkeypatch.setattr(locations, "SYSTEM_SHARE", share)
    monkeypatch.setattr(installed, "SYSTEM_SHARE", share)
    assert core("download", FAKE, "a.bin").code == 0
    assert ours("download", FAKE, "b.data").code == 0
    put("by-hand.bin")
    for arguments in (["-e", FAKE], []):
        listed = ours("list-installed", *arguments).out.splitlines()
        listed = listed[listed.index(FAKE) :]
        listed = listed[: listed.index("")]  # not what is shipped with our own processors
        names = [line.split()[1] for line in listed if line.startswith("- ")]
        assert sorted(names) == ["a.bin", "b.data", "by-hand.bin", "shipped.bin"]
        assert listed.count(FAKE) == 1
    assert (share / "ocrd-resources" / "ocrd" / "resources.yml").is_file()
    assert_core_accepts_the_database(core)


def test_core_is_content_with_our_command_that_is_no_processor(
    core: Command, tmp_path: Path
) -> None:
    """Core asks whatever on the PATH is named ``ocrd-*`` for the resources it knows."""
    script = Path(sys.executable).parent / "ocrd-rapid"
    if not script.exists():
        pytest.skip(f"{script} is not installed")
    alone = core("list-available")
    (tmp_path / "bin" / "ocrd-rapid").symlink_to(script)
    done = core("list-available")
    assert (done.code, done.out) == (0, alone.out)
    assert "ERROR" not in done.err
    assert "No such option" not in done.err
    named = core("list-available", "-e", "ocrd-rapid")
    assert (named.code, named.out) == (0, "ocrd-rapid\n\n")
    assert "ERROR" not in named.err
