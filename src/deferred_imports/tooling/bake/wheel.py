"""A wheel as a file: what is in it, and the same wheel with some members more.

The format is https://packaging.python.org/en/latest/specifications/binary-distribution-format/. `packaging` reads names
and versions; for the archive there is no library to lean on: `wheel` has no public API, and `installer` only installs.
"""

from __future__ import annotations

import base64
import copy
import csv
import hashlib
import io
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from deferred_imports.tooling.project.writing import write_whole
from deferred_imports.tooling.table.problems import RefusalError

_SIGNATURES = ("RECORD.jws", "RECORD.p7s")
# What the format asks for is sha256 or better, which leaves out md5 and sha1 by name.
_HASHES = frozenset(hashlib.algorithms_guaranteed) - {"md5", "sha1", "sha224", "sha3_224", "shake_128", "shake_256"}
_LIBRARY = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")


class UnsuitableWheelError(RefusalError):
    """A wheel that nothing can be put into; its text says why."""


class Wheel:
    """A wheel whose members are what its RECORD says.

    Raises:
        UnsuitableWheelError: when it is not one, or signed.
        OSError: when it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                self._members = archive.infolist()
                self._refuse_odd_names()
                self.info = self._find_info()
                self.contents = {member.filename: archive.read(member) for member in self._files()}
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise UnsuitableWheelError(f"it is not a zip archive that can be read: {error}") from error
        self._refuse_signed()
        self._refuse_other_versions()
        self._record = self._read_record()

    @property
    def metadata(self) -> bytes:
        """Its METADATA."""
        return self.contents[f"{self.info}/METADATA"]

    def installed(self) -> Iterator[tuple[PurePosixPath, str]]:
        """Yield where each member that Python could import is installed, below site-packages, and the member."""
        for name in self.contents:
            place = _LIBRARY.sub("", name, count=1)
            if not place.startswith((f"{self.info}/", self.info.removesuffix(".dist-info") + ".data/")):
                yield PurePosixPath(place), name

    def write(self, path: Path, added: Mapping[str, bytes], replaced: Mapping[str, bytes] | None = None) -> bool:
        """Write the wheel with some files more, and tell whether that is another one than is there.

        What is not touched keeps order, time, mode and content. So does what is replaced, but for the content. What is
        added stands where it would if no older one had been there, with the time of RECORD.

        Args:
            path: The new wheel, which may be the old one's; it appears as a whole or not at all.
            added: Contents of new members, by name.
            replaced: Other contents for old ones.
        """
        contents = {**(replaced or {}), **added}
        contents[f"{self.info}/RECORD"] = self._record_with(added, replaced or {})
        whole = io.BytesIO()
        with zipfile.ZipFile(self.path) as old, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as new:
            new.comment = old.comment
            for member in self._with_new(added):
                name = member.filename
                new.writestr(member, contents[name] if name in contents else self.contents.get(name, b""))
        if path.is_file() and path.read_bytes() == whole.getvalue():
            return False
        write_whole(path, whole.getvalue())
        return True

    def _files(self) -> list[zipfile.ZipInfo]:
        return [member for member in self._members if not member.is_dir()]

    def _refuse_odd_names(self) -> None:
        names = [member.filename for member in self._members]
        for name, count in Counter(names).items():
            if count > 1:
                raise UnsuitableWheelError(f'it holds "{name}" twice')
            if name.startswith("/") or "\\" in name or ".." in name.split("/"):
                raise UnsuitableWheelError(f'it holds "{name}", which leads out of the directory it is installed in')

    def _find_info(self) -> str:
        """Return the name of its dist-info, which has to be that of the file."""
        try:
            name, version, _, _ = parse_wheel_filename(self.path.name)
        except InvalidWheelFilename as error:
            raise UnsuitableWheelError("its name is not that of a wheel, as in weather-1.0-py3-none-any.whl") from error
        found = sorted(
            {top for member in self._files() if (top := member.filename.split("/")[0]).endswith(".dist-info")}
        )
        if len(found) != 1:
            raise UnsuitableWheelError(f"it has {len(found) or 'no'} dist-info directories, where a wheel has one")
        of, _, number = found[0].removesuffix(".dist-info").rpartition("-")
        if (canonicalize_name(of), _version(number)) != (name, version):
            raise UnsuitableWheelError(f'its name and the name of its "{found[0]}" differ')
        return found[0]

    def _refuse_signed(self) -> None:
        for name in _SIGNATURES:
            if f"{self.info}/{name}" in self.contents:
                raise UnsuitableWheelError(f"it is signed ({name}); sign it when it is complete")

    def _refuse_other_versions(self) -> None:
        for name in ("WHEEL", "METADATA", "RECORD"):
            if f"{self.info}/{name}" not in self.contents:
                raise UnsuitableWheelError(f'it lacks "{self.info}/{name}"')
        said = HeaderParser().parsestr(self.contents[f"{self.info}/WHEEL"].decode("utf-8", "replace"))
        version = str(said.get("Wheel-Version", "none"))
        if version.partition(".")[0] != "1":
            raise UnsuitableWheelError(f"it is of version {version} of the wheel format, but this version knows only 1")

    def _read_record(self) -> dict[str, list[str]]:
        """Return the rows of RECORD by name, each looked after."""
        text = self.contents[f"{self.info}/RECORD"].decode("utf-8", "replace")
        rows = {row[0]: row for row in csv.reader(io.StringIO(text)) if len(row) == 3}
        for name, content in self.contents.items():
            if name == f"{self.info}/RECORD":
                continue
            algorithm, _, wanted = rows[name][1].partition("=") if name in rows else ("", "", "")
            if algorithm not in _HASHES:
                raise UnsuitableWheelError(f'its RECORD has no hash of "{name}" at least as strong as sha256')
            if digest(content, algorithm) != wanted:
                raise UnsuitableWheelError(f'its "{name}" does not match its RECORD; it was changed or damaged')
        return rows

    def _record_with(self, added: Mapping[str, bytes], replaced: Mapping[str, bytes]) -> bytes:
        """Return RECORD with these files in it: new ones at its end, before its own row."""
        record = f"{self.info}/RECORD"
        rows = {name: row for name, row in self._record.items() if name not in {*added, record}}
        for name, content in {**replaced, **added}.items():
            rows[name] = [name, f"sha256={digest(content, 'sha256')}", str(len(content))]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([*rows.values(), [record, "", ""]])
        return text.getvalue().encode("utf-8")

    def _with_new(self, added: Mapping[str, bytes]) -> list[zipfile.ZipInfo]:
        """Return the members in their order: new modules after the others, what is new in dist-info before RECORD."""
        members = [copy.copy(member) for member in self._members if member.filename not in added]
        (record,) = (member for member in members if member.filename == f"{self.info}/RECORD")
        for name in added:
            new = zipfile.ZipInfo(name, record.date_time)
            new.compress_type, new.create_system = record.compress_type, record.create_system
            new.external_attr = (stat.S_IFREG | 0o644) << 16
            outside = [place for place, member in enumerate(members) if not self._is_info(member.filename)]
            place = members.index(record) if self._is_info(name) or not outside else outside[-1] + 1
            members.insert(place, new)
        return members

    def _is_info(self, name: str) -> bool:
        return name.startswith(f"{self.info}/")


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def digest(content: bytes, algorithm: str) -> str:
    """Return a hash as RECORD writes it."""
    return base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).rstrip(b"=").decode("ascii")
