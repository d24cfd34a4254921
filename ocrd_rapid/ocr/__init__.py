"""OCR on arrays: find lines, group and order them, see which way up they are, read them.

Images are BGR arrays of shape (height, width, 3), uint8. Points are (x, y) in pixels of the
image, x to the right, y down, float32. A *box* is an array of shape (4, 2): the corners of a
rectangle, clockwise as seen, beginning at the top left of the text as it is read if the image
is upright.

Nothing here knows of OCR-D, of files other than key files, or of the network.
"""
