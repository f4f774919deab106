"""Whether a base class keeps a list of what is derived from it: what its hooks do with the new class. Nothing is run.

The hooks are `__init_subclass__` and those of a metaclass. They are followed into the functions that they hand the new
class to, by name; what they reach through objects stays unseen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from deferred_imports.tooling.scan.bodies import function_at, inside
from deferred_imports.tooling.scan.following import Follower
from deferred_imports.tooling.scan.foreign import ForeignSources
from deferred_imports.tooling.scan.signs import registers
from deferred_imports.tooling.source.chains import Chain, chain_of, spine_of
from deferred_imports.tooling.source.walking import walk

_ADDING = frozenset("add append appendleft extend insert push setdefault update".split())
_MAKING = ("__new__", "__init__")  # what making a class calls in its metaclass
_DEPTH = 6


class Hooks:
    """Looks at the hooks of base classes."""

    def __init__(self, sources: ForeignSources, follower: Follower) -> None:
        """Take what finds them.

        Args:
            sources: All sources.
            follower: Follows names through these.
        """
        self._sources = sources
        self._follower = follower
        self._known: dict[tuple[str, str], bool] = {}

    def remember(self, module: str, base: Chain) -> bool | None:
        """Tell whether a base class keeps what is derived from it; None where its source is not found."""
        classes = [one for one in self._follower.defined(module, base) if one[1] in self._sources[one[0]].names.classes]
        if not classes:
            return None
        for one in classes:
            if one not in self._known:
                self._known[one] = any(
                    self._keeps(place, path, 0, derived=(place, path.rpartition(".")[0]) != one)
                    for place, path in self._hooks_of(*one)
                )
        return any(self._known[one] for one in classes)

    def not_found(self, module: str, base: Chain, depth: int = 0) -> Iterator[str]:
        """Yield the classes above a base class, by their dotted names, of which no source is found."""
        found = list(self._follower.defined(module, base)) if depth <= _DEPTH else []
        for place, path in found:
            for above in self._sources[place].names.classes.get(path, ()):
                yield from self.not_found(place, above, depth + 1)
        if not found:
            yield self._follower.origin(module, base).path

    def _hooks_of(self, place: str, path: str) -> Iterator[tuple[str, str]]:
        chain = tuple(path.split("."))
        yield from self._follower.methods(place, chain, "__init_subclass__")
        for inner, metaclass in self._follower.metaclasses(place, path):
            for method in _MAKING:
                yield from self._follower.methods(inner, metaclass, method)

    def _keeps(
        self, place: str, path: str, depth: int, handed: frozenset[int] | None = None, *, derived: bool = True
    ) -> bool:
        """Tell whether a function keeps the class that it is handed.

        Args:
            place: Its module.
            path: Its name there.
            depth: How many functions lead to it.
            handed: Which of its parameters is the class; by default the first, as of a hook.
            derived: Whether another class stands between that and the one that has the hook.
        """
        node = function_at(self._sources.tree(place), path)
        if node is None or depth > _DEPTH:
            return False
        parameters = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        chosen = {name for number, name in enumerate(parameters) if number in ({0} if handed is None else handed)}
        holder, _, method = path.rpartition(".")
        # What a metaclass is handed last is the body of the class.
        own = set(parameters[3:]) if method in _MAKING and handed is None else set()
        made = self._sources[place].names.assigned
        weak = {name for name, chain in made.items() if chain[-1] == "WeakKeyDictionary"}
        look = _Look(_running(node.body, holder, derived=derived), chosen, weak, own)
        if look.keeps:
            return True
        return any(
            self._keeps(inner, name, depth + 1, numbers)
            for inner, name, numbers in self._onward(place, path, look.calls)
        )

    def _onward(
        self, place: str, path: str, calls: Iterable[tuple[ast.expr, frozenset[int]]]
    ) -> Iterator[tuple[str, str, frozenset[int] | None]]:
        """Yield the functions that are handed the class, and as which parameters."""
        holder, _, method = path.rpartition(".")
        for called, numbers in calls:
            match called:
                case ast.Attribute(value=ast.Call() as above, attr=name) if _is_super(above) and name == method:
                    for base in self._sources[place].names.classes.get(holder, ()):
                        yield from ((*found, None) for found in self._follower.methods(place, base, method))
                case ast.Attribute(value=ast.Name(id="cls" | "mcs" | "self"), attr=name):
                    for found in self._follower.methods(place, tuple(holder.split(".")), name):
                        yield *found, frozenset({0, *(number + 1 for number in numbers)})
                case ast.Name() | ast.Attribute() as function:
                    yield from self._called(place, chain_of(function), numbers)

    def _called(
        self, place: str, chain: Chain | None, numbers: frozenset[int]
    ) -> Iterator[tuple[str, str, frozenset[int]]]:
        """Yield the functions that a chain stands for, or what making an object of a class calls."""
        for inner, name in self._follower.defined(place, chain) if chain else ():
            names = self._sources[inner].names
            after_self = frozenset(number + 1 for number in numbers)
            if name in names.functions:
                # Of a class, an argument may stand for `self`.
                yield inner, name, numbers | after_self if name.rpartition(".")[0] in names.classes else numbers
            else:
                for found in self._follower.methods(inner, tuple(name.split(".")), "__init__"):
                    yield *found, after_self


def _running(body: Iterable[ast.stmt], holder: str, *, derived: bool) -> Iterator[ast.stmt]:
    """Yield what runs of a hook that asks whether a class is derived from its own directly: `Base in cls.__bases__`."""
    for node in body:
        match node:
            case ast.If(
                test=ast.Compare(left=ast.Name(id=name), ops=[ast.In()], comparators=[ast.Attribute(attr="__bases__")])
            ) if name == holder:
                yield from node.orelse if derived else node.body
            case _:
                yield node


class _Look:
    """What the body of a function does with a class.

    Attributes:
        keeps: Whether it puts that into something that outlives the call.
        calls: What is called with it, and as which argument; what is called through `super()`, too.
    """

    def __init__(self, body: Iterable[ast.stmt], names: set[str], weak: set[str], own: set[str]) -> None:
        self._names = names  # those that stand for the class
        self._weak = weak  # tables by class, of which nothing is asked without that
        self._makers: dict[str, ast.expr] = {}  # those that stand for what makes it, with that
        self._made = own  # what is made here, or for the class alone, and gone when the call ends
        self.keeps = False
        self.calls: list[tuple[ast.expr, frozenset[int]]] = []
        for node in inside(body):
            if isinstance(node, ast.Assign):
                self._assigned(node)
            elif isinstance(node, ast.For):
                if (chain := spine_of(node.iter)) and chain[0] in self._made:  # so are its parts
                    self._made.update(one.id for one in walk(node.target) if isinstance(one, ast.Name))
            elif isinstance(node, ast.Call):
                self._called(node)

    def _assigned(self, node: ast.Assign) -> None:
        makes = self._is_new(node.value)
        is_class = self._is_class(node.value) or (makes and isinstance(node.value, ast.Call))
        for target in node.targets:
            if isinstance(target, ast.Name):
                if is_class:
                    self._names.add(target.id)
                elif makes:
                    self._makers[target.id] = node.value
                elif isinstance(node.value, ast.Call | ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp):
                    self._made.add(target.id)
            elif isinstance(target, ast.Subscript):
                of_class = self._is_class(node.value) or self._is_class(target.slice)
                self.keeps |= of_class and self._outlives(target.value)
            elif isinstance(target, ast.Attribute):
                self.keeps |= self._is_class(node.value) and self._outlives(target.value)

    def _called(self, node: ast.Call) -> None:
        numbers = frozenset(number for number, value in enumerate(node.args) if self._is_class(value))
        by_name = any(self._is_class(keyword.value) for keyword in node.keywords)
        if isinstance(node.func, ast.Attribute):
            name = node.func.attr
            adds = (name in _ADDING or registers(name)) and self._outlives(node.func.value)
            self.keeps |= adds and bool(numbers or by_name)
            if numbers or _is_super(node.func.value) or self._is_class(node.func.value):
                self.calls.append((node.func, numbers))
        elif isinstance(node.func, ast.Name) and node.func.id in self._makers:
            self.calls.append((self._makers[node.func.id], numbers))
        elif numbers:
            self.calls.append((node.func, numbers))

    def _is_class(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self._names

    def _is_new(self, node: ast.expr) -> bool:
        """Tell whether an expression makes the class, as `super().__new__(...)` does, or is what makes it."""
        node = node.func if isinstance(node, ast.Call) else node
        if isinstance(node, ast.Name):
            return node.id in self._makers
        return isinstance(node, ast.Attribute) and node.attr == "__new__"

    def _outlives(self, node: ast.expr) -> bool:
        chain = spine_of(node)
        if chain is None or chain[0] in self._made | self._weak:
            return False
        return len(chain) > 1 or chain[0] not in self._names


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
