# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A book is corrected in the browser: ``ocrd-rapid correct WORKSPACE`` (needs starlette, uvicorn).

* ``serve``: the server from its beginning to its end;
* ``request_guard``: who may ask; ``http_api``: what may be asked, and the answers;
* ``event_stream``: what browsers are told;
* ``open_book``: pages and lines of a book, and saving them; ``working_pages``: their files;
* ``structure_changes``: lines joined, divided, added, and so on;
* ``page_view``: a page as plain data; ``line_pictures``: pictures of pages and lines;
* ``line_index``: the lines of the whole book; ``line_choice``: which come next; ``replacing``:
  search and replace;
* ``book_progress``: errors to be expected, and what is left to do; ``reading_belief``: what
  confidences are worth; ``correction_journal``: what was done when;
* ``book_jobs``: teaching and reading on; ``background_job``: processes; ``teaching_task``,
  ``reading_task``, ``single_line_task``: what they do; ``gain``: whether a head is better;
* ``session_folder``, ``session_state``: what is kept in the workspace; ``user_settings``: what is
  kept for the user.

The interface for people is in the folder web: modules and styles, without anything to build.
"""
