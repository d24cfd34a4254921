# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The one way into image files: what is refused, in which words, and that nothing is run."""

from __future__ import annotations

import ast
import io
import os
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile_images import EPS, PROGRAMS, png_of_many_parts, progressive_jpeg, tiff
from PIL import EpsImagePlugin, Image, ImageFile

import ocrd_rapid
from ocrd_rapid.errors import ExitCode, ImageError
from ocrd_rapid.rasters import opening, tiffs
from ocrd_rapid.rasters.load_image import load_image
from ocrd_rapid.rasters.opening import inspected, opened, opened_file
from ocrd_rapid.workspace.decoding import ImageStore, image_header, open_image

PACKAGE = Path(ocrd_rapid.__file__).parent

#: All ways to the pixels or the header of a file.
WAYS: dict[str, Callable[[Path], Any]] = {
    "header": image_header,
    "decoded": open_image,
    "store": lambda path: ImageStore(path.parent).pixels(path.name),
    "path": load_image,
    "name": lambda path: load_image(str(path)),
    "bytes": lambda path: load_image(path.read_bytes()),
    "inspected": inspected,
}


@pytest.fixture
def nothing_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file that any run of Ghostscript, or what passes for it, would write."""
    proof = tmp_path / "proof"
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("gs", "djpeg"):
        (programs / name).write_text(f"#!/bin/sh\necho run >> {proof}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", "gs")
    return proof


# Programs


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg", ".eps"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_named_as_an_image_is_not_run(
    tmp_path: Path, nothing_run: Path, program: str, suffix: str, way: str
) -> None:
    path = tmp_path / f"page{suffix}"
    path.write_bytes(PROGRAMS[program])
    with pytest.raises(
        ImageError, match="is not one of the image formats PNG, JPEG, TIFF"
    ) as caught:
        WAYS[way](path)
    assert caught.value.exit_code == ExitCode.INPUT
    assert not nothing_run.exists()


def test_an_image_that_was_opened_elsewhere_is_not_run_either(nothing_run: Path) -> None:
    image = Image.open(io.BytesIO(EPS))
    assert image.format == "EPS"
    with pytest.raises(ImageError, match=r"is a file of format EPS, .* call its load\(\) if you"):
        load_image(image)
    assert not nothing_run.exists()


def test_this_test_sees_ghostscript(nothing_run: Path) -> None:
    with pytest.raises(OSError, match="cannot identify image file"):
        Image.open(io.BytesIO(EPS)).load()
    assert nothing_run.read_text() == "run\n"


@pytest.mark.parametrize("kind", ["ICO", "PCX", "TGA", "SGI", "XBM", "IM", "DDS"])
@pytest.mark.filterwarnings("ignore:IM image format:DeprecationWarning")
def test_formats_that_are_not_stated_are_not_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "page.png"
    Image.new("1" if kind == "XBM" else "RGB", (16, 16)).save(path, kind)
    for way in WAYS.values():
        with pytest.raises(ImageError, match="is not one of the image formats"):
            way(path)
    decoded = Image.open(path)
    if kind == "ICO":  # is decoded when it is opened
        return
    with pytest.raises(ImageError, match=f"is a file of format {kind}"):
        load_image(decoded)
    decoded.load()
    assert load_image(decoded).shape == (16, 16, 3)


def test_what_another_package_has_registered_is_decoded_if_it_is_given() -> None:
    class Foreign(ImageFile.ImageFile):
        format = "HEIF"

        def _open(self) -> None:
            self._size, self._mode = (2, 1), "L"
            self.tile = []

        def load(self) -> Any:
            self.im = Image.new("L", (2, 1), 7).im
            return Image.Image.load(self)

    assert load_image(Foreign(io.BytesIO())).tolist() == [[[7] * 3] * 2]


def calls_of_decoders(path: Path) -> set[str]:
    """Return what a module calls to decode image files itself."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in {"imread", "imdecode", "imreadmulti", "imdecodemulti", "VideoCapture"}:
                found.add(node.attr)
            if owner == "Image" and node.attr in {"open", "init", "preinit", "OPEN"}:
                found.add(f"Image.{node.attr}")
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            names = [f"{module}.{alias.name}".strip(".") for alias in node.names]
            found |= {
                name for name in names
                if name == "PIL.Image.open" or ("PIL" in name and "ImagePlugin" in name)
                or name.startswith("PIL.ImageGrab") or name.split(".")[0] == "imageio"
            }  # fmt: skip
    return found


