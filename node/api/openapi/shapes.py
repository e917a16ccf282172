"""What a handler answers, as far as its code states it: JSON Schema of the dicts and lists that it builds.

Entities (the functions of `node.api.entities`) become components; what is put together as bytes is named below.
"""

import ast
import inspect
import re
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from node.api import answers, marks, rendering
from node.api.call import Call
from node.api.entities import status
from node.api.openapi import sources
from node.api.openapi.sources import UNKNOWN, Source

Schema = dict[str, Any]

_ENTITIES: Final = "node.api.entities."
_SIMPLE: Final[Mapping[Any, str]] = {
    str: "string", int: "integer", float: "number", bool: "boolean", types.NoneType: "null",
}  # fmt: skip
_STATUS: Final[Schema] = {"$ref": "#/components/schemas/Status"}
_ACCOUNT: Final[Schema] = {"$ref": "#/components/schemas/Account"}
_RENDERED: Final[Mapping[Callable[..., Any], Schema]] = {
    rendering.page: {"type": "array", "items": _STATUS},
    rendering.status_list: {"type": "array", "items": _STATUS},
    rendering.account_list: {"type": "array", "items": _ACCOUNT},
    rendering.accounts: {"type": "object", "additionalProperties": _ACCOUNT},
    marks.one: _STATUS,
}
"""What comes out of memory as bytes."""
_THROUGH: Final[Collection[Any]] = (orjson.Fragment, orjson.dumps, answers.Answer, answers.of, list, sorted, tuple)
_EMPTY: Final[Schema] = {"type": "array", "maxItems": 0}
_MEMBER: Final = re.compile(rb'"([a-z_]+)":')
_MOST_DEEP: Final = 12


