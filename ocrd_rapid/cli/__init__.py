"""The command line: parse, configure logging, call, map errors to exit codes.

``ocrd-rapid`` and its commands:

* ``main``: ``ocrd-rapid`` itself; ``groups``: groups of commands;
* ``process``, ``export``, ``evaluate``, ``train``, ``convert``, ``check``: one command each;
* ``resmgr``, ``workspace``: one group of commands each.

OCR-D processors:

* ``processor``: their command line; ``help``: their help text;
* ``worker``: a processor as a worker of OCR-D's processing network.

Shared by commands:

* ``processing``: from options to a run of processors; ``tasks``: the command line of a workflow;
* ``logs``, ``progress``, ``streams``: logging, progress bars, standard streams;
* ``errors``, ``usage``: exit codes and messages, of exceptions and of wrong command lines;
* ``tables``: tables for people; ``memory``: memory settings of the process.
"""
