# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Speed, memory and errors of our OCR beside that of others, on the same pages.

Usage: python tests/bench/speed.py [PAGES] [--score SCORE_PAGES] [--rapidocr PYTHON] …

PAGES holds one folder per collection with scans; without it typeset pages are made (`synthetic`).
Each engine reads them in a process of its own;
the engines take turns, round by round and every second round in the other direction, so that a
busy machine is busy for all; medians are taken of the rounds, and of the ratios within a round.
RapidOCR gets the original files of the models that ours are made of; all engines get a page to
warm up that is not counted. Wall time only says something where the machine does little else:
which share of it others used is in the table, and where that was too much it is marked. CPU time
bears more.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import machine
import speed_tables
import synthetic
from speed_engines import Page

_WORKER = Path(__file__).with_name("speed_worker.py")
_WARM_UP = Path(__file__).parent.parent / "assets" / "sample" / "sample.png"
_SUFFIXES = {".tif", ".jpg", ".png"}
_EXECUTABLES = {
    "Det": "ocrd-rapid-detect", "Cls": "ocrd-rapid-classify", "Rec": "ocrd-rapid-recognize",
}  # fmt: skip
#: Those that are installed apart from us.
_APART = ("rapidocr", "faster-paddle")
_ORT, _OV = {"engine": "onnxruntime"}, {"engine": "openvino"}


@dataclass(frozen=True)
class Contender:
    """An engine as it is to be run.

    Attributes:
        kind: see `speed_engines.make`.
        options: the same.
        reference: the name of what it is compared with; empty for nothing.
        regular: takes part if nobody says which are to.
        once: runs in the first round only: nothing is compared with it round by round.
    """

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    reference: str = ""
    regular: bool = True
    once: bool = False


