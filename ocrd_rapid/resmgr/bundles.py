# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Carry resources to a machine without a network: export to one file, import from it.

A bundle is a zip archive with ``manifest.json`` (its contents, with hashes and licences) and the
resources below ``resources/EXECUTABLE/NAME``. Importing checks every hash before anything is
installed, and registers the resources as a download would.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError, IntegrityError, ResourceError, UsageError
from ..files import make_directory
from ..plain_data import parse_json
from ..version import __version__
from . import archives, catalogue
from .download import Outcome, download
from .installed import Installed
from .integrity import sha256_of
from .locations import Location
from .resource import Resource, check_name

MANIFEST = "manifest.json"
FORMAT = 1


def export(items: Sequence[Installed], bundle: Path) -> list[Resource]:
    """Write installed resources into a bundle.

    Returns:
        The entries of the exported resources.

    Raises:
        ResourceError: there is nothing to export.
        OSError: the bundle cannot be written.
    """
    # In the order in which names are resolved; empty directories hold nothing.
    order = {"env": 0, "data": 1, "system": 2, "module": 3}
    chosen: dict[tuple[str, str], Installed] = {}
    for item in sorted(items, key=lambda i: order.get(i.origin, len(order))):
        if item.path.is_file() or any(p.is_file() for p in item.path.rglob("*")):
            chosen.setdefault((item.resource.executable, item.path.name), item)
    items = list(chosen.values())
    if not items:
        raise ResourceError("nothing to export: none of the requested resources is installed")
    entries = [_manifest_entry(item) for item in items]
    bundle = Path(os.path.realpath(bundle))
    make_directory(bundle.parent)
    handle = tempfile.NamedTemporaryFile(  # noqa: SIM115 (renamed below)
        dir=bundle.parent, prefix=f".{bundle.name}.", delete=False
    )
    temporary = Path(handle.name)
    try:
        with handle, zipfile.ZipFile(handle, "w", zipfile.ZIP_STORED) as archive:
            content = {
                "format": FORMAT,
                "creator": f"ocrd-rapid {__version__}",
                "resources": entries,
            }
            archive.writestr(MANIFEST, json.dumps(content, indent=1, ensure_ascii=False))
            for item, entry in zip(items, entries, strict=True):
                for path, _ in _files(item.path):
                    relative = path.relative_to(item.path).as_posix()
                    member = entry["path"] if relative == "." else f"{entry['path']}/{relative}"
                    archive.write(path, member)
        temporary.chmod(0o644)
        temporary.replace(bundle)
    finally:
        temporary.unlink(missing_ok=True)
    return [item.resource for item in items]


def _files(path: Path) -> list[tuple[Path, str]]:
    """Return the files of a resource with their hashes, sorted."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return [(file, sha256_of(file)) for file in files]


def _manifest_entry(item: Installed) -> dict[str, Any]:
    resource = item.resource
    files = {p.relative_to(item.path).as_posix(): digest for p, digest in _files(item.path)}
    known = catalogue.find(resource.executable, resource.name)
    return {
        "executable": resource.executable,
        "path": f"resources/{resource.executable}/{resource.name}",
        "entry": {**resource.to_core(), "type": "directory" if item.path.is_dir() else "file"},
        "sha256": files,
        "licence": known.licence if known else "",
    }


def install(
    bundle: Path, *, location: Location = Location.DATA, overwrite: bool = False
) -> Iterable[Outcome]:
    """Install the resources in a bundle, one by one.

    Raises:
        IntegrityError: the bundle is damaged; the resources before the damage are installed.
        UsageError: it is not a bundle.
    """
    if not bundle.is_file():
        what = "it is a directory" if bundle.exists() else "it does not exist"
        hint = "'ocrd-rapid resmgr export -o FILE' writes one"
        raise UsageError(f"{bundle} is not a bundle of resources: {what}; {hint}")
    with tempfile.TemporaryDirectory(prefix="ocrd-rapid-import-") as directory:
        unpacked = Path(directory) / "bundle"
        try:
            archives.unpack(bundle, unpacked)
            manifest = parse_json((unpacked / MANIFEST).read_text(encoding="utf-8"))
            entries = list(manifest["resources"])
        except IntegrityError:
            raise  # a bundle, but a damaged one
        except (FileNotFoundError, NotADirectoryError) as error:
            raise UsageError(
                f"{bundle} is not a bundle of resources: it has no {MANIFEST}"
            ) from error
        except ResourceError as error:
            raise UsageError(f"{bundle} is not a bundle of resources: {error}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise IntegrityError(f"{bundle}: the manifest is damaged: {error}") from error
        checked = [_checked(unpacked, entry, bundle) for entry in entries]
        for resource, source in checked:
            yield download(
                resource, location=location, overwrite=overwrite, sources=[str(source)],
                origin=str(bundle),
            )  # fmt: skip


def _checked(unpacked: Path, entry: dict[str, Any], bundle: Path) -> tuple[Resource, Path]:
    """Return the resource of a manifest entry and its path, after comparing all hashes."""
    try:
        resource = Resource.from_mapping(str(entry["executable"]), entry["entry"])
        hashes: dict[str, str] = dict(entry["sha256"])
    except (KeyError, TypeError, ValueError) as error:
        raise IntegrityError(f"{bundle}: the manifest is damaged: {error}") from error
    try:
        check_name(resource.executable, "an OCR-D processor")
        check_name(resource.name)
    except ConfigurationError as error:
        raise IntegrityError(f"{bundle}: {error}") from error
    source = unpacked / "resources" / resource.executable / resource.name
    there = (
        {path.relative_to(source).as_posix(): digest for path, digest in _files(source)}
        if (source.exists())
        else {}
    )
    if there != hashes:
        raise IntegrityError(
            f"{bundle}: {resource.name} does not match the manifest; export the bundle again"
        )
    known = catalogue.find(resource.executable, resource.name)
    return (known or resource), source
