# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The comparison of speed: what is computed from measurements, and a worker at work."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import machine
import pytest
import speed
import speed_engines
import speed_stages
import speed_tables

BENCH = Path(speed.__file__).parent
SAMPLE = BENCH.parent / "assets" / "sample" / "sample.png"


def test_busy_seconds_leaves_out_idling_and_guests() -> None:
    #       user nice system idle iowait irq softirq steal guest guest_nice
    line = "cpu  100   20     30  900     50   3       2    45    70          5\n"
    assert machine.busy_seconds(line, 100) == 2.0


def test_busy_seconds_of_an_old_kernel() -> None:
    assert machine.busy_seconds("cpu 100 0 50 900", 50) == 3.0


@pytest.mark.parametrize(("others", "expected"), [(0.0, 0.0), (2.0, 0.1), (-0.5, 0.0), (50.0, 1.0)])
def test_foreign_share(others: float, expected: float) -> None:
    begin = machine.Clock(wall=100.0, own=7.0, machine=1000.0)
    end = machine.Clock(wall=110.0, own=22.0, machine=1000.0 + 15.0 + others)
    assert machine.foreign_share(begin, end, machine_cores=2) == pytest.approx(expected)


def test_foreign_share_of_no_time() -> None:
    now = machine.Clock(1.0, 1.0, 1.0)
    assert machine.foreign_share(now, now, 2) == 0.0


def test_memory_peak_is_at_least_what_is_used() -> None:
    used = machine.memory()
    assert used.peak >= used.now
    assert used.peak > 10


def test_spread_is_even_and_without_repetition() -> None:
    assert speed.spread(40, 20) == list(range(0, 40, 2))
    assert speed.spread(7, 3) == [0, 2, 4]
    assert speed.spread(3, 20) == [0, 1, 2]


