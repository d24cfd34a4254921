# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From a METS file to its tree, or to an error that names what is there instead."""

from __future__ import annotations

import itertools
import shlex
from pathlib import Path

from lxml import etree

from ..errors import MetsError
from ..files import read_regular
from . import xml

_METS = "{http://www.loc.gov/METS/}"


def read_root(path: Path) -> etree._Element:
    """Return the root element of a METS file.

    Raises:
        MetsError: it is missing, unreadable, not XML, or not METS.
    """
    try:
        root = xml.parse(read_regular(path))
    except FileNotFoundError as error:
        raise MetsError(f"METS file {path} does not exist; {_way_out(path)}") from error
    except NotADirectoryError as error:
        raise MetsError(
            f"{path.parent} is a file; the workspace is the directory that it is in"
            " (-w, or -d for 'ocrd-rapid workspace'), the METS file is named with -m"
        ) from error
    except IsADirectoryError as error:
        raise MetsError(
            f"METS file {path} is a directory; name the file, such as {path / 'mets.xml'}"
        ) from error
    except OSError as error:
        raise MetsError(f"METS file {path} cannot be read: {error.strerror}") from error
    except etree.XMLSyntaxError as error:
        raise MetsError(f"METS file {path} is not well-formed XML: {error.msg}") from error
    if not is_mets(root):
        raise MetsError(f"{path} is not a METS file: its root element is {root.tag}")
    return root


def is_mets(root: etree._Element) -> bool:
    """Return whether an element is the root of a METS."""
    return bool(root.tag == f"{_METS}mets")


def _way_out(path: Path) -> str:
    """Return the remedy for a missing METS: a workspace nearby, or the command that makes one."""
    usual = path.parent / "mets.xml"
    if path != usual and usual.is_file():
        return f"did you mean {usual}?"
    if not path.parent.exists() and (path.parent.parent / "mets.xml").is_file():
        # Somebody in the workspace may name it once more.
        return f"did you mean the workspace {path.parent.parent}?"
    below = [found.parent.name for found in itertools.islice(path.parent.glob("*/mets.xml"), 3)]
    if below:
        return (
            f"did you mean the workspace {' or '.join(sorted(below))}? Name it with -w"
            " (-d for 'ocrd-rapid workspace')"
        )
    name = "" if path == usual else f" -m {shlex.quote(path.name)}"
    place = shlex.quote(str(path.parent))
    return f"create a workspace with: ocrd-rapid workspace -d {place}{name} init"
