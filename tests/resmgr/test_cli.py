# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid resmgr``: what it prints, and its exit codes."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ocrd_rapid.resmgr import catalogue, database
from ocrd_rapid.resmgr.resource import Resource

if TYPE_CHECKING:
    from .conftest import Cli, Server

EXECUTABLE = "ocrd-rapid-recognize"
NAME = "m.onnx"
CONTENT = b"weights " * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()

KeepInCatalogue = Callable[..., None]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.onnx"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch) -> KeepInCatalogue:
    """Return a function that makes these entries the whole catalogue."""

    def replace(**entries: list[dict[str, Any]]) -> None:
        content = {f"ocrd-rapid-{step}": found for step, found in entries.items()}
        bundled = catalogue.parse_catalogue(content)
        monkeypatch.setattr(catalogue, "bundled", lambda: bundled)

    return replace


def entry(url: str | Path, name: str = NAME, **details: Any) -> dict[str, Any]:
    return {"name": name, "url": str(url), "sha256": DIGEST, **details}


def files(root: Path) -> list[str]:
    return sorted(str(p.relative_to(root)) for p in root.glob("ocrd-*/*"))


# list-available


def test_available_resources_are_listed_as_core_lists_them(cli: Cli, keep: KeepInCatalogue) -> None:
    keep(
        detect=[{"name": "a.onnx", "url": "http://h/a", "description": "First"}],
        recognize=[
            {"name": "b.onnx", "url": "http://h/b", "description": "Second", "sha256": DIGEST},
            {"name": "c.txt", "url": "http://h/c", "description": "Two\nlines"},
        ],
    )
    done = cli("resmgr", "list-available")
    assert done.code == 0
    assert done.out == (
        "ocrd-rapid-detect\n"
        "- a.onnx @  (http://h/a)\n"
        "  First\n"
        "\n"
        "ocrd-rapid-recognize\n"
        f"- b.onnx @  (http://h/b#sha256={DIGEST})\n"
        "  Second\n"
        "- c.txt @  (http://h/c)\n"
        "  Two\n"
        "lines\n"
        "\n"
    )


def test_all_of_the_catalogue_is_available(cli: Cli) -> None:
    out = cli("resmgr", "list-available").out
    expected = [f"- {r.name} @ " for found in catalogue.bundled().values() for r in found]
    assert re.findall(r"^- \S+ @ ", out, re.MULTILINE) == expected
    assert len(expected) == 51


@pytest.mark.parametrize(
    ("pattern", "listed"),
    [
        ("ocrd-rapid-recognize", ["recognize"]),
        ("ocrd-rapid-[dr]e*", ["detect", "recognize"]),
        ("*-classify", ["classify"]),
        ("ocrd-*", ["detect", "classify", "recognize"]),
    ],
)
def test_the_processors_to_list_are_named_by_a_glob_pattern(
    pattern: str, listed: list[str], cli: Cli, keep: KeepInCatalogue
) -> None:
    keep(**{step: [entry("http://h/m")] for step in ("detect", "classify", "recognize")})
    out = cli("resmgr", "list-available", "-e", pattern).out
    assert re.findall(r"^ocrd-rapid-(\w+)$", out, re.MULTILINE) == listed


@pytest.mark.parametrize("pattern", ["ocrd-nothing", "recognize", "ocrd-nothing-*"])
def test_a_pattern_that_nothing_fits_is_an_error(pattern: str, cli: Cli) -> None:
    done = cli("resmgr", "list-available", "-e", pattern)
    assert (done.code, done.out) == (4, "")
    assert f"no processor '{pattern}' is installed" in last_line(done.err)


def test_entries_of_the_user_s_database_are_available_too(cli: Cli, keep: KeepInCatalogue) -> None:
    keep(recognize=[{"name": "a.onnx", "url": "http://h/a", "description": "Bundled"}])
    database.register(Resource(EXECUTABLE, "a.onnx", "http://user/a", "User's"))
    database.register(Resource(EXECUTABLE, "b.onnx", "http://user/b", "User's"))
    database.register(Resource("ocrd-toy", "c.onnx", "http://user/c", "Another's"))
    assert cli("resmgr", "list-available").out == (
        "ocrd-rapid-recognize\n"
        "- a.onnx @  (http://h/a)\n"
        "  Bundled\n"
        "- b.onnx @  (http://user/b)\n"
        "  User's\n"
        "\n"
        "ocrd-toy\n"
        "- c.onnx @  (http://user/c)\n"
        "  Another's\n"
        "\n"
    )