def test_there_is_no_other_way_to_the_pixels_of_a_file() -> None:
    makers = PACKAGE.parent / "training"
    modules = [*PACKAGE.rglob("*.py"), *makers.rglob("*.py")]
    assert len(modules) > 150
    found = {str(path.relative_to(PACKAGE.parent)): calls_of_decoders(path) for path in modules}
    assert {path: calls for path, calls in found.items() if calls} == {
        "ocrd_rapid/rasters/plugins.py": {"PIL.TiffImagePlugin.TiffImageFile"},
        # They decode what they have encoded themselves.
        "training/augment.py": {"imdecode"},
        "training/line_shards.py": {"imdecode"},
    }


# Bounds


@pytest.mark.parametrize("way", WAYS)
def test_a_png_of_very_many_parts_is_refused_soon(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_READS", 1000)
    path = tmp_path / "page.png"
    path.write_bytes(png_of_many_parts(200))
    WAYS[way](path)
    path.write_bytes(png_of_many_parts(2000))
    with pytest.raises(ImageError, match="takes too much time to decode: it is made of very many"):
        WAYS[way](path)


def test_parts_behind_the_pixels_count_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_READS", 1000)
    path = tmp_path / "page.png"
    path.write_bytes(png_of_many_parts(2000, behind=True))
    assert image_header(path).width == 10
    with pytest.raises(ImageError, match="takes too much time to decode"):
        open_image(path)


def test_many_reads_are_right_for_many_bytes(tmp_path: Path) -> None:
    """Parts of 1 KiB are small for a PNG, but there are such files."""
    values = np.random.default_rng(1).integers(0, 256, (3000, 3000), dtype=np.uint8)
    stream = io.BytesIO()
    old, ImageFile.MAXBLOCK = ImageFile.MAXBLOCK, 1024
    try:
        Image.fromarray(values).save(stream, "PNG", compress_level=0)
    finally:
        ImageFile.MAXBLOCK = old
    assert (load_image(stream.getvalue())[:, :, 0] == values).all()


def test_processor_time_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_SECONDS", -1.0)
    Image.new("L", (5, 5)).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match=r"a\.png takes too much time to decode"):
        open_image(tmp_path / "a.png")


def test_a_tiff_of_50_000_directories_is_refused_in_seconds(tmp_path: Path) -> None:
    path = tmp_path / "page.tif"
    path.write_bytes(tiff(*[{254: 1}] * 50_000))
    begin = time.thread_time()
    for way in (image_header, open_image, inspected):
        with pytest.raises(ImageError, match="has more than the 10000 directories"):
            way(path)
    assert time.thread_time() - begin < 10


def test_a_tiff_of_many_thumbnails_is_one_page(tmp_path: Path) -> None:
    path = tmp_path / "page.tif"
    path.write_bytes(tiff({}, *[{254: 1}] * 500))
    assert open_image(path).size == (10, 10)
    assert tiffs.MAX_DIRECTORIES > 500


@pytest.mark.parametrize("way", WAYS)
def test_the_passes_of_a_progressive_jpeg_are_bounded(tmp_path: Path, way: str) -> None:
    path = tmp_path / "page.jpg"
    path.write_bytes(progressive_jpeg(100))
    WAYS[way](path)
    path.write_bytes(progressive_jpeg(101))
    with pytest.raises(ImageError, match="progressive JPEG of more than 100 passes"):
        WAYS[way](path)


# One limit on pixels


def big_tiff_file(path: Path, width: int, height: int) -> None:
    Image.new("1", (width, height), 1).save(path, compression="group4")


