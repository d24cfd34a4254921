# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is run on mutated input, and the inputs that are mutated.

A target reads a file as the program does, and uses all of what it read.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from foreign_pages import PAGES
from mutations import Mutation, mutate_archive, mutate_bytes, mutate_text, mutate_xml
from painted_pages import classify, detect, letter_page, recognize
from PIL import Image
from read_pages import written

from ocrd_rapid.config.parameters import complete_parameters, parse_parameters
from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.correction.corrections import parse_corrections
from ocrd_rapid.evaluation.texts import read_page
from ocrd_rapid.export.page_xml import page_from
from ocrd_rapid.export.plain_text import page_text
from ocrd_rapid.inference.output_layers import LinearLayer
from ocrd_rapid.loading.keys import _keys_of_inference_yml
from ocrd_rapid.ocr.recognition.characters import class_characters, read_keys
from ocrd_rapid.ocr.recognition.head_files import Head, read_head, write_head
from ocrd_rapid.rapidocr.hkmc import load_config
from ocrd_rapid.resmgr import catalogue, database
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.runtime.workflow import parse_task
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.decoding import ImageStore, image_header
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.mets import Mets
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_images import alternative_images
from ocrd_rapid.workspace.segments import NAMESPACE
from ocrd_rapid.workspace.selection import select_pages
from ocrd_rapid.workspace.validation import validate
from ocrd_rapid.workspace.values import format_points, parse_points
from ocrd_rapid.workspace.workspace import Workspace

METS, XLINK = "http://www.loc.gov/METS/", "http://www.w3.org/1999/xlink"


@dataclass(frozen=True)
class Target:
    """Something that reads files.

    Attributes:
        seeds: returns sound inputs.
        mutate: makes unsound ones of them.
        run: reads one; the folder is empty but for what the target put there before.
        count: how many inputs a test run tries.
    """

    seeds: Callable[[], list[bytes]]
    mutate: Mutation
    run: Callable[[bytes, Path], None]
    count: int


def _text(data: bytes) -> str:
    """Return data as an argument of the command line has it."""
    return data.decode("utf-8", "surrogateescape")


def _written(data: bytes, path: Path) -> Path:
    path.write_bytes(data)
    return path


# PAGE

_COORDS = '<Coords points="{}"/>'
_ORDER = """<ReadingOrder><OrderedGroup id="ro"><RegionRefIndexed index="0" regionRef="r"/>
    <UnorderedGroupIndexed id="g" index="1"><RegionRef regionRef="t"/></UnorderedGroupIndexed>
    </OrderedGroup></ReadingOrder>"""
_PAGE = f"""<PcGts xmlns="{NAMESPACE}" pcGtsId="P"><Metadata><Creator>me</Creator>
  <Created>2020-01-01T00:00:00</Created><LastChange>2020-01-01T00:00:00</LastChange>
  <MetadataItem type="processingStep" name="a" value="b"><Labels externalModel="ocrd-tool"
  externalId="parameters"><Label value="1" type="x"/></Labels></MetadataItem></Metadata>
  <Page imageFilename="page.png" imageWidth="300" imageHeight="400" orientation="0.5">
  <AlternativeImage filename="other.png" comments="cropped,deskewed"/>
  <Border>{_COORDS.format("1,1 299,1 299,399 1,399")}</Border>{_ORDER}
  <Relations><Relation id="x" type="join"><SourceRegionRef regionRef="r"/>
  <TargetRegionRef regionRef="t"/></Relation></Relations>
  <TextRegion id="r" orientation="90" type="heading" textLineOrder="bottom-to-top">
  {_COORDS.format("10,10 290,10 290,190 10,190")}
  <TextLine id="l" readingDirection="right-to-left">
  <AlternativeImage filename="line.png" comments="binarized"/>
  {_COORDS.format("44,24 256,24 256,48 44,48")}<Baseline points="50,42 250,42"/>
  <Word id="w">{_COORDS.format("44,24 150,24 150,48 44,48")}
  <Glyph id="y">{_COORDS.format("44,24 60,24 60,48 44,48")}
  <TextEquiv index="0" conf="0.5"><Unicode>a</Unicode></TextEquiv>
  <TextEquiv index="1" conf="0.4"><Unicode>b</Unicode></TextEquiv></Glyph>
  <TextEquiv><Unicode>ab</Unicode></TextEquiv></Word>
  <TextEquiv conf="1"><Unicode>ab</Unicode></TextEquiv><TextStyle fontFamily="x"/></TextLine>
  <TextLine id="m"><Baseline points="50,82 250,84"/></TextLine>
  <TextEquiv><Unicode>ab</Unicode></TextEquiv></TextRegion>
  <TableRegion id="t">{_COORDS.format("10,200 290,200 290,390 10,390")}
  <TextRegion id="c">{_COORDS.format("10,200 290,200 290,300 10,300")}<Roles>
  <TableCellRole rowIndex="0" columnIndex="0"/></Roles></TextRegion></TableRegion>
  <SeparatorRegion id="s">{_COORDS.format("10,195 290,195 290,196 10,196")}</SeparatorRegion>
  </Page></PcGts>"""


