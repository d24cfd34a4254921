# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Make a smaller recognition network that gives the same features, so that all heads fit it.

Usage: python training/backbone.py lines CACHE LINES PACKAGES [--shards N] [--model ONNX]
       python training/backbone.py train CACHE RUN [--keep SHARE] [--start RUN] [--steps N]
                                 [--minutes N]
       python training/backbone.py evaluate CACHE RUN
       python training/backbone.py export RUN ONNX

First, lines are drawn and degraded, and the large network computes their features: CACHE gets as
many shards as are asked for. LINES has the folders of printed lines, PACKAGES unpacked packages
(docs/models/smaller-backbone.md). Then hidden channels of the large network are left out
(`pruning`), or of the smaller one that another run has made, and what is left learns
(`distillation`). A training that is stopped, killed or out of
minutes goes on when it is started again; a file ``stop`` in RUN stops it. At every start, it learns
from all shards that there are. In the end, the network is written as a model file of its own, which
says whose features it gives: all heads of the large network fit it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from backbone_errors import as_rows, errors_of
from backbone_lines import SCRIPT_SHARDS, SourceLine, Sources
from distillation import Batches, Heads, Training
from graph_network import GraphNetwork, with_weights
from line_shards import KeptLine, ShardLine, read_shards, shard_names, write_shard
from pruning import PrunedPair, prune
from scanned_heads import HEADS, MODEL
from script_fonts import read_faces

from ocrd_rapid.errors import InputError, OcrdRapidError
from ocrd_rapid.files import write_atomically
from ocrd_rapid.inference.derive import derive
from ocrd_rapid.inference.feature_identity import facts_of_features, features_identity
from ocrd_rapid.ocr.recognition.head_files import Head, read_head
from ocrd_rapid.pixels import grey_as_bgr
from ocrd_rapid.resmgr.integrity import sha256_of
from ocrd_rapid.training.features import FeatureExtractor

SEED = 1
THREADS = 1
#: Batches from which least squares are solved.
CALIBRATION = 8
#: Steps between two checkpoints, and between two looks at some of the lines to choose by.
SAVE, LOOK = 100, 2000
#: One of so many lines to choose by is looked at while training.
SOME = 4
_LEARN, _CHOOSE = "learn", "choose"


def teacher_of(model: Path) -> GraphNetwork:
    """Return the large network, without its output layer."""
    return GraphNetwork(onnx.load(str(derive(model, []))))


def heads_of(model: Path, folder: Path) -> list[Head]:
    """Return the heads in a folder that read the features of a network.

    Raises:
        InputError: there are none.
    """
    backbone = features_identity(model)
    paths = sorted(folder.glob("*.npz"))
    heads = [head for head in map(read_head, paths) if head.backbone == backbone]
    if not heads:
        raise InputError(f"{folder} has no heads for {model}; name another folder with --heads")
    return heads


def make_lines(cache: Path, sources: Sources, numbers: Sequence[int], model: Path) -> None:
    """Make the shards to learn from that are missing, and the one to choose by."""
    parts = {_CHOOSE: [0], _LEARN: numbers}
    for part, wanted in parts.items():
        folder, learn = cache / part, part == _LEARN
        # Lines to choose by are read with onnxruntime, as in use; others by the thousand.
        engine = "openvino" if learn else "onnxruntime"
        extractor = FeatureExtractor(model, THREADS, engine=engine)
        for number in wanted:
            name = f"{number:05}"
            if name in shard_names(folder):
                continue
            found = sources.learn(number) if learn else sources.choose()
            lines = [_with_features(line, extractor) for line in found]
            write_shard(folder, name, sha256_of(model), lines)
            print(f"{part} {name}: {len(lines)} lines", flush=True)


def _with_features(line: SourceLine, extractor: FeatureExtractor) -> ShardLine:
    # The image has its stretch already.
    features = extractor.compute(grey_as_bgr(line.image))
    return ShardLine(line.image, features, line.kind, line.stretch, line.source, line.text)


def pruned(
    network: GraphNetwork, teacher: GraphNetwork, lines: Sequence[KeptLine], keep: float
) -> GraphNetwork:
    """Leave only a share of its hidden channels to a network that is the teacher's like."""
    drawn = Batches(lines).samples(CALIBRATION, SEED)

    def report(pair: PrunedPair) -> None:
        print(f"channels {pair.channels} -> {pair.kept}, left {pair.left:.4f}", flush=True)

    prune(network, teacher, drawn, keep, report)
    return network


