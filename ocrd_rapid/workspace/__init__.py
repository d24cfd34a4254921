"""OCR-D's formats: METS, PAGE-XML, and the images they refer to. No OCR here.

* ``mets``: the list of pages and files; ``selection``: page IDs by pattern;
* ``page``: one PAGE-XML document; ``segments``: its regions and lines; ``values``: numbers and
  outlines in attributes; ``polygons``: outlines made valid;
* ``ids``: names of files and groups;
* ``images``: the image of a page, with the way between its pixels and PAGE coordinates;
* ``workspace``: a directory with all of these;
* ``xml``: safe parsing.
"""