def test_processors_without_entries_are_not_listed(cli: Cli, keep: KeepInCatalogue) -> None:
    keep(recognize=[{"name": "a.onnx", "url": "http://h/a", "description": "A"}])
    path = database.user_database()
    path.parent.mkdir(parents=True)
    path.write_text("ocrd-toy: []\n", encoding="utf-8")
    out = cli("resmgr", "list-available").out
    assert out == "ocrd-rapid-recognize\n- a.onnx @  (http://h/a)\n  A\n\n"


def test_a_broken_user_database_is_a_warning(cli: Cli) -> None:
    path = database.user_database()
    path.parent.mkdir(parents=True)
    path.write_text("ocrd-toy: [unclosed\n", encoding="utf-8")
    done = cli("resmgr", "list-available", "-e", "ocrd-rapid-classify")
    assert done.code == 0
    assert done.out.count("\n- ") == 3
    assert re.search(r"^\d\d:\d\d:\d\d\.\d{3} WARNING ocrd_rapid\S* - ", done.err)
    assert str(path) in done.err


def test_listing_what_is_available_writes_nothing(cli: Cli, own_home: Path) -> None:
    assert cli("resmgr", "list-available").code == 0
    assert list(own_home.rglob("*")) == []


# list-installed


def test_nothing_installed_is_an_empty_list(cli: Cli) -> None:
    done = cli("resmgr", "list-installed")
    assert (done.code, done.out) == (0, "")


def test_a_processor_that_is_asked_for_has_a_stanza_in_any_case(cli: Cli) -> None:
    done = cli("resmgr", "list-installed", "-e", EXECUTABLE)
    assert (done.code, done.out) == (0, f"{EXECUTABLE}\n\n")


def test_installed_resources_are_listed_as_core_lists_them(
    cli: Cli, keep: KeepInCatalogue, good: Path, data: Path
) -> None:
    keep(
        detect=[entry(good, "d.onnx", description="Detection")],
        recognize=[entry(good, "r.onnx", description="Recognition"), entry(good, "not-installed")],
    )
    assert cli("resmgr", "download", "ocrd-rapid-detect", "d.onnx").code == 0
    assert cli("resmgr", "download", EXECUTABLE, "r.onnx").code == 0
    assert cli("resmgr", "list-installed").out == (
        "ocrd-rapid-detect\n"
        f"- d.onnx @  ({good})\n"
        "  Detection\n"
        "\n"
        "ocrd-rapid-recognize\n"
        f"- r.onnx @  ({good})\n"
        "  Recognition\n"
        "\n"
    )
    only = cli("resmgr", "list-installed", "-e", "ocrd-rapid-detect").out
    assert only == f"ocrd-rapid-detect\n- d.onnx @  ({good})\n  Detection\n\n"


def test_installed_files_of_processors_that_are_not_are_listed(cli: Cli, data: Path) -> None:
    (data / "ocrd-ghost").mkdir(parents=True)
    (data / "ocrd-ghost" / "g.bin").write_bytes(b"ghost")
    done = cli("resmgr", "list-installed")
    assert done.code == 0
    assert re.fullmatch(r"ocrd-ghost\n- g\.bin @  \(\?\?\?\)\n  Found at data.*\n\n", done.out)


# download


def test_a_download_prints_nothing_and_logs_how_the_resource_is_used(
    cli: Cli, keep: KeepInCatalogue, good: Path, data: Path
) -> None:
    keep(recognize=[entry(good)])
    done = cli("resmgr", "download", EXECUTABLE, NAME)
    assert (done.code, done.out) == (0, "")
    assert f"Installed {data / EXECUTABLE / NAME}" in done.err
    assert done.err.endswith(f"Use in parameters as '{NAME}'\n")
    assert (data / EXECUTABLE / NAME).read_bytes() == CONTENT


