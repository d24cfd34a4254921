# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The number of cores obeys affinity, control groups and ``OMP_NUM_THREADS``."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrd_rapid.inference.cores import available_cores

MOUNT = "29 22 0:26 {group} {point} rw,nosuid - {kind} cgroup {options}\n"
VERSION_2 = MOUNT.format(group="/", point="/sys/fs/cgroup", kind="cgroup2", options="rw")
VERSION_1 = MOUNT.format(
    group="/", point="/sys/fs/cgroup/cpu,cpuacct", kind="cgroup", options="rw,cpu,cpuacct"
)


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bind the process to eight cores."""
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(8)), raising=False)


def machine(root: Path, mounts: str, groups: str, **files: str) -> Path:
    """Make the files of a machine; a double underscore in a name is a slash."""
    proc = root / "proc" / "self"
    proc.mkdir(parents=True)
    (proc / "mountinfo").write_text("22 1 0:21 / / rw shared:1 - ext4 /dev/sda rw\n" + mounts)
    (proc / "cgroup").write_text(groups)
    for name, content in files.items():
        path = root / "sys/fs/cgroup" / name.replace("__", "/")
        path = path.with_name(path.name.replace("cpu_", "cpu.", 1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content + "\n")
    return root


def cores(root: Path, **environ: str) -> int:
    return available_cores(root, environ)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("max 100000", 8), ("400000 100000", 4), ("150000 100000", 2), ("50000 100000", 1),
        ("1600000 100000", 8), ("", 8), ("0 100000", 8), ("200000 0", 8), ("x y", 8),
        ("1 2 3", 8),
    ],
)  # fmt: skip
def test_the_quota_of_version_2(tmp_path: Path, content: str, expected: int) -> None:
    root = machine(tmp_path, VERSION_2, "0::/\n", cpu_max=content)
    assert cores(root) == expected


@pytest.mark.parametrize(
    ("inner", "middle", "outer", "expected"),
    [
        ("max 100000", "300000 100000", "max 100000", 3),
        ("200000 100000", "300000 100000", "max 100000", 2),
        ("500000 100000", "300000 100000", "100000 100000", 1),
    ],
)
def test_the_quota_of_groups_around_counts(
    tmp_path: Path, inner: str, middle: str, outer: str, expected: int
) -> None:
    root = machine(
        tmp_path, VERSION_2, "0::/a/b\n", a__b__cpu_max=inner, a__cpu_max=middle, cpu_max=outer
    )
    assert cores(root) == expected


@pytest.mark.parametrize(("quota", "expected"), [("-1", 8), ("300000", 3), ("250000", 3)])
def test_the_quota_of_version_1(tmp_path: Path, quota: str, expected: int) -> None:
    root = machine(
        tmp_path, VERSION_1, "7:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n0::/other\n",
        **{"cpu,cpuacct__docker__x__cpu_cfs_quota_us": quota,
           "cpu,cpuacct__docker__x__cpu_cfs_period_us": "100000"},
    )  # fmt: skip
    assert cores(root) == expected


@pytest.mark.parametrize("group", ["/docker/x", "/elsewhere", "/"])
def test_a_container_sees_its_own_group_at_the_top(tmp_path: Path, group: str) -> None:
    mount = VERSION_2.replace(" / /sys", " /docker/x /sys")
    root = machine(tmp_path, mount, f"0::{group}\n", cpu_max="200000 100000")
    assert cores(root) == 2


@pytest.mark.parametrize("groups", ["", "nonsense\n", "::\n", "4:memory:/a\n"])
def test_groups_that_say_nothing_limit_nothing(tmp_path: Path, groups: str) -> None:
    assert cores(machine(tmp_path, VERSION_1 + "short - x\n", groups, cpu_max="1 1")) == 8


def test_without_control_groups_the_affinity_counts(tmp_path: Path) -> None:
    assert cores(tmp_path) == 8


@pytest.mark.parametrize(
    ("value", "expected"),
    [("3", 3), ("2,4", 2), (" 5 ", 5), ("64", 8), ("0", 8), ("-1", 8), ("", 8), ("many", 8),
     ("9999999999", 8), ("²", 8)],
)  # fmt: skip
def test_omp_num_threads(tmp_path: Path, value: str, expected: int) -> None:
    assert cores(tmp_path, OMP_NUM_THREADS=value) == expected


def test_the_environment_of_the_process_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert available_cores() == 1
