# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Round the weights of heads that the package ships, so that their files compress better.

Usage: python training/packaged_heads.py HEAD...

A weight is known no better than to a hundredth: with 6 instead of 10 binary digits after the first
one, a head reads the same, and its file is a fifth smaller (docs/heads.md). Trainings of heads
for the package round what they write; HEAD is a file from before that. A head that is rounded
already stays as it is, byte for byte. Renew SHA256SUMS afterwards.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from packaged_models import OUTPUT_DIGITS, with_digits

from ocrd_rapid.errors import OcrdRapidError
from ocrd_rapid.inference.output_layers import arrays_of, layer_of
from ocrd_rapid.ocr.recognition.head_files import Head, read_head, write_head


def rounded(head: Head) -> Head:
    """Return a head whose weights have `OUTPUT_DIGITS` digits; biases keep what 16 bits hold."""
    arrays = {
        name: with_digits(array.astype(np.float16), OUTPUT_DIGITS).astype(np.float32)
        if array.ndim > 1
        else array
        for name, array in arrays_of(head.layer).items()
    }
    return replace(head, layer=layer_of(arrays))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("heads", type=Path, nargs="+", metavar="HEAD")
    try:
        for path in parser.parse_args().heads:
            before = path.stat().st_size
            write_head(rounded(read_head(path)), path)
            print(f"{path}: {path.stat().st_size} bytes, {before} before")
    except (OcrdRapidError, OSError) as error:
        sys.exit(f"packaged_heads: {error}")


if __name__ == "__main__":
    main()
