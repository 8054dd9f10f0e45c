"""Signatures, attributes and assignments as the source spells them."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

WIDTH = 100
"""A signature that is longer stands over several lines."""
_SHOWN = {"property", "abstractmethod", "asynccontextmanager", "contextmanager", "classmethod", "staticmethod"}


@dataclass(frozen=True)
class Attribute:
    """A class variable or a field: its type and value as they are spelled, and the text below it."""

    name: str
    type: str
    default: str | None
    about: str


class _Unquoted(ast.NodeTransformer):
    """Types that stand in quotes, without them; what a `Literal` holds is no type."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.parse(node.value, mode="eval").body if isinstance(node.value, str) else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        literal = isinstance(node.value, ast.Name) and node.value.id == "Literal"
        return node if literal else self.generic_visit(node)


def annotation(node: ast.expr) -> str:
    """A type as it is spelled, without quotes."""
    return ast.unparse(_Unquoted().visit(node))


def node_of(thing: Any) -> Any:
    """The syntax tree of a function or a class."""
    return ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]


def signature(function: Any) -> str:
    """The head of a function, method or property with the decorators that say how it is used."""
    node = node_of(function.fget if isinstance(function, property) else inspect.unwrap(function))
    decorators = [f"@{name}" for name in map(ast.unparse, node.decorator_list) if name in _SHOWN]
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {annotation(node.returns)}" if node.returns else ""
    parts = list(_parameters(node.args))
    line = f"{word} {node.name}({', '.join(parts)}){returns}"
    if len(line) > WIDTH:
        line = f"{word} {node.name}(\n    " + ",\n    ".join(parts) + f",\n){returns}"
    return "\n".join([*decorators, line])


def _parameters(args: ast.arguments) -> Iterator[str]:
    plain = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [*[None] * (len(plain) - len(args.defaults)), *args.defaults]
    for arg, default in zip(plain, defaults, strict=True):
        yield _parameter(arg, default)
    if args.vararg:
        yield f"*{_parameter(args.vararg, None)}"
    elif args.kwonlyargs:
        yield "*"
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield _parameter(arg, default)
    if args.kwarg:
        yield f"**{_parameter(args.kwarg, None)}"


def _parameter(arg: ast.arg, default: ast.expr | None) -> str:
    typed = f"{arg.arg}: {annotation(arg.annotation)}" if arg.annotation else arg.arg
    equals = " = " if arg.annotation else "="
    return typed if default is None else f"{typed}{equals}{ast.unparse(default)}"


def attributes(cls: type) -> list[Attribute]:
    """The variables and fields that a class declares itself, in order."""
    found, body = [], node_of(cls).body
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            default = None if node.value is None else ast.unparse(node.value)
            found.append(Attribute(node.target.id, annotation(node.annotation), default, _text(after)))
    return found


def methods(cls: type) -> list[Callable[..., Any]]:
    """The public methods and properties that a class defines itself, in order."""
    return [
        member.__func__ if isinstance(member, classmethod | staticmethod) else member
        for name, member in vars(cls).items()
        if not name.startswith("_") and (callable(member) or isinstance(member, property | classmethod | staticmethod))
    ]


def head(cls: type) -> str:
    """`class Name(Base, ...)`, with what makes it a dataclass."""
    node = node_of(cls)
    decorators = [f"@{ast.unparse(one)}" for one in node.decorator_list]
    bases = ", ".join(map(ast.unparse, node.bases))
    return "\n".join([*decorators, f"class {node.name}({bases}):" if bases else f"class {node.name}:"])


def declaration(cls: type) -> str:
    """The head of a class of data and its fields."""
    fields = [
        f"{one.name}: {one.type}" + ("" if one.default is None else f" = {one.default}") for one in attributes(cls)
    ]
    return "\n".join([head(cls), *(f"    {field}" for field in fields)]) if fields else head(cls).removesuffix(":")


def assignment(module: ModuleType, name: str) -> tuple[str, str]:
    """What is assigned to a name of a module, as it is spelled, and the text below it. KeyError where nothing is."""
    body = ast.parse(inspect.getsource(module)).body
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return f"{name} = {ast.unparse(node.value)}", _text(after)
    raise KeyError(f"{module.__name__} assigns nothing to {name}")


def _text(node: ast.stmt | None) -> str:
    constant = node.value if isinstance(node, ast.Expr) else None
    return constant.value if isinstance(constant, ast.Constant) and isinstance(constant.value, str) else ""
