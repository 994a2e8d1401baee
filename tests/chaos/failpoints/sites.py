"""The list of failpoints, read from the source: a new write is in it as soon as it is written."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from canvascast.env import ROOT

_WRITES = frozenset(
    [
        "save",
        "create",
        "update",
        "delete",
        "get_or_create",
        "update_or_create",
        "bulk_create",
        "bulk_update",
        "execute",
        "executemany",
    ]
)
_MOVES = frozenset({"replace", "rename", "link", "hardlink_to"})
_WRITING_SQL = re.compile(r"\s*(WITH\b.*)?(INSERT|UPDATE|DELETE)\b", re.I | re.S)
# Programs of developers, and what runs before there is a database.
_OUTSIDE = re.compile(
    r"/migrations/|^canvascast/(embedded|settings|site|checks)|/management/commands/make_(previews|samples)|"
    r"render/build_kernel|render/kernels"
)
# Receivers that have such a method and are no rows and no files: dicts, digests, pictures, caches, vendors' SDKs.
_NO_ROWS = re.compile(
    r"^(chosen|found|_accounts|digest|picture|small|font|bare|os\.environ|globals\(\)|self\._live|router|caches\[.*|"
    r"self\.client\..*|database|ours|server|editor|folders|super\(\)|.*\.convert\(.*|image\.resize.*)$"
)

_ASKS = re.compile(r"recorded_alone|provider|moderator|cloner|speaker|writer|painter|aligner")


@dataclass(frozen=True)
class Site:
    """A place in the source: `kind` is commit, write, rename, store, drop, call, stripe, mail or webhook."""

    kind: str
    path: str
    function: str
    first_line: int
    last_line: int
    last_column: int
    number: int = 1

    @property
    def name(self) -> str:
        module = self.path.removesuffix(".py").replace("/", ".")
        return f"{self.kind} {module}:{self.function}" + (f"#{self.number}" if self.number > 1 else "")


@cache
def all_sites() -> tuple[Site, ...]:
    """Return every site of the product, in the order of the source."""
    found = (sites_in(path.read_text(), str(path.relative_to(ROOT))) for path in _sources())
    return tuple(site for sites in found for site in sites)


@cache
def sites_by_path() -> dict[str, tuple[Site, ...]]:
    """Return the same by file, relative to the root."""
    found: dict[str, list[Site]] = {}
    for site in all_sites():
        found.setdefault(site.path, []).append(site)
    return {path: tuple(sites) for path, sites in found.items()}


def _sources() -> Iterator[Path]:
    for folder in ("apps", "canvascast"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not _OUTSIDE.search(str(path.relative_to(ROOT))):
                yield path


def sites_in(source: str, relative: str) -> Iterator[Site]:
    """Yield the sites of one file, in the order of its lines; `relative` is its path from the root."""
    counts: Counter[tuple[str, str]] = Counter()
    tree = ast.parse(source)
    for function, node, kind in sorted(
        _Finder(tree, relative).found, key=lambda each: (each[1].lineno, each[1].end_col_offset)
    ):
        counts[kind, function] += 1
        last = node.end_lineno or node.lineno
        number = counts[kind, function]
        yield Site(kind, relative, function, node.lineno, last, node.end_col_offset or 0, number)


class _Finder(ast.NodeVisitor):
    """Collects (function, node, kind)."""

    def __init__(self, tree: ast.Module, path: str) -> None:
        self.found: list[tuple[str, ast.expr, str]] = []
        self._path = path
        self._names: list[str] = []
        self._texts = _constants(tree)
        self.visit(tree)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._inside(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._inside(node)

    def _inside(self, node: ast.ClassDef | ast.FunctionDef) -> None:
        self._names.append(node.name)
        for decorator in node.decorator_list:
            if _is_atomic(decorator):
                self._add(decorator, "commit")
        self.generic_visit(node)
        self._names.pop()

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            if _is_atomic(item.context_expr):
                self._add(item.context_expr, "commit")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if kind := self._kind_of(node):
            self._add(node, kind)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        is_provider = node.attr in _provider_methods() and _ASKS.search(ast.unparse(node.value))
        if is_provider and not self._path.startswith("apps/pipeline/providers/"):
            self._add(node, "call")
        self.generic_visit(node)

    def _kind_of(self, call: ast.Call) -> str:
        if isinstance(call.func, ast.Name):
            # The queue is a table.
            return "write" if call.func.id == "async_task" else ""
        if not isinstance(call.func, ast.Attribute):
            return ""
        method, receiver = call.func.attr, ast.unparse(call.func.value)
        if "client.v1." in receiver:
            return "" if method.startswith(("retrieve", "list")) else "stripe"
        if receiver == "wire" and method == "post":
            return "webhook"
        if method == "send_messages":
            return "mail"
        if method in _MOVES:
            return "rename" if _is_move(call, receiver) else ""
        if method not in _WRITES or _NO_ROWS.match(receiver):
            return ""
        if "torage" in (self._names[0] if receiver == "self" and self._names else receiver):
            return {"save": "store", "delete": "drop"}.get(method, "")
        if method in ("execute", "executemany"):
            return "write" if self._may_write(call) else ""
        return "write"

    def _may_write(self, call: ast.Call) -> bool:
        """Tell whether the SQL writes, where it can be read here; SQL that cannot counts as writing."""
        sql = call.args[0] if call.args else None
        if isinstance(sql, ast.Name):
            text = self._texts.get(sql.id)
        else:
            text = sql.value if isinstance(sql, ast.Constant) else None
        return not isinstance(text, str) or bool(_WRITING_SQL.match(text))

    def _add(self, node: ast.expr, kind: str) -> None:
        self.found.append((".".join(self._names), node, kind))


def _is_atomic(node: ast.expr) -> bool:
    return "atomic" in ast.unparse(node).split("(")[0].split(".")


def _is_move(call: ast.Call, receiver: str) -> bool:
    """Tell a file's from a text's, a moment's and a dataclass's: those have two arguments or named ones."""
    if receiver == "os":
        return True
    return call.func.attr != "link" and len(call.args) == 1 and not call.keywords  # type: ignore[attr-defined]


def _constants(tree: ast.Module) -> dict[str, str]:
    pairs = ((node.targets[0], node.value) for node in tree.body if isinstance(node, ast.Assign))
    return {
        target.id: value.value
        for target, value in pairs
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str)
    }


@cache
def _provider_methods() -> frozenset[str]:
    """The methods of the providers' protocols that ask for something."""
    names = set()
    for path in (ROOT / "apps/pipeline/providers").glob("*/base.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases):
                functions = (each for each in node.body if isinstance(each, ast.FunctionDef))
                names |= {each.name for each in functions if len(each.args.args) > 1}
    return frozenset(names)
