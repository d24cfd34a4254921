# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Workers of OCR-D's processing network. All modules import OCR-D core, which is optional.

* ``core_processors``: our processors as classes of core, which keep their models between jobs;
* ``core_worker``: the worker, which takes jobs from a queue;
* ``mets_server_waiting``: the METS server of a job.
"""
