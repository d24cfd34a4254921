# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Our client at the METS server of OCR-D core: directly, and handed on by core's own code."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from listening import free_port

from ocrd_rapid.errors import MetsError, MetsServerError
from ocrd_rapid.workspace.contents import Agent, MetsAccess, MetsFile
from ocrd_rapid.workspace.decoding import image_size
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.mets import Mets
from ocrd_rapid.workspace.mets_server import MetsServer
from ocrd_rapid.workspace.page import PageDocument

ROOT = Path(__file__).resolve().parent.parent.parent
CORE = ROOT / ".venv-core" / "bin"
SAMPLE = ROOT / "tests" / "assets" / "sample" / "sample.png"
CARRIERS = ("tcp", "unix", "multiplexed")

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (CORE / "ocrd").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]

#: Takes requests as a Processing Server does, and lets core hand them on.
FORWARDER = """
import http.server, json, sys
from ocrd_network.tcp_to_uds_mets_proxy import MetsServerProxy

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_POST(self):
        assert self.path == "/tcp_mets"
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = json.dumps(MetsServerProxy().forward_tcp_request(asked)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

#: A process that adds files with a page each, and saves in between.
WRITER = """
import sys
from pathlib import Path
from ocrd_rapid.workspace.contents import Agent, MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.mets_server import MetsServer

url, directory, name, number = sys.argv[1:]
mets = MetsServer.connect(url, Path(directory), Path(directory, "mets.xml"))
for i in range(int(number)):
    path = f"{name}/{name}_{i:04}.xml"
    mets.add_file(MetsFile(f"{name}_{i:04}", name, f"P_{i:04}", MIMETYPE_PAGE, path))
    if i % 10 == 9:
        mets.save()
