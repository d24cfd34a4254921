# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The command line: parse, configure logging, call, map errors to exit codes.

``ocrd-rapid`` and its commands:

* ``main``: ``ocrd-rapid`` itself; ``groups``: groups of commands;
* ``ocr``, ``process``, ``report``, ``export``, ``evaluate``, ``train``, ``convert``, ``check``:
  commands of these names;
* ``correct``, ``resmgr``, ``workspace``: groups of commands of these names;
  ``correct_document``: a document becomes a workspace to correct.

OCR-D processors:

* ``processor``: the command line of ``ocrd-rapid-detect`` and the others;
  ``help``: their help text;
* ``worker``: a processor as a worker of OCR-D's processing network.

Shared by commands:

* ``runs``: steps from options, and their run, for ``processor`` and ``process``;
  ``tasks``: the command line of a workflow;
* ``logs``, ``progress``, ``streams``, ``notes``: logging, progress bars, standard streams, remarks
  of writers;
* ``export_choices``: the formats to write, and their options; ``option_sections``: help in
  sections;
* ``errors``, ``usage``: exit codes and messages of exceptions and of wrong command lines;
* ``tables``: human-readable tables; ``memory``: memory settings of the process.
"""
