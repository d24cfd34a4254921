"""Download of a file over HTTP, so that an interruption costs as little as possible.

* ``fetching``: the transfer itself: attempts, progress, bounds on time and size;
* ``responses``: what a response means for the bytes that are here already, as pure functions;
* ``partial_files``: what has arrived of a file, kept for the next attempt.
"""
