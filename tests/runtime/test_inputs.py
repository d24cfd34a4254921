# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Input files that are only on the web."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from scripted_server import Answer, Server, a_file, in_turn, serving
from toys import ALL, NS, Toy, book, output_pages, pages, run, run_chain, saved, with_groups

from ocrd_rapid.errors import (
    DownloadError,
    ExitCode,
    ImageError,
    MetsError,
    OcrdRapidError,
    OfflineError,
)
from ocrd_rapid.runtime.inputs import localise
from ocrd_rapid.runtime.policy import Policy
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import digest
from ocrd_rapid.workspace.workspace import Workspace

DOWNLOAD = Policy(tolerated=-1, parallel_pages=1, download=True)


def png() -> bytes:
    stream = io.BytesIO()
    Image.new("L", (30, 21), 255).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(a_file(png())) as running:
        yield running


def far(
    workspace: Workspace, url: str, mimetype: str = "image/png", identifier: str = "WEB_1"
) -> MetsFile:
    entry = MetsFile(identifier, "WEB", "P_1", mimetype, "", url)
    workspace.mets.add_file(entry)
    workspace.save()
    return entry


def test_unless_that_is_wanted_nothing_is_fetched(single: Workspace, server: Server) -> None:
    far(single, server.url)
    summary = run(single, Toy(), with_groups("WEB"), policy=ALL)
    assert summary.failed == {
        "P_1": f"file WEB_1 of page P_1 is only at {server.url}; to fetch such files, set"
        " the environment variable OCRD_DOWNLOAD_INPUT=true"
    }
    assert server.requests == []


def test_a_file_is_fetched_and_entered_beside_its_address(
    single: Workspace, server: Server
) -> None:
    far(single, server.url)
    look = Toy(lambda task: None if task.image.pixels.size else pytest.fail("no pixels"))
    assert run(single, look, with_groups("WEB"), policy=DOWNLOAD).failed == {}
    assert (single.directory / "WEB" / "WEB_1.png").read_bytes() == png()
    assert saved(single).mets.file("WEB_1") == MetsFile(
        "WEB_1", "WEB", "P_1", "image/png", "WEB/WEB_1.png", server.url
    )
    assert len(server.requests) == 1
    run(saved(single), look, with_groups("WEB", "OUT2"), policy=ALL)
    assert len(server.requests) == 1
    assert NS["mets"] in single.mets_path.read_text()


def test_what_was_fetched_is_kept_when_the_page_fails(single: Workspace, server: Server) -> None:
    far(single, server.url)

    def fail(task: object) -> None:
        raise RuntimeError

    assert list(run(single, Toy(fail), with_groups("WEB"), policy=DOWNLOAD).failed) == pages(1)
    entry = saved(single).mets.file("WEB_1")
    assert entry is not None
    assert entry.path == "WEB/WEB_1.png"


def test_a_chain_fetches_a_file_once(single: Workspace, server: Server) -> None:
    far(single, server.url)
    chain = (with_groups("WEB", "ONE"), Toy()), (with_groups("WEB", "TWO"), Toy())
    run_chain(single, *chain, policy=DOWNLOAD)
    assert output_pages(single, "ONE") == output_pages(single, "TWO") == pages(1)
    assert len(server.requests) == 1


def test_only_pages_that_are_not_finished_are_fetched(single: Workspace, server: Server) -> None:
    far(single, server.url)
    run(single, Toy(), with_groups("WEB"), policy=DOWNLOAD)
    again = saved(single)
    far(again, server.url)
    run(again, Toy(), with_groups("WEB", resume=True), policy=DOWNLOAD)
    assert len(server.requests) == 1


def test_a_fetched_file_that_the_mets_lost_is_entered_with_its_page(
    single: Workspace, server: Server
) -> None:
    far(single, server.url)
    before = single.mets_path.read_bytes()
    run(single, Toy(), with_groups("WEB"), policy=DOWNLOAD)
    undisturbed = single.mets_path.read_bytes()
    single.mets_path.write_bytes(before)
    run(saved(single), Toy(), with_groups("WEB", resume=True), policy=DOWNLOAD)
    assert single.mets_path.read_bytes() == undisturbed
    assert len(server.requests) == 1


