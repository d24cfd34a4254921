# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What collections of OCR-D's processors ask is there, and docs/listing.md has the right pieces."""

from __future__ import annotations

import json
import re

from documents import DOCUMENTS, ROOT

from ocrd_rapid.config.tools import executables
from ocrd_rapid.resmgr import catalogue

PAGE = DOCUMENTS["docs/listing.md"]
TOOLS = json.loads((ROOT / "ocrd-tool.json").read_text(encoding="utf-8"))["tools"]
ENTRY = re.findall(r"^```make\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[0]


def test_the_entry_names_all_commands() -> None:
    # `ocrd_all` calls core's own command in an image by the name of the image.
    named = set(re.findall(r"\$\(BIN\)/(\S+)", ENTRY))
    assert named == {"ocrd-rapid-ocrd", "ocrd-rapid", *executables()}


def test_the_entry_downloads_nothing_as_the_default_models_are_in_the_package() -> None:
    assert "resmgr" not in ENTRY
    assert all(entry.in_package for entry in catalogue.resource_set("default"))


def test_the_table_of_processors_is_that_of_the_tool_description() -> None:
    section = PAGE.partition("| processor | steps | categories |\n")[2]
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in section.splitlines()[1:]
        if line.startswith("|")
    ]
    assert {name.strip("`"): (steps, categories) for name, steps, categories in rows} == {
        name: (", ".join(tool["steps"]), ", ".join(tool["categories"]))
        for name, tool in TOOLS.items()
    }


def test_the_submodule_is_the_repository_of_the_tool_description() -> None:
    described = json.loads((ROOT / "ocrd-tool.json").read_text(encoding="utf-8"))
    assert f"git submodule add {described['git_url']} " in PAGE


def test_the_image_is_as_the_specification_says() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    instructions = [line.split()[0] for line in lines if re.match(r"[A-Z]+ ", line)]
    assert "ENTRYPOINT" not in instructions
    assert {"VOLUME /data", "VOLUME /models"} <= set(lines)
    assert "FROM $DOCKER_BASE_IMAGE" in lines
    labels = re.findall(r"^    (org\.[\w.-]+)=", "\n".join(lines), re.MULTILINE)
    asked = {"schema-version", "name", "vcs-ref", "build-date"}
    assert {f"org.label-schema.{name}" for name in asked} <= set(labels)
    assert {"org.opencontainers.image.licenses", "org.opencontainers.image.title"} <= set(labels)


def test_the_readme_has_what_a_module_s_readme_has() -> None:
    readme = DOCUMENTS["README.md"]
    headings = re.findall(r"^## (.+)$", readme, re.MULTILINE)
    assert {"Install", "Use"} <= set(headings)
    for needed in ("docker run", "ocrd-rapid resmgr download", "ocrd process", "Licence:"):
        assert needed in readme
    assert all(name in readme for name in executables())
