"""Runs a processor over a workspace: which pages, what fails, what is recorded.

* ``processor``: a processor as the runtime sees it;
* ``run``: runs processors over the pages of a workspace;
* ``plan``: the pages to be done, their files, and what is there already;
  ``inputs``: the file of the input group for a page;
* ``page_runner``: one page through all steps of a run; ``parallel``: several pages at a time;
* ``policy``: rules for what is missing, exists, fails or takes long;
* ``resume``: what an earlier run has finished;
* ``workflow``: workflows as texts of tasks; ``step``: one step of a workflow.

It knows OCR-D's rules and no OCR.
"""
