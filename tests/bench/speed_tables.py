# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The tables of the speed comparison, as Markdown, from what the workers measured."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

Run = Mapping[str, Any]


def median_ratio(ours: Sequence[Run], theirs: Sequence[Run], key: str) -> float:
    """Return the median over the rounds of how much more the others needed."""
    return statistics.median(b[key] / a[key] for a, b in zip(ours, theirs, strict=True))


def comparison(found: Mapping[str, Any], references: Mapping[str, str], noise: float) -> str:
    """Return one row per engine.

    Args:
        found: ``runs`` (by engine, one per round), ``ready`` (by engine), ``rates`` (by engine).
        references: with which engine one is compared.
        noise: the share of others from which a round is marked.
    """
    rows = [
        "| engine | compared with | pages/min | × | CPU s/page | × | peak MB | ready s"
        " | errors by line | by page | others |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    runs = found["runs"]
    for name, own in runs.items():
        reference = references.get(name, "")
        ratios = ["", ""]
        if reference in runs:
            ratios = [f"{median_ratio(own, runs[reference], key):.2f}" for key in ("wall", "cpu")]
        ready = found["ready"].get(name)
        rates = found["rates"].get(name, {})
        count = len(own[0]["pages"])
        cells = [
            name,
            reference if ratios[0] else "",
            f"{statistics.median(60 * count / run['wall'] for run in own):.1f}",
            ratios[0],
            f"{statistics.median(run['cpu'] / count for run in own):.2f}",
            ratios[1],
            f"{statistics.median(run['peak_mb'] for run in own):.0f}",
            f"{statistics.median(ready):.2f}" if ready else "",
            f"{rates['line']:.2%}" if rates else "",
            f"{rates['page']:.2%}" if rates else "",
            " ".join(_share(run["foreign"], noise) for run in own),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    rows += [
        "",
        f"×: how much more the engine it is compared with needs. others: what others used of the"
        f" machine, by round; with * more than {noise:.0%}: trust the CPU time.",
    ]
    return "\n".join(rows)


def _share(value: float, noise: float) -> str:
    return f"{value:.0%}{'*' if value > noise else ''}"


def profile(name: str, stages: Mapping[str, Any], pages: int) -> str:
    """Return one row per stage, the most expensive first."""
    spent = sorted(stages["spent"].items(), key=lambda item: -item[1][2])
    total = sum(cpu for _, (_, _, cpu) in spent)
    rows = [
        f"\nStages of {name}, one page at a time: inference is {stages['of_cpu']:.1%} of the CPU"
        f" time, {stages['of_cores']:.1%} of what the cores could have given\n",
        "| stage | CPU ms/page | share | wall ms/page, threads added | calls/page |",
        "|---|---|---|---|---|",
    ]
    for stage, (calls, wall, cpu) in spent:
        rows.append(
            f"| {stage} | {1000 * cpu / pages:.1f} | {cpu / total:.1%}"
            f" | {1000 * wall / pages:.1f} | {calls / pages:.1f} |"
        )
    return "\n".join(rows)


def growth(runs: Mapping[str, Run], first: int) -> str:
    """Return how much memory engines have after the first pages and after the last."""
    rows = [
        f"\n| engine | MB after {first} pages | peak until then | after all | peak | pages |",
        "|---|---|---|---|---|---|",
    ]
    for name, run in runs.items():
        pages = run["pages"]
        early, late = pages[min(first, len(pages)) - 1], pages[-1]
        rows.append(
            f"| {name} | {early['rss_mb']:.0f} | {early['peak_mb']:.0f}"
            f" | {late['rss_mb']:.0f} | {late['peak_mb']:.0f} | {len(pages)} |"
        )
    return "\n".join(rows)