@pytest.mark.parametrize("way", WAYS)
def test_pillows_own_limit_is_neither_heeded_nor_changed(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    for suffix in (".tif", ".png", ".jpg", ".jp2", ".gif", ".bmp", ".pbm"):
        path = tmp_path / f"page{suffix}"
        Image.new("1", (50, 50), 1).convert("1" if suffix in (".tif", ".pbm") else "L").save(path)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            WAYS[way](path)
    assert Image.MAX_IMAGE_PIXELS == 1000


def test_pillows_limit_holds_in_other_threads_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    big_tiff_file(tmp_path / "page.tif", 60, 50)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    seen = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            seen.add(Image.MAX_IMAGE_PIXELS)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for _ in range(20):
            assert open_image(tmp_path / "page.tif").size == (60, 50)
    finally:
        ended.set()
        watcher.join()
    assert seen == {1000}


@pytest.mark.parametrize("way", WAYS)
def test_our_limit_holds_whatever_the_way(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.tif"
    big_tiff_file(path, 60, 50)
    monkeypatch.setenv("OCRD_RAPID_MAX_PIXELS", "2999")
    with pytest.raises(
        ImageError, match=r"has 60 x 50 pixels, more than the 2999 .*OCRD_RAPID_MAX_PIXELS"
    ):
        WAYS[way](path)


def test_a_tiff_of_182_megapixels_is_read_without_a_word(tmp_path: Path) -> None:
    big_tiff_file(tmp_path / "page.tif", 13500, 13500)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_image(tmp_path / "page.tif").shape == (13500, 13500, 3)
        assert ImageStore(tmp_path).pixels("page.tif").shape == (13500, 13500, 3)


def test_a_webp_beyond_pillows_own_limit_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.webp"
    Image.new("L", (50, 50)).save(path)

    def refuse(*_: Any, **__: Any) -> None:
        raise Image.DecompressionBombError

    monkeypatch.setattr(Image, "_decompression_bomb_check", refuse)
    try:
        size = open_image(path).size
    except ImageError as error:
        assert "more pixels than Pillow allows here" in str(error)
    else:
        assert size == (50, 50)  # older versions have no limit of their own there


# What lies, what is closed or empty


@pytest.mark.parametrize("tag", [256, 257, 273, 278, 279])
@pytest.mark.parametrize("value", [0, 1, 60_000])
def test_sizes_that_lie_have_our_message(tmp_path: Path, tag: int, value: int) -> None:
    path = tmp_path / "page.tif"
    path.write_bytes(tiff({tag: value}))
    for way in WAYS.values():
        try:
            way(path)
        except ImageError as error:
            assert "\n" not in str(error)
            assert "page.tif" in str(error) or "given as bytes" in str(error)


@pytest.mark.parametrize("way", WAYS)
def test_a_tiff_whose_strips_do_not_reach_the_end_is_damaged(tmp_path: Path, way: str) -> None:
    path = tmp_path / "page.tif"
    path.write_bytes(tiff({257: 11}))
    with pytest.raises(ImageError, match="damaged or cannot be read: it has 10 of 11 rows"):
        WAYS[way](path)


def test_an_image_without_pixels(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="the Pillow image is empty: it has 0 x 5 pixels"):
        load_image(Image.new("L", (0, 5)))
    with pytest.raises(ImageError, match=r"an array of shape \(0, 2\) is not an image"):
        load_image(np.zeros((0, 2), np.uint8))


def test_a_closed_image() -> None:
    stream = io.BytesIO()
    Image.new("L", (5, 5)).save(stream, "PNG")
    unread = Image.open(io.BytesIO(stream.getvalue()))
    unread.close()
    closed = Image.new("L", (5, 5))
    closed.close()
    for image in (unread, closed):
        with pytest.raises(ImageError, match="the Pillow image is damaged or cannot be read"):
            load_image(image)


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(tmp_path / "pipe.png")
    for way in ("header", "decoded", "store", "path", "name", "inspected"):
        with pytest.raises(ImageError, match=r"gone\.png is a link to a file that does not exist"):
            WAYS[way](tmp_path / "gone.png")
        with pytest.raises(ImageError, match=r"pipe\.png cannot be read: it is not a regular file"):
            WAYS[way](tmp_path / "pipe.png")
    with pytest.raises(ImageError, match="/dev/zero cannot be read: it is not a regular file"):
        load_image("/dev/zero")
    with pytest.raises(ImageError, match="cannot be read"):
        load_image("a\0b.png")


def test_an_error_in_the_block_is_that_of_the_image(tmp_path: Path) -> None:
    Image.new("L", (5, 5)).save(tmp_path / "a.png")
    with (
        pytest.raises(ImageError, match=r"image .*a\.png is damaged or cannot be read: Overflow"),
        opened_file(tmp_path / "a.png"),
    ):
        raise OverflowError
    with (
        pytest.raises(ImageError, match="the thing is too large for the available memory"),
        opened(io.BytesIO((tmp_path / "a.png").read_bytes()), "the thing"),
    ):
        raise MemoryError


def test_images_with_a_side_that_pillow_cannot_hand_over_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "strip.png"
    Image.new("1", (10_000_001, 1)).save(path)
    with (
        pytest.raises(ImageError, match="10000001 x 1 pixels, but a side may have 10000000"),
        opening.opened_file(path),
    ):
        pass
