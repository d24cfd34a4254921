# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a person corrected: from the file that the view saves into a workspace.

* ``corrections``: the file, checked;
* ``word_groups``: which words of the machine stand in place of which words of the person;
* ``corrected_lines``: a line with another text, its words and their outlines with it;
* ``corrected_pages``: a page; what does not fit it;
* ``line_structure``: lines joined, divided, added, removed, moved; ``moved_regions``: the order of
  regions;
* ``machine_lines``: lines that become a machine's again;
* ``group_files``: the files of pages to correct, and of corrected ones;
* ``turns``: writers of corrections take turns;
* ``apply_corrections``: the pages of a workspace, all or none;
* ``other_editors``: corrections made in other programs.

How PAGE marks what a person wrote is in `ocrd_rapid.workspace.ground_truth`; the command line is in
`ocrd_rapid.cli.correct`.
"""
