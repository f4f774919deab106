"""Wheels as files: what is put in, what stays as it was, and which are refused."""

import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from deferred_imports.tooling.bake.wheel import UnsuitableWheelError, Wheel, digest

INFO = "weather-1.0.dist-info"
NAME = "weather-1.0-py3-none-any.whl"
WHEEL = "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
FILES = {
    "weather/__init__.py": "",
    "weather/run.sh": "#!/bin/sh\n",
    f"{INFO}/METADATA": "Metadata-Version: 2.1\nName: weather\nVersion: 1.0\n",
    f"{INFO}/WHEEL": WHEEL,
}


def rows(files: Mapping[str, str], algorithm: str = "sha256") -> str:
    found = [
        f"{name},{algorithm}={digest(text.encode(), algorithm)},{len(text)}\n"
        for name, text in files.items()
        if not name.endswith("/")
    ]
    return "".join(found) + f"{INFO}/RECORD,,\n"


def write(path: Path, files: Mapping[str, str], record: str | None = None) -> Path:
    """Write a wheel by hand, each member with a time and a mode of its own."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = b"by hand"
        record = rows(files) if record is None else record
        for number, (name, text) in enumerate({**files, **({f"{INFO}/RECORD": record} if record else {})}.items()):
            member = zipfile.ZipInfo(name, (2001, 2, 3, 4, 5, 2 * number))
            member.external_attr = (stat.S_IFREG | (0o755 if name.endswith(".sh") else 0o664)) << 16
            member.compress_type = zipfile.ZIP_STORED if number % 2 else zipfile.ZIP_DEFLATED
            archive.writestr(member, text)
    return path


def members(path: Path) -> list[tuple[str, tuple[int, ...], int, int, bytes]]:
    with zipfile.ZipFile(path) as archive:
        return [
            (member.filename, member.date_time, member.external_attr >> 16, member.compress_type, archive.read(member))
            for member in archive.infolist()
        ]


def test_what_is_not_touched_stays(tmp_path: Path) -> None:
    """Order, times, modes and compression of all that was there stay; what is new stands where it belongs."""
    path = write(tmp_path / NAME, FILES)
    path.chmod(0o640)
    before = members(path)
    assert Wheel(path).write(path, {f"{INFO}/new.json": b"{}", "weather/new.py": b"new = 1\n"})
    after = members(path)
    assert [name for name, *_ in after] == [
        "weather/__init__.py",
        "weather/run.sh",
        "weather/new.py",
        f"{INFO}/METADATA",
        f"{INFO}/WHEEL",
        f"{INFO}/new.json",
        f"{INFO}/RECORD",
    ]
    untouched = [member for member in after if member[0] in FILES]
    assert untouched == before[:-1]
    assert {member[1:3] for member in after if "new" in member[0]} == {(before[-1][1], stat.S_IFREG | 0o644)}
    assert after[-1][:4] == before[-1][:4]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    with zipfile.ZipFile(path) as archive:
        assert archive.comment == b"by hand"
    record = after[-1][-1].decode()
    assert record == rows({**FILES, f"{INFO}/new.json": "{}", "weather/new.py": "new = 1\n"})
    assert [entry.name for entry in tmp_path.iterdir()] == [NAME]


def test_the_same_again(tmp_path: Path) -> None:
    """What is there already changes nothing, not even the time of the file; elsewhere it is the same wheel."""
    path = write(tmp_path / NAME, FILES)
    added = {"weather/new.py": b"new = 1\n"}
    Wheel(path).write(path, added)
    first, time = path.read_bytes(), path.stat().st_mtime_ns
    assert not Wheel(path).write(path, added)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (first, time)
    (tmp_path / "out").mkdir()
    Wheel(path).write(tmp_path / "out" / NAME, added)
    assert (tmp_path / "out" / NAME).read_bytes() == first


def test_an_older_one_leaves_no_trace(tmp_path: Path) -> None:
    """What is added stands in the same place, with the same time, whether or not an older one was there."""
    older = {"weather/new.py": "old = 1\n", **FILES}
    added = {"weather/new.py": b"new = 1\n"}
    (tmp_path / "older").mkdir()
    wheels = write(tmp_path / NAME, FILES), write(tmp_path / "older" / NAME, older)
    for wheel in wheels:
        Wheel(wheel).write(wheel, added)
    names = [[member[0] for member in members(wheel)] for wheel in wheels]
    assert names[0] == names[1]
    assert members(wheels[0])[-1][-1] == members(wheels[1])[-1][-1]
    new = [member for wheel in wheels for member in members(wheel) if member[0] == "weather/new.py"]
    assert [(mode, content) for _, _, mode, _, content in new] == [(stat.S_IFREG | 0o644, b"new = 1\n")] * 2


def test_what_is_replaced(tmp_path: Path) -> None:
    """A member that gets another content keeps its place, time and mode."""
    path = write(tmp_path / NAME, FILES)
    before = members(path)
    assert Wheel(path).write(path, {}, {"weather/run.sh": b"exit 1\n"})
    after = members(path)
    assert [member[:4] for member in after] == [member[:4] for member in before]
    assert after[1][-1] == b"exit 1\n"
    assert after[-1][-1].decode() == rows({**FILES, "weather/run.sh": "exit 1\n"})


def test_nothing_half_written(tmp_path: Path) -> None:
    """Where a wheel cannot be written the old one stays, and nothing else."""
    path = write(tmp_path / NAME, FILES)
    before = path.read_bytes()
    wheel = Wheel(path)
    (tmp_path / "taken" / NAME).mkdir(parents=True)
    with pytest.raises(OSError, match="taken"):
        wheel.write(tmp_path / "taken" / NAME, {"weather/new.py": b""})
    assert path.read_bytes() == before
    assert [entry.name for entry in (tmp_path / "taken").iterdir()] == [NAME]


def test_where_members_are_installed(tmp_path: Path) -> None:
    """Modules of a `.data` directory count where they are installed, and what is no module does not count."""
    data = "weather-1.0.data"
    files = {**FILES, f"{data}/platlib/weather/core.py": "", f"{data}/scripts/weather": "", f"{data}/data/a.py": ""}
    found = {str(place): name for place, name in Wheel(write(tmp_path / NAME, files)).installed()}
    assert found == {
        "weather/__init__.py": "weather/__init__.py",
        "weather/run.sh": "weather/run.sh",
        "weather/core.py": f"{data}/platlib/weather/core.py",
    }


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_other_hashes(tmp_path: Path, algorithm: str) -> None:
    """A RECORD may have any hash at least as strong as sha256."""
    path = write(tmp_path / NAME, {**FILES, "weather/": ""}, rows(FILES, algorithm))
    assert Wheel(path).write(path, {"weather/new.py": b""})
    assert Wheel(path).contents["weather/new.py"] == b""


def not_zip(path: Path) -> Path:
    path.write_text("weather\n")
    return path


def twice(path: Path) -> Path:
    write(path, FILES)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("weather/__init__.py", "")
    return path


def damaged(path: Path) -> Path:
    write(path, FILES)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"#!/bin/sh", b"#!/bin/ba"))
    return path


def without(name: str) -> Callable[[Path], Path]:
    return lambda path: write(path, {other: text for other, text in FILES.items() if other != name})


def having(**files: str) -> Callable[[Path], Path]:
    return lambda path: write(path, {**FILES, **files})


ODD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "not a zip": (not_zip, "it is not a zip archive that can be read: File is not a zip file"),
    "damaged": (damaged, "it is not a zip archive that can be read: Bad CRC-32 for file 'weather/run.sh'"),
    "signed": (having(**{f"{INFO}/RECORD.jws": "{}"}), "it is signed (RECORD.jws); sign it when it is complete"),
    "signed otherwise": (
        having(**{f"{INFO}/RECORD.p7s": ""}),
        "it is signed (RECORD.p7s); sign it when it is complete",
    ),
    "twice": (twice, 'it holds "weather/__init__.py" twice'),
    "leads out": (
        having(**{"../evil.py": ""}),
        'it holds "../evil.py", which leads out of the directory it is installed in',
    ),
    "absolute": (
        having(**{"/evil.py": ""}),
        'it holds "/evil.py", which leads out of the directory it is installed in',
    ),
    "two": (having(**{"other-1.0.dist-info/METADATA": ""}), "it has 2 dist-info directories, where a wheel has one"),
    "no record": (lambda path: write(path, FILES, ""), f'it lacks "{INFO}/RECORD"'),
    "no WHEEL": (without(f"{INFO}/WHEEL"), f'it lacks "{INFO}/WHEEL"'),
    "no METADATA": (without(f"{INFO}/METADATA"), f'it lacks "{INFO}/METADATA"'),
    "later format": (
        having(**{f"{INFO}/WHEEL": WHEEL.replace("1.0", "2.0")}),
        "it is of version 2.0 of the wheel format, but this version knows only 1",
    ),
    "changed": (
        lambda path: write(path, FILES, rows({**FILES, "weather/__init__.py": "was = 1\n"})),
        'its "weather/__init__.py" does not match its RECORD; it was changed or damaged',
    ),
    "not listed": (
        lambda path: write(path, FILES, rows({k: v for k, v in FILES.items() if not k.endswith(".sh")})),
        'its RECORD has no hash of "weather/run.sh"',
    ),
    "weak hash": (
        lambda path: write(path, FILES, rows(FILES, "md5")),
        'its RECORD has no hash of "weather/__init__.py" at least as strong as sha256',
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_wheels(tmp_path: Path, case: str) -> None:
    """A wheel that nothing can be put into is refused with the reason, and stays as it is."""
    make, reason = ODD[case]
    path = make(tmp_path / NAME)
    before = path.read_bytes()
    with pytest.raises(UnsuitableWheelError) as caught:
        Wheel(path)
    assert str(caught.value).startswith(reason)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("weather.whl", "its name is not that of a wheel, as in weather-1.0-py3-none-any.whl"),
        ("climate-1.0-py3-none-any.whl", f'its name and the name of its "{INFO}" differ'),
        ("weather-1.1-py3-none-any.whl", f'its name and the name of its "{INFO}" differ'),
    ],
)
def test_odd_names(tmp_path: Path, name: str, reason: str) -> None:
    """So is one that is named unlike what it holds."""
    with pytest.raises(UnsuitableWheelError) as caught:
        Wheel(write(tmp_path / name, FILES))
    assert str(caught.value) == reason
