# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Downloads over HTTP in which an interruption costs as little as possible.

* ``fetching``: the transfer itself: attempts, progress, limits on time and size;
* ``responses``: what a response means for the bytes received so far, as pure functions;
* ``partial_files``: the bytes received so far, kept for the next attempt.
"""
