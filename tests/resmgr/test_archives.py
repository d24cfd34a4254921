# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What comes out of archives, honest and hostile, and what becomes of it at its place."""

from __future__ import annotations

import bz2
import gzip
import importlib.util
import io
import lzma
import os
import random
import stat
import struct
import sys
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocrd_rapid.errors import DownloadError, IntegrityError, ResourceError
from ocrd_rapid.resmgr import archives, database, locations
from ocrd_rapid.resmgr.archives import unpack
from ocrd_rapid.resmgr.download import Action, download
from ocrd_rapid.resmgr.integrity import sha256_of
from ocrd_rapid.resmgr.locations import Location
from ocrd_rapid.resmgr.resource import Resource

MEMBERS = {"top.txt": b"top", "models/a.onnx": b"model a" * 99, "models/sub/b.onnx": b"b"}

zstandard_only = pytest.mark.skipif(
    importlib.util.find_spec("zstandard") is None, reason="the package zstandard is not installed"
)


def tree(directory: Path) -> dict[str, bytes]:
    """Return the files below a directory."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def tar_bytes(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in entries:
            info.size = len(content) if info.isfile() else 0
            tar.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def tar_of(members: dict[str, bytes]) -> bytes:
    return tar_bytes(*[(tarfile.TarInfo(name), content) for name, content in members.items()])


def zip_of(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as content:
        for name, data in members.items():
            content.writestr(name, data)
    return stream.getvalue()


def zst_of(members: dict[str, bytes]) -> bytes:
    import zstandard

    packed: bytes = zstandard.ZstdCompressor().compress(tar_of(members))
    return packed


Make = Callable[[dict[str, bytes]], bytes]

KINDS = [
    pytest.param(zip_of, id="zip"),
    pytest.param(lambda members: zip_of(members, zipfile.ZIP_STORED), id="zip-stored"),
    pytest.param(tar_of, id="tar"),
    pytest.param(lambda members: gzip.compress(tar_of(members)), id="tar.gz"),
    pytest.param(lambda members: bz2.compress(tar_of(members)), id="tar.bz2"),
    pytest.param(lambda members: lzma.compress(tar_of(members)), id="tar.xz"),
    pytest.param(zst_of, id="tar.zst", marks=zstandard_only),
]


class Bench:
    """An archive and a target, in a directory where nothing else may appear."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.archive = directory / "archive"
        self.target = directory / "inner" / "target"
        self.target.parent.mkdir(parents=True)

    def unpack(self, content: bytes, path_in_archive: str = ".") -> Path:
        self.archive.write_bytes(content)
        unpack(self.archive, self.target, path_in_archive)
        return self.target

    def refuses(self, content: bytes, match: str) -> None:
        """Check that an archive is rejected, and that nothing is there but what is unpacked."""
        with pytest.raises(IntegrityError, match=match):
            self.unpack(content)
        assert set(self.directory.iterdir()) == {self.archive, self.target.parent}
        assert set(self.target.parent.iterdir()) <= {self.target}
        for path in self.target.rglob("*"):
            assert not path.is_symlink()
            assert path.is_dir() or (path.is_file() and path.stat().st_nlink == 1)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "bench")


# --- honest archives


@pytest.mark.parametrize("make", KINDS)
def test_everything_comes_out(bench: Bench, make: Make) -> None:
    assert tree(bench.unpack(make(MEMBERS))) == MEMBERS


@pytest.mark.parametrize("make", KINDS)
def test_one_file_comes_out_as_a_file(bench: Bench, make: Make) -> None:
    assert bench.unpack(make(MEMBERS), "models/sub/b.onnx").read_bytes() == b"b"


@pytest.mark.parametrize("wanted", ["models", "models/", "./models"])
@pytest.mark.parametrize("make", KINDS)
def test_one_directory_comes_out_as_a_directory(bench: Bench, make: Make, wanted: str) -> None:
    expected = {"a.onnx": MEMBERS["models/a.onnx"], "sub/b.onnx": b"b"}
    assert tree(bench.unpack(make(MEMBERS), wanted)) == expected


@pytest.mark.parametrize("wanted", ["model", "models/a", "a.onnx", "../models", "/models"])
@pytest.mark.parametrize("make", KINDS)
def test_a_missing_member_is_named(bench: Bench, make: Make, wanted: str) -> None:
    with pytest.raises(ResourceError, match=f"no member '{wanted}'"):
        bench.unpack(make(MEMBERS), wanted)
    assert not bench.target.exists()