def test_a_name_without_extension_is_how_it_is_used_and_may_be_asked_for(
    cli: Cli, keep: KeepInCatalogue, good: Path, data: Path
) -> None:
    keep(recognize=[entry(good, "deu.model", parameter_usage="without-extension")])
    done = cli("resmgr", "download", EXECUTABLE, "deu")
    assert done.code == 0
    assert "Use in parameters as 'deu'" in done.err
    assert files(data) == [f"{EXECUTABLE}/deu.model"]


def test_what_is_installed_is_not_downloaded_again(
    cli: Cli, keep: KeepInCatalogue, good: Path
) -> None:
    keep(recognize=[entry(good)])
    assert cli("resmgr", "download", EXECUTABLE, NAME).code == 0
    good.unlink()
    done = cli("resmgr", "download", EXECUTABLE, NAME)
    assert done.code == 0
    assert "is already installed" in done.err


def test_every_resource_of_a_processor_is_downloaded_for_a_star(
    cli: Cli, keep: KeepInCatalogue, good: Path, data: Path
) -> None:
    keep(recognize=[entry(good, "a"), entry(good, "b")], detect=[entry(good, "c")])
    database.register(Resource(EXECUTABLE, "user's", str(good)))
    database.register(Resource(EXECUTABLE, "stub", "???"))
    assert cli("resmgr", "download", EXECUTABLE, "*").code == 0
    assert files(data) == [f"{EXECUTABLE}/{name}" for name in ("a", "b", "user's")]


def test_a_failure_among_many_does_not_stop_the_others(
    cli: Cli, keep: KeepInCatalogue, good: Path, data: Path, tmp_path: Path
) -> None:
    keep(recognize=[entry(good, "a"), entry(tmp_path / "nowhere", "b"), entry(good, "c")])
    done = cli("resmgr", "download", EXECUTABLE, "*")
    assert done.code == 5
    assert "1 of 3 resources failed" in done.err.splitlines()[-1]
    assert files(data) == [f"{EXECUTABLE}/a", f"{EXECUTABLE}/c"]


def test_a_star_for_a_processor_without_resources_is_an_error(cli: Cli) -> None:
    done = cli("resmgr", "download", "-a", "ocrd-toy", "*")
    assert done.code == 4
    assert "no resources are known for ocrd-toy" in done.err


