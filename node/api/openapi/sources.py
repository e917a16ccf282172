"""The text of our own functions, as a tree, and what the names in it mean."""

import ast
import builtins
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import FunctionType
from typing import Any, Final

_OURS: Final = "node.api."
UNKNOWN: Final = object()
"""What a name means that only a run would tell."""


@dataclass(frozen=True, slots=True)
class Source:
    """One function: its tree, and the values of the names around it."""

    function: FunctionType
    tree: ast.FunctionDef | ast.AsyncFunctionDef
    around: Mapping[str, Any]

    def meant(self, expression: ast.expr) -> Any:
        """What a name or a dotted name means outside of any call; UNKNOWN for everything else."""
        match expression:
            case ast.Name(id=name):
                return self.around.get(name, getattr(builtins, name, UNKNOWN))
            case ast.Attribute(value=inner, attr=name):
                owner = self.meant(inner)
                return UNKNOWN if owner is UNKNOWN else getattr(owner, name, UNKNOWN)
        return UNKNOWN

    def parameters(self) -> list[str]:
        """The names of its parameters, in their order; those by keyword alone last."""
        given = self.tree.args
        return [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


@lru_cache(maxsize=4096)
def of(function: Callable[..., Any]) -> Source | None:
    """The source of a function of the client API; None for anything else."""
    if not isinstance(function, FunctionType) or not function.__module__.startswith(_OURS):
        return None
    code = function.__code__
    tree = _defined_in(code.co_filename).get((code.co_firstlineno, function.__name__))
    if tree is None:
        return None
    cells = function.__closure__ or ()
    held = {name: cell.cell_contents for name, cell in zip(code.co_freevars, cells, strict=True)}
    return Source(function, tree, {**function.__globals__, **held})


@lru_cache(maxsize=1024)
def _defined_in(path: str) -> dict[tuple[int, str], ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, by the line where it begins and its name."""
    found = {}
    for node in ast.walk(ast.parse(Path(path).read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found[first, node.name] = node
    return found


def arguments(source: Source, call: ast.Call) -> dict[str, ast.expr]:
    """Which parameter of *source* each argument of *call* is; the defaults of the others."""
    given = source.tree.args
    positional = [each.arg for each in (*given.posonlyargs, *given.args)]
    found = dict(zip(positional[len(positional) - len(given.defaults) :], given.defaults, strict=True))
    found |= {name.arg: value for name, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value}
    found |= dict(zip(positional, call.args, strict=False))
    return found | {each.arg: each.value for each in call.keywords if each.arg}