def _pages() -> list[bytes]:
    small = [
        text.replace("OCR-D-IMG/p.png", "page.png")
        .replace('imageWidth="1000"', 'imageWidth="300"')
        .replace('imageHeight="340"', 'imageHeight="400"')
        .split("?>", 1)[1]
        .strip()
        .encode()
        for text in PAGES.values()
    ]
    return [_PAGE.encode(), *small, _PAGE.encode()]


def _with_image(folder: Path) -> None:
    if not (folder / "page.png").exists():
        picture = Image.fromarray(letter_page()[:, :, ::-1])
        picture.save(folder / "page.png")
        picture.crop((50, 30, 250, 42)).save(folder / "line.png")
        picture.save(folder / "other.png")


def _read_and_use(data: bytes, folder: Path) -> None:
    path = _written(data, folder / "page.xml")
    document = PageDocument.read(path)
    _ = document.border, document.orientation, alternative_images(document.page)
    document.processing_steps()
    document.append_to_reading_order([document.new_id("new")])
    document.reverse_reading_order()
    for known in ("txt", "md"):
        written(known, [page_from(document)], paragraphs=True)
    for region in document.text_regions():
        _ = region.polygon, region.orientation, region.confidence
        for line in region.lines_in_reading_order:
            _ = line.polygon, line.baseline, line.text, line.has_derived_image
            for word in line.words:
                _ = word.text, [glyph.polygon for glyph in word.glyphs]
    text = page_text(page_from(document))
    again = PageDocument.parse(document.to_bytes())
    assert page_text(page_from(again)) == text, "what was written is read differently"
    read_page(path)


def _process(data: bytes, folder: Path) -> None:
    _with_image(folder)
    _written(data, folder / "page.xml")
    workspace = _workspace(folder)
    file = MetsFile("P", "GT", "P_1", MIMETYPE_PAGE, "page.xml")
    for processor in (
        detect("region"),
        detect("table"),
        classify("line"),
        recognize("glyph"),
        detect(),
    ):
        document = workspace.read_page(file)
        processor.process(OpenPage("P_1", document, ImageStore(folder)))
        PageDocument.parse(document.to_bytes())


@cache
def _workspace(folder: Path) -> Workspace:
    return Workspace.create(directory=folder)


def _validate(data: bytes, folder: Path) -> None:
    _with_image(folder)
    _written(data, folder / "page.xml")
    if not (folder / "valid.xml").exists():
        mets = Mets.empty("me")
        mets.add_file(MetsFile("P", "GT", "P_1", MIMETYPE_PAGE, "page.xml"))
        mets.write(folder / "valid.xml")
    list(validate(folder / "valid.xml"))


# METS

