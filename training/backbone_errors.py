# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a smaller network misreads, beside the large one, on lines that it never learnt from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from distillation import as_batch
from line_shards import KeptLine
from scripts import error_of
from torch import Tensor

from ocrd_rapid.ocr.recognition.head_files import Head
from ocrd_rapid.ocr.recognition.line_input import padded_width
from ocrd_rapid.training import ctc
from ocrd_rapid.training.samples import TrainingLine

#: A network, of which only the features matter: shape (N, 3, 48, W) to (N, columns, features).
Network = Callable[[Tensor], Tensor]

#: The heads that read lines which are not of a kind by the name of a head.
_READERS: Mapping[str, str] = {
    "earlyprint": "latin",
    "typewriter": "latin",
    "greek-print": "greek",
}


@dataclass(frozen=True)
class KindErrors:
    """Errors in lines of a kind, in per cent of the characters.

    Attributes:
        lines: how many there are.
        teacher, network: what each misreads of the texts.
        changed: what the network reads otherwise than the teacher, whether right or wrong.
        square: error of the features, mean square, as a share of their variance; no per cent.
    """

    lines: int
    teacher: float
    network: float
    changed: float
    square: float


@torch.no_grad()
def errors_of(
    network: Network, lines: Sequence[KeptLine], heads: Sequence[Head]
) -> dict[str, KindErrors]:
    """Return the errors by kind; lines that none of the heads reads are left out."""
    by_name = {head.name: head for head in heads}
    by_kind: dict[str, list[KeptLine]] = defaultdict(list)
    for line in lines:
        if _READERS.get(line.kind, line.kind) in by_name:
            by_kind[line.kind].append(line)
    return {
        kind: _errors(network, each, by_name[_READERS.get(kind, kind)])
        for kind, each in by_kind.items()
    }


def _errors(network: Network, lines: Sequence[KeptLine], head: Head) -> KindErrors:
    right = [TrainingLine(line.features, line.text, line.source) for line in lines]
    found = []
    for line in lines:
        features = network(as_batch([line], padded_width(line.width)))[0].numpy()
        found.append(TrainingLine(features.astype(np.float16), line.text, line.source))
    taught = [
        replace(own, text=ctc.read_line(line, head)) for own, line in zip(found, right, strict=True)
    ]
    both = (np.concatenate([line.features for line in each]) for each in (found, right))
    own, wanted = (each.astype(np.float32) for each in both)
    square = float(((own - wanted) ** 2).mean() / wanted.var())
    errors = (error_of(each, head) for each in (right, found, taught))
    return KindErrors(len(lines), *errors, square)


def as_rows(errors: Mapping[str, KindErrors]) -> Iterator[str]:
    """Yield a table."""
    yield f"{'kind':14} lines  teacher  network  changed  features"
    for kind, each in errors.items():
        yield (
            f"{kind:14} {each.lines:5} {each.teacher:8.2f} {each.network:8.2f}"
            f" {each.changed:8.2f} {each.square:9.4f}"
        )
