"""Text detection: from an image to the boxes of its lines.

* ``detector``: a PP-OCR detection network, and the boxes made of its output;
* ``strips``: the network run on an image part by part;
* ``ink``: places with ink that the network has not seen.
"""