CONTENDERS = {
    "rapidocr": Contender("rapidocr", _ORT),
    "ours": Contender("ours", {**_ORT, "parallel": 2}, "rapidocr"),
    "workspace": Contender("workspace", {**_ORT, "parallel": 2}, "ours"),
    "ours-fast": Contender("ours", {**_ORT, "parallel": 2, "quality": "fast"}, "rapidocr"),
    "workspace-fast": Contender(
        "workspace", {**_ORT, "parallel": 2, "quality": "fast"}, "workspace", regular=False
    ),
    "ours-1-page": Contender("ours", _ORT, "rapidocr", regular=False),
    "workspace-1-page": Contender(
        "workspace", {**_ORT, "parallel": 1}, "ours-1-page", regular=False
    ),
    "ours-all-characters": Contender(
        "ours", {**_ORT, "parallel": 2, "heads": "base"}, "rapidocr", regular=False
    ),
    "rapidocr-openvino": Contender("rapidocr", _OV),
    "ours-openvino": Contender("ours", {**_OV, "parallel": 2}, "rapidocr-openvino", regular=False),
    "ours-openvino-bf16": Contender(
        "ours", {**_OV, "parallel": 2, "precision": "bf16"}, "rapidocr-openvino"
    ),
    "ours-openvino-fast": Contender(
        "ours", {**_OV, "parallel": 2, "precision": "bf16", "quality": "fast"},
        "rapidocr-openvino", regular=False,
    ),
    "workspace-openvino-bf16": Contender(
        "workspace", {**_OV, "parallel": 2, "precision": "bf16"}, "ours-openvino-bf16",
        regular=False,
    ),
    "faster-paddle": Contender("faster-paddle"),
    "tesseract": Contender("tesseract", {"languages": "deu+eng"}, once=True),
}  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """What all runs have in common.

    Attributes:
        rapidocr: the Python that has RapidOCR and faster-paddle.
        models: paths of our models by stage.
        originals: those of the models that these are made of.
        threads: how many cores each engine may use; 0 for all.
        folder: for what is written.
    """

    rapidocr: str
    models: Mapping[str, str]
    originals: Mapping[str, str]
    threads: int
    folder: Path

    def run(
        self, contender: Contender, pages: Sequence[Page], texts: Path | None = None,
        *, stages: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Run an engine in a process of its own; return what it measured."""
        scratch = Path(tempfile.mkdtemp(dir=self.folder))
        models = self.originals if contender.kind == "rapidocr" else self.models
        job = {
            "kind": contender.kind, "options": dict(contender.options),
            "models": dict(models), "warm_up": str(_WARM_UP) if pages else "",
            "pages": list(pages), "answer": str(scratch / "answer.json"),
            "texts": str(texts or ""), "scratch": str(scratch), "stages": stages,
        }  # fmt: skip
        python = self.rapidocr if contender.kind in _APART else sys.executable
        file = scratch / "job.json"
        file.write_text(json.dumps({**job, "started": time.monotonic()}), encoding="utf-8")
        command = [*self._few_cores(), python, str(_WORKER), str(file)]
        # Else our modules would be compiled anew for every process, theirs would not.
        environ = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run(command, env=environ, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"{contender.kind} failed: {done.stderr[-1000:]}")
        answer: dict[str, Any] = json.loads((scratch / "answer.json").read_text(encoding="utf-8"))
        shutil.rmtree(scratch)
        return answer

    def _few_cores(self) -> list[str]:
        if not self.threads:
            return []
        chosen = sorted(os.sched_getaffinity(0))[: self.threads]
        return ["taskset", "-c", ",".join(map(str, chosen))]


def installed_models(name: str) -> dict[str, str]:
    """Return the paths of the installed models of a set of the catalogue, by stage."""
    from ocrd_rapid.resmgr.catalogue import resource_set
    from ocrd_rapid.resmgr.locations import resolve

    names = {each.executable: each.name for each in resource_set(name)}
    return {stage: str(resolve(names[each], each)) for stage, each in _EXECUTABLES.items()}


def typeset(folder: Path, count: int) -> Path:
    """Make so many typeset pages (0: ten) and return where they are."""
    pages = folder / "pages"
    synthetic.make_pages(pages / "synthetic", count or 10)
    return pages


def find_pages(folder: Path, count: int) -> list[Page]:
    """Return so many pages (0: all), evenly spread over the collections."""
    scans = [path for path in sorted(folder.glob("*/*")) if path.suffix in _SUFFIXES]
    chosen = spread(len(scans), count or len(scans))
    return [(f"{scans[i].parent.name}/{scans[i].stem}", str(scans[i])) for i in chosen]


def spread(total: int, count: int) -> list[int]:
    """Return ``count`` of the numbers below ``total``, evenly spread; all if there are no more."""
    return list(range(total)) if count >= total else [i * total // count for i in range(count)]


def usable(names: Sequence[str], rapidocr: str) -> list[str]:
    """Return those contenders whose programs are here."""
    lacking = set()
    if shutil.which(rapidocr) is None:
        lacking.update(_APART)
        print(f"{rapidocr} is not there (make rapidocr): without RapidOCR", file=sys.stderr)
    if shutil.which("tesseract") is None:
        lacking.add("tesseract")
    return [name for name in names if CONTENDERS[name].kind not in lacking]


def play(bench: Bench, names: Sequence[str], pages: Sequence[Page], rounds: int,
         results: Path) -> dict[str, list[dict[str, Any]]]:  # fmt: skip
    """Let the engines take turns; return their measurements, round by round."""
    measured: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            if number and CONTENDERS[name].once:
                continue
            texts = results / name if number == 0 else None
            measured[name].append(bench.run(CONTENDERS[name], pages, texts))
            last = measured[name][-1]
            print(
                f"round {number + 1} {name}: {last['wall']:.1f} s, CPU {last['cpu']:.1f} s,"
                f" others {last['foreign']:.0%}",
                file=sys.stderr,
            )
    return measured


def start_often(bench: Bench, names: Sequence[str], times: int) -> dict[str, list[float]]:
    """Return the seconds from the start of a process until its models are loaded."""
    ready: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(times):
        for name in names:
            ready[name].append(bench.run(CONTENDERS[name], [])["ready"])
    return ready


def score(script: Path, pages: Sequence[Page], results: Path) -> dict[str, float]:
    """Return the character errors, by line and by page, of results for these pages."""
    with tempfile.TemporaryDirectory() as name:
        for page, path in pages:
            for truth in Path(path).parent.glob(f"{Path(path).stem}.*.xml"):
                target = Path(name, page).parent / truth.name
                target.parent.mkdir(exist_ok=True)
                target.symlink_to(truth.resolve())
        command = [sys.executable, str(script), "--json", name, str(results)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    rates: dict[str, float] = json.loads(done.stdout)["rates"]["ALL"]
    return rates


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=Path, nargs="?")
    parser.add_argument("--score", type=Path, help="script that scores pages")
    parser.add_argument(
        "--rapidocr", default="python3", help="Python that has RapidOCR and faster-paddle"
    )
    parser.add_argument("--engines", help=f"of: {', '.join(CONTENDERS)}; separated by commas")
    parser.add_argument("--count", type=int, default=20, help="pages; 0 for all, or 10 typeset")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--starts", type=int, default=5, help="how often start-up is measured")
    parser.add_argument("--threads", type=int, default=0, help="cores for each engine; 0: all")
    parser.add_argument("--noise", type=float, default=0.1, help="share of others to be marked")
    parser.add_argument("--stages", default="ours,workspace", help="engines to profile")
    parser.add_argument("--long", type=int, default=0, help="pages, to see memory grow")
    parser.add_argument("--json", type=Path, help="write all that was measured to this file")
    return parser.parse_args()


def main() -> None:
    """Print the tables."""
    arguments = parse()
    regular = [name for name, contender in CONTENDERS.items() if contender.regular]
    wanted = arguments.engines.split(",") if arguments.engines else regular
    names = usable(wanted, arguments.rapidocr)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages = find_pages(arguments.pages or typeset(folder, arguments.count), arguments.count)
        if not pages:
            raise SystemExit(f"{arguments.pages} has no scans; name a folder with PAGES=FOLDER")
        kind = "scans" if arguments.pages else "typeset pages"
        print(machine.description(), f"; {len(pages)} {kind}, {arguments.rounds} rounds", sep="")
        found: dict[str, Any] = {"machine": machine.description(), "pages": pages}
        bench = Bench(
            arguments.rapidocr,
            installed_models("default"),
            installed_models("original"),
            arguments.threads,
            folder,
        )
        results = folder / "results"
        found["runs"] = play(bench, names, pages, arguments.rounds, results)
        loading = [n for n in names if CONTENDERS[n].kind != "tesseract"]
        found["ready"] = start_often(bench, loading, arguments.starts)
        rates = {}
        if arguments.rounds and arguments.score and arguments.score.exists():
            rates = {n: score(arguments.score, pages, results / n) for n in names}
        found["rates"] = rates
        references = {n: CONTENDERS[n].reference for n in names}
        if arguments.rounds:
            print(speed_tables.comparison(found, references, arguments.noise))
        profiled = [n for n in arguments.stages.split(",") if n in names]
        found["stages"] = {
            n: bench.run(one_page(CONTENDERS[n]), pages, stages=True)["stages"] for n in profiled
        }
        for engine, stages in found["stages"].items():
            print(speed_tables.profile(engine, stages, len(pages)))
        if arguments.long:
            again = [pages[i % len(pages)] for i in range(arguments.long)]
            found["long"] = {n: bench.run(CONTENDERS[n], again) for n in loading}
            print(speed_tables.growth(found["long"], len(pages)))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def one_page(contender: Contender) -> Contender:
    """Return a contender that reads one page at a time, so that wall times can be added."""
    return replace(contender, options={**contender.options, "parallel": 1})


if __name__ == "__main__":
    main()
