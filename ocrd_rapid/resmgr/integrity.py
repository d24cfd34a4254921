"""Sizes and hashes: is this file what the catalogue says?"""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..errors import IntegrityError
from .resource import Resource

_CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as lower-case hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def check_file(path: Path, resource: Resource, *, origin: str) -> str:
    """Check size and hash of a file against its entry; return its hash.

    A size of 0 and an empty hash are unknown and not checked.

    Args:
        path: the file.
        resource: what it must be.
        origin: where it came from, for the message.

    Raises:
        IntegrityError: the file differs.
    """
    size = path.stat().st_size
    if resource.size and size != resource.size:
        raise IntegrityError(
            f"{resource.name} from {origin} has {size} bytes, expected {resource.size}"
        )
    digest = sha256_of(path)
    if resource.sha256 and digest != resource.sha256:
        raise IntegrityError(
            f"{resource.name} from {origin} has SHA-256 {digest}, expected {resource.sha256}"
        )
    return digest


def check_installed(path: Path, resource: Resource) -> None:
    """Check a resource before it is used.

    Raises:
        IntegrityError: names the file and the command that replaces it.
    """
    try:
        check_file(path, resource, origin=str(path.parent))
    except IntegrityError as error:
        raise IntegrityError(
            f"{error}; replace it with: ocrd-rapid resmgr download --overwrite"
            f" {resource.executable} {resource.name}"
            " (or rename it, if it is a model of your own)"
        ) from error