@pytest.mark.parametrize(
    ("location", "place"),
    [("data", f"home/data/ocrd-resources/{EXECUTABLE}"), ("cwd", "cwd"),
     ("system", f"system-share/ocrd-resources/{EXECUTABLE}"), ("module", "module")],
)  # fmt: skip
def test_the_location_says_where_to(
    location: str,
    place: str,
    cli: Cli,
    good: Path,
    tmp_path: Path,
    module_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    assert cli("resmgr", "download", "-l", location, "-n", good, EXECUTABLE, NAME).code == 0
    assert (tmp_path / place / NAME).read_bytes() == CONTENT
    assert [p.name for p in tmp_path.rglob(NAME)] == [NAME]


def test_a_relative_path_is_a_url_too_and_registered_as_absolute(
    cli: Cli, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("resmgr", "download", "-n", "good.onnx", EXECUTABLE, NAME).code == 0
    [registered] = database.read()[EXECUTABLE]
    assert registered.url == str(good)


def test_without_a_name_the_file_keeps_its_own(cli: Cli, good: Path, data: Path) -> None:
    assert cli("resmgr", "download", "-n", good, EXECUTABLE).code == 0
    assert files(data) == [f"{EXECUTABLE}/good.onnx"]


def test_a_processor_that_is_not_installed_can_be_allowed(cli: Cli, good: Path, data: Path) -> None:
    refused = cli("resmgr", "download", "-n", good, "ocrd-toy", NAME)
    assert refused.code == 2
    assert "'ocrd-toy' is not installed" in refused.err
    assert "-a/--allow-uninstalled" in refused.err
    assert files(data) == []
    assert cli("resmgr", "download", "-a", "-n", good, "ocrd-toy", NAME).code == 0
    assert files(data) == [f"ocrd-toy/{NAME}"]


def test_a_processor_on_the_path_needs_no_allowance(
    cli: Cli, good: Path, data: Path, bin_dir: Path
) -> None:
    script = bin_dir / "ocrd-toy"
    script.write_text('#!/bin/sh\necho \'{"executable": "ocrd-toy"}\'\n', encoding="utf-8")
    script.chmod(0o755)
    done = cli("resmgr", "download", "-n", good, "ocrd-toy", NAME)
    assert done.code == 0, done.err
    assert files(data) == [f"ocrd-toy/{NAME}"]


def test_a_name_that_core_would_refuse_does_not_get_into_its_database(cli: Cli, good: Path) -> None:
    done = cli("resmgr", "download", "-a", "-n", good, "toy", NAME)
    assert done.code == 2
    assert "which begins with 'ocrd-'" in last_line(done.err)
    assert not database.user_database().exists()


def test_offline_mode_is_set_by_the_environment(
    cli: Cli, keep: KeepInCatalogue, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(recognize=[entry(server.gives("/m.onnx", CONTENT))])
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "1")
    done = cli("resmgr", "download", EXECUTABLE, NAME)
    assert done.code == 5
    assert "OCRD_RAPID_OFFLINE forbids downloading it" in done.err
    assert f"ocrd-rapid resmgr download --any-url FILE {EXECUTABLE} {NAME}" in done.err
    assert server.requests == []


def test_a_senseless_value_of_offline_mode_is_an_error(
    cli: Cli, keep: KeepInCatalogue, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(recognize=[entry(server.gives("/m.onnx", CONTENT))])
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "maybe")
    done = cli("resmgr", "download", EXECUTABLE, NAME)
    assert done.code == 3
    assert "OCRD_RAPID_OFFLINE: 'maybe'" in done.err
    assert server.requests == []


# Errors: one line, and the exit code


def last_line(err: str) -> str:
    assert "Traceback" not in err
    assert "unexpected" not in err
    line = err.splitlines()[-1]
    assert line.startswith("ocrd-rapid: error: ")
    return line


def test_an_unknown_name_ends_with_4_and_a_hint(cli: Cli) -> None:
    done = cli("resmgr", "download", EXECUTABLE, "PP-OCRv6_rec_smal.onnx")
    assert done.code == 4
    line = last_line(done.err)
    assert "no resource 'PP-OCRv6_rec_smal.onnx' is known for ocrd-rapid-recognize" in line
    assert "did you mean PP-OCRv6_rec_small.onnx" in line
    assert "'ocrd-rapid resmgr list-available" in line


def test_a_missing_name_ends_with_2(cli: Cli) -> None:
    done = cli("resmgr", "download", EXECUTABLE)
    assert done.code == 2
    assert "NAME is required" in last_line(done.err)
    assert "'*' for all" in last_line(done.err)


@pytest.mark.parametrize(
    "arguments",
    [["--bogus"], ["-l", "moon", EXECUTABLE, NAME], [EXECUTABLE, NAME, "too much"]],
)
def test_a_command_line_that_cannot_be_understood_ends_with_2(
    arguments: list[str], cli: Cli
) -> None:
    done = cli("resmgr", "download", *arguments)
    assert done.code == 2
    assert done.out == ""
    assert "error: " in done.err
    assert "--help" in done.err


def test_an_unknown_command_ends_with_2(cli: Cli) -> None:
    assert cli("resmgr", "bogus").code == 2


def test_a_wrong_hash_ends_with_6_and_installs_nothing(
    cli: Cli, keep: KeepInCatalogue, server: Server, data: Path
) -> None:
    keep(recognize=[entry(server.gives("/m.onnx", b"<html>please log in</html>"))])
    done = cli("resmgr", "download", EXECUTABLE, NAME)
    assert done.code == 6
    assert f"expected {DIGEST}" in last_line(done.err)
    assert files(data) == []
    assert cli("resmgr", "list-installed").out == ""


def test_another_file_of_the_name_ends_with_6_and_names_the_option(
    cli: Cli, keep: KeepInCatalogue, good: Path, data: Path
) -> None:
    keep(recognize=[entry(good)])
    mine = data / EXECUTABLE / NAME
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    done = cli("resmgr", "download", EXECUTABLE, NAME)
    assert done.code == 6
    assert "--overwrite" in last_line(done.err)
    assert mine.read_bytes() == b"mine"
    assert cli("resmgr", "download", "--overwrite", EXECUTABLE, NAME).code == 0
    assert mine.read_bytes() == CONTENT


def test_a_source_that_cannot_be_reached_ends_with_5(
    cli: Cli, keep: KeepInCatalogue, refused: str
) -> None:
    keep(recognize=[entry(refused)])
    done = cli("resmgr", "download", EXECUTABLE, NAME)
    assert done.code == 5
    assert refused in last_line(done.err)


def test_a_full_disk_ends_with_7(
    cli: Cli, keep: KeepInCatalogue, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    keep(recognize=[entry(good)])
    monkeypatch.setattr("ocrd_rapid.resmgr.sources.shutil.copyfile", full)
    done = cli("resmgr", "download", EXECUTABLE, NAME)
    assert done.code == 7
    assert "No space left on device" in last_line(done.err)


def test_a_place_that_is_no_directory_ends_with_7(
    cli: Cli, keep: KeepInCatalogue, good: Path, data: Path
) -> None:
    keep(recognize=[entry(good)])
    data.mkdir(parents=True)
    (data / EXECUTABLE).touch()
    done = cli("resmgr", "download", EXECUTABLE, NAME)
    assert done.code == 7
    assert str(data / EXECUTABLE) in last_line(done.err)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "it is empty"),
        (" ", "it is empty"),
        ("..", "it must not contain directories"),
        ("../evil", "it must not contain directories"),
        ("/tmp/evil", "it must not contain directories"),
        ("..\\evil", "it must not contain directories"),
        ("--help", "commands would take it for an option"),
        ("-evil", "commands would take it for an option"),
        ("evil\n", "it contains invisible characters"),
        ("ev\x1b[31mil", "it contains invisible characters"),
        ("evil\0", "it contains invisible characters"),
        ("evil\udcff", "it contains invisible characters"),
        ("evil\u202e", "it contains invisible characters"),
        ("evil" * 75, "it is longer than 150 bytes"),
        ("ä" * 100, "it is longer than 150 bytes"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_at_once(
    name: str, problem: str, cli: Cli, good: Path, own_home: Path
) -> None:
    for arguments in (
        ["download", "-n", good, EXECUTABLE], ["download", EXECUTABLE], ["remove", EXECUTABLE],
        ["info"],
    ):  # fmt: skip
        done = cli("resmgr", *arguments, "--", name)
        assert done.code == 3, arguments
        assert last_line(done.err).endswith(f"is not the name of a resource: {problem}")
    done = cli("resmgr", "download", "-a", "-n", good, "--", name or " ", "m.onnx")
    assert done.code == 3
    assert "is not the name of an OCR-D processor" in last_line(done.err)
    assert list(own_home.rglob("*evil*")) == []


def test_an_address_without_a_name_in_it_needs_one(cli: Cli) -> None:
    done = cli("resmgr", "download", "-n", "http://127.0.0.1:9/", EXECUTABLE)
    assert done.code == 3
    assert "is not the name of a resource: it is empty" in last_line(done.err)


@pytest.mark.parametrize("name", ["", "."])
def test_no_name_has_no_path(name: str, cli: Cli) -> None:
    assert cli("resmgr", "path", "").code == 4


SECRET_URLS = [
    "http://me:S3CRET@127.0.0.1:99999/m.onnx?token=S3CRET",
    "http://me:S3CRET@[::1/m.onnx?token=S3CRET",
    "https://me:S3CRET@{host}/m.onnx?X-Amz-Signature=S3CRET",
    "ftp://me:S3CRET@{host}/m.onnx?token=S3CRET",
    "htps://me:S3CRET@{host}/m.onnx#S3CRET",
    "me:S3CRET@{host}/m.onnx",
    "http://me:S3CRET@{host}/gone?sig=S3CRET",
]


@pytest.mark.parametrize("url", SECRET_URLS)
def test_no_failure_tells_a_secret(url: str, cli: Cli, server: Any, own_home: Path) -> None:
    address = url.replace("{host}", server.url.removeprefix("http://"))
    done = cli("resmgr", "download", "-n", address, EXECUTABLE, "m.onnx")
    assert done.code in (1, 3, 5)
    assert "S3CRET" not in done.out + done.err
    assert not any(b"S3CRET" in path.read_bytes() for path in own_home.rglob("*") if path.is_file())


def test_nothing_secret_is_registered(cli: Cli, server: Any, data: Path, own_home: Path) -> None:
    query = "id=5&token=S3CRET&X-Amz-Signature=S3CRET"
    url = server.gives(f"/m.onnx?{query}", CONTENT)
    secret = url.replace("//", "//me:S3CRET@") + "#S3CRET"
    done = cli("resmgr", "download", "--json", "-n", secret, EXECUTABLE, "m.onnx")
    assert done.code == 0, done.err
    assert server.requests[0].path == f"/m.onnx?{query}"
    assert server.requests[0].headers["Authorization"].startswith("Basic ")
    assert (data / EXECUTABLE / "m.onnx").read_bytes() == CONTENT
    assert "S3CRET" not in done.out + done.err
    assert "registered without what may be secret in its address" in done.err
    database = own_home / "config" / "ocrd" / "resources.yml"
    assert f"url: {server.url}/m.onnx?id=5#sha256=" in database.read_text()
    assert not any(b"S3CRET" in path.read_bytes() for path in own_home.rglob("*") if path.is_file())
    assert "S3CRET" not in cli("resmgr", "list-installed", "--json").out


# The command itself


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["list-available", "list-installed", "download"]),
        (["download", "-h"], ["--any-url", "--overwrite", "--allow-uninstalled", "--location"]),
        (["list-available", "-h"], ["--executable", "ocrd-*"]),
    ],
)
def test_help_names_what_there_is(arguments: list[str], words: list[str], cli: Cli) -> None:
    done = cli("resmgr", *arguments)
    assert done.code == 0
    assert [word for word in words if word not in done.out] == []
    assert done.err == ""


