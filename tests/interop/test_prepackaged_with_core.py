# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The files that the Dockerfile makes by commands of core: with them it starts no tool of ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ocrd_rapid.config.tools import executables
from ocrd_rapid.resmgr.locations import module_dir

ROOT = Path(__file__).resolve().parent.parent.parent
CORE = ROOT / ".venv-core" / "bin"

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (CORE / "ocrd").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]


def ocrd(*arguments: str, beside: Path) -> subprocess.CompletedProcess[str]:
    """Run core with the processors of one folder."""
    environ = {**os.environ, "PATH": os.pathsep.join([str(beside), str(CORE), "/usr/bin", "/bin"])}
    done = subprocess.run(
        [CORE / "ocrd", *arguments],
        env=environ, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.usefixtures("own_home")
def test_core_finds_tools_and_models_without_starting_anything(tmp_path: Path) -> None:
    ours = Path(sys.executable).parent
    ask = ["ocrd-tool", str(ROOT / "ocrd-tool.json")]
    tools = ocrd(*ask, "dump-tools", beside=ours).stdout
    folders = ocrd(*ask, "dump-module-dirs", beside=ours).stdout
    described = json.loads((ROOT / "ocrd-tool.json").read_text(encoding="utf-8"))["tools"]
    assert json.loads(tools) == described
    assert json.loads(folders) == {name: str(module_dir(name)) for name in executables()}

    # Core as it is in an image: the two files beside lib.bash, and tools that must not start.
    packages, broken = tmp_path / "packages", tmp_path / "broken"
    broken.mkdir()
    bash = Path(ocrd("bashlib", "filename", beside=ours).stdout.strip())
    shutil.copytree(bash.parent, packages / "ocrd")
    (packages / "ocrd" / "ocrd-all-tool.json").write_text(tools, encoding="utf-8")
    (packages / "ocrd" / "ocrd-all-module-dir.json").write_text(folders, encoding="utf-8")
    for name in executables():
        tool = broken / name
        tool.write_text(f'#!/bin/sh\necho "$0 $@" >> "{tmp_path}/started"\nexit 1\n')
        tool.chmod(0o755)
    # Its command `resmgr list-available` asks by path and not by name, and starts tools anyhow.
    ask_by_name = (
        "import json; from ocrd_utils import get_moduledir, get_ocrd_tool_json;"
        f"names = {sorted(executables())};"
        "ask = lambda n: [get_ocrd_tool_json(n).get('resources'), get_moduledir(n)];"
        "print(json.dumps([ask(n) for n in names]))"
    )
    done = subprocess.run(
        [CORE / "python", "-c", ask_by_name],
        env={**os.environ, "PATH": f"{broken}:/usr/bin:/bin", "PYTHONPATH": str(packages)},
        capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == [
        [described[name].get("resources"), str(module_dir(name))] for name in sorted(executables())
    ]
    assert not (tmp_path / "started").exists()
