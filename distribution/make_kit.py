# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Make the kit: all that a machine without a network needs besides Python, in one archive.

    make_kit.py WHEEL --platform linux-x86_64 --python 3.12 -o dist

WHEEL is the wheel of this package, which has the default models; others come as a bundle
(``ocrd-rapid resmgr export``), with ``--models``. The versions are resolved for the platform by
uv, and fetched by pip; both come from the environment that this script runs in. The kit has the
hashes of all files, and the same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archive_entries import zip_entry

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE / "kit"

PROGRAM = "ocrd-rapid"


@dataclass(frozen=True)
class Platform:
    """A kind of machine, as uv and pip name it.

    Attributes:
        triple: uv's name.
        tags: the tags of wheels that run on it, the best first.
        macos: the oldest macOS that the wheels run on; empty elsewhere.
    """

    triple: str
    tags: tuple[str, ...]
    macos: str = ""


def _glibc(machine: str, newest: int) -> tuple[str, ...]:
    """Return the tags of Linux from a version of glibc 2 down to the oldest of today's wheels."""
    found = [f"manylinux_2_{minor}_{machine}" for minor in range(newest, 16, -1)]
    return (*found, f"manylinux2014_{machine}", f"linux_{machine}")


#: The platforms for which all dependencies have wheels.
PLATFORMS = {
    "linux-x86_64": Platform("x86_64-manylinux_2_28", _glibc("x86_64", 28)),
    # OpenVINO needs glibc 2.35 there.
    "linux-aarch64": Platform("aarch64-manylinux_2_35", _glibc("aarch64", 35)),
    "windows-x86_64": Platform("x86_64-pc-windows-msvc", ("win_amd64",)),
    "macos-arm64": Platform("aarch64-apple-darwin", ("macosx_14_0_arm64",), "14.0"),
}


def this_platform() -> str:
    """Return the name of the platform of this machine, whether or not there are kits for it."""
    machine = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    return {
        "darwin": f"macos-{machine.replace('aarch64', 'arm64')}",
        "win32": f"windows-{machine}",
    }.get(sys.platform, f"{sys.platform}-{machine}")


def resolve(
    requirements: Sequence[str], target: Platform, python: str, *, resolution: str = "highest"
) -> str:
    """Return the versions of all packages, as a file of requirements with hashes.

    Args:
        requirements: what is wanted, as pip writes it.
        target: the platform to install on.
        python: the version of Python to install for, such as ``3.12``.
        resolution: which versions uv prefers: ``highest``, or ``lowest-direct``.

    Raises:
        subprocess.CalledProcessError: there is no such set of wheels; uv has said why.
    """
    macos = {"MACOSX_DEPLOYMENT_TARGET": target.macos} if target.macos else {}
    done = subprocess.run(
        [
            "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--generate-hashes",
            "--only-binary", ":all:", "--resolution", resolution, "--python-version", python,
            "--python-platform", target.triple, "-",
        ],
        input="\n".join(requirements),
        env=_environment() | {"UV_PYTHON_DOWNLOADS": "never"} | macos,
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def pinned(resolved: str) -> dict[str, str]:
    """Return the requirements of `resolve` by name, each with its version and hashes."""
    whole = resolved.replace("\\\n", " ")
    lines = [" ".join(line.split()) for line in whole.splitlines() if line.strip()]
    return {re.split(r"[ =@]", line, maxsplit=1)[0]: line for line in lines}


def fetch(lines: Sequence[str], target: Platform, python: str, folder: Path, scratch: Path) -> None:
    """Download the wheels of pinned requirements into a folder, and pip besides.

    Raises:
        subprocess.CalledProcessError: one cannot be had; pip has said why.
    """
    listed = scratch / "fetched.txt"
    listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(folder)]
    tags = [word for tag in target.tags for word in ("--platform", tag)]
    subprocess.run(
        [
            *download, "--require-hashes", "--only-binary", ":all:", "--python-version", python,
            *tags, "-r", str(listed),
        ],
        check=True,
    )  # fmt: skip
    # Debian's Python has no pip of its own.
    subprocess.run([*download, "--only-binary", ":all:", "pip"], check=True)