mets.add_agent(Agent(f"{name} v1", "layout/analysis", {"output-file-grp": name}))
mets.save()
"""


@dataclass(frozen=True)
class Served:
    """A workspace and the address of the METS server that serves it."""

    url: str
    directory: Path
    process: subprocess.Popen[bytes]

    def connect(self) -> MetsServer:
        return MetsServer.connect(self.url, self.directory, self.directory / "mets.xml")

    def wait(self) -> None:
        """Return as soon as the server answers."""
        end = time.monotonic() + 600
        while True:
            try:
                self.connect().close()
                return
            except MetsError:
                assert self.process.poll() is None, "the server ended"
                assert time.monotonic() < end, "the server does not answer"
                time.sleep(0.1)


@contextlib.contextmanager
def running(*command: str | Path, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in the background and end it with all that it has started."""
    process = subprocess.Popen(
        list(map(str, command)),
        env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(600)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(600)


@contextlib.contextmanager
def serving(directory: Path, carrier: str) -> Iterator[Served]:
    """Run core's METS server for a workspace."""
    directory = directory.resolve()
    with contextlib.ExitStack() as stack:
        sockets = stack.enter_context(tempfile.TemporaryDirectory())
        port = free_port()
        if carrier == "tcp":
            url = inner = f"http://127.0.0.1:{port}"
        elif carrier == "unix":
            url = inner = f"{sockets}/mets.sock"
        else:
            url = f"http://127.0.0.1:{port}/tcp_mets"
            find = (
                "import sys; from ocrd_network.utils import get_uds_path;"
                "print(get_uds_path(sys.argv[1]))"
            )
            inner = subprocess.run(
                [CORE / "python", "-c", find, directory],
                env={**os.environ, "OCRD_NETWORK_SOCKETS_ROOT_DIR": sockets},
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
        process = stack.enter_context(
            running(CORE / "ocrd", "workspace", "-U", inner, "-d", directory, "server", "start")
        )
        Served(inner, directory, process).wait()
        if carrier == "multiplexed":
            process = stack.enter_context(
                running(
                    CORE / "python", "-c", FORWARDER, str(port),
                    OCRD_NETWORK_SOCKETS_ROOT_DIR=sockets,
                )
            )  # fmt: skip
        served = Served(url, directory, process)
        served.wait()
        yield served


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a workspace with the sample page as P_0001 in OCR-D-IMG."""
    directory = tmp_path / "book"
    (directory / "OCR-D-IMG").mkdir(parents=True)
    shutil.copyfile(SAMPLE, directory / "OCR-D-IMG" / "sample.png")
    mets = Mets.empty("a test")
    mets.add_file(MetsFile("IMG_0001", "OCR-D-IMG", "P_0001", "image/png", "OCR-D-IMG/sample.png"))
    mets.write(directory / "mets.xml")
    return directory


@pytest.fixture(params=CARRIERS)
def served(request: pytest.FixtureRequest, book: Path) -> Iterator[Served]:
    with serving(book, request.param) as server:
        yield server


@pytest.fixture
def tcp(book: Path) -> Iterator[Served]:
    with serving(book, "tcp") as server:
        yield server


def core(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CORE / "ocrd", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def page(group: str, number: int) -> MetsFile:
    name = f"{group}_{number:04}"
    return MetsFile(name, group, f"P_{number:04}", MIMETYPE_PAGE, f"{group}/{name}.xml")


def write(directory: Path, file: MetsFile) -> None:
    """Write a valid PAGE file without text for the sample page."""
    width, height = image_size(SAMPLE)
    document = PageDocument.for_image("OCR-D-IMG/sample.png", width, height, "a test")
    document.pcgts_id = file.id
    path = directory / file.path
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(document.to_bytes())


def listing(mets: MetsAccess) -> dict[str, list[MetsFile]]:
    return {group: list(mets.files(group)) for group in mets.groups}


def test_reads_what_the_document_says(served: Served) -> None:
    mets, document = served.connect(), Mets.read(served.directory / "mets.xml")
    assert mets.pages == document.pages == ["P_0001"]
    assert mets.groups == document.groups == ["OCR-D-IMG"]
    assert listing(mets) == listing(document)
    assert mets.file("IMG_0001") == document.file("IMG_0001")
    assert mets.file("IMG_0002") is None
    assert mets.structure() == document.structure()


def test_writes_what_the_document_would(served: Served) -> None:
    """The same changes by the server and by us give the same METS."""
    path = served.directory / "mets.xml"
    document, mets = Mets.read(path), served.connect()
    agent = Agent(
        "ocrd-x v1",
        "layout/segmentation/line",
        {"input-file-grp": "OCR-D-IMG", "parameter": '{"ä": "ö & <b>"}', "page-id": ""},
    )
    accesses: list[MetsAccess] = [document, mets]
    for access in accesses:
        access.add_file(page("OCR-D-SEG", 1))
        access.add_file(page("OCR-D-SEG", 2))
        access.add_file(MetsFile("A_1.IMG", "OCR-D-SEG", "P_0002", "image/png", "ä ö/&+%20.png"))
        access.add_file(MetsFile("B_1", "B", "", "text/plain", "", "http://h/?a=b&c=%20"))
        access.add_file(replace(page("OCR-D-SEG", 1), path="OCR-D-SEG/new.xml"))
        access.add_agent(agent)
    assert mets.pages == document.pages
    assert listing(mets) == listing(document)
    assert mets.agents()[-1] == document.agents()[-1] == agent
    assert path.read_text().count("OCR-D-SEG") == 0
    mets.save()
    assert path.read_bytes() == document.to_bytes()


def test_threads_and_processes_at_once(served: Served) -> None:
    names = [f"T{thread}" for thread in range(4)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, served.url, str(served.directory), name, "30"]
        )
        for name in ("PA", "PB")
    ]
    mets = served.connect()

    def work(name: str) -> None:
        for i in range(30):
            mets.add_file(page(name, i))
        mets.add_agent(Agent(f"{name} v1", "layout/analysis", {"output-file-grp": name}))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, name) for name in names]:
            done.result()
    assert [process.wait(600) for process in processes] == [0, 0]
    mets.save()

    everyone = [*names, "PA", "PB"]
    document = Mets.read(served.directory / "mets.xml")
    assert sorted(document.groups) == sorted(["OCR-D-IMG", *everyone])
    assert sorted(document.pages) == [f"P_{i:04}" for i in range(30)]
    for name in everyone:
        assert list(document.files(name)) == [page(name, i) for i in range(30)]
    agents = [agent.name for agent in document.agents()]
    assert sorted(agents[1:]) == sorted(f"{name} v1" for name in everyone)
    skipped = [  # all that is about the content of files: there is none
        "imagefilename", "alternativeimage_filename", "alternativeimage_comments", "dimension",
        "pixel_density", "page", "page_xsd", "mets_fileid_page_pcgtsid", "url",
    ]  # fmt: skip
    skips = [argument for skip in skipped for argument in ("--skip", skip)]
    valid = core("workspace", "-d", served.directory, "validate", *skips)
    assert valid.returncode == 0, valid.stdout


def test_core_finds_what_was_added_and_that_it_is_valid(served: Served) -> None:
    mets = served.connect()
    file = page("OCR-D-SEG", 1)
    write(served.directory, file)
    mets.add_file(file)
    mets.add_agent(Agent("ocrd-x v1", "layout/analysis", {"page-id": ""}))
    mets.save()
    found = core("workspace", "-d", served.directory, "find", "-G", "OCR-D-SEG", "-k", "pageId")
    assert found.stdout.split() == ["P_0001"]
    valid = core("workspace", "-d", served.directory, "validate", "--skip", "url")
    assert valid.returncode == 0, valid.stdout


def test_another_client_sees_it_before_it_is_saved(served: Served) -> None:
    mets, other = served.connect(), served.connect()
    assert other.file("OCR-D-SEG_0001") is None
    mets.add_file(page("OCR-D-SEG", 1))
    assert other.file("OCR-D-SEG_0001") == page("OCR-D-SEG", 1)
    assert list(other.files("OCR-D-SEG")) == [page("OCR-D-SEG", 1)]


def test_what_cannot_be_replaced_changes_nothing(served: Served) -> None:
    mets = served.connect()
    file = page("OCR-D-SEG", 1)
    mets.add_file(file)
    for other in (
        replace(file, group="OTHER"),
        replace(file, page_id="P_0002"),
        replace(file, page_id=""),
        replace(file, mimetype="image/png"),
        replace(file, id="X", mimetype=""),
        replace(file, id="X", page_id='P"'),
        replace(file, id="X", path="a\x01"),
    ):
        with pytest.raises(MetsError):
            mets.add_file(other)
    mets.save()
    document = Mets.read(served.directory / "mets.xml")
    assert document.groups == ["OCR-D-IMG", "OCR-D-SEG"]
    assert document.pages == ["P_0001"]
    assert list(document.files("OCR-D-SEG")) == [file]


def test_nothing_is_a_pattern(served: Served) -> None:
    mets = served.connect()
    for name in ("//.*", "//IMG_0001", "//(", "~IMG_0001", "", "IMG_0001,IMG_0001"):
        assert mets.file(name) is None
        assert list(mets.files(name)) == []


def test_another_workspace_is_refused(tcp: Served, tmp_path: Path) -> None:
    with pytest.raises(MetsServerError, match="these are not the same workspaces"):
        MetsServer.connect(tcp.url, tmp_path, tmp_path / "mets.xml")


def test_works_on_after_the_server_has_closed_idle_connections(tcp: Served) -> None:
    mets = tcp.connect()
    mets.add_file(page("OCR-D-SEG", 1))
    time.sleep(5.2)
    mets.add_file(page("OCR-D-SEG", 2))
    mets.add_agent(Agent("ocrd-x v1", "layout/analysis"))
    assert len(list(mets.files("OCR-D-SEG"))) == 2


@pytest.mark.parametrize("carrier", ["tcp", "unix"])
def test_a_server_that_ends_is_missed(book: Path, carrier: str) -> None:
    with serving(book, carrier) as server:
        mets = server.connect()
    with pytest.raises(MetsServerError, match=r"^no METS server at .* server start$"):
        mets.file("IMG_0001")
    with pytest.raises(MetsServerError, match=r"^no METS server at .* server start$"):
        server.connect()