class Run:
    """A training in a folder."""

    def __init__(self, folder: Path, model: Path) -> None:
        """Name the folder, which need not exist, and the large network."""
        self.folder, self.model = folder, model
        self.checkpoint, self._stop = folder / "checkpoint.pt", folder / "stop"

    def network(self) -> GraphNetwork:
        """Return the network as it has been trained so far.

        Raises:
            InputError: no training has begun.
        """
        self._check()
        network = teacher_of(self.model)
        Training(network, 1, half=False).resume(self.checkpoint)
        return network

    def hash(self) -> str:
        """Return the SHA-256 of what has been trained so far.

        Raises:
            InputError: no training has begun.
        """
        self._check()
        return sha256_of(self.checkpoint)

    def _check(self) -> None:
        if not self.checkpoint.exists():
            raise InputError(
                f"{self.folder} has no training; begin: python training/backbone.py train"
            )

    def train(
        self,
        cache: Path,
        heads: Sequence[Head],
        *,
        keep: float,
        steps: int,
        minutes: float,
        half: bool,
        start: Run | None = None,
    ) -> None:
        """Begin, or go on; see the description of the program."""
        begin, backbone = time.monotonic(), sha256_of(self.model)
        learn = read_shards(cache / _LEARN, backbone)
        choose = read_shards(cache / _CHOOSE, backbone)[::SOME]
        wanted = {"backbone": backbone, "keep": keep}
        if start is not None:
            wanted["start"] = start.hash()
        if self.checkpoint.exists():
            training = Training(teacher_of(self.model), steps, half=half)
            facts = training.resume(self.checkpoint)
            if facts != wanted:
                raise InputError(f"{self.folder} has another training: {facts}")
            print(f"goes on at step {training.step} with {len(learn)} lines", flush=True)
        else:
            first, facts = start.network if start else partial(teacher_of, self.model), wanted
            network = pruned(first(), first(), learn, keep)
            self.folder.mkdir(parents=True, exist_ok=True)
            training = Training(network, steps, half=half)
            training.save(self.checkpoint, facts)
            _look(training.network, choose, heads)
        self._learn(training, Batches(learn), heads, facts, choose, begin + 60 * minutes)

    def _learn(
        self,
        training: Training,
        batches: Batches,
        heads: Sequence[Head],
        facts: Mapping[str, Any],
        choose: Sequence[KeptLine],
        end: float,
    ) -> None:
        layers, square, divergence, begin = Heads(heads), [], [], time.monotonic()
        while training.step < training.steps:
            losses = training.learn(batches, layers)
            square.append(losses.square)
            divergence.append(losses.divergence)
            over = time.monotonic() > end or self._stop.exists()
            if training.step % SAVE == 0 or over or training.step == training.steps:
                training.save(self.checkpoint, facts)
                seconds = (time.monotonic() - begin) / len(square)
                print(
                    f"step {training.step} of {training.steps}: features {np.mean(square):.4f},"
                    f" heads {np.mean(divergence):.4f}, {seconds:.2f} s a step",
                    flush=True,
                )
                square, divergence, begin = [], [], time.monotonic()
            if training.step % LOOK == 0 or training.step == training.steps:
                _look(training.network, choose, heads)
            if over:
                break


def _look(network: GraphNetwork, lines: Sequence[KeptLine], heads: Sequence[Head]) -> None:
    print(*as_rows(errors_of(network, lines, heads)), sep="\n", flush=True)


def export(run: Run, output: Path) -> None:
    """Write the model file, which says in its metadata that it gives the large one's features."""
    weights = {name: value.numpy() for name, value in run.network().weights().items()}
    small = with_weights(onnx.load(str(run.model)), weights)
    facts = {each.key: each.value for each in small.metadata_props}
    onnx.helper.set_model_props(small, facts | facts_of_features(run.model))
    write_atomically(output, small.SerializeToString())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    lines, train, evaluate, write = map(
        commands.add_parser, ("lines", "train", "evaluate", "export")
    )
    for command in (lines, train, evaluate):
        command.add_argument("cache", type=Path)
    lines.add_argument("lines", type=Path)
    lines.add_argument("packages", type=Path)
    lines.add_argument("--shards", type=int, default=60)
    lines.add_argument("--script-shards", type=int, default=0, help="besides, mainly other scripts")
    for command in (train, evaluate, write):
        command.add_argument("run", type=Path)
    for command in (train, evaluate):
        command.add_argument("--heads", type=Path, default=HEADS)
    train.add_argument("--keep", type=float, default=0.5)
    train.add_argument("--start", type=Path, help="a run, whose network is pruned")
    train.add_argument("--steps", type=int, default=40000)
    train.add_argument("--minutes", type=float, default=float("inf"))
    train.add_argument("--float32", action="store_true", help="do not multiply in bfloat16")
    write.add_argument("output", type=Path)
    for command in (lines, train, evaluate, write):
        command.add_argument("--model", type=Path, default=MODEL)
    return parser


def _do(arguments: argparse.Namespace) -> None:
    model = arguments.model
    if arguments.command == "lines":
        faces = read_faces(arguments.packages)
        sources = Sources(arguments.lines, arguments.packages, faces)
        others = range(SCRIPT_SHARDS, SCRIPT_SHARDS + arguments.script_shards)
        make_lines(arguments.cache, sources, [*range(arguments.shards), *others], model)
        return
    run = Run(arguments.run, model)
    if arguments.command == "export":
        export(run, arguments.output)
        return
    heads = heads_of(model, arguments.heads)
    if arguments.command == "train":
        run.train(
            arguments.cache,
            heads,
            keep=arguments.keep,
            steps=arguments.steps,
            minutes=arguments.minutes,
            half=not arguments.float32,
            start=Run(arguments.start, model) if arguments.start else None,
        )
    else:
        choose = read_shards(arguments.cache / _CHOOSE, sha256_of(model))
        _look(run.network(), choose, heads)


def main() -> None:
    """Read the command line."""
    torch.set_num_threads(THREADS)
    try:
        _do(_parser().parse_args())
    except (OcrdRapidError, OSError) as error:
        sys.exit(f"backbone: {error}")


if __name__ == "__main__":
    main()