def _environment() -> dict[str, str]:
    """Return the environment in which the scripts of this Python's environment come first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def fill(
    kit: Path, wheel: Path, models: Path | None, platform_name: str, python: str,
    *, extras: str, besides: Sequence[str], scratch: Path,
) -> None:  # fmt: skip
    """Put everything into the folder of the kit."""
    target = PLATFORMS[platform_name]
    wheels = kit / "wheels"
    wheels.mkdir(parents=True)
    wanted = f"{PROGRAM}[{extras}]" if extras else PROGRAM
    resolved = pinned(resolve([f"{wanted} @ {wheel.as_uri()}", *besides], target, python))
    version = wheel.name.split("-")[1]
    ours = f"{wanted}=={version} --hash=sha256:{_sha256(wheel)}"
    others = [line for name, line in resolved.items() if name != PROGRAM]
    fetch(others, target, python, wheels, scratch)
    shutil.copy(wheel, wheels)
    lines = [ours, *others]
    (kit / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if models is not None:
        shutil.copy(models, kit / "models.zip")
    shutil.copy(HERE.parent / "tests" / "assets" / "sample" / "sample.png", kit / "sample.png")
    for template in sorted(TEMPLATES.iterdir()):
        text = template.read_text(encoding="utf-8")
        for mark, value in (("VERSION", version), ("PYTHON", python), ("PLATFORM", platform_name)):
            text = text.replace(f"@{mark}@", value)
        # The editors and shells of Windows before 2018 know no other ends of lines.
        end = "\r\n" if platform_name.startswith("windows") and template.suffix != ".sh" else "\n"
        (kit / template.name).write_text(text, encoding="utf-8", newline=end)
    files = sorted(path for path in kit.rglob("*") if path.is_file())
    sums = [f"{_sha256(path)}  {path.relative_to(kit).as_posix()}\n" for path in files]
    (kit / "SHA256SUMS").write_text("".join(sums), encoding="utf-8", newline="\n")


def pack(kit: Path, archive: Path) -> None:
    """Write the folder of the kit into a zip archive, and its hash beside it."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        for path in sorted(path for path in kit.rglob("*") if path.is_file()):
            name = f"{kit.name}/{path.relative_to(kit).as_posix()}"
            entry = zip_entry(name, executable=path.suffix == ".sh")
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, packed.open(entry, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)
    archive.with_name(f"{archive.name}.sha256").write_text(
        f"{_sha256(archive)}  {archive.name}\n", encoding="utf-8", newline="\n"
    )


def main(arguments: Sequence[str] | None = None) -> Path:
    """Make a kit; return its path."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wheel", type=Path, help="wheel of this package")
    parser.add_argument("--models", type=Path, help="bundle of 'ocrd-rapid resmgr export'")
    parser.add_argument("--platform", choices=sorted(PLATFORMS), default=this_platform())
    parser.add_argument("--python", default=".".join(map(str, sys.version_info[:2])), metavar="3.N")
    parser.add_argument("--extras", default="all", help="separated by commas")
    parser.add_argument("--with", dest="besides", default="", help="other packages to install")
    parser.add_argument("-o", "--output", type=Path, default=Path("dist"), help="folder")
    options = parser.parse_args(arguments)
    wheel = options.wheel.resolve(strict=True)
    version = wheel.name.split("-")[1]
    name = f"{PROGRAM}-kit-{version}-{options.platform}-python{options.python}"
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.output) as scratch:
        kit = Path(scratch) / name
        fill(
            kit, wheel, options.models, options.platform, options.python, extras=options.extras,
            besides=options.besides.split(), scratch=Path(scratch),
        )  # fmt: skip
        archive: Path = options.output / f"{name}.zip"
        pack(kit, archive)
    print(f"{archive} ({archive.stat().st_size / 1e6:.0f} MB)")
    return archive


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{failed.cmd[0]} failed, see above; no kit was made")
