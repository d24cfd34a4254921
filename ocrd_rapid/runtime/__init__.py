# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Run processors over a workspace: plan pages, handle failures, record results.

* ``processor``: the interface between processors and the runtime;
* ``run``: running processors over the pages of a workspace;
* ``plan``: the pages to process, their files, and existing output;
  ``inputs``: the input file of a page;
* ``page_runner``: all steps on one page; ``parallel``: several pages at a time;
  ``page_hooks``: what the caller of a run does around each page;
* ``whole_works``: files of all pages, after the others;
* ``policy``: rules for missing, existing, failed and late pages;
* ``resume``: the finished output of an earlier run;
* ``run_records``: what failed in a run, and how long it took; ``book_report``: how far workspaces
  are;
* ``workflow``: workflows as texts of tasks; ``step``: one step of a workflow.

The runtime knows OCR-D's rules, but nothing of OCR.
"""
