"""What a handler reads of a request, found in its code: `asked.text("status")` is a text called `status`.

Followed through the functions that a handler hands its call or its input to. So no parameter is written down twice.
"""

import ast
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from node.api.openapi import sources
from node.api.openapi.sources import UNKNOWN, Source

_MOST_DEEP: Final = 12


@dataclass(slots=True)
class Named:
    """One value that may be sent."""

    kind: str
    """The method of `requests.Input` that reads it."""
    required: bool = False
    low: int | None = None
    high: int | None = None
    default: int | None = None
    inner: dict[str, "Named"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What a handler reads."""

    named: Mapping[str, Named]
    unread: tuple[str, ...]
    """What it reads under names that only a run would tell: an omission, and no handler should have any."""


@dataclass(frozen=True, slots=True)
class _Input:
    named: dict[str, Named]


_CALL: Final = object()
_KINDS: Final = {"required": "text", "text": "text", "flag": "flag", "number": "number", "id": "id", "texts": "texts",
    "ids": "ids", "group": "group", "groups": "groups", "file": "file"}  # fmt: skip


def of(handler: Callable[..., Any]) -> Found:
    """Everything that *handler* reads of the query and the body."""
    source = sources.of(handler)
    if source is None:
        return Found({}, (f"{handler!r} has no source",))
    reading = _Reading()
    root = _Input({})
    reading.function(source, dict.fromkeys(source.parameters()[:1], _CALL), root)
    return Found(root.named, tuple(reading.unread))


class _Reading:
    def __init__(self) -> None:
        self.unread: list[str] = []
        self.within: list[tuple[object, object]] = []

    def function(self, source: Source, bound: dict[str, Any], root: _Input) -> None:
        """Read one function; *bound*: what is known of its parameters."""
        key = (source.function, {name: None if isinstance(value, _Input) else value for name, value in bound.items()})
        if key in self.within or len(self.within) > _MOST_DEEP:
            return
        self.within.append(key)
        visitor = _Visitor(self, source, bound, root)
        for line in source.tree.body:
            visitor.visit(line)
        self.within.pop()


class _Visitor(ast.NodeVisitor):
    """Walks one function in the order of its lines."""

    def __init__(self, reading: _Reading, source: Source, bound: dict[str, Any], root: _Input) -> None:
        self.reading, self.source, self.bound, self.root = reading, source, bound, root

    # What binds names

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._bind(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self._bind(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._bind(node.target, node.value)

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        self._bind_each(node.target, node.iter)
        for line in (*node.body, *node.orelse):
            self.visit(line)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node.generators, [node.elt])

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node.generators, [node.elt])

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node.generators, [node.elt])

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node.generators, [node.key, node.value])

    def _comprehension(self, generators: list[ast.comprehension], elements: list[ast.expr]) -> None:
        for each in generators:
            self.visit(each.iter)
            self._bind_each(each.target, each.iter)
            for condition in each.ifs:
                self.visit(condition)
        for element in elements:
            self.visit(element)

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for name, part in zip(target.elts, value.elts, strict=True):
                self._bind(name, part)
            return
        found = self._value(value)
        if isinstance(target, ast.Name):
            self.bound[target.id] = found
        elif isinstance(target, ast.Tuple) and isinstance(found, tuple):
            for place, name in enumerate(target.elts):
                if isinstance(name, ast.Name):
                    self.bound[name.id] = tuple(_part(each, place) for each in found)

    def _bind_each(self, target: ast.expr, many: ast.expr) -> None:
        value = self._value(many)
        if not isinstance(target, ast.Name):
            if isinstance(target, ast.Tuple) and isinstance(value, tuple):
                for place, part in enumerate(target.elts):
                    if isinstance(part, ast.Name):
                        self.bound[part.id] = tuple(_part(one, place) for each in value for one in _items(each))
            return
        if isinstance(value, _Input):
            self.bound[target.id] = _Input(value.named)
        elif isinstance(value, tuple):
            self.bound[target.id] = tuple(one for each in value for one in _keys(each))
        else:
            self.bound[target.id] = UNKNOWN

    # What is read, and where to

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _KINDS:
            self._value(node)
        self._follow(node)

    def _follow(self, node: ast.Call) -> None:
        called = None if self._local(node.func) else sources.of(self.source.meant(node.func))
        if called is None:
            return
        given = sources.arguments(called, node)
        inside = sources.arguments(called, ast.Call(node.func, [], []))
        bound = {
            name: _constant(called, value) if inside.get(name) is value else self._value(value)
            for name, value in given.items()
        }
        if any(value is _CALL or isinstance(value, _Input) for value in bound.values()):
            self.reading.function(called, bound, self.root)

    def _local(self, called: ast.expr) -> bool:
        while isinstance(called, ast.Attribute):
            called = called.value
        return isinstance(called, ast.Name) and called.id in self.bound

    def _value(self, node: ast.expr) -> Any:
        """The call, an input, the tuple of the constants that it may be, or UNKNOWN."""
        match node:
            case ast.Constant(value=value):
                return (value,)
            case ast.Name(id=name) if name in self.bound:
                return self.bound[name]
            case ast.Await(value=inner):
                return self._value(inner)
            case ast.NamedExpr(value=inner):
                return self._value(inner)
            case ast.BoolOp(values=[first, *_]):
                return self._value(first)
            case ast.IfExp(body=body, orelse=orelse):
                first = self._value(body)
                return self._value(orelse) if first is UNKNOWN else first
            case ast.JoinedStr(values=pieces):
                return self._written(pieces)
            case ast.Tuple() | ast.List():
                parts = [self._value(each) for each in node.elts]
                if all(isinstance(part, tuple) and len(part) == 1 for part in parts):
                    return (tuple(part[0] for part in parts),)
                return UNKNOWN
            case ast.Attribute(value=inner, attr="input") if self._value(inner) is _CALL:
                return self.root
            case ast.Call(func=ast.Attribute(value=inner, attr=method)) if method in _KINDS:
                of_ = self._value(inner)
                return self._read(of_, method, node) if isinstance(of_, _Input) else UNKNOWN
        return _constant(self.source, node)

    def _written(self, parts: list[ast.expr]) -> Any:
        """Every text that an f-string may be."""
        known = [self._value(each.value if isinstance(each, ast.FormattedValue) else each) for each in parts]
        if not all(isinstance(each, tuple) for each in known):
            return UNKNOWN
        return tuple("".join(map(str, each)) for each in itertools.product(*known))

    def _read(self, of_: _Input, method: str, node: ast.Call) -> Any:
        names = self._value(node.args[0]) if node.args else UNKNOWN
        if not isinstance(names, tuple) or not all(isinstance(each, str) for each in names):
            where = f"{self.source.function.__module__}.{self.source.function.__qualname__}"
            self.reading.unread.append(f"{where}: {ast.unparse(node)}")
            return UNKNOWN
        read: dict[str, Named] = {}
        for name in names:
            found = of_.named.setdefault(name, Named(_KINDS[method]))
            found.required = found.required or method == "required"
            if method == "number":
                bounds = {each.arg: self._number(each.value) for each in node.keywords}
                found.low, found.high = bounds.get("low"), bounds.get("high")
                found.default = self._number(node.args[1]) if len(node.args) > 1 else None
            if method in ("group", "groups"):
                read.update(found.inner)
                found.kind, found.inner = method, read  # of several names the same is read under each
        return _Input(read)

    def _number(self, node: ast.expr) -> int | None:
        value = self._value(node)
        return value[0] if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], int) else None


def _constant(source: Source, node: ast.expr) -> Any:
    """A constant of a module, as the tuple of what it may be."""
    if isinstance(node, ast.Constant):
        return (node.value,)
    found = source.meant(node)
    return (found,) if isinstance(found, str | int | tuple | frozenset | list | dict) else UNKNOWN


def _keys(many: object) -> Iterator[Any]:
    if isinstance(many, tuple | list | dict | frozenset):
        yield from sorted(many) if isinstance(many, frozenset) else many


def _items(many: object) -> Iterator[Any]:
    yield from many.items() if isinstance(many, dict) else _keys(many)


def _part(of_: Any, place: int) -> Any:
    return of_[place] if isinstance(of_, tuple | list) and len(of_) > place else UNKNOWN