_METS = f"""<mets:mets xmlns:mets="{METS}" xmlns:xlink="{XLINK}" xmlns:mods="urn:x">
  <mets:metsHdr CREATEDATE="2020-01-01T00:00:00"><mets:agent TYPE="OTHER" ROLE="CREATOR">
  <mets:name>x</mets:name><mets:note>y</mets:note></mets:agent></mets:metsHdr>
  <mets:dmdSec ID="D"><mets:mdWrap MDTYPE="MODS"><mets:xmlData><mods:mods>
  <mods:identifier type="purl">http://x/1</mods:identifier></mods:mods></mets:xmlData>
  </mets:mdWrap></mets:dmdSec><mets:fileSec>
  <mets:fileGrp USE="IMG"><mets:file ID="I1" MIMETYPE="image/png">
  <mets:FLocat LOCTYPE="OTHER" OTHERLOCTYPE="FILE" xlink:href="page.png"/>
  <mets:FLocat LOCTYPE="URL" xlink:href="http://example.org/1.png"/></mets:file>
  <mets:file ID="I2" MIMETYPE="image/png"><mets:FLocat LOCTYPE="URL" xlink:href="file:///a"/>
  </mets:file></mets:fileGrp><mets:fileGrp USE="GT"><mets:file ID="G1" MIMETYPE="{MIMETYPE_PAGE}">
  <mets:FLocat LOCTYPE="OTHER" OTHERLOCTYPE="FILE" xlink:href="page.xml"/></mets:file>
  </mets:fileGrp></mets:fileSec>
  <mets:structMap TYPE="PHYSICAL"><mets:div TYPE="physSequence" ID="seq">
  <mets:div TYPE="page" ID="P_0001" ORDER="1" ORDERLABEL="i" LABEL="one"><mets:fptr FILEID="I1"/>
  <mets:fptr FILEID="G1"/></mets:div><mets:div TYPE="page" ID="P_0002" ORDER="2">
  <mets:fptr FILEID="I2"/></mets:div></mets:div></mets:structMap>
  <mets:structMap TYPE="LOGICAL"><mets:div TYPE="volume" ID="L1" DMDID="D" LABEL="book"/>
  </mets:structMap><mets:structLink><mets:smLink xlink:from="L1" xlink:to="P_0001"/>
  </mets:structLink></mets:mets>"""


def _use_mets(data: bytes, folder: Path) -> None:
    _with_image(folder)
    (folder / "page.xml").write_text(_PAGE)
    path = _written(data, folder / "input.xml")
    mets = Mets.read(path)
    files = [file for group in mets.groups for file in mets.files(group)]
    select_pages("P_0001..P_0002,one", mets.structure()) if len(mets.pages) == 2 else None
    _ = mets.agents(), mets.identifier
    mets.add_file(MetsFile("NEW", "NEW", "P_0003", "image/png", "new.png"))
    for file in files[:3]:
        mets.remove_file(file.id)
    mets.set_identifier("x")
    mets.to_bytes()
    list(validate(path))


def _select(data: bytes, folder: Path) -> None:
    structure = Mets.read(_written(_METS.encode(), folder / "mets.xml")).structure()
    select_pages(_text(data), structure)


# Configuration and command lines

_HKMC = """Global:
  text_score: 0.5
  use_det: true
  width_height_ratio: 8
EngineConfig:
  onnxruntime: {intra_op_num_threads: -1, use_cuda: false}
Det:
  engine_type: onnxruntime
  limit_side_len: 736
  std: [0.5, 0.5, 0.5]
  model_path: ${oc.env:HOME}/x.onnx
Rec: &a
  rec_batch_num: 6
  rec_img_shape: [3, 48, 320]
  rec_keys_path: null
"""
_PARAMETERS = """{"model": "x.onnx", "heads": "auto", "threads": 2, "textequiv_level": "glyph",
 "padding": 0.5, "overwrite_text": false, "alternatives": 3, "min_confidence": 1e-3}"""
_RESOURCES = """ocrd-rapid-recognize:
  - url: https://example.org/a.onnx
    name: a.onnx
    description: A model
    version_range: '>= 0.1.0'
    size: 123
    type: file
    path_in_archive: .
  - {url: ???, name: b.onnx, size: 0x10, type: archive, sha256: abc}
ocrd-tesserocr-recognize: []
"""


def _parameters(data: bytes, folder: Path) -> None:
    tool = tool_description("ocrd-rapid-recognize")
    for values in ([_text(data)], [str(_written(data, folder / "preset.json"))]):
        given = parse_parameters(values)
        complete_parameters(given, tool, executable="ocrd-rapid-recognize")


def _task(data: bytes, folder: Path) -> None:
    task = parse_task(_text(data))
    assert parse_task(str(task)) == task, "a task that is written is read differently"


def _points(data: bytes, folder: Path) -> None:
    points = parse_points(_text(data))
    format_points(points)