@pytest.mark.parametrize("make", KINDS)
def test_names_may_begin_with_a_dot(bench: Bench, make: Make) -> None:
    members = {f"./{name}": content for name, content in MEMBERS.items()}
    assert tree(bench.unpack(make(members))) == MEMBERS


@pytest.mark.parametrize("name", ["..x", "a..b", "...", "ä ö.txt", "a b"])
@pytest.mark.parametrize("make", KINDS)
def test_unusual_names_are_names(bench: Bench, make: Make, name: str) -> None:
    assert tree(bench.unpack(make({f"d/{name}": b"x"}))) == {f"d/{name}": b"x"}


@pytest.mark.parametrize("module", [gzip, bz2, lzma], ids=["gz", "bz2", "xz"])
def test_a_single_compressed_file_comes_out_as_a_file(bench: Bench, module: object) -> None:
    compress: Callable[[bytes], bytes] = module.compress  # type: ignore[attr-defined]
    assert bench.unpack(compress(b"model" * 999)).read_bytes() == b"model" * 999


def test_empty_files_and_directories_come_out(bench: Bench) -> None:
    folder = tarfile.TarInfo("empty")
    folder.type = tarfile.DIRTYPE
    bench.unpack(tar_bytes((folder, b""), (tarfile.TarInfo("file"), b"")))
    assert (bench.target / "empty").is_dir()
    assert (bench.target / "file").read_bytes() == b""


_names = st.lists(st.sampled_from("abcde"), min_size=1, max_size=3).map(
    lambda parts: "/".join(["d", *parts, "f"])
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=25,
)
@given(members=st.dictionaries(_names, st.binary(max_size=99), min_size=1), kind=st.booleans())
def test_any_files_come_out_as_they_went_in(
    tmp_path_factory: pytest.TempPathFactory, members: dict[str, bytes], kind: bool
) -> None:
    bench = Bench(tmp_path_factory.mktemp("any") / "bench")
    assert tree(bench.unpack((zip_of if kind else tar_of)(members))) == members


def test_a_tar_with_a_zip_in_it_is_a_tar(bench: Bench) -> None:
    """Weights of PyTorch and arrays of NumPy are zip archives."""
    members = {"config.json": b"{}", "weights.pt": zip_of({"data.pkl": b"weights"})}
    assert tree(bench.unpack(tar_of(members))) == members


def test_permissions_and_special_bits_do_not_come_out(bench: Bench) -> None:
    infos = [tarfile.TarInfo(f"file{mode:o}") for mode in (0o4755, 0o2777, 0o000, 0o1777)]
    for info in infos:
        info.mode = int(info.name.removeprefix("file"), 8)
        info.uid = info.gid = 12345
    bench.unpack(tar_bytes(*[(info, b"x") for info in infos]))
    for info in infos:
        found = (bench.target / info.name).stat()
        assert stat.S_IMODE(found.st_mode) & 0o7133 == 0
        assert found.st_mode & stat.S_IRUSR
        assert found.st_uid == os.getuid()


# --- hostile archives

OUTSIDE = ["../x", "a/../../x", "/x", "//x", "..", "C:/x", "C:\\x", "..\\x", "\\x", "a\\..\\x"]


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("name", OUTSIDE)
def test_names_that_lead_out_are_refused(bench: Bench, make: Make, name: str) -> None:
    bench.refuses(make({"good": b"x", name: b"evil"}), "leads out")


def test_an_absolute_name_into_a_directory_that_exists_is_refused(
    bench: Bench, tmp_path: Path
) -> None:
    bench.refuses(tar_of({f"{tmp_path}/evil": b"evil"}), "leads out")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("make", KINDS)
def test_names_that_lead_out_are_refused_wherever_they_are(bench: Bench, make: Make) -> None:
    """They are not what is asked for, but show what the archive is."""
    bench.archive.write_bytes(make({"../x": b"evil", "good": b"x"}))
    with pytest.raises(IntegrityError, match="leads out"):
        unpack(bench.archive, bench.target, "good")


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
    ],
    ids=["symlink", "hardlink", "character-device", "block-device", "fifo"],
)
@pytest.mark.parametrize("link", ["/etc/passwd", "../../..", "good"])
def test_links_and_devices_are_refused(bench: Bench, kind: bytes, link: str) -> None:
    info = tarfile.TarInfo("bad")
    info.type, info.linkname = kind, link
    through = tarfile.TarInfo("bad/x")
    bench.refuses(
        tar_bytes((tarfile.TarInfo("good"), b"x"), (info, b""), (through, b"evil")),
        "link or device",
    )
    assert not os.path.lexists(bench.target / "bad")


