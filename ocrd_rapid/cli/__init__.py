"""The command line: parse, configure logging, call, map errors to exit codes.

* ``main``: ``ocrd-rapid``, whose subcommands are the modules of their names: ``process``,
  ``resmgr``, ``workspace``, ``export``, ``evaluate``, ``train``, ``check``, ``convert``;
* ``processor``: the four commands of OCR-D's form, ``ocrd-rapid-detect`` and so on; ``help``: their
  help text; ``worker``: their subcommand, which hands over to OCR-D core;
* ``runs``: what ``processor`` and ``process`` have in common: from options to steps, and the run;
* ``tasks``: the tasks on the command line of ``process``; ``groups``: groups of subcommands;
* ``logs``, ``progress``, ``memory``, ``streams``, ``usage``: what a command sets up;
* ``errors``: from exceptions to exit codes.
"""
