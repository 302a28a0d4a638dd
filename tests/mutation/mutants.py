"""Mutants: locations in the product's functions, and their replacements."""

import ast
import copy
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["handlers", "org", "metadata", "training"]

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.BitOr: ast.BitAnd,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A change to one node of one function."""

    name: str
    path: str
    line: int
    end_line: int
    start: int
    end: int
    replacement: str

    def applied_to(self, source: bytes) -> bytes:
        return source[: self.start] + self.replacement.encode() + source[self.end :]


def draw(count: int, seed: int) -> list[Mutant]:
    """Return the same sample for the same code and seed, at most one per line."""
    everything = sorted(_all_mutants(), key=lambda mutant: mutant.name)
    random.Random(seed).shuffle(everything)
    sample: dict[tuple[str, int], Mutant] = {}
    for mutant in everything:
        sample.setdefault((mutant.path, mutant.line), mutant)
        if len(sample) == count:
            break
    return list(sample.values())


def _all_mutants() -> Iterator[Mutant]:
    for package in PACKAGES:
        for path in sorted((ROOT / "tokenx" / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from _mutants_of(path)


def _mutants_of(path: Path) -> Iterator[Mutant]:
    source = path.read_bytes()
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for function_name, node in _nodes_in_functions(ast.parse(source), module):
        for number, changed in enumerate(_changes(node)):
            kind = type(node).__name__
            yield Mutant(
                name=f"{function_name}:{kind}:{node.lineno}:{node.col_offset}:{number}",
                path=str(path.relative_to(ROOT)),
                line=node.lineno,
                end_line=node.end_lineno,
                start=starts[node.lineno - 1] + node.col_offset,
                end=starts[node.end_lineno - 1] + node.end_col_offset,
                replacement=_text_of(node, changed),
            )


def _text_of(node: ast.AST, changed: ast.AST) -> str:
    text = ast.unparse(changed)
    return text if isinstance(node, ast.stmt) else f"({text})"


def _nodes_in_functions(tree: ast.AST, name: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef):
            for node in _walk(child.body):
                yield f"{name}.{child.name}", node
        elif isinstance(child, ast.ClassDef):
            yield from _nodes_in_functions(child, f"{name}.{child.name}")


def _walk(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Walk all but parts of f-strings: their positions are incorrect in Python 3.11."""
    for node in nodes:
        yield node
        if not isinstance(node, ast.JoinedStr):
            yield from _walk(ast.iter_child_nodes(node))


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield changed copies of a node, or nothing for nodes that mutants don't change."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        changed = copy.deepcopy(node)
        changed.ops[0] = SWAPS[type(node.ops[0])]()
        yield changed
    elif isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in SWAPS:
        changed = copy.deepcopy(node)
        changed.op = SWAPS[type(node.op)]()
        yield changed
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    elif isinstance(node, ast.Constant):
        yield from _other_constants(node)
    elif isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield ast.Pass()
    elif isinstance(node, ast.Call) and node.keywords and node.keywords[0].arg:
        changed = copy.deepcopy(node)
        del changed.keywords[0]
        yield changed


def _other_constants(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
