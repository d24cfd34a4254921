# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Wait for the METS server of a job, which OCR-D's Processing Server starts.

Core 3.13.3, as read and run: it hands out a job two seconds after it has started the METS server,
which takes longer on a busy machine, and starts none again for jobs that wait in a queue when it
ends. A request to hand something on to the METS server of a workspace starts it.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from ocrd_network.utils import is_mets_server_running

LOG = logging.getLogger(__name__)

#: Seconds until a METS server must have answered.
_PATIENCE = 300.0
#: Seconds for a METS server to start. Only then is the Processing Server asked for another one: all
#: but the first to be ready end with an error, and delay the others until then.
_STARTING = 60.0
_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class ServingMets:
    """The METS server of a job.

    Attributes:
        url: its address as the database has it; empty if there is none.
        directory: the workspace.
        processing_server: where the Processing Server takes requests to hand on; may be empty.
    """

    url: str
    directory: str
    processing_server: str

    def wait(self, *, ended: bool = False) -> bool:
        """Return whether it answers, after waiting for it for some time.

        Args:
            ended: whether it was there before, so that it is not just starting.
        """
        if not self.url or self._answers(self.url):
            return True
        LOG.info("waiting for METS server %s of %s", self.url, self.directory)
        began = time.monotonic()
        asked = began - _STARTING if ended else began
        while (now := time.monotonic()) < began + _PATIENCE:
            if self._answers(self.url):
                return True
            if now >= asked + _STARTING and self.processing_server:
                LOG.warning("METS server %s is started again", self.url)
                self._answers(self.processing_server)
                asked = time.monotonic()
            time.sleep(_POLL_SECONDS)
        return False

    def _answers(self, url: str) -> bool:
        return bool(is_mets_server_running(mets_server_url=url, ws_dir_path=self.directory))