def test_find_pages_takes_scans_of_all_collections(tmp_path: Path) -> None:
    for name in ("a/1.png", "a/1.page.xml", "a/2.jpg", "b/3.tif", "b/SOURCE.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [name for name, _ in speed.find_pages(tmp_path, 0)] == ["a/1", "a/2", "b/3"]
    assert [name for name, _ in speed.find_pages(tmp_path, 2)] == ["a/1", "a/2"]


def test_every_reference_is_a_contender() -> None:
    references = {contender.reference for contender in speed.CONTENDERS.values()}
    assert references <= {"", *speed.CONTENDERS}


def test_median_ratio_pairs_the_rounds() -> None:
    ours = [{"wall": 1.0}, {"wall": 10.0}, {"wall": 2.0}]
    theirs = [{"wall": 2.0}, {"wall": 30.0}, {"wall": 8.0}]
    assert speed_tables.median_ratio(ours, theirs, "wall") == 3.0


def test_comparison_marks_noisy_rounds_and_leaves_unknown_cells_empty() -> None:
    def run(wall: float, cpu: float, foreign: float) -> dict[str, object]:
        return {"wall": wall, "cpu": cpu, "foreign": foreign, "peak_mb": 700, "pages": [{}, {}]}

    found = {
        "runs": {"theirs": [run(12, 8, 0.02)], "ours": [run(6, 5, 0.3)]},
        "ready": {"ours": [0.3, 0.1, 0.2]},
        "rates": {"ours": {"line": 0.0123, "page": 0.02}},
    }
    table = speed_tables.comparison(found, {"ours": "theirs"}, 0.1).splitlines()
    assert table[2] == "| theirs |  | 10.0 |  | 4.00 |  | 700 |  |  |  | 2% |"
    assert table[3] == (
        "| ours | theirs | 20.0 | 2.00 | 2.50 | 1.60 | 700 | 0.20 | 1.23% | 2.00% | 30%* |"
    )


def test_growth_compares_the_first_pages_with_the_last() -> None:
    pages = [{"rss_mb": 100.0 + i, "peak_mb": 200.0 + i} for i in range(5)]
    assert speed_tables.growth({"ours": {"pages": pages}}, 2).splitlines()[-1] == (
        "| ours | 101 | 201 | 104 | 204 | 5 |"
    )


def test_lines_of_tsv() -> None:
    text = (
        "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\t"
        "conf\ttext\n"
        "4\t1\t1\t1\t1\t0\t10\t20\t100\t30\t-1\t\n"
        '5\t1\t1\t1\t1\t1\t10\t20\t40\t30\t90\t"Guten\n'
        "5\t1\t1\t1\t1\t2\t60\t20\t50\t30\t90\tTag\n"
        "4\t1\t1\t1\t2\t0\t10\t60\t100\t30\t-1\t\n"
        "5\t1\t1\t1\t2\t1\t10\t60\t100\t30\t90\t \n"
    )
    found = json.loads(speed_engines.lines_of_tsv(text).data)
    corners = [[10, 20], [110, 20], [110, 50], [10, 50]]
    assert found == [{"points": corners, "text": '"Guten Tag'}]


def test_stages_charge_a_function_without_those_inside() -> None:
    stages = speed_stages.Stages()
    inner = stages._measured(lambda: time.sleep(0.05), lambda calls: "inner")

    def work() -> None:
        inner()
        time.sleep(0.02)

    began = time.perf_counter()
    stages._measured(work, lambda calls: "outer")()
    total = time.perf_counter() - began
    spent = stages.report(1.0, 1.0, 0.0)["spent"]
    assert spent["inner"][1] >= 0.05
    assert spent["outer"][1] >= 0.02
    assert spent["inner"][1] + spent["outer"][1] <= total


def test_stages_add_the_threads_and_survive_errors() -> None:
    stages = speed_stages.Stages()

    def fail() -> None:
        raise ValueError

    failing = stages._measured(fail, lambda calls: "failing")

    def serve() -> None:
        with pytest.raises(ValueError):
            failing()

    threads = [threading.Thread(target=serve) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stages.report(1.0, 1.0, 0.0)["spent"]["failing"][0] == 3


def test_inference_belongs_to_the_stage_around_it() -> None:
    around = [speed_stages._Open("detection: scale")]
    assert speed_stages._inference(around) == "detection: inference"
    assert speed_stages._inference([]) == "other: inference"


def test_what_no_stage_used_is_the_engines() -> None:
    stages = speed_stages.Stages()
    stages._add("decode", wall=2.0, cpu=1.0)
    stages._add("detection: inference", wall=2.0, cpu=2.0)
    report = stages.report(wall=10.0 / machine.cores(), cpu=5.0, foreign=0.0)
    assert report["spent"][speed_stages.ENGINE_THREADS] == (0, 0.0, 2.0)
    assert report["of_cpu"] == 0.8
    assert report["of_cores"] == pytest.approx(0.4)


@pytest.mark.models
@pytest.mark.parametrize("kind", ["ours", "workspace"])
def test_worker(kind: str, models: object, tmp_path: Path) -> None:
    answer, texts, scratch = (tmp_path / name for name in ("answer.json", "texts", "scratch"))
    scratch.mkdir()
    job = {
        "kind": kind, "options": {"engine": "onnxruntime"},
        "models": speed.installed_models("default"), "warm_up": "",
        "pages": [("a/1", str(SAMPLE)), ("a/2", str(SAMPLE))],
        "answer": str(answer), "texts": str(texts), "scratch": str(scratch),
        "started": time.monotonic(), "stages": True,
    }  # fmt: skip
    (tmp_path / "job.json").write_text(json.dumps(job), encoding="utf-8")
    subprocess.run([sys.executable, BENCH / "speed_worker.py", tmp_path / "job.json"], check=True)
    found = json.loads(answer.read_text())
    assert 0 < found["ready"] < 60
    assert len(found["pages"]) == 2
    assert sum(page["wall"] for page in found["pages"]) <= found["wall"] + 1e-6
    assert found["peak_mb"] >= found["pages"][-1]["rss_mb"] > 50
    for stage in ("decode", "detection: inference", "recognition: inference", "crop"):
        assert found["stages"]["spent"][stage][0] >= 2
    suffix = ".json" if kind == "ours" else ".xml"
    first, second = ((texts / f"a/{n}{suffix}").read_text() for n in (1, 2))
    if kind == "ours":
        assert first == second
        assert len(json.loads(first)) > 5
    else:
        assert "<pc:TextLine" in first or "<TextLine" in first