def test_the_installed_command_lists_and_downloads(run: Any, good: Path, data: Path) -> None:
    done = run("ocrd-rapid", "resmgr", "list-available", "-e", "ocrd-rapid-classify")
    assert done.code == 0
    assert done.out.startswith("ocrd-rapid-classify\n- ")
    done = run("ocrd-rapid", "resmgr", "download", "-n", good, EXECUTABLE, NAME)
    assert (done.code, done.out) == (0, "")
    assert (data / EXECUTABLE / NAME).read_bytes() == CONTENT
    done = run("ocrd-rapid", "resmgr", "download", EXECUTABLE, "nothing")
    assert done.code == 4
    assert done.err.startswith("ocrd-rapid: error: no resource 'nothing'")


@pytest.mark.parametrize("command", ["list-available", "list-installed"])
def test_listing_loads_neither_engines_nor_http(command: str, run: Any) -> None:
    done = run("ocrd-rapid", "resmgr", command, env={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = set(re.findall(r"^import time:.*\| +([\w.]+)$", done.err, re.MULTILINE))
    assert "yaml" in loaded
    assert loaded & {"onnxruntime", "openvino", "cv2", "numpy", "requests"} == set()


def test_the_name_of_a_resource_is_resolved_by_the_processor(
    run: Any, cli: Cli, good: Path, data: Path
) -> None:
    assert cli("resmgr", "download", "-n", good, EXECUTABLE, NAME).code == 0
    assert run(EXECUTABLE, "-R", NAME).out == f"{data / EXECUTABLE / NAME}\n"
    assert NAME in run(EXECUTABLE, "-L").out.splitlines()
    missing = run(EXECUTABLE, "-R", "te_PP-OCRv4_rec_mobile.onnx")
    assert missing.code == 4
    assert f"ocrd-rapid resmgr download {EXECUTABLE} te_PP-OCRv4_rec_mobile.onnx" in missing.err
    described = json.loads(run(EXECUTABLE, "-J").out)
    assert described["resource_locations"][0] == "data"