class Shapes:
    """The schemas of answers, and of the entities that were met meanwhile."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}
        self._within: list[Callable[..., Any]] = []
        self._status()

    def of(self, function: Callable[..., Any]) -> Schema:
        """What *function* returns; `{}` (anything) where its code does not say."""
        if function in _RENDERED:
            return _RENDERED[function]
        source = sources.of(function)
        if source is None or function in self._within or len(self._within) > _MOST_DEEP:
            return _typed(_hints(function).get("return", Any))
        if source.function.__module__.startswith(_ENTITIES):
            return self._entity(source)
        return self._returned(source)

    def _entity(self, source: Source) -> Schema:
        name = _name(source.function)
        if name not in self.components:
            found = self._returned(source)
            if found.get("type") != "object":
                return found
            self.components[name] = {"description": (source.function.__doc__ or "").strip().split("\n")[0], **found}
        return {"$ref": f"#/components/schemas/{name}"}

    def _returned(self, source: Source) -> Schema:
        self._within.append(source.function)
        try:
            return _Body(self, source).returned()
        finally:
            self._within.pop()

    def _status(self) -> None:
        """Its core as it is built, and the members that are written as bytes around it, of any kind."""
        core, boost = sources.of(status.core), sources.of(status.boost_core)
        assert core is not None
        assert boost is not None
        found, always = self._returned(core), self._returned(boost)["required"]
        tree = ast.walk(ast.parse(inspect.getsource(status)))
        written = (each.value for each in tree if isinstance(each, ast.Constant) and isinstance(each.value, bytes))
        around = [name.decode() for each in written for name in _MEMBER.findall(each)]
        properties: dict[str, Schema] = {name: {} for name in around} | found["properties"]
        properties |= {"account": _ACCOUNT, "reblog": {"anyOf": [_STATUS, {"type": "null"}]}}
        # Some of the core are left to what hangs on the post (`supplements`), which says them in more words.
        properties |= {str(name): {} for name in ("poll", "quote", "quote_approval")}
        self.components["Status"] = _object(properties, [name for name in found["required"] if name in always])


class _Body:
    """One function, with what its own names hold."""

    def __init__(self, shapes: Shapes, source: Source) -> None:
        self.shapes, self.source = shapes, source
        self.types: dict[str, Any] = _hints(source.function)
        self.held: dict[str, Schema] = {}

    def returned(self) -> Schema:
        """What comes back, by whatever branch."""
        found: list[Schema] = []
        for node in _lines(self.source.tree.body):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._hold(name, value)
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self._hold(name, value)
                case ast.Assign(
                    targets=[ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key)))], value=value
                ):
                    if self.held.get(name, {}).get("type") == "object":
                        named = self.held[name]["properties"]
                        named[key] = _any_of([*([named[key]] if key in named else []), self.shape(value)])
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[value])):
                    if self.held.get(name, {}).get("type") == "array":
                        self.held[name] = {"type": "array", "items": self.shape(value)}
                case ast.Return(value=ast.expr() as value):
                    found.append(self.shape(value))
        return _any_of(found)

    def _hold(self, name: str, value: ast.expr) -> None:
        held = self._without(self.shape(value), _taken_from(name, self.source.tree))
        self.held[name] = {"type": "array", "items": {}} if held == _EMPTY else held  # it is to be filled

    def _without(self, schema: Schema, taken: Collection[str]) -> Schema:
        if not taken:
            return schema
        whole = self.shapes.components.get(_pointed(schema), schema)
        properties = {name: each for name, each in whole.get("properties", {}).items() if name not in taken}
        return _object(properties, [name for name in whole.get("required", ()) if name not in taken])

    def shape(self, node: ast.expr) -> Schema:
        """What an expression is worth."""
        match node:
            case ast.Constant(value=value):
                return _typed(type(value))
            case ast.JoinedStr():
                return {"type": "string"}
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return {"type": "boolean"}
            case ast.Await(value=inner) | ast.NamedExpr(value=inner) | ast.Subscript(value=inner, slice=ast.Slice()):
                return self.shape(inner)
            case ast.IfExp(body=body, orelse=orelse):
                return _any_of([self.shape(body), self.shape(orelse)])
            case ast.BoolOp(op=ast.Or(), values=values):
                return _any_of([_without_null(self.shape(each)) for each in values[:-1]] + [self.shape(values[-1])])
            case ast.Name(id=name) if name in self.held:
                return self.held[name]
        return self._built(node)

    def _built(self, node: ast.expr) -> Schema:
        match node:
            case ast.Dict():
                return self._dict(node)
            case ast.List(elts=[]) | ast.Tuple(elts=[]):
                return dict(_EMPTY)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return {"type": "array", "items": _any_of([self.shape(each) for each in elements])}
            case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element):
                for each in node.generators:
                    self._name_items(each)
                return {"type": "array", "items": self.shape(element)}
            case ast.Call():
                return self._call(node)
        return self._constant(node)

    def _constant(self, node: ast.expr) -> Schema:
        hint = self._hint(node)
        if hint is not UNKNOWN:
            return _typed(hint)
        meant = self.source.meant(node)
        if isinstance(meant, answers.Answer):
            meant = orjson.loads(meant.body)
        if isinstance(meant, dict):
            return _object({str(name): _typed(type(value)) for name, value in meant.items()}, list(map(str, meant)))
        return {} if meant is UNKNOWN else _typed(type(meant))

    def _dict(self, node: ast.Dict) -> Schema:
        properties: dict[str, Schema] = {}
        required: list[str] = []
        for key, value in zip(node.keys, node.values, strict=True):
            match key:
                case None:
                    inner = self.shapes.components.get(_pointed(self.shape(value)), self.shape(value))
                    properties |= inner.get("properties", {})
                    required += inner.get("required", ())
                case ast.Constant(value=str(name)):
                    properties[name] = self.shape(value)
                    required.append(name)
        return _object(properties, list(dict.fromkeys(required)))

    def _call(self, node: ast.Call) -> Schema:
        match node.func:
            case ast.Attribute(value=ast.Name(id=name), attr="answer") if self.types.get(name) is Call:
                return self.shape(node.args[0])
        meant = self.source.meant(node.func)
        if meant in _THROUGH:
            return self.shape(node.args[0]) if node.args else {}
        return {} if meant is UNKNOWN or not callable(meant) else self._result(meant)

    def _result(self, function: Callable[..., Any]) -> Schema:
        if isinstance(function, type):
            return _typed(function)
        return self.shapes.of(function)

    def _hint(self, node: ast.expr) -> Any:
        match node:
            case ast.Name(id=name):
                return self.types.get(name, UNKNOWN)
            case ast.Attribute(value=inner, attr=name):
                owner = self._hint(inner)
                return UNKNOWN if not isinstance(owner, type) else _attribute(owner, name)
        return UNKNOWN

    def _name_items(self, loop: ast.comprehension) -> None:
        """What the name of a loop stands for, where the type of what it walks is stated."""
        hint = self._hint(loop.iter)
        if isinstance(loop.target, ast.Name) and typing.get_origin(hint) in (list, tuple, Sequence, Iterable):
            self.types[loop.target.id] = typing.get_args(hint)[0]


def _lines(body: Sequence[ast.stmt]) -> Iterable[ast.stmt]:
    """Every statement, those in branches too, those of inner functions not."""
    for each in body:
        yield each
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(each, name, [])
            if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and isinstance(inner, list):
                yield from _lines(inner)
        for handler in getattr(each, "handlers", ()):
            yield from _lines(handler.body)


def _taken_from(name: str, tree: ast.AST) -> set[str]:
    """The members that a function takes out of a dict it holds: `held.pop("urls")`."""
    taken = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=of), attr="pop"), args=[ast.Constant(value=str(key)), *_]
            ) if of == name:
                taken.add(key)
    return taken


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except (NameError, TypeError):
        return {}


def _attribute(owner: type, name: str) -> Any:
    found = getattr(owner, name, None)
    if isinstance(found, property) and found.fget is not None:
        return _hints(found.fget).get("return", UNKNOWN)
    return _hints(owner).get(name, UNKNOWN)


def _typed(hint: Any) -> Schema:
    """The schema of a Python type."""
    if hint in _SIMPLE:
        return {"type": _SIMPLE[hint]}
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _any_of([_typed(each) for each in parts])
    if origin is typing.Literal:
        return {"enum": list(parts)}
    if origin in (list, tuple, set, frozenset, Sequence, Iterable):
        return {"type": "array", "items": _typed(parts[0]) if parts else {}}
    if origin in (dict, Mapping) or hint is dict:
        return {"type": "object"}
    return {"type": "array"} if hint in (list, tuple) else {}


def _object(properties: dict[str, Schema], required: list[str]) -> Schema:
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _any_of(found: list[Schema]) -> Schema:
    different = [each for place, each in enumerate(found) if each not in found[:place]]
    if not different or {} in different:
        return {}
    if any(each.get("type") == "array" and each != _EMPTY for each in different):
        different = [each for each in different if each != _EMPTY]
    if len(different) == 1:
        return different[0]
    if all(set(each) == {"type"} and isinstance(each["type"], str) for each in different):
        return {"type": [each["type"] for each in different]}
    return {"anyOf": different}


def _without_null(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), list):
        return _any_of([{"type": each} for each in schema["type"] if each != "null"])
    return schema


def _pointed(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _name(function: Callable[..., Any]) -> str:
    """`account.render` is Account, `filter.keyword` FilterKeyword."""
    module = function.__module__.rpartition(".")[2]
    own = "" if function.__name__ == "render" else f"_{function.__name__.strip('_')}"
    return "".join(part.capitalize() for part in (module + own).split("_"))
