"""One comparison of an environment marker (PEP 508) as a Python expression over `sys` and `os`.

Versions compare as PEP 440 says, pre-releases included. `platform` is not used: loading it costs more than a whole
registry. What has no faithful translation is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, Specifier
from packaging.version import InvalidVersion, Version

from deferred_imports.tooling.table.problems import quote

# What the version variables are made of.
_VERSIONS = {
    "python_version": "sys.version_info",
    "python_full_version": "sys.version_info",
    "implementation_version": "sys.implementation.version",
}
# Where `platform` only translates what `sys` knows: that variable, and its value for each of this one.
_SYNONYMS = {
    "platform_system": (
        "sys_platform",
        {"Windows": "win32", "Linux": "linux", "Darwin": "darwin", "Android": "android", "iOS": "ios"},
    ),
    "platform_python_implementation": (
        "implementation_name",
        {
            "CPython": "cpython",
            "GraalVM": "graalpy",
            "IronPython": "ironpython",
            "Jython": "jython",
            "PyPy": "pypy",
            "RustPython": "rustpython",
        },
    ),
}
_IMPLEMENTATIONS = ", ".join(
    f'"{name}": "{value}"' for value, name in _SYNONYMS["platform_python_implementation"][1].items()
)
_TEXTS = {
    "os_name": "os.name",
    "sys_platform": "sys.platform",
    "implementation_name": "sys.implementation.name",
    "python_version": '"%d.%d" % sys.version_info[:2]',
    "python_full_version": "sys.version.split()[0]",
    "platform_python_implementation": f"{{{_IMPLEMENTATIONS}}}.get(sys.implementation.name, sys.implementation.name)",
}
# What systems tell of themselves: most of them, and Windows.
_SYSTEM_TEXTS = {
    # A slice, for to type checkers two different literals are never equal, and comparing them is a mistake.
    "platform_system": ("os.uname().sysname", '"Windows"[:]'),
    # Build 22000 is the first Windows 11, whose major version is 10.
    "platform_release": (
        "os.uname().release",
        '("11" if sys.getwindowsversion().build >= 22000 else "%d" % sys.getwindowsversion().major)',
    ),
    "platform_version": ("os.uname().version", '"%d.%d.%d" % sys.getwindowsversion()[:3]'),
    "platform_machine": (
        "os.uname().machine",
        '(os.environ.get("PROCESSOR_ARCHITEW6432") or os.environ.get("PROCESSOR_ARCHITECTURE", ""))',
    ),
}
VARIABLES = {*_VERSIONS, *_TEXTS, *_SYSTEM_TEXTS}
"""All that a marker may compare, extras apart."""
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_LEVELS = {"a": "alpha", "b": "beta", "rc": "candidate"}


@dataclass(frozen=True)
class Clause:
    """One comparison of a marker; `mirrored` when the text stands on the left of the operator."""

    variable: str
    operator: str
    text: str
    mirrored: bool

    def __str__(self) -> str:
        sides = [self.variable, f"'{self.text}'"]
        return f" {self.operator} ".join(reversed(sides) if self.mirrored else sides)

    def translate(self) -> str:
        """Return the expression.

        Raises:
            ValueError: When it has none.
        """
        if self.variable in _VERSIONS and self.operator not in {"in", "not in", "==="}:
            return self._compare_versions()
        return self._compare_texts()

    def _compare_texts(self) -> str:
        variable, operator, text = self.variable, self.operator, self.text
        if variable == "implementation_version":
            raise self._refusal(f"{variable} to be compared as a version")
        if operator == "===" and variable in _VERSIONS and not self.mirrored:
            operator, text = "==", text.lower()
        elif operator not in {"==", "!=", "in", "not in"}:
            raise self._refusal(f"{variable} to be compared by ==, !=, in or not in")
        elif variable == "platform_release" and operator in {"==", "!="} and _is_version(text):
            # As versions, says PEP 508; but few systems' releases are versions.
            raise self._refusal(f"{variable} to be compared by in or not in")
        elif operator in {"==", "!="}:
            instead, values = _SYNONYMS.get(variable, (variable, {}))
            if text in values:
                variable, text = instead, values[text]

        def compare(value: str) -> str:
            sides = [value, _python(text)]
            return f" {operator} ".join(reversed(sides) if self.mirrored else sides)

        if variable in _TEXTS:
            return compare(_TEXTS[variable])
        # With this form type checkers, too, see that only one of the two sides is used on each system.
        others, windows = map(compare, _SYSTEM_TEXTS[variable])
        return f'((sys.platform != "win32" and {others}) or (sys.platform == "win32" and {windows}))'

    def _compare_versions(self) -> str:
        try:
            wanted = Specifier(self.operator + self.text).version
            version = Version(wanted.removesuffix(".*"))
        except (InvalidSpecifier, InvalidVersion):
            raise self._refusal(f"{self.variable} to be compared with a version") from None
        special = version.epoch or version.local or version.is_postrelease or version.is_devrelease
        if special or any(version.release[3:]) or (version.pre and self.variable == "python_version"):
            raise self._refusal(f"a version that {self.variable} can have")
        prefix = wanted != wanted.removesuffix(".*")
        # From right to left PEP 440 gives these a meaning that nobody means.
        if self.mirrored and (prefix or version.pre or self.operator == "~="):
            raise self._refusal(f"{self.variable} on the left of {self.operator}")
        if prefix:
            return self._starts_with(self.operator, version.release)
        if self.operator == "~=":
            return f"({self._compare('>=', version)} and {self._starts_with('==', version.release[:-1])})"
        return self._compare(_MIRRORED[self.operator] if self.mirrored else self.operator, version)

    def _compare(self, operator: str, version: Version) -> str:
        info, release = _VERSIONS[self.variable], (*version.release, 0, 0)[:3]
        if self.variable == "python_version":
            return _compare_minor(operator, release)
        if version.pre is not None:
            kind, serial = version.pre
            return f"{info} {operator} {_python((*release, _LEVELS[kind], serial))}"
        # 3.15.0rc1 is not "< 3.15.0" to PEP 440 (but is to "3.15.0 >"), and it is "<= 3.15.0".
        if operator in {">", "<="} or (operator == "<" and not self.mirrored):
            return f"{info}[:3] {operator} {_python(release)}"
        return f"{info}[:4] {operator} {_python((*release, 'final'))}"

    def _starts_with(self, operator: str, prefix: tuple[int, ...]) -> str:
        length = min(len(prefix), 2 if self.variable == "python_version" else 3)
        if any(prefix[length:]):
            return str(operator == "!=")
        return f"{_VERSIONS[self.variable]}[:{length}] {operator} {_python(prefix[:length])}"

    def _refusal(self, expected: str) -> ValueError:
        return ValueError(f"expected {expected}, got {quote(str(self))}")


def _compare_minor(operator: str, release: tuple[int, ...]) -> str:
    """Compare python_version, which has no place between 3.11 and 3.12: all comes down to "from" and "before"."""
    major, minor, micro = release
    if operator in {"==", "!="}:
        return str(operator == "!=") if micro else f"sys.version_info[:2] {operator} {_python((major, minor))}"
    border = (major, minor) if operator in {">=", "<"} and not micro else (major, minor + 1)
    return f"sys.version_info {'>=' if operator in {'>=', '>'} else '<'} {_python(border)}"


def _is_version(text: str) -> bool:
    try:
        Specifier(f"=={text}")
    except InvalidSpecifier:
        return False
    return True


def _python(value: object) -> str:
    """Write a literal in ASCII, with double quotes."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_python, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, str):
        return '"' + value.encode("unicode_escape").decode("ascii").replace('"', '\\"') + '"'
    return str(value)
