"""Processors that make images: where these go, what lists them, what becomes of older ones."""

from __future__ import annotations

import numpy as np
from PIL import Image
from toys import Toy, run, run_chain, saved, with_groups

from ocrd_rapid.runtime.processor import PageTask
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace


def invert(task: PageTask) -> None:
    task.add_image(255 - task.image.pixels, ".IMG-INV", ("grayscale_normalized",))


def test_an_image_is_written_and_listed_before_its_page(single: Workspace) -> None:
    run(single, Toy(invert))
    image, page = saved(single).mets.files("OUT")
    assert image == MetsFile("OUT_1.IMG-INV", "OUT", "P_1", "image/png", "OUT/OUT_1.IMG-INV.png")
    document = PageDocument.read(single.directory / page.path)
    (alternative,) = document.alternative_images
    assert alternative.filename == image.path
    assert alternative.features == ("grayscale_normalized",)
    with Image.open(single.directory / image.path) as made:
        assert made.mode == "1"
        assert not np.asarray(made).any()


def test_the_next_step_of_a_workflow_sees_the_image_before_it_is_written(
    single: Workspace,
) -> None:
    seen: list[int] = []
    look = Toy(lambda task: seen.append(int(task.image.pixels.max())))
    run_chain(single, (with_groups("IMG", "MID"), Toy(invert)), (with_groups("MID", "OUT"), look))
    assert seen == [0]


def test_an_image_of_the_same_name_is_replaced_and_another_one_goes(single: Workspace) -> None:
    def two(task: PageTask) -> None:
        invert(task)
        task.add_image(task.image.pixels, ".IMG-OLD", ())

    run(single, Toy(two))
    assert (single.directory / "OUT" / "OUT_1.IMG-OLD.png").exists()
    run(saved(single), Toy(invert), with_groups(overwrite=True))
    assert [f.id for f in saved(single).mets.files("OUT")] == ["OUT_1.IMG-INV", "OUT_1"]
    names = sorted(path.name for path in (single.directory / "OUT").iterdir())
    assert names == ["OUT_1.IMG-INV.png", "OUT_1.xml"]