def test_what_cannot_be_fetched_fails_its_page_and_leaves_no_file(single: Workspace) -> None:
    with serving(in_turn(Answer(404))) as server:
        far(single, server.url)
        with pytest.raises(DownloadError, match="404") as caught:
            run(single, Toy(), with_groups("WEB"), policy=Policy(download=True))
    assert caught.value.exit_code is ExitCode.NETWORK
    assert [path for path in single.directory.rglob("WEB/*") if path.is_file()] == []
    entry = saved(single).mets.file("WEB_1")
    assert entry is not None
    assert entry.path == ""


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<!DOCTYPE html><title>Login</title>", "it is an HTML page, as a server may answer"),
        (b"", "the file is empty"),
        (b"%PDF-1.4", "it is a PDF"),
    ],
)
def test_what_is_no_image_is_not_kept_as_one(single: Workspace, answer: bytes, words: str) -> None:
    with serving(a_file(answer)) as server:
        far(single, server.url)
        with pytest.raises(ImageError, match=f"the answer of {server.url} is not one of") as caught:
            run(single, Toy(), with_groups("WEB"), policy=Policy(download=True))
    assert words in str(caught.value)
    assert [path for path in single.directory.rglob("WEB/*") if path.is_file()] == []
    entry = saved(single).mets.file("WEB_1")
    assert entry is not None
    assert entry.path == ""
    with serving(a_file(png())) as server:  # the next run fetches it anew
        far(single, server.url)
        assert run(single, Toy(), with_groups("WEB"), policy=DOWNLOAD).failed == {}


def test_offline_nothing_is_fetched(
    single: Workspace, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "1")
    far(single, server.url)
    with pytest.raises(OfflineError, match="OCRD_RAPID_OFFLINE forbids fetching http"):
        run(single, Toy(), with_groups("WEB"), policy=Policy(download=True))
    assert server.requests == []


@pytest.mark.parametrize(
    ("mimetype", "end", "name"),
    [
        ("image/png", "/a", "WEB_1.png"),
        ("image/tiff", "/a.x", "WEB_1.tiff"),
        ("image/x-unheard-of", "/full/0/default.jp2", "WEB_1.jp2"),
        ("image/x-unheard-of", "/full/0/default", "WEB_1"),
        ("image/x-unheard-of", "/a.b/../../../../evil", "WEB_1"),
        ("image/x-unheard-of", "/a./../../../../../etc/evil", "WEB_1"),
        ("image/x-unheard-of", "/a.png?x=/../../evil", "WEB_1.png"),
    ],
)
def test_the_name_of_the_file_is_ours_whatever_the_address(
    single: Workspace, server: Server, mimetype: str, end: str, name: str
) -> None:
    before = {path for path in single.directory.parent.rglob("*") if "single" not in path.parts}
    far(single, server.url.removesuffix("/model.onnx") + end, mimetype)
    assert run(single, Toy(), with_groups("WEB"), policy=DOWNLOAD).failed == {}
    assert [path.name for path in (single.directory / "WEB").iterdir()] == [name]
    after = {path for path in single.directory.parent.rglob("*") if "single" not in path.parts}
    assert after == before


def test_nothing_is_fetched_through_a_link_that_leads_out(
    tmp_path: Path, single: Workspace, server: Server
) -> None:
    (tmp_path / "outside").mkdir()
    (single.directory / "WEB").symlink_to(tmp_path / "outside")
    far(single, server.url)
    with pytest.raises(MetsError, match="leads out of the workspace"):
        run(single, Toy(), with_groups("WEB"), policy=Policy(download=True))
    assert list((tmp_path / "outside").iterdir()) == []
    assert server.requests == []


