"""The command line: parse, configure logging, call, map errors to exit codes.

* ``main``: ``ocrd-rapid``; ``resmgr``, ``workspace``, ``export``: its groups;
* ``processor``: the command line of OCR-D processors; ``help``: their help text;
* ``logs``: logging; ``errors``: from exceptions to exit codes.
"""
