# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The learning curve of a training, as a line of text and as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from .ctc import Epoch

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 40, 50


def sparkline(values: Sequence[float], width: int = 60) -> str:
    """Return a row of bars for values, from zero to the largest; a space for NaN.

    Args:
        values: not negative.
        width: number of bars, at most; of more values only every second, third, … is shown, and
            always the last one.
    """
    step = max(1, math.ceil(len(values) / width))
    shown = list(values[::-1][::step][::-1])
    top = max((value for value in shown if not math.isnan(value)), default=0.0)
    return "".join(
        " " if math.isnan(value) else _BARS[round(value / top * (len(_BARS) - 1)) if top else 0]
        for value in shown
    )


def svg(history: Sequence[Epoch], best: int, title: str) -> str:
    """Return the errors of all epochs as an SVG picture.

    Args:
        history: the start and every epoch.
        best: number of the epoch that is marked.
        title: the heading.
    """
    last = max(1, history[-1].number)
    series = [
        ("validation", "#1f5fa8", [(e.number, 100 * e.error) for e in history]),
        (
            "roman type",
            "#b5651d",
            [(e.number, 100 * e.guard) for e in history],
        ),
    ]
    series = [(n, c, [p for p in points if not math.isnan(p[1])]) for n, c, points in series]
    series = [entry for entry in series if entry[2]]
    step = _tick(max((y for _, _, points in series for _, y in points), default=1.0))
    top = step * max(1, math.ceil(max((y for _, _, p in series for _, y in p), default=1) / step))

    def place(x: float, y: float) -> tuple[float, float]:
        across = _LEFT + x / last * (_WIDTH - _LEFT - _RIGHT)
        return round(across, 1), round(_HEIGHT - _BOTTOM - y / top * _room(), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        _text(_LEFT, 20, title, size=14),
    ]
    for tick in range(round(top / step) + 1):
        x, y = place(0, tick * step)
        parts.append(f'<path d="M{x} {y}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        parts.append(_text(x - 6, y + 4, f"{tick * step:g} %", anchor="end"))
    for epoch in sorted({0, last // 2, last}):
        parts.append(_text(*place(epoch, 0), f"{epoch}", anchor="middle", down=18))
    parts.append(_text(_WIDTH / 2, _HEIGHT - 10, "epoch", anchor="middle"))
    x, _ = place(best, 0)
    parts.append(
        f'<path d="M{x} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#888" stroke-dasharray="4 3"/>'
    )
    for row, (name, colour, points) in enumerate(series, start=1):
        line = " ".join(f"{a},{b}" for a, b in (place(*point) for point in points))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(_WIDTH - _RIGHT, _TOP + 16 * row, name, anchor="end", colour=colour))
    return "\n".join([*parts, "</svg>", ""])


def _room() -> int:
    return _HEIGHT - _BOTTOM - _TOP


def _tick(top: float) -> float:
    """Return a round distance between ticks, of which about five fit below a value."""
    rough = max(top, 1e-3) / 5
    power = 10 ** math.floor(math.log10(rough))
    return float(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough))


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 12,
    anchor: str = "start",
    colour: str = "#333",
    down: int = 0,
) -> str:
    return (
        f'<text x="{x:g}" y="{y + down:g}" font-size="{size}" text-anchor="{anchor}"'
        f' fill="{colour}">{escape(text)}</text>'
    )
