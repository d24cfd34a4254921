# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""docker-compose.yml: read by Compose itself where it is installed, and what it names is there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from command_lines import parse

from ocrd_rapid.config.tools import executables

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docker-compose.yml"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text("utf-8"))["services"]
VOLUMES = yaml.safe_load(FILE.read_text("utf-8"))["volumes"]
WORKERS = {name: service for name, service in SERVICES.items() if " worker " in str(service)}


def test_there_is_a_worker_for_each_processor() -> None:
    names = [service["command"].split()[0] for service in WORKERS.values()]
    assert sorted(names) == sorted(executables())
    for service in WORKERS.values():
        parse(service["command"])


def test_addresses_name_services_and_their_users() -> None:
    server = yaml.safe_load((ROOT / "docker" / "processing-server.yml").read_text("utf-8"))
    queue, database = server["process_queue"], server["database"]
    given = SERVICES["rabbitmq"]["environment"]
    user = (given["RABBITMQ_DEFAULT_USER"], given["RABBITMQ_DEFAULT_PASS"])
    assert tuple(queue["credentials"].values()) == user
    given = SERVICES["mongodb"]["environment"]
    owner = (given["MONGO_INITDB_ROOT_USERNAME"], given["MONGO_INITDB_ROOT_PASSWORD"])
    assert tuple(database["credentials"].values()) == owner
    for service in WORKERS.values():
        words = service["command"].split()
        for option, part, known in (("--queue", queue, user), ("--database", database, owner)):
            address = urlsplit(words[words.index(option) + 1])
            assert (address.username, address.password) == known
            assert (address.hostname, address.port) == (part["address"], part["port"])
            assert part["address"] in SERVICES
    callback = urlsplit(server["internal_callback_url"])
    assert callback.hostname in SERVICES
    assert f":{callback.port} " in SERVICES["processing-server"]["command"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_complete(name: str) -> None:
    service = SERVICES[name]
    assert service["image"].startswith("${")
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] == "CMD"
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    for volume in service["volumes"]:
        source = volume.removeprefix("${DATA:-./data}").partition(":")[0]
        assert source in VOLUMES or not source or (ROOT / source).is_file(), volume
    if "build" in service:
        assert service["user"] == "${UID:-1000}:${GID:-1000}"


def test_compose_reads_it() -> None:
    known = shutil.which("docker-compose")
    command = [known] if known else ["docker", "compose"]
    if (
        shutil.which(command[0]) is None
        or subprocess.run([*command, "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("neither `docker compose` nor docker-compose is installed")
    done = subprocess.run(
        [*command, "-f", FILE, "config"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["services"].keys() == SERVICES.keys()
