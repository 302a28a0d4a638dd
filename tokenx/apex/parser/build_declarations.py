"""From the grammar's rules to declarations of the tree."""

from typing import Any

from .. import tree
from .build_statements import MisplacedCodeError, StatementRules
from .tokens import Token


class Rules(StatementRules):
    """Rules for types, members, and triggers: the whole grammar."""

    def trigger(self, parts: list[Any]) -> tree.TriggerDeclaration:
        _, name, sobject, *events, body = parts
        words = tuple(event.text for event in events)
        return tree.TriggerDeclaration(name.at, name.text, sobject.text, words, body)

    def class_(self, parts: list[Any]) -> tree.ClassDeclaration:
        modifiers, name, superclass, interfaces, _, members, end = parts
        return tree.ClassDeclaration(
            name.at, modifiers, name.text, superclass, interfaces or (), members, end.at
        )

    def interface(self, parts: list[Any]) -> tree.InterfaceDeclaration:
        modifiers, name, interfaces, _, members, end = parts
        return tree.InterfaceDeclaration(
            name.at, modifiers, name.text, interfaces or (), members, end.at
        )

    def enum(self, parts: list[Any]) -> tree.EnumDeclaration:
        modifiers, name, _, names, end = parts
        values = tuple(tree.EnumValue(value.at, value.text) for value in names or ())
        return tree.EnumDeclaration(name.at, modifiers, name.text, values, end.at)

    def modifiers(self, parts: list[Any]) -> tree.Modifiers:
        return tuple(
            part
            if isinstance(part, tree.Annotation)
            else tree.Modifier(part.at, part.text.lower())
            for part in parts
        )

    def annotation(self, parts: list[Any]) -> tree.Annotation:
        token, values = parts
        name = token.text.lstrip("@").strip()
        arguments = tuple(map(_argument, values or ()))
        if len(arguments) > 1 and not all(each.name for each in arguments):
            raise MisplacedCodeError(token.at, "Unexpected token '@'.")
        return tree.Annotation(token.at, name, arguments)

    def field(self, parts: list[Any]) -> tree.FieldDeclaration:
        modifiers, kind, declarators, _ = parts
        return tree.FieldDeclaration(kind.at, modifiers, kind, declarators)

    def property(self, parts: list[Any]) -> tree.PropertyDeclaration:
        modifiers, kind, name, _, accessors, _ = parts
        return tree.PropertyDeclaration(name.at, modifiers, kind, name.text, accessors)

    def accessor(self, parts: list[Any]) -> tree.Accessor:
        modifiers, token, body = parts
        return tree.Accessor(token.at, modifiers, token.text.lower(), body)

    def method(self, parts: list[Any]) -> tree.MethodDeclaration:
        modifiers, returns, name, parameters, body = parts
        _check_name(name)
        return tree.MethodDeclaration(
            name.at, modifiers, returns, name.text, parameters, body
        )

    def interface_method(self, parts: list[Any]) -> tree.MethodDeclaration:
        returns, name, parameters, _ = parts
        return tree.MethodDeclaration(name.at, (), returns, name.text, parameters, None)

    def constructor(self, parts: list[Any]) -> tree.ConstructorDeclaration:
        modifiers, names, parameters, body = parts
        name = names[-1]
        if len(names) > 1 or name.text.lower() == "void":
            text = ".".join(each.text for each in names)
            raise MisplacedCodeError(names[0].at, f"Invalid constructor name: {text}")
        return tree.ConstructorDeclaration(name.at, modifiers, name.text, parameters, body)

    def initializer(self, parts: list[Any]) -> tree.Initializer:
        modifiers, body = parts
        words = [getattr(each, "word", "") for each in modifiers]
        if words not in ([], ["static"]):
            raise MisplacedCodeError(body.at, "Unexpected token '{'.")
        return tree.Initializer(body.at, bool(words), body)

    def parameters(self, parts: list[Any]) -> tuple[tree.Parameter, ...]:
        return tuple(part for part in parts if part is not None)

    def parameter(self, parts: list[Any]) -> tree.Parameter:
        modifiers, kind, name = parts
        _check_name(name)
        return tree.Parameter(name.at, modifiers, kind, name.text)


def _check_name(name: Token) -> None:
    """Refuse void as a name; the grammar takes it for one, as the compiler does."""
    if name.text.lower() == "void":
        raise MisplacedCodeError(name.at, f"Identifier name is reserved: {name.text}")


def _argument(value: tree.Expression) -> tree.AnnotationArgument:
    if isinstance(value, tree.Assignment) and isinstance(value.target, tree.Name):
        return tree.AnnotationArgument(value.target.at, value.target.name, value.value)
    return tree.AnnotationArgument(value.at, "", value)