def _resources(data: bytes, folder: Path) -> None:
    path = _written(data, folder / "resources.yml")
    database.read(path)
    database.register(catalogue.bundled()["ocrd-rapid-detect"][0], path)
    database.read(path)


# Models and images


@cache
def _head() -> bytes:
    layer = LinearLayer(np.ones((3, 4), dtype=np.float32), np.zeros(4, dtype=np.float32))
    head = Head("x", "ab" * 32, ("", "a", "b", "c"), layer, True, {"languages": ["deu"]})
    with tempfile.TemporaryDirectory() as folder:
        write_head(head, Path(folder) / "head.npz")
        return (Path(folder) / "head.npz").read_bytes()


def _images() -> list[bytes]:
    found = []
    for mode, kind in (
        ("RGB", "PNG"), ("1", "TIFF"), ("L", "JPEG"), ("P", "PNG"), ("CMYK", "TIFF"),
        ("RGBA", "PNG"), ("I;16", "TIFF"), ("RGB", "JPEG2000"), ("L", "BMP"), ("RGB", "WEBP"),
        ("F", "TIFF"),
    ):  # fmt: skip
        stream = io.BytesIO()
        Image.new(mode, (9, 7)).save(stream, kind, dpi=(300, 300))
        found.append(stream.getvalue())
    return found


def _image(data: bytes, folder: Path) -> None:
    path = _written(data, folder / "image.png")
    image_header(path)
    ImageStore(folder).pixels("image.png")


def _keys(data: bytes, folder: Path) -> None:
    class_characters(read_keys(_written(data, folder / "keys.txt")), 5)


_INFERENCE = (
    b"Global: {model_name: x}\nPostProcess:\n  name: CTC\n  character_dict: [a, b, '1', c]\n"
)

_CORRECTIONS = """{"format": "ocrd-rapid corrections", "version": 1, "group": "OCR", "pages": [
{"id": "P", "sha256": "HASH", "lines": [{"id": "a", "old": "x", "new": "y", "state": "corrected"},
{"id": "b", "old": "x", "new": "", "state": "illegible"}]}]}""".replace("HASH", "0" * 64)

TARGETS = {
    "page": Target(_pages, mutate_xml, _read_and_use, 2000),
    "processors": Target(_pages, mutate_xml, _process, 300),
    "validation": Target(_pages, mutate_xml, _validate, 600),
    "mets": Target(lambda: [_METS.encode()], mutate_xml, _use_mets, 1000),
    "corrections": Target(
        lambda: [_CORRECTIONS.encode()], mutate_text,
        lambda data, folder: _ignore(parse_corrections(data)), 1000,
    ),
    "selection": Target(
        lambda: [b"P_0001..P_0002,//P.*", b"~physical:order:1,logical:id:L1", b"one,2"],
        mutate_text, _select, 1000,
    ),
    "configuration": Target(
        lambda: [_HKMC.encode()], mutate_text,
        lambda data, folder: _ignore(load_config(_written(data, folder / "config.yaml"))), 700,
    ),
    "parameters": Target(lambda: [_PARAMETERS.encode()], mutate_text, _parameters, 500),
    "tasks": Target(
        lambda: [b"rapid-detect -I A,B -O C -P model 'x y' -p '{\"a\": 1}'"],
        mutate_text, _task, 3000,
    ),
    "points": Target(
        lambda: [b"1,2 3,4 5.5,6", b"0,0 10,0 10,10"], mutate_text, _points, 3000
    ),
    "resources": Target(lambda: [_RESOURCES.encode()], mutate_text, _resources, 300),
    "heads": Target(
        lambda: [_head()], mutate_archive,
        lambda data, folder: _ignore(read_head(_written(data, folder / "head.npz"))), 2000,
    ),
    "keys": Target(lambda: [b"a\nb\nc\n", "ä\nß\n漢\n".encode()], mutate_bytes, _keys, 1000),
    "inference": Target(
        lambda: [_INFERENCE], mutate_text,
        lambda data, folder: _ignore(_keys_of_inference_yml(_written(data, folder / "i.yml"), "")),
        500,
    ),
    "images": Target(_images, mutate_bytes, _image, 700),
}  # fmt: skip


def _ignore(result: object) -> None:
    """Take what a reader returns."""