def test_several_pages_are_fetched_at_a_time(tmp_path: Path, server: Server) -> None:
    made = book(tmp_path / "book", 1)
    for number in range(1, 9):
        made.mets.add_file(
            MetsFile(f"WEB_{number}", "WEB", f"P_{number}", "image/png", "", server.url)
        )
    policy = Policy(tolerated=0, parallel_pages=4, download=True)
    assert list(run(made, Toy(), with_groups("WEB"), policy=policy).done) == pages(*range(1, 9))
    assert len(server.requests) == 8
    assert [file.path for file in saved(made).mets.files("WEB")] == [
        f"WEB/WEB_{number}.png" for number in range(1, 9)
    ]


@pytest.mark.parametrize(
    ("identifier", "path"),
    [
        ("圖", f"WEB/id_圖_{digest('圖')}.png"),
        ("../../x", f"WEB/id_.._.._x_{digest('../../x')}.png"),
        ("a:b", f"WEB/a_b_{digest('a:b')}.png"),
    ],
)
def test_an_id_that_no_file_can_have_becomes_a_name_of_its_own(
    single: Workspace, server: Server, identifier: str, path: str
) -> None:
    far(single, server.url)
    text = single.mets_path.read_text().replace("WEB_1", identifier)
    single.mets_path.write_text(text)
    assert run(saved(single), Toy(), with_groups("WEB"), policy=DOWNLOAD).failed == {}
    assert [file.path for file in saved(single).mets.files("WEB")] == [path]
    assert (single.directory / path).read_bytes() == png()


def test_no_other_file_is_replaced_by_what_is_fetched(single: Workspace, server: Server) -> None:
    far(single, server.url)
    (single.directory / "WEB").mkdir()
    (single.directory / "WEB" / "WEB_1.png").write_bytes(b"precious")
    single.mets.add_file(MetsFile("X", "WEB", "P_2", "image/png", "./WEB/WEB_1.png"))
    single.save()
    run(single, Toy(), with_groups("WEB", page_ids="P_1"), policy=DOWNLOAD)
    assert (single.directory / "WEB" / "WEB_1.png").read_bytes() == b"precious"
    (file,) = (file for file in saved(single).mets.files("WEB") if file.id == "WEB_1")
    assert file.path == f"WEB/WEB_1_{digest(server.url)}.png"


def test_a_file_that_is_no_longer_there_is_fetched_again(single: Workspace, server: Server) -> None:
    entry = MetsFile("WEB_1", "WEB", "P_1", "image/png", "elsewhere/1.png", server.url)
    single.mets.add_file(entry)
    single.save()
    assert run(single, Toy(), with_groups("WEB"), policy=DOWNLOAD).failed == {}
    assert saved(single).mets.file("WEB_1") == replace(entry, path="WEB/WEB_1.png")


@pytest.mark.parametrize("url", ["http://[bad/1", "http://", "ftp://x.org/1", "s3://x/1"])
def test_an_address_that_is_none_fails_its_page_only(single: Workspace, url: str) -> None:
    far(single, url)
    single.mets.add_file(MetsFile("WEB_2", "WEB", "P_2", "image/png", "IMG/1.png"))
    single.save()
    summary = run(saved(single), Toy(), with_groups("WEB"), policy=DOWNLOAD)
    assert summary.done == ("P_2",)
    assert "unexpected" not in summary.failed["P_1"]


def test_neither_messages_nor_the_log_have_what_is_secret(
    single: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    """The METS has what its maker put in it; it goes nowhere else."""
    for number, url in enumerate(
        ("http://me:S3CRET@127.0.0.1:1/x.png?token=S3CRET", "http://me:S3CRET@[::1/x.png?S3CRET")
    ):
        entry = far(single, url, identifier=f"WEB_{number}")
        for download in (False, True):
            with caplog.at_level("DEBUG"), pytest.raises(OcrdRapidError) as caught:
                localise(single, entry, download=download)
            assert "S3CRET" not in str(caught.value)
    assert "fetching http://127.0.0.1:1/x.png" in caplog.text
    assert "S3CRET" not in caplog.text
