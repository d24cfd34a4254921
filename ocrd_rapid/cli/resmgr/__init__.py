# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid resmgr``: list and install resources.

The options and the format of the lists are those of ``ocrd resmgr`` of OCR-D core 3.13.3;
``--json`` and the commands beyond core's are ours.

* ``listing``: the commands that list resources; ``output``: the format of the lists;
  ``head_entries``: heads that read a language;
* ``download``: the command that installs resources;
* ``maintenance``: the commands that verify, remove and migrate installed resources;
* ``cache``: the command that empties the cache;
* ``bundles``: export and import of resources, for machines without a network.
"""

from __future__ import annotations

import click

from ..groups import CONTEXT, Group
from .bundles import export, import_
from .cache import clear_cache
from .download import download
from .listing import info, list_available, list_installed, path
from .maintenance import migrate, remove, verify


@click.group(cls=Group, context_settings=CONTEXT)
def command() -> None:
    """List and install models and other resources of processors.

    \b
    Examples:
      ocrd-rapid resmgr download --language kor
      ocrd-rapid resmgr list-available -e ocrd-rapid-recognize
      ocrd-rapid resmgr list-installed
    """


for _command in (
    list_available, list_installed, download, info, path, verify, remove, export, import_, migrate,
    clear_cache,
):  # fmt: skip
    command.add_command(_command)
