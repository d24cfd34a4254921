# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Processors that make images: where these go, what lists them, what becomes of older ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from PIL import Image
from toys import ALL, Toy, agents, book, result, run, run_chain, saved, with_groups

from ocrd_rapid.runtime.processor import NewFile, OpenPage, image_entry
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_images import alternative_images
from ocrd_rapid.workspace.segments import tag
from ocrd_rapid.workspace.workspace import Workspace


def invert(page: OpenPage) -> None:
    page.add_image(255 - page.image.pixels, ".IMG-INV", ("grayscale_normalized",))


def test_an_image_is_written_and_listed_before_its_page(single: Workspace) -> None:
    run(single, Toy(invert))
    image, page = saved(single).mets.files("OUT")
    assert image == MetsFile("OUT_1.IMG-INV", "OUT", "P_1", "image/png", "OUT/OUT_1.IMG-INV.png")
    document = PageDocument.read(single.directory / page.path)
    (alternative,) = alternative_images(document.page)
    assert alternative.filename == image.path
    assert alternative.features == ("grayscale_normalized",)
    with Image.open(single.directory / image.path) as made:
        assert made.mode == "1"
        assert not np.asarray(made).any()


def test_the_next_step_of_a_workflow_sees_the_image_before_it_is_written(
    single: Workspace,
) -> None:
    seen: list[int] = []
    look = Toy(lambda page: seen.append(int(page.image.pixels.max())))
    run_chain(single, (with_groups("IMG", "MID"), Toy(invert)), (with_groups("MID", "OUT"), look))
    assert seen == [0]


def test_an_image_of_the_same_name_is_replaced_and_another_one_goes(single: Workspace) -> None:
    def two(page: OpenPage) -> None:
        invert(page)
        page.add_image(page.image.pixels, ".IMG-OLD", ())

    run(single, Toy(two))
    assert (single.directory / "OUT" / "OUT_1.IMG-OLD.png").exists()
    run(saved(single), Toy(invert), with_groups(overwrite=True))
    assert [f.id for f in saved(single).mets.files("OUT")] == ["OUT_1.IMG-INV", "OUT_1"]
    names = sorted(path.name for path in (single.directory / "OUT").iterdir())
    assert names == ["OUT_1.IMG-INV.png", "OUT_1.xml"]


# After a run that could not save the METS


def cut_out(page: OpenPage) -> None:
    """Make images of the page and of a region, the latter first, and one that nobody names."""
    region = page.document.add_region("r", np.array([[0, 0], [9, 0], [9, 9], [0, 9]]))
    path = f"{page.output.group}/{page.output.id}.IMG-REGION.png"
    page.made.append(NewFile(image_entry(page.output, path), b"region"))
    image = etree.Element(tag("AlternativeImage"), filename=path, comments="cropped")
    region.element.insert(0, image)
    invert(page)
    unnamed = f"{page.output.group}/{page.output.id}.IMG-NO.png"
    page.made.append(NewFile(image_entry(page.output, unnamed), b"unnamed"))


def listed(workspace: Workspace) -> list[str]:
    return [file.id for file in saved(workspace).mets.files("OUT")]


@pytest.mark.parametrize("lost", [("OUT_2", "OUT_3"), ("OUT_1", "OUT_2", "OUT_3")])
@pytest.mark.parametrize("spoiled", ["", "OUT_2.IMG-INV.png", "OUT_2.IMG-REGION.png", "OUT_2.xml"])
def test_images_that_the_mets_lost_are_listed_again_in_their_order(
    tmp_path: Path, lost: tuple[str, ...], spoiled: str
) -> None:
    made, undisturbed = book(tmp_path / "made", 3), book(tmp_path / "undisturbed", 3)
    made.mets_path.write_bytes(undisturbed.mets_path.read_bytes())
    run(undisturbed, Toy(cut_out))
    run(made, Toy(cut_out))
    assert listed(made)[:3] == ["OUT_1.IMG-INV", "OUT_1.IMG-REGION", "OUT_1"]
    forgetful = saved(made)
    for identifier in lost:
        for suffix in ("", ".IMG-INV", ".IMG-REGION"):
            forgetful.mets.remove_file(identifier + suffix)
    forgetful.save()
    if spoiled:
        (made.directory / "OUT" / spoiled).unlink()
    toy = Toy(cut_out)
    run(saved(made), toy, with_groups(resume=True), policy=ALL)
    assert toy.seen == (["P_2"] if spoiled else [])
    assert result(made) == result(undisturbed)


def test_an_image_that_is_gone_is_made_again(single: Workspace) -> None:
    run(single, Toy(cut_out))
    before = result(single)
    (single.directory / "OUT" / "OUT_1.IMG-REGION.png").unlink()
    run(saved(single), Toy(cut_out), with_groups(resume=True))
    assert result(single) == before


def test_only_the_image_may_have_been_lost(single: Workspace) -> None:
    """As runs of older versions left it that were killed and resumed."""
    run(single, Toy(invert))
    forgetful = saved(single)
    forgetful.mets.remove_file("OUT_1.IMG-INV")
    forgetful.save()
    toy = Toy(invert)
    run(saved(single), toy, with_groups(resume=True))
    assert toy.seen == []
    assert listed(single) == ["OUT_1.IMG-INV", "OUT_1"]
    assert len(agents(single)) == 1


def test_images_of_others_are_not_adopted(single: Workspace) -> None:
    run(single, Toy(invert))
    before = result(single)
    stranger = single.directory / "OUT" / "OUT_1.IMG-OTHER.png"
    stranger.write_bytes(b"stranger")
    run(saved(single), Toy(invert), with_groups(resume=True))
    assert listed(single) == ["OUT_1.IMG-INV", "OUT_1"]
    stranger.unlink()
    assert result(single) == before


def test_what_the_page_does_not_name_is_not_written(single: Workspace) -> None:
    run(single, Toy(cut_out))
    assert not (single.directory / "OUT" / "OUT_1.IMG-NO.png").exists()
