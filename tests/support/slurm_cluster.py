# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A Slurm of one node, which is this machine: own configuration, ports, folders and key.

Debian's packages have all of it; nothing of what they install in the system is used or started.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ending import end
from listening import free_port

#: Folders of programs that are not on everybody's PATH.
_SYSTEM = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin{os.pathsep}/sbin"
_PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch")

#: Seconds for anything to happen on a busy machine.
PATIENCE = 900.0

_CONFIGURATION = """\
ClusterName=books
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
AuthType=auth/munge
# What was put back into the queue starts again after this number of seconds.
AuthInfo=socket={folder}/munge,cred_expire=5
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
# More processors than there are, so that two tasks run at once everywhere, and the third waits.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=bf_interval=1,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=30
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=4096 State=UNKNOWN
PartitionName=books Nodes=ALL Default=YES PriorityTier=1
PartitionName=urgent Nodes=ALL PriorityTier=2
"""


def missing() -> str:
    """Return what is missing for a cluster, with the command that brings it; else empty."""
    absent = [name for name in _PROGRAMS if shutil.which(name, path=_SYSTEM) is None]
    if absent:
        return f"Slurm is not installed ({', '.join(absent)}): apt-get install slurm-wlm munge"
    return ""


@dataclass
class Cluster:
    """A Slurm whose commands are asked with `environ`."""

    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        """The variables of this process, and that for Slurm's commands."""
        return {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf")}

    def start(self) -> None:
        """Start Munge, the controller and the node, and wait until jobs are taken."""
        for name in ("state", "spool", "log"):
            (self.folder / name).mkdir()
        key = self.folder / "key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o600)
        (self.folder / "slurm.conf").write_text(
            _CONFIGURATION.format(
                folder=self.folder, user=getpass.getuser(), host=socket.gethostname().split(".")[0],
                controller=free_port(), node=free_port(),
            )
        )  # fmt: skip
        names = {"socket": "munge", "pid-file": "munge.pid", "log-file": "munge.log",
                 "seed-file": "seed", "key-file": "key"}  # fmt: skip
        files = [f"--{option}={self.folder / name}" for option, name in names.items()]
        self._run("munged", "--foreground", "--force", *files)
        self.wait((self.folder / "munge").exists, "Munge starts")
        conf = str(self.folder / "slurm.conf")
        self._run("slurmctld", "-D", "-c", "-f", conf)
        self._run("slurmd", "-D", "-f", conf)
        self.wait(lambda: "idle" in self.ask("sinfo", "-h", "-o", "%t"), "the node is there")

    def _run(self, name: str, *arguments: str) -> None:
        program = shutil.which(name, path=_SYSTEM)
        assert program is not None
        with (self.folder / "log" / name).open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [program, *arguments], stdout=log, stderr=log, env=self.environ
            )

    def ask(self, *command: str) -> str:
        """Run one of Slurm's commands, and return what it prints, whatever its exit code."""
        done = subprocess.run(
            command, env=self.environ, capture_output=True, text=True, timeout=60, check=False
        )
        return done.stdout

    def wait(self, true: Callable[[], bool], what: str) -> None:
        """Wait until something is true, as long as all servers run."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            for name, process in self.processes.items():
                assert process.poll() is None, (self.folder / "log" / name).read_text()
            assert time.monotonic() < deadline, f"{what}: not within {PATIENCE:g} s"
            time.sleep(0.2)

    def wait_for_jobs(self) -> None:
        """Wait until no job is left."""
        self.wait(lambda: not self.ask("squeue", "-h").strip(), "the end of all jobs")

    def job(self, identifier: str) -> dict[str, str]:
        """Return the properties of a job that is there or has ended."""
        words = self.ask("scontrol", "-o", "show", "job", identifier).split()
        return dict(word.split("=", 1) for word in words if "=" in word)

    def stop(self) -> None:
        """End all jobs and servers."""
        self.ask("scancel", "--user", getpass.getuser())
        with contextlib.suppress(AssertionError):
            self.wait_for_jobs()
        for process in reversed(self.processes.values()):
            end(process, 30)


@contextlib.contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Run a cluster in a temporary folder that is removed at the end."""
    # Munge wants a folder that nobody else can write to, and its socket a short path.
    folder = Path(tempfile.mkdtemp(prefix="slurm"))
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
