# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""OCR-D's processing network on this machine: RabbitMQ, a database, the Processing Server, workers.

RabbitMQ is Debian's, started by hand in a folder of its own. MongoDB has no package that can be
installed here; nx-27017 speaks its protocol over SQLite, which is all that core asks of it. The
rest is OCR-D core, in an environment of its own (`make network`).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ending import end
from listening import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = ROOT / ".venv-network" / "bin"
#: Not the script in /usr/sbin, which runs the server as another user in the system's folders.
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")

#: Seconds for a server to start on a busy machine.
PATIENCE = 900.0


def missing() -> str:
    """Return what cannot be found, in words; empty if all is there."""
    if not (ENVIRONMENT / "ocrd").exists():
        return "OCR-D core is not in .venv-network: run `make test-network`"
    if not RABBITMQ.exists():
        return "RabbitMQ is not installed (Debian, Ubuntu: apt-get install rabbitmq-server)"
    return ""


def wait_for(true: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"{what}: not within {patience:g} s"
        time.sleep(0.1)


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def answers(path: Path) -> bool:
    """Return whether somebody listens on a unix socket."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(path))
        return True
    return False


@dataclass
class Network:
    """The servers, with their addresses and folders."""

    folder: Path
    tcp_mets: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = ("queue", "erlang", "epmd", "database", "processing")
        self.ports = {name: free_port() for name in names}
        for name in ("logs", "sockets", "rabbitmq"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.queue = f"amqp://guest:guest@127.0.0.1:{self.ports['queue']}/"
        self.database = f"mongodb://127.0.0.1:{self.ports['database']}"
        self.server = f"http://127.0.0.1:{self.ports['processing']}"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of core's programs and of our workers."""
        return {
            **os.environ,
            "PATH": f"{ENVIRONMENT}{os.pathsep}{os.environ['PATH']}",
            "OCRD_NETWORK_LOGS_ROOT_DIR": str(self.folder / "logs"),
            "OCRD_NETWORK_SOCKETS_ROOT_DIR": str(self.folder / "sockets"),
            "OCRD_NETWORK_SERVER_ADDR_PROCESSING": self.server,
            "OCRD_NETWORK_CLIENT_POLLING_SLEEP": "1",
            **self.variables,
        }

    def start(self, name: str, arguments: Sequence[str | Path], **variables: str) -> int:
        """Start a program, its output in a file; return its process ID."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(a) for a in arguments], cwd=self.folder, stdout=log, stderr=log,
                env={**self.environ, **variables},
            )  # fmt: skip
        return self.processes[name].pid

    def start_queue(self) -> None:
        folder, ports = self.folder / "rabbitmq", self.ports
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{ports['queue']}\ndisk_free_limit.absolute = 50MB\n"
        )
        epmd = {"ERL_EPMD_PORT": str(ports["epmd"]), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        self.start("epmd", ["epmd"], **epmd)
        self.start(
            "rabbitmq", [RABBITMQ], **epmd,
            HOME=str(folder), RABBITMQ_NODENAME=f"ocrd-{ports['queue']}@localhost",
            RABBITMQ_CONFIG_FILE=str(folder / "rabbitmq.conf"),
            RABBITMQ_DIST_PORT=str(ports["erlang"]),
            RABBITMQ_MNESIA_BASE=str(folder / "data"), RABBITMQ_LOG_BASE=str(folder / "log"),
            RABBITMQ_ENABLED_PLUGINS_FILE=str(folder / "plugins"),
            RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}",
        )  # fmt: skip
        self.wait_until_listening("rabbitmq", ports["queue"])

    def start_database(self) -> None:
        port = str(self.ports["database"])
        data = self.folder / "database"
        self.start(
            "database", [ENVIRONMENT / "nx-27017", "--data-dir", data, "--port", port,
            "--log-file", self.folder / "nx-27017.log", "--pid-file", self.folder / "nx.pid"],
        )  # fmt: skip
        self.wait_until_listening("database", self.ports["database"])

    def start_processing_server(self) -> None:
        (self.folder / "config.yml").write_text(yaml.safe_dump(self.configuration()))
        address = f"127.0.0.1:{self.ports['processing']}"
        command = ["network", "processing-server", "-a", address, self.folder / "config.yml"]
        self.start("processing", [ENVIRONMENT / "ocrd", *command])
        self.wait_until_listening("processing", self.ports["processing"])

    def configuration(self) -> dict[str, Any]:
        """Return the configuration of the Processing Server."""
        here = {"address": "127.0.0.1", "skip_deployment": True}
        user = {"username": "guest", "password": "guest"}
        return {
            "use_tcp_mets": self.tcp_mets,
            "process_queue": {**here, "port": self.ports["queue"], "credentials": user},
            "database": {**here, "port": self.ports["database"]},
            "hosts": [],
        }

    def wait_until_listening(self, name: str, port: int) -> None:
        def is_there() -> bool:
            assert self.processes[name].poll() is None, (self.folder / f"{name}.log").read_text()
            return listens(port)

        wait_for(is_there, f"{name} starts")

    def start_worker(self, name: str, executable: str, **variables: str) -> int:
        """Start a worker; return its process ID once it waits for jobs."""
        addresses = ["worker", "--queue", self.queue, "--database", self.database]
        process = self.start(name, [ENVIRONMENT / executable, *addresses], **variables)
        log = self.folder / "logs" / "processing_workers" / f"worker.{process}.{executable}.log"

        def is_there() -> bool:
            assert self.processes[name].poll() is None, (self.folder / f"{name}.log").read_text()
            return log.exists() and "Starting consuming" in log.read_text()

        wait_for(is_there, f"{name} starts")
        return process

    def kill(self, name: str, sign: int = signal.SIGKILL) -> int:
        """End a program by a signal; return its exit status."""
        process = self.processes.pop(name)
        process.send_signal(sign)
        return process.wait(60)

    def ask(self, path: str, content: Any = None) -> Any:
        """Send a request to the Processing Server, as curl does; return the value of its JSON."""
        data = None if content is None else json.dumps(content).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.server + path, data, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def send(self, executable: str, mets: Path, groups: tuple[str, str], **more: Any) -> str:
        """Send a job; return its ID when the METS server answers.

        Until then, core would start another one for each job.
        """
        job = {"path_to_mets": str(mets), "input_file_grps": [groups[0]],
               "output_file_grps": [groups[1]], **more}  # fmt: skip
        sent = str(self.ask(f"/processor/run/{executable}", job)["job_id"])
        name = re.sub(r"\W+", "_", str(mets.parent).replace("-", "_"))
        wait_for(lambda: answers(self.folder / "sockets" / f"{name}.sock"), "the METS server")
        return sent

    def state(self, job: str) -> str:
        return str(self.ask(f"/processor/job/{job}")["state"])

    def wait_for_jobs(self, jobs: Sequence[str], patience: float = PATIENCE) -> dict[str, str]:
        """Return the final states of jobs."""
        states: dict[str, str] = {}

        def done() -> bool:
            for job in jobs:
                if job not in states:
                    state = self.state(job)
                    if state not in ("SUCCESS", "FAILED", "CANCELLED"):
                        return False
                    states[job] = state
            return True

        wait_for(done, f"{len(jobs)} jobs", patience)
        return states

    def mets_servers(self) -> Mapping[int, str]:
        """Return the workspaces of METS servers of this network by process ID."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (process / "cmdline").read_bytes().decode().split("\0")
                if "server" in words and any(str(self.folder / "sockets") in w for w in words):
                    found[int(process.name)] = words[words.index("-d") + 1]
        return found

    def stop(self) -> None:
        """End all programs, workers first."""
        for process in self.mets_servers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for process in reversed(self.processes.values()):
            end(process, 20)


@contextlib.contextmanager
def running_network(**options: Any) -> Iterator[Network]:
    """Run all servers but the workers, in a temporary folder that is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="net"))  # a socket's path must be short
    network = Network(folder, **options)
    try:
        network.start_queue()
        network.start_database()
        network.start_processing_server()
        yield network
    finally:
        network.stop()
        shutil.rmtree(folder, ignore_errors=True)
