"""The three processors on painted pages, with models that see paint instead of letters.

A line is a bar without red. Its blue says which letter it is, its green rises from the
beginning of the line to its end, so that a model can see which way up it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.characters import BLANK
from ocrd_rapid.ocr.detection import Detector
from ocrd_rapid.ocr.orientation import OrientationClassifier
from ocrd_rapid.ocr.recognition import FullModel, Recognizer
from ocrd_rapid.processors.classify import ClassifyProcessor
from ocrd_rapid.processors.detect import DetectProcessor
from ocrd_rapid.processors.recognize import RecognizeProcessor
from ocrd_rapid.runtime.processor import PageTask, Processor
from ocrd_rapid.workspace.page import NAMESPACE, PageDocument, TextRegion, parse_points

Image = NDArray[np.uint8]
NS = {"pc": NAMESPACE}

BAR_WIDTH, BAR_HEIGHT = 200, 12
LETTERS = "abcdefghijklmnop"
UPSIDE_DOWN = "?"
BLUE = 15


# Paint


def blank_page(width: int = 300, height: int = 400) -> Image:
    return np.full((height, width, 3), 255, dtype=np.uint8)


def paint(page: Image, letter: str, x: int, y: int, *, turned: bool = False) -> None:
    """Paint the bar of a letter with its top left corner at (x, y)."""
    bar = page[y : y + BAR_HEIGHT, x : x + BAR_WIDTH]
    rise = np.linspace(0, 250, bar.shape[1])
    bar[:, :, 0] = BLUE * LETTERS.index(letter)
    bar[:, :, 1] = rise[::-1] if turned else rise
    bar[:, :, 2] = 0


def letter_page() -> Image:
    """Return a page of two paragraphs, a b c and d e f."""
    page = blank_page()
    for letter, y in zip("abcdef", (30, 70, 110, 230, 270, 310), strict=True):
        paint(page, letter, 50, y)
    return page


def column_page() -> Image:
    """Return a page of two columns, a b c d and e f g h."""
    page = blank_page(500, 220)
    for number, letter in enumerate("abcdefgh"):
        paint(page, letter, 30 + number // 4 * 240, 30 + number % 4 * 45)
    return page


def box(x: int, y: int, width: int = BAR_WIDTH, height: int = BAR_HEIGHT, margin: int = 6) -> str:
    """Return the outline of what is painted at (x, y)."""
    left, top, right, bottom = x - margin, y - margin, x + width + margin, y + height + margin
    return f"{left},{top} {right},{top} {right},{bottom} {left},{bottom}"


# Models that see paint


def see_bars(batch: FloatArray) -> FloatArray:
    return (batch[:, 2:3] < 0).astype(np.float32)


def see_rise(batch: FloatArray) -> float:
    """Return how much green rises to the right on what has no red."""
    rows, columns = np.nonzero(batch[0, 2] < -0.5)
    if not len(columns):
        return 0.0
    return float(np.cov(columns, batch[0, 1, rows, columns])[0, 1])


def see_upside_down(batch: FloatArray) -> FloatArray:
    return np.array([[0, 1] if see_rise(batch) < 0 else [1, 0]], dtype=np.float32)


def confidence_of(letter: str) -> float:
    return 0.95 - 0.05 * LETTERS.index(letter)


def read_letter(batch: FloatArray) -> FloatArray:
    """Return CTC output that says the letter of a bar, or that it stands on its head."""
    inked = batch[0, 2] < -0.5
    blue = (float(np.median(batch[0, 0][inked])) + 1) * 127.5
    number = round(blue / BLUE)
    output = np.zeros((1, batch.shape[3] // 8, len(LETTERS) + 2), dtype=np.float32)
    output[:, :, 0] = 1
    middle = output[0, output.shape[1] // 2]
    middle[0] = 0
    if see_rise(batch) < 0:
        middle[-1] = 1
    else:
        middle[1 + number] = confidence_of(LETTERS[number])
    return output


def detect(*, overwrite: bool = False) -> DetectProcessor:
    model = NullModel(see_bars, output_shape=(None, 1, None, None))
    return DetectProcessor(Detector(model), overwrite, {})


def classify(level: str = "page", min_confidence: float = 0.6) -> ClassifyProcessor:
    model = NullModel(see_upside_down, output_shape=(None, 2))
    return ClassifyProcessor(OrientationClassifier(model), level, min_confidence, {})


def recognize(
    level: str = "line", *, overwrite: bool = True, min_confidence: float = 0.0, threads: int = 1
) -> RecognizeProcessor:
    characters = (BLANK, *LETTERS, UPSIDE_DOWN)
    model = NullModel(read_letter, output_shape=(None, None, len(characters)))
    recognizer = Recognizer(FullModel(model, characters), threads)
    return RecognizeProcessor(recognizer, level, overwrite, min_confidence, {})


# Pages


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def task(folder: Path, page: Image, body: str = "", attributes: str = "") -> PageTask:
    """Return a page to be processed, with this inside of its Page element."""
    cv2.imwrite(str(folder / "page.png"), page)
    height, width = page.shape[:2]
    path = folder / "page.xml"
    path.write_text(
        f'<PcGts xmlns="{NAMESPACE}"><Page imageFilename="page.png" imageWidth="{width}"'
        f' imageHeight="{height}" {attributes}>{body}</Page></PcGts>'
    )
    return PageTask("P_1", PageDocument.read(path), folder)


def run(task: PageTask, *processors: Processor) -> PageDocument:
    """Return what is written after these processors, one after the other."""
    for processor in processors:
        document = PageDocument.read(task.directory / "page.xml")
        processor.process(replace(task, document=document))
        (task.directory / "page.xml").write_bytes(document.to_bytes())
    return PageDocument.read(task.directory / "page.xml")


def line(identifier: str, points: str, rest: str = "") -> str:
    return f'<TextLine id="{identifier}"><Coords points="{points}"/>{rest}</TextLine>'


def region(identifier: str, points: str, *lines: str, attributes: str = "") -> str:
    inside = f'<Coords points="{points}"/>{"".join(lines)}'
    return f'<TextRegion id="{identifier}" {attributes}>{inside}</TextRegion>'


def order(*regions: str) -> str:
    refs = "".join(
        f'<RegionRefIndexed index="{i}" regionRef="{r}"/>' for i, r in enumerate(regions)
    )
    return f'<ReadingOrder><OrderedGroup id="ro">{refs}</OrderedGroup></ReadingOrder>'


def texts(document: PageDocument) -> list[list[str | None]]:
    """Return the text of the lines of every region, in reading order."""
    return [[line.text for line in region.lines] for region in document.text_regions()]


def outlines(regions: Sequence[TextRegion]) -> list[list[float]]:
    """Return (left, top, right, bottom) of all lines."""
    return [
        [*line.polygon.min(axis=0).tolist(), *line.polygon.max(axis=0).tolist()]
        for region in regions
        for line in region.lines
    ]


# detect


def test_every_bar_becomes_a_line_around_it(folder: Path) -> None:
    document = run(task(folder, letter_page()), detect())
    found = outlines(document.text_regions())
    assert len(found) == 6
    for (left, top, right, bottom), y in zip(found, (30, 70, 110, 230, 270, 310), strict=True):
        assert 30 <= left < 50 and 250 < right <= 270
        assert y - 16 <= top < y and y + BAR_HEIGHT < bottom <= y + BAR_HEIGHT + 16


def test_lines_are_grouped_into_regions_in_reading_order(folder: Path) -> None:
    document = run(task(folder, letter_page()), detect(), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    assert document.reading_order() == [r.id for r in document.text_regions()]


def test_columns_are_read_one_after_the_other(folder: Path) -> None:
    document = run(task(folder, column_page()), detect(), recognize())
    assert texts(document) == [list("abcd"), list("efgh")]


def test_all_outlines_are_within_page_and_region_and_valid(folder: Path) -> None:
    page = blank_page(300, 200)
    for letter, x, y in (("a", -20 + 20, 0), ("b", 100, 60), ("c", 50, 188)):
        paint(page, letter, x, y)
    document = run(task(folder, page), detect())
    regions = document.text_regions()
    assert sum(len(r.lines) for r in regions) == 3
    for segment in [*regions, *(line for r in regions for line in r.lines)]:
        assert len(segment.polygon) >= 4
        assert segment.polygon.min() >= 0
        assert (segment.polygon.max(axis=0) <= (299, 199)).all()
    for found in regions:
        hull = found.polygon.reshape(-1, 1, 2)
        corners = [point for inner in found.lines for point in inner.polygon.tolist()]
        assert all(cv2.pointPolygonTest(hull, point, True) >= -0.01 for point in corners)


def test_lines_have_the_score_of_the_detector_and_regions_have_none(folder: Path) -> None:
    document = run(task(folder, letter_page()), detect())
    coords = document.page.findall(".//pc:TextLine/pc:Coords", NS)
    scores = [float(c.get("conf", "nan")) for c in coords]
    assert len(scores) == 6
    assert all(0.9 < score <= 1 for score in scores)
    assert document.page.xpath("count(pc:TextRegion/pc:Coords/@conf)", namespaces=NS) == 0


def test_all_ids_differ(folder: Path) -> None:
    document = run(task(folder, letter_page()), detect())
    found = document.root.xpath("//@id")
    assert len(found) == len(set(found)) == 1 + 2 + 6


def test_an_empty_page_gets_nothing_and_no_reading_order(folder: Path) -> None:
    document = run(task(folder, blank_page()), detect())
    assert list(document.page) == []
    assert document.reading_order() == []


def test_the_page_is_seen_without_what_is_outside_of_its_border(folder: Path) -> None:
    border = '<Border><Coords points="0,200 299,200 299,399 0,399"/></Border>'
    document = run(task(folder, letter_page(), border), detect(), recognize())
    assert texts(document) == [["d", "e", "f"]]


@pytest.mark.parametrize("degrees", [4, -7])
def test_outlines_of_a_skewed_page_are_those_of_the_original_image(
    folder: Path, degrees: float
) -> None:
    page = letter_page()
    matrix = cv2.getRotationMatrix2D((150, 200), degrees, 1)
    skewed = cv2.warpAffine(page, matrix, (300, 400), borderValue=(255, 255, 255))
    turned = task(folder, np.asarray(skewed, np.uint8), attributes=f'orientation="{degrees}"')
    document = run(turned, detect(), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    for found, y in zip(
        [line for r in document.text_regions() for line in r.lines],
        (30, 70, 110, 230, 270, 310),
        strict=True,
    ):
        middle = matrix @ (50 + BAR_WIDTH / 2, y + BAR_HEIGHT / 2, 1)
        assert found.polygon.mean(axis=0) == pytest.approx(middle, abs=3)


EVERYWHERE = "0,0 299,0 299,399 0,399"
UPPER, LOWER = "0,0 299,0 299,180 0,180", "0,200 299,200 299,399 0,399"


def test_a_region_without_lines_gets_those_inside_of_it(folder: Path) -> None:
    body = order("r") + region("r", UPPER)
    document = run(task(folder, letter_page(), body), detect(), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    assert document.reading_order()[0] == "r"
    assert len(document.reading_order()) == 2
    assert document.text_regions()[0].polygon.tolist() == parse_points(UPPER).tolist()


def test_lines_of_a_given_region_are_cut_to_it(folder: Path) -> None:
    body = order("r") + region("r", "60,20 240,20 240,160 60,160")
    document = run(task(folder, letter_page(), body), detect())
    within = outlines(document.text_regions()[:1])
    assert len(within) == 3
    assert {(left, right) for left, _, right, _ in within} == {(60, 240)}


def test_new_regions_come_behind_given_ones_also_where_no_order_was(folder: Path) -> None:
    document = run(task(folder, letter_page(), region("r", UPPER)), detect(), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]


def test_a_region_with_lines_stays_as_it_is_and_gets_no_others(folder: Path) -> None:
    given = region(
        "r", UPPER, line("l", box(50, 30), "<TextEquiv><Unicode>x</Unicode></TextEquiv>")
    )
    document = run(task(folder, letter_page(), order("r") + given), detect())
    first, second = document.text_regions()
    assert [(x.id, x.text) for x in first.lines] == [("l", "x")]
    assert len(second.lines) == 3


@pytest.mark.parametrize("kind", ["ImageRegion", "TableRegion", "SeparatorRegion", "NoiseRegion"])
def test_nothing_is_found_inside_of_regions_of_other_kinds(folder: Path, kind: str) -> None:
    body = f'<{kind} id="other"><Coords points="{UPPER}"/></{kind}>'
    document = run(task(folder, letter_page(), body), detect(), recognize())
    assert texts(document) == [["d", "e", "f"]]
    assert len(document.page.findall(f"pc:{kind}", NS)) == 1


def test_cells_of_a_table_get_their_lines(folder: Path) -> None:
    cell = region("cell", UPPER)
    body = f'<TableRegion id="t"><Coords points="{EVERYWHERE}"/>{cell}</TableRegion>'
    document = run(task(folder, letter_page(), body), detect(), recognize())
    assert texts(document) == [["a", "b", "c"]]


def test_lines_are_not_found_twice(folder: Path) -> None:
    page = task(folder, letter_page())
    once = run(page, detect()).to_bytes()
    assert run(page, detect()).to_bytes() == once


def test_overwriting_begins_anew(folder: Path) -> None:
    other = f'<ImageRegion id="i"><Coords points="{EVERYWHERE}"/></ImageRegion>'
    body = order("r") + region("r", UPPER, line("l", box(50, 30))) + other
    document = run(task(folder, letter_page(), body), detect(overwrite=True), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    assert document.page.find("pc:ImageRegion", NS) is None
    assert "r" not in document.reading_order()


def test_overwriting_own_output_gives_it_again(folder: Path) -> None:
    page = task(folder, letter_page())
    once = run(page, detect()).to_bytes()
    assert run(page, detect(overwrite=True)).to_bytes() == once


def test_overwriting_an_empty_page_leaves_an_empty_page(folder: Path) -> None:
    body = order("r") + region("r", UPPER, line("l", box(50, 30)))
    document = run(task(folder, blank_page(), body), detect(overwrite=True))
    assert list(document.page) == []


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_lines_of_given_regions_are_ordered_as_on_the_upright_page(
    folder: Path, quarters: int
) -> None:
    page = np.ascontiguousarray(np.rot90(letter_page(), quarters))
    height, width = page.shape[:2]
    whole = f"0,0 {width - 1},0 {width - 1},{height - 1} 0,{height - 1}"
    given = task(folder, page, region("r", whole), f'orientation="{quarters * 90}"')
    assert texts(run(given, detect(), recognize())) == [["a", "b", "c", "d", "e", "f"]]


# classify

TURNS = [0, 90, 180, -90]


def turned(page: Image, degrees: int) -> Image:
    """Return a page that has to be turned clockwise by this to stand upright."""
    return np.ascontiguousarray(np.rot90(page, degrees // 90))


@pytest.mark.parametrize("degrees", TURNS)
def test_the_orientation_of_a_page_is_what_sets_it_upright(folder: Path, degrees: int) -> None:
    document = run(task(folder, turned(letter_page(), degrees)), detect(), classify())
    assert document.page.get("orientation") == f"{degrees}.0"


@pytest.mark.parametrize("degrees", TURNS)
@pytest.mark.parametrize(
    ("page", "expected"),
    [(letter_page(), [list("abc"), list("def")]), (column_page(), [list("abcd"), list("efgh")])],
    ids=["paragraphs", "columns"],
)
def test_a_page_is_read_in_order_whichever_way_it_lies(
    folder: Path, degrees: int, page: Image, expected: list[list[str]]
) -> None:
    document = run(task(folder, turned(page, degrees)), detect(), classify(), recognize())
    assert texts(document) == expected


@pytest.mark.parametrize("degrees", TURNS)
def test_regions_are_turned_one_by_one_to_the_same_effect(folder: Path, degrees: int) -> None:
    page = task(folder, turned(letter_page(), degrees))
    document = run(page, detect(), classify("region"), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    assert [r.orientation for r in document.text_regions()] == [degrees, degrees]
    assert document.page.get("orientation") is None


def test_only_the_region_that_is_upside_down_is_turned_over(folder: Path) -> None:
    page = letter_page()
    page[200:360] = page[200:360][::-1, ::-1]  # the second paragraph
    document = run(task(folder, page), detect(), classify("region"), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    assert [r.orientation for r in document.text_regions()] == [0, 180]


def test_the_minority_does_not_turn_the_page(folder: Path) -> None:
    page = letter_page()
    paint(page, "b", 50, 70, turned=True)
    document = run(task(folder, page), detect(), classify())
    assert document.orientation == 0
    assert document.page.get("orientation") == "0.0"


@pytest.mark.parametrize(("min_confidence", "expected"), [(0.6, 180), (0.7, 0)])
def test_a_page_is_only_turned_with_enough_confidence(
    folder: Path, min_confidence: float, expected: float
) -> None:
    page = letter_page()
    for letter, y in (("a", 30), ("b", 70), ("d", 230), ("e", 270)):  # four of six
        paint(page, letter, 50, y, turned=True)
    document = run(task(folder, page), detect(), classify(min_confidence=min_confidence))
    assert document.orientation == expected


def test_the_skew_that_is_known_is_kept(folder: Path) -> None:
    page = turned(letter_page(), 180)
    body = region("r", EVERYWHERE, line("l", box(50, 400 - 30 - BAR_HEIGHT)))
    document = run(task(folder, page, body, 'orientation="3.0"'), classify())
    assert document.page.get("orientation") == "-177.0"


def test_a_page_that_is_known_to_be_turned_is_not_turned_again(folder: Path) -> None:
    page = task(folder, turned(letter_page(), 180))
    document = run(page, detect(), classify(), classify(), recognize())
    assert document.orientation == 180
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]


@pytest.mark.parametrize("level", ["page", "region"])
@pytest.mark.parametrize("body", ["", region("r", UPPER), region("r", UPPER, line("l", "1,1 2,2"))])
def test_without_lines_nothing_is_said_of_the_orientation(
    folder: Path, level: str, body: str
) -> None:
    page = task(folder, letter_page(), body)
    before = page.document.to_bytes()
    assert run(page, classify(level)).to_bytes() == before


def test_turning_drops_images_that_were_turned_otherwise(folder: Path) -> None:
    page = turned(letter_page(), 180)
    cv2.imwrite(str(folder / "clean.png"), page)
    images = (
        '<AlternativeImage filename="clean.png" comments="despeckled"/>'
        '<AlternativeImage filename="clean.png" comments="rotated-180,binarized"/>'
    )
    document = run(task(folder, page, images), detect(), classify())
    assert [i.features for i in document.alternative_images] == [("despeckled",)]


# recognize


def given_page(folder: Path, *lines: str, attributes: str = "") -> PageTask:
    """Return the page of letters with one region with these lines."""
    return task(folder, letter_page(), region("r", EVERYWHERE, *lines, attributes=attributes))


A, B, C = box(50, 30), box(50, 70), box(50, 110)
TEXT = '<TextEquiv conf="0.25"><Unicode>old</Unicode></TextEquiv>'
WORD = f'<Word id="w"><Coords points="{A}"/>{TEXT}</Word>'


def test_lines_get_their_text_and_confidence(folder: Path) -> None:
    document = run(given_page(folder, line("1", C), line("2", A)), recognize())
    (found,) = document.text_regions()
    assert [x.text for x in found.lines] == ["c", "a"]
    assert [x.confidence for x in found.lines] == pytest.approx([0.85, 0.95])


def test_a_region_has_the_text_of_its_lines_and_their_mean_confidence(folder: Path) -> None:
    document = run(given_page(folder, line("1", A), line("2", B), line("3", C)), recognize())
    (found,) = document.text_regions()
    assert found.text == "a\nb\nc"
    assert found.confidence == pytest.approx(0.9)


def test_old_text_and_its_words_are_replaced(folder: Path) -> None:
    document = run(given_page(folder, line("1", A, WORD + TEXT)), recognize())
    (found,) = document.text_regions()
    assert [x.text for x in found.lines] == ["a"]
    assert document.page.find(".//pc:Word", NS) is None
    assert len(document.page.findall(".//pc:TextLine/pc:TextEquiv", NS)) == 1


def test_old_text_stays_with_its_words_when_it_may_not_be_replaced(folder: Path) -> None:
    page = given_page(folder, line("1", A, WORD + TEXT), line("2", B))
    document = run(page, recognize(overwrite=False))
    (found,) = document.text_regions()
    assert [x.text for x in found.lines] == ["old", "b"]
    assert found.lines[0].confidence == 0.25
    assert len(document.page.findall(".//pc:Word", NS)) == 1
    assert found.text == "old\nb"
    assert found.confidence == pytest.approx((3 * 0.25 + 0.9) / 4)


def test_text_on_regions_alone_leaves_the_lines_without(folder: Path) -> None:
    page = given_page(folder, line("1", A, WORD + TEXT), line("2", B))
    document = run(page, recognize("region"))
    (found,) = document.text_regions()
    assert found.text == "a\nb"
    assert found.confidence == pytest.approx(0.925)
    assert [x.text for x in found.lines] == [None, None]
    assert document.page.find(".//pc:Word", NS) is None


def test_lines_below_the_confidence_have_no_text_but_say_how_sure_it_was(folder: Path) -> None:
    page = given_page(folder, line("1", A), line("2", B), line("3", C))
    document = run(page, recognize(min_confidence=0.9 - 1e-6))
    (found,) = document.text_regions()
    assert [x.text for x in found.lines] == ["a", "b", ""]
    assert found.lines[2].confidence == pytest.approx(0.85)


def test_a_line_without_outline_is_left_alone(folder: Path) -> None:
    document = run(given_page(folder, line("1", "1,1 2,2"), line("2", B)), recognize())
    (found,) = document.text_regions()
    assert [x.text for x in found.lines] == [None, "b"]
    assert found.text == "b"


def test_a_page_without_lines_needs_no_image(folder: Path) -> None:
    page = task(folder, letter_page(), region("r", EVERYWHERE))
    (folder / "page.png").unlink()
    before = page.document.to_bytes()
    assert run(page, recognize()).to_bytes() == before


def test_polygons_are_read_like_boxes(folder: Path) -> None:
    around = "44,30 150,24 256,30 256,42 150,48 44,42"
    assert texts(run(given_page(folder, line("1", around)), recognize())) == [["a"]]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_result_does_not_depend_on_the_number_of_threads(folder: Path, threads: int) -> None:
    page = task(folder, column_page())
    document = run(page, detect(), recognize(threads=threads))
    assert texts(document) == [list("abcd"), list("efgh")]


@pytest.mark.parametrize("degrees", TURNS)
@pytest.mark.parametrize("page_degrees", [None, 0, 90, 180, -90])
def test_lines_are_read_upright_under_the_orientation_of_their_region(
    folder: Path, degrees: int, page_degrees: int | None
) -> None:
    page = turned(letter_page(), degrees)
    whole = box(0, 0, page.shape[1] - 1, page.shape[0] - 1, 0)
    # The outline of line a, wherever it is on the turned page.
    upright = np.zeros((400, 300), np.uint8)
    upright[24:48, 44:256] = 255
    rows, columns = np.nonzero(turned(upright[:, :, None], degrees)[:, :, 0])
    outline = box(int(columns.min()), int(rows.min()), int(np.ptp(columns)), int(np.ptp(rows)), 0)
    body = region("r", whole, line("l", outline), attributes=f'orientation="{degrees}"')
    attributes = "" if page_degrees is None else f'orientation="{page_degrees}"'
    assert texts(run(task(folder, page, body, attributes), recognize())) == [["a"]]


def test_without_any_orientation_what_is_upside_down_is_read_so(folder: Path) -> None:
    page = blank_page()
    paint(page, "a", 50, 30, turned=True)
    body = region("r", EVERYWHERE, line("l", A))
    assert texts(run(task(folder, page, body), recognize())) == [[UPSIDE_DOWN]]
