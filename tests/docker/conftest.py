# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The image, built on a base of Debian's packages, and a daemon of Docker's for the tests alone.

Only `make test-docker` runs these tests. What it needs is not installed by it: root, Docker's
daemon and client (Debian: ``docker.io``), and ``mmdebstrap`` or ``debootstrap``. Where something is
missing, all tests are skipped with one reason.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import shutil
import sys
import threading
from collections.abc import Iterator

import pytest
from docker_daemon import (
    BASE,
    IMAGE,
    LAB,
    USER,
    Docker,
    client,
    daemon,
    fill,
    make_base,
    missing,
    write_tool,
)
from documents import ROOT
from make_kit import this_platform

from ocrd_rapid.version import __version__


@pytest.fixture(scope="session")
def mirror() -> Iterator[str]:
    """Serve the models of `make models` over HTTP; yield the address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(ROOT / ".models" / "ocrd-resources"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def docker(tmp_path_factory: pytest.TempPathFactory, mirror: str) -> Iterator[Docker]:
    """Run a daemon, import the base, collect wheels and models."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("docker")
    tools, work = folder / "tools", folder / "work"
    tools.mkdir()
    work.mkdir()
    # Its parents are closed to others by default.
    for path in (folder, folder.parent, folder.parent.parent):
        path.chmod(0o755)
    fill(work)
    LAB.mkdir(exist_ok=True)
    base = LAB / "base.tar"
    if not base.is_file():
        make_base(base)
    with contextlib.ExitStack() as stack:
        try:
            address = stack.enter_context(daemon(LAB / "daemon"))
        except OSError as error:
            pytest.skip(f"Docker's daemon does not start here: {error}")
        write_tool(
            tools,
            "docker",
            'if [[ $1 == run && " $* " == *" resmgr download "* ]]; then shift; set -- run'
            f' --network host --env OCRD_RAPID_MIRROR={mirror} "$@"; fi\n'
            f'exec {client()} --host {address} "$@"',
        )
        write_tool(tools, "id", f"echo {USER}")
        write_tool(tools, "make", f'exec {shutil.which("make")} -C "{ROOT}" "$@"')
        environ = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
        environ.pop("MFLAGS", None)
        environ |= {
            "PATH": f"{tools}{os.pathsep}{environ['PATH']}",
            "VENV": sys.prefix,
            # What the documents' `make docker` uses here.
            "DOCKER_BASE_IMAGE": BASE,
            "DOCKER_ARGS": "--network none",
        }
        called = Docker(environ, work)
        assert called("import", "--change", 'CMD ["bash"]', str(base), BASE).returncode == 0
        ask = "import sys; print('%d.%d' % sys.version_info[:2])"
        python = called("run", "--rm", BASE, "python3", "-c", ask).stdout.strip()
        name = f"ocrd-rapid-kit-{__version__}-{this_platform()}-python{python}.zip"
        environ |= {"KIT_PYTHON": python, "KIT_PLATFORM": this_platform(), "BUNDLE": f"dist/{name}"}
        yield called


@pytest.fixture(scope="session")
def image(docker: Docker) -> str:
    """Build the image as the documents say; return its name."""
    for target in ("kit", "docker"):
        done = docker.sh(f"make {target}")
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        print(done.stderr)  # noqa: T201 -- the sizes of all parts, shown by pytest -s
    return IMAGE