@pytest.mark.parametrize("link", ["/etc/passwd", "..", "good"])
def test_links_in_a_zip_are_refused(bench: Bench, link: str) -> None:
    info = zipfile.ZipInfo("bad")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as content:
        content.writestr("good", "x")
        content.writestr(info, link)
        content.writestr("bad/x", "evil")
    bench.refuses(stream.getvalue(), "is a link")
    assert not os.path.lexists(bench.target / "bad")


@pytest.mark.parametrize("make", KINDS[:1] + KINDS[3:])
def test_a_bomb_is_refused_before_it_is_large(
    bench: Bench, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_RATIO", 2)
    monkeypatch.setattr(archives, "_FREE_BYTES", 10_000)
    monkeypatch.setattr(archives, "_CHUNK", 5_000)
    bench.refuses(make({"bomb": bytes(5_000_000)}), "its content is too large")
    assert sum(path.stat().st_size for path in bench.target.rglob("*")) <= 25_000


def test_a_single_file_can_be_a_bomb(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_FREE_BYTES", 10_000)
    bench.refuses(
        gzip.compress(gzip.compress(bytes(500_000)) + bytes(5_000_000)), "its content is too large"
    )


def test_many_small_files_together_can_be_a_bomb(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 10_000)
    bench.refuses(tar_of({f"file{n}": bytes(999) for n in range(11)}), "its content is too large")


def test_a_sparse_file_counts_with_its_full_size(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_CHUNK", 1 << 16)
    header = bytearray(tarfile.TarInfo("sparse").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[483:495] = b"%011o\0" % (1 << 30)  # what it unpacks to
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    bench.refuses(bytes(header) + bytes(1024), "its content is too large")


def test_modest_growth_is_allowed_whatever_the_ratio(bench: Bench) -> None:
    content = gzip.compress(b"x" * (1 << 20), 9)
    assert (1 << 20) / len(content) > archives.MAX_RATIO
    assert bench.unpack(content).stat().st_size == 1 << 20


@pytest.mark.parametrize("make", KINDS)
def test_too_many_entries_are_refused(
    bench: Bench, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_ENTRIES", 10)
    bench.refuses(make({f"file{n}": b"" for n in range(11)}), "more than 10 entries")


@pytest.mark.parametrize("make", KINDS)
def test_just_enough_entries_are_allowed(
    bench: Bench, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_ENTRIES", 10)
    assert len(tree(bench.unpack(make({f"file{n}": b"" for n in range(10)})))) == 10


# --- damaged archives

NOISE = {"noise": random.Random(1).randbytes(20_000), "last": b"x" * 999}


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.7])
def test_a_truncated_archive_is_refused(bench: Bench, make: Make, part: float) -> None:
    content = make(NOISE)
    with pytest.raises(ResourceError):
        bench.unpack(content[: int(len(content) * part)])


def test_a_tar_that_ends_between_its_members_is_refused(bench: Bench) -> None:
    """What remains looks like a tar, but has no end."""
    bench.refuses(tar_of(MEMBERS)[:1024], r"cannot be read|damaged")


def test_a_tar_whose_second_header_is_damaged_is_refused(bench: Bench) -> None:
    content = bytearray(tar_of(MEMBERS))
    content[1024 + 150] ^= 0xFF
    bench.refuses(bytes(content), r"cannot be read|damaged")


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(zip_of, id="zip"),
        pytest.param(lambda members: zip_of(members, zipfile.ZIP_STORED), id="zip-stored"),
        pytest.param(lambda m: gzip.compress(tar_of(m)), id="tar.gz"),
        pytest.param(lambda m: bz2.compress(tar_of(m)), id="tar.bz2"),
        pytest.param(lambda m: lzma.compress(tar_of(m)), id="tar.xz"),
    ],
)
def test_an_archive_with_wrong_check_sums_is_refused(bench: Bench, make: Make) -> None:
    content = bytearray(make(NOISE))
    middle = len(content) // 4
    content[middle : middle + 64] = bytes(64)
    bench.refuses(bytes(content), r"cannot be read|damaged")


@pytest.mark.parametrize(
    "module",
    [
        pytest.param(gzip, id="gz"),
        pytest.param(bz2, id="bz2"),
        pytest.param(lzma, id="xz"),
    ],
)
def test_a_single_file_with_a_wrong_check_sum_is_refused(bench: Bench, module: object) -> None:
    compress: Callable[[bytes], bytes] = module.compress  # type: ignore[attr-defined]
    content = bytearray(compress(NOISE["noise"]))
    content[5000:5064] = bytes(64)
    bench.refuses(bytes(content), r"cannot be read|damaged")


def test_a_compressed_file_that_begins_with_nulls_is_a_file(bench: Bench) -> None:
    assert bench.unpack(gzip.compress(bytes(5000) + b"x")).read_bytes() == bytes(5000) + b"x"


@pytest.mark.parametrize("content", [b"", b"x", b"<html>Please log in</html>" * 99, bytes(20_000)])
def test_what_is_no_archive_is_refused(bench: Bench, content: bytes) -> None:
    with pytest.raises(ResourceError, match="archive"):
        bench.unpack(content)
    assert not bench.target.exists()


def test_an_encrypted_zip_is_refused(bench: Bench) -> None:
    content = bytearray(zip_of({"secret": b"x" * 99}))
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    bench.refuses(bytes(content), ".")


def test_a_zip_of_an_unknown_method_is_refused(bench: Bench) -> None:
    content = bytearray(zip_of({"strange": b"x" * 99}))
    struct.pack_into("<H", content, 8, 99)
    struct.pack_into("<H", content, content.index(b"PK\1\2") + 10, 99)
    bench.refuses(bytes(content), ".")


@pytest.mark.parametrize("names", [("a", "a"), ("a", "a/b"), ("a/b", "a")])
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_members_in_each_others_way_are_refused(
    bench: Bench, names: tuple[str, str], kind: str
) -> None:
    stream = io.BytesIO()
    if kind == "tar":
        stream.write(tar_bytes(*[(tarfile.TarInfo(name), b"x") for name in names]))
    else:
        with warnings.catch_warnings(), zipfile.ZipFile(stream, "w") as content:
            warnings.simplefilter("ignore")
            for name in names:
                content.writestr(name, "x")
    bench.refuses(stream.getvalue(), ".")


def test_a_name_with_a_null_byte_is_refused(bench: Bench) -> None:
    info = tarfile.TarInfo("a")
    info.pax_headers = {"path": "a\0b"}
    bench.refuses(tar_bytes((info, b"x")), ".")


def test_zstandard_without_its_package_names_the_package(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(ResourceError, match="pip install zstandard"):
        bench.unpack(b"\x28\xb5\x2f\xfd" + bytes(99))


# --- archives and directories as resources

EXECUTABLE = "ocrd-rapid-recognize"


def resource(source: Path, **fields: object) -> Resource:
    entry = {"url": source.as_uri(), "name": "model", **fields}
    return Resource.from_mapping(EXECUTABLE, entry)


def installed_as(name: str = "model") -> Path:
    return locations.resource_dir(Location.DATA, EXECUTABLE) / name


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def staged() -> list[Path]:
    """Return what is left of installing."""
    private = locations.resource_root(Location.DATA) / locations.PRIVATE_DIR
    return list(private.glob("staging/*")) + list(private.glob("parts/*"))


@pytest.mark.parametrize("make", KINDS)
def test_an_archive_is_installed_as_a_directory(tmp_path: Path, make: Make) -> None:
    source = tmp_path / "archive"
    source.write_bytes(make(MEMBERS))
    outcome = download(resource(source, type="archive"))
    assert outcome.path == installed_as()
    assert tree(outcome.path) == MEMBERS
    for path in (outcome.path, *outcome.path.rglob("*")):
        assert mode(path) == (0o755 if path.is_dir() else 0o644)
    (entry,) = database.read()[EXECUTABLE]
    assert (entry.type, entry.size) == ("archive", sum(map(len, MEMBERS.values())))
    assert staged() == []


@pytest.mark.parametrize("make", KINDS)
def test_a_file_of_an_archive_is_installed_as_a_file(tmp_path: Path, make: Make) -> None:
    source = tmp_path / "archive"
    source.write_bytes(make(MEMBERS))
    wanted = resource(source, type="archive", path_in_archive="models/a.onnx")
    assert download(wanted).path.read_bytes() == MEMBERS["models/a.onnx"]
    assert mode(installed_as()) == 0o644
    assert list(installed_as().parent.iterdir()) == [installed_as()]


def test_the_umask_does_not_matter(tmp_path: Path) -> None:
    source = tmp_path / "archive"
    source.write_bytes(tar_of(MEMBERS))
    before = os.umask(0o077)
    try:
        download(resource(source, type="archive"))
    finally:
        os.umask(before)
    assert mode(installed_as() / "models") == 0o755
    assert mode(installed_as() / "models" / "a.onnx") == 0o644


def test_the_hash_is_that_of_the_archive(tmp_path: Path) -> None:
    source = tmp_path / "archive"
    source.write_bytes(tar_of(MEMBERS))
    with pytest.raises(IntegrityError):
        download(resource(source, type="archive", sha256="0" * 64))
    assert not installed_as().exists()
    download(resource(source, type="archive", sha256=sha256_of(source)))
    assert tree(installed_as()) == MEMBERS


def test_a_directory_is_installed_with_plain_permissions(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "file").write_bytes(b"x")
    (source / "sub" / "file").chmod(0o4711)
    (source / "link").symlink_to("sub/file")
    (source / "sub").chmod(0o700)
    download(resource(source, type="directory"))
    assert tree(installed_as()) == {"sub/file": b"x", "link": b"x"}
    assert not (installed_as() / "link").is_symlink()
    assert mode(installed_as() / "sub" / "file") == 0o644
    assert mode(installed_as() / "sub") == 0o755


def test_a_directory_with_a_fifo_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    os.mkfifo(source / "fifo")
    with pytest.raises(ResourceError, match="neither a file nor a directory"):
        download(resource(source, type="directory"))
    assert not installed_as().exists()
    assert staged() == []


def test_overwriting_a_directory_replaces_all_of_it(tmp_path: Path) -> None:
    source = tmp_path / "archive"
    source.write_bytes(tar_of({"old": b"old", "both": b"old"}))
    download(resource(source, type="archive"))
    source.write_bytes(tar_of({"new": b"new", "both": b"new"}))
    assert download(resource(source, type="archive")).action is Action.KEEP
    assert tree(installed_as()) == {"old": b"old", "both": b"old"}
    assert download(resource(source, type="archive"), overwrite=True).action is Action.FETCH
    assert tree(installed_as()) == {"new": b"new", "both": b"new"}
    assert staged() == []


def test_a_directory_and_a_file_can_replace_each_other(tmp_path: Path) -> None:
    archive, file = tmp_path / "archive", tmp_path / "file"
    archive.write_bytes(tar_of(MEMBERS))
    file.write_bytes(b"file")
    download(resource(file))
    download(resource(archive, type="archive"), overwrite=True)
    assert tree(installed_as()) == MEMBERS
    download(resource(file), overwrite=True)
    assert installed_as().read_bytes() == b"file"
    assert staged() == []


@pytest.mark.parametrize("content", [None, b"no archive", tar_of({"a": b"x", "../x": b"evil"})])
def test_a_source_that_fails_leaves_the_old_directory(
    tmp_path: Path, content: bytes | None
) -> None:
    source = tmp_path / "archive"
    source.write_bytes(tar_of(MEMBERS))
    download(resource(source, type="archive"))
    registered = database.user_database().read_bytes()
    source.unlink()
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(DownloadError if content is None else ResourceError):
        download(resource(source, type="archive"), overwrite=True)
    assert tree(installed_as()) == MEMBERS
    assert list(installed_as().parent.iterdir()) == [installed_as()]
    assert database.user_database().read_bytes() == registered
    assert staged() == []


def test_a_rename_that_fails_brings_the_old_directory_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "archive"
    source.write_bytes(tar_of(MEMBERS))
    download(resource(source, type="archive"))
    original = Path.replace

    def fail_once(self: Path, target: Path) -> Path:
        if self.name == "content":
            raise OSError(5, "Input/output error")
        return original(self, target)

    monkeypatch.setattr(Path, "replace", fail_once)
    with pytest.raises(Exception, match="Input/output error"):
        download(resource(source, type="archive"), overwrite=True)
    assert tree(installed_as()) == MEMBERS
