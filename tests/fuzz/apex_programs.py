# ruff: noqa: E501 (a line has all code of a sample, so that it can be found and copied)
"""Makes programs in Apex from bytes: each byte decides what comes next.

The same bytes give the same program, so damaged bytes give a program that's partly the
same. Most of a program fits Apex's types, and most of it compiles.
"""

import random
import re
from collections.abc import Sequence
from functools import cache

from tokenx.apex.library import registry
from tokenx.apex.platform import Signature, platform_types
from tokenx.apex.types import ApexType, parse_type, substitute

CLASSES = [
    """
public virtual class Box implements Comparable {
    public static Integer count = 0;
    public static Map<String, Object> kept { get { count++; return kept; } set; }
    public Object held;
    public Box next { get; set; }
    public Integer size {
        get { return next == null ? 1 : 1 + next.size; }
        set { held = value; }
    }
    static { kept = new Map<String, Object>(); }
    public Box() { count++; }
    public Box(Object held) { this(); this.held = held; }
    public virtual Object open() { return held; }
    public Integer compareTo(Object other) {
        return held == null ? 0 : String.valueOf(held).compareTo(String.valueOf(other));
    }
    public virtual Boolean equals(Object other) {
        return other instanceof Box && ((Box) other).held == held;
    }
    public override Integer hashCode() { return String.valueOf(held).hashCode(); }
    public virtual override String toString() { return '' + held + next; }
    public static Object down(Integer n) { return n > 0 ? down(n - 1) : n; }
    public class BoxException extends Exception { public Box box; }
    public enum Color { RED, GREEN }
}
""",
    """
public class Crate extends Box implements Iterable<Object>, Iterator<Object>, Comparator<Object> {
    public Integer left = 3;
    public override Object open() { return super.open() == null ? this : super.open(); }
    public Iterator<Object> iterator() { return this; }
    public Boolean hasNext() { return left > 0; }
    public Object next() { left--; return held; }
    public Integer compare(Object one, Object other) { return left++; }
    public override String toString() { throw new BoxException('Crate ' + left); }
}
""",
]
LITERALS = {
    "String": [
        "''", "'a'", "'A\\u00e9\\ud83d\\ude00'", "'\\ud800'", "'-1'", "'2147483648'", "'1e400'",
        "'2026-11-30'", "'2026-11-30T10:00:00Z'", "'{0} {1}'", "'{\"a\": [1, null, 2.5]}'",
        "'[[[[]]]]'", "'<a b=\"c\"><d>x</d></a>'", "'(a+)+$'", "'[a-z'", "'%zz+%41'", "'AAA='",
        "'UTF-8'", "'SHA-256'", "'hmacSHA256'", "'RSA-SHA256'", "'AES256'", "'yyyy-MM-dd'",
        "'https://a.b:9/c?d#e'", "'eyJhbGciOiJSUzI1NiJ9.e30.x'", "'x'.repeat(5000)", "'\\n'",
        "'005000000000001AAA'", "'User'", "'Email'", "'SELECT Id FROM User'", "'America/Lima'",
    ],
    "Integer": ["0", "1", "-1", "7", "128", "2147483647", "(-2147483647 - 1)", "1000000"],
    "Long": ["0L", "-1L", "9223372036854775807L", "(1L << 63)", "253402300800000L"],
    "Double": ["0.0d", "-1.5d", "(1.0d / 3)", "Double.valueOf('1e308')", "Math.sqrt(-1)"],
    "Decimal": ["0.0", "-1.50", "(1.0 / 3)", "99999999999999999999.9", "Decimal.valueOf('1e99')"],
    "Boolean": ["true", "false"],
    "Id": ["((Id) '005000000000001AAA')", "UserInfo.getUserId()"],
    "Blob": [
        "Blob.valueOf('')", "Blob.valueOf('0123456789abcdef')", "Crypto.generateAesKey(128)",
        "EncodingUtil.base64Decode('/w==')", "Blob.valueOf('x'.repeat(9000))",
    ],
    "Date": ["Date.newInstance(1, 1, 1)", "Date.newInstance(9999, 12, 31)", "Date.today()"],
    "Datetime": [
        "Datetime.now()", "Datetime.newInstance(0)", "Datetime.newInstanceGmt(9999, 12, 31)",
        "Datetime.newInstanceGmt(1, 1, 1, 0, 0, 0)",
    ],
    "Time": ["Time.newInstance(0, 0, 0, 0)", "Time.newInstance(23, 59, 59, 999)"],
    "Box": ["new Box()", "new Box('a')", "new Crate()", "new Box(new Box(1))"],
    "SObject": ["new User(Email = 'a@b.c')", "new User()", "new Account(Name = 'A')"],
    "User": ["new User(LastName = 'x', IsActive = true)", "[SELECT Id, Email FROM User]"],
    "Type": ["Box.class", "String.class", "Map<String, Integer>.class", "User.class"],
    "Exception": ["new Box.BoxException('x')", "new IllegalArgumentException()"],
}  # fmt: skip
COLLECTIONS = [
    "List<Object>", "List<String>", "List<Integer>", "List<User>", "List<SObject>",
    "List<Box>", "Set<Object>", "Set<String>", "Map<String, Object>", "Map<String, String>",
    "Map<Id, User>", "Map<Integer, List<String>>", "Set<Id>", "List<List<Object>>",
]  # fmt: skip
SIMPLE = [*LITERALS, *COLLECTIONS, "Object"]
ARITHMETIC = {
    "Integer": ["+", "-", "*", "/", "<<", ">>", ">>>", "&", "|", "^"],
    "Long": ["+", "-", "*", "/", "<<", ">>", ">>>", "&", "|", "^"],
    "Double": ["+", "-", "*", "/"],
    "Decimal": ["+", "-", "*", "/"],
    "Boolean": ["&&", "||", "==", "!=", "&", "|", "^"],
    "String": ["+"],
}
COMPARED = ["Integer", "Long", "Double", "Decimal", "String", "Datetime", "Object", "Box"]
CAUGHT = ["Exception", "Box.BoxException", "NullPointerException", "DmlException"]
DEEPEST = 2
STATEMENTS_PER_BLOCK = 3

# An owner, its static flag, a name, its kind, and its parameters.
Member = tuple[str, bool, str, str, tuple[str, ...]]


@cache
def members() -> dict[str, list[Member]]:
    """Return the members of all types by the type that they give."""
    found: dict[str, list[Member]] = {}
    for declared in platform_types():
        # All exceptions have the same members.
        if declared.name.endswith("Exception") and declared.name not in CAUGHT:
            continue
        for owner in _applied(declared.name, declared.parameters):
            by_name = dict(zip(declared.parameters, owner.arguments, strict=True))

            def add(kind: str, returns: ApexType, member: Member, names=by_name) -> None:
                found.setdefault(str(substitute(returns, names)), []).append(member)

            text = str(owner)
            for signatures in declared.methods.values():
                for each in signatures:
                    if not _is_registered(owner.name, each):
                        continue
                    types = tuple(str(substitute(one, by_name)) for one in each.parameters)
                    member = (text, each.is_static, each.name, "method", types)
                    add("method", each.returns, member)
            for each in declared.properties.values():
                add("", each.type, (text, each.is_static, each.name, "property", ()))
            is_made = registry.find_constructor(declared.name) and not declared.is_abstract
            for each in declared.constructors if is_made else ():
                types = tuple(str(substitute(one, by_name)) for one in each.parameters)
                add("", owner, (text, True, "new", "constructor", types))
    return found


def _is_registered(owner: str, signature: Signature) -> bool:
    """Say whether a method runs here; those of all objects count, too."""
    return any(
        registry.find_method(
            name,
            signature.name,
            len(signature.parameters),
            is_static=signature.is_static,
        )
        for name in (owner, "Exception", "Object")
    )


def _applied(name: str, parameters: Sequence[str]) -> list[ApexType]:
    if not parameters:
        return [ApexType(name)]
    known = [parse_type(each) for each in COLLECTIONS]
    return [each for each in known if each.name == name] or [
        ApexType(name, tuple(ApexType("Object") for _ in parameters))
    ]


@cache
def _all_members() -> list[tuple[str, Member]]:
    return [(type_, each) for type_, all_ in members().items() for each in all_]


class Program:
    """A program of anonymous Apex; `lines` is its code."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._index = 0
        self._rest = random.Random(data)
        self._count = 0
        self._scope: list[tuple[str, str]] = []
        # One line for each statement, so that those with errors can be left out.
        self.lines = [self._line() for _ in range(3 + self._decide(12))]

    def _decide(self, count: int) -> int:
        """Return a number below `count`, from one or two bytes."""
        size = 1 if count <= 256 else 2
        end = self._index + size
        if end > len(self._data):
            return self._rest.randrange(count)
        number = int.from_bytes(self._data[self._index : end], "big")
        self._index = end
        return number % count

    def _choose(self, choices: Sequence[str]) -> str:
        return choices[self._decide(len(choices))]

    def _is(self, percent: int) -> bool:
        return self._decide(100) < percent

    def _name(self) -> str:
        self._count += 1
        return f"v{self._count}"

    # --- Statements ---------------------------------------------------------------------

    def _line(self) -> str:
        """Return a statement whose exceptions don't end the program."""
        text = self._declare(0) if self._is(30) else self._statement(0)
        declared = re.match(r"([\w.<>, ]+) (v\d+) = (.*);$", text)
        before = ""
        if declared:
            before, text = (
                f"{declared[1]} {declared[2]}; ",
                f"{declared[2]} = {declared[3]};",
            )
        if self._is(10):
            return before + text
        name = self._name()
        return (
            f"{before}try {{ {text} }} catch (Exception {name}) {{ {name}.getMessage(); }}"
        )

    def _block(self, depth: int, count: int) -> str:
        size = len(self._scope)
        statements = [self._statement(depth) for _ in range(count)]
        del self._scope[size:]
        return " ".join(statements)

    def _inner(self, depth: int) -> str:
        return "{ " + self._block(depth + 1, 1 + self._decide(STATEMENTS_PER_BLOCK)) + " }"

    def _statement(self, depth: int) -> str:
        makers = [
            self._declare, self._declare, self._declare, self._assign, self._call,
            self._call, self._call, self._debug, self._change,
        ]  # fmt: skip
        if depth < DEEPEST:
            makers += [
                self._if, self._while, self._for, self._for_each, self._switch, self._try,
                self._try, self._throw,
            ]  # fmt: skip
        return makers[self._decide(len(makers))](depth)

    def _declare(self, depth: int) -> str:
        type_ = self._choose(SIMPLE)
        name, value = self._name(), self._value(type_, depth)
        self._scope.append((name, type_))
        return f"{type_} {name} = {value};"

    def _assign(self, depth: int) -> str:
        if not self._scope:
            return self._declare(depth)
        name, type_ = self._scope[self._decide(len(self._scope))]
        operator = "="
        if type_ in ("Integer", "Long", "Decimal", "Double", "String"):
            operator = self._choose(["=", "+=", "+="])
        return f"{name} {operator} {self._value(type_, depth)};"

    def _call(self, depth: int) -> str:
        """Call any member of the platform; its result is kept."""
        all_ = _all_members()
        type_, member = all_[self._decide(len(all_))]
        text = self._member(member, depth)
        if type_ == "void":
            return f"{text};"
        if type_ == "?":
            type_ = "Object"
        name = self._name()
        if type_ in SIMPLE:
            self._scope.append((name, type_))
        return f"{type_} {name} = {text};"

    def _debug(self, depth: int) -> str:
        return f"System.debug({self._value(self._choose(SIMPLE), depth)});"

    def _change(self, depth: int) -> str:
        operation = self._choose(["insert", "update", "upsert", "delete", "undelete"])
        type_ = self._choose(["SObject", "List<SObject>", "List<User>"])
        return f"{operation} {self._value(type_, depth)};"

    def _if(self, depth: int) -> str:
        text = f"if ({self._value('Boolean', depth)}) {self._inner(depth)}"
        return f"{text} else {self._inner(depth)}" if self._is(50) else text

    def _while(self, depth: int) -> str:
        condition = self._value("Boolean", depth)
        body = self._inner(depth)
        if self._is(50):
            return f"while ({condition}) {body}"
        return f"do {body} while ({condition});"

    def _for(self, depth: int) -> str:
        name, bound = self._name(), self._value("Integer", depth)
        self._scope.append((name, "Integer"))
        body = self._inner(depth)
        self._scope.remove((name, "Integer"))
        return f"for (Integer {name} = 0; {name} < {bound}; {name}++) {body}"

    def _for_each(self, depth: int) -> str:
        type_ = parse_type(
            self._choose([each for each in COLLECTIONS if "Map" not in each])
        )
        name, element = self._name(), str(type_.arguments[0])
        values = self._value(str(type_), depth)
        self._scope.append((name, element))
        body = self._inner(depth)
        self._scope.remove((name, element))
        return f"for ({element} {name} : {values}) {body}"

    def _switch(self, depth: int) -> str:
        type_ = self._choose(["Integer", "String", "Long", "SObject"])
        value = self._value(type_, depth)
        cases = {
            "Integer": ["1", "-1, 2", "null"],
            "Long": ["1L", "null"],
            "String": ["'a'", "'', 'b'", "null"],
            "SObject": ["User user", "null"],
        }[type_]
        whens = " ".join(f"when {each} {self._inner(depth)}" for each in cases)
        return f"switch on {value} {{ {whens} when else {self._inner(depth)} }}"

    def _try(self, depth: int) -> str:
        text = f"try {self._inner(depth)}"
        name = self._name()
        self._scope.append((name, "Exception"))
        text += f" catch ({self._choose(CAUGHT)} {name}) {self._inner(depth)}"
        self._scope.remove((name, "Exception"))
        return f"{text} finally {self._inner(depth)}" if self._is(30) else text

    def _throw(self, depth: int) -> str:
        condition = self._value("Boolean", depth)
        return f"if ({condition}) throw {self._value('Exception', depth)};"

    # --- Expressions --------------------------------------------------------------------

    def _value(self, type_: str, depth: int) -> str:
        """Return an expression of a type; deep ones are short."""
        if depth > DEEPEST + 2:
            return self._short(type_)
        kind = self._decide(20)
        if kind < 5:
            return self._short(type_)
        if kind < 10:
            return self._variable(type_, depth)
        if kind < 15:
            return self._from_member(type_, depth + 1)
        if kind < 16:
            return f"(({type_}) (Object) {self._value('Object', depth + 1)})"
        if kind < 17:
            condition = self._value("Boolean", depth + 1)
            one, other = self._value(type_, depth + 1), self._value(type_, depth + 1)
            return f"({condition} ? {one} : {other})"
        if kind < 18:
            return f"({self._value(type_, depth + 1)} ?? {self._value(type_, depth + 1)})"
        return self._operation(type_, depth + 1)

    def _short(self, type_: str) -> str:
        if self._is(12):
            return "null"
        if type_ == "Object":
            return self._choose(LITERALS[self._choose(list(LITERALS))])
        if type_ in LITERALS:
            return self._choose(LITERALS[type_])
        parsed = parse_type(type_)
        if parsed.name in ("List", "Set") and self._is(60):
            element = str(parsed.arguments[0])
            values = [self._value(element, DEEPEST + 3) for _ in range(self._decide(4))]
            return f"new {type_}{{ {', '.join(values)} }}" if values else f"new {type_}()"
        if parsed.name in ("List", "Set", "Map"):
            return f"new {type_}()"
        return self._from_member(type_, DEEPEST + 3)

    def _variable(self, type_: str, depth: int) -> str:
        fitting = [name for name, each in self._scope if each == type_ or type_ == "Object"]
        if not fitting:
            return self._short(type_)
        name = self._choose(fitting)
        if type_ in ("Integer", "Long", "Decimal", "Double") and self._is(20):
            return self._choose([f"{name}++", f"--{name}", f"-{name}"])
        return name

    def _from_member(self, type_: str, depth: int) -> str:
        if type_ == "Object" and self._is(40):
            return self._choose(["Box.down(900)", "Box.kept", "new Box(Box.count).size"])
        found = members().get(type_)
        if not found or depth > DEEPEST + 6:
            return (
                "null"
                if type_ not in SIMPLE
                else self._choose(
                    LITERALS.get(type_, [f"new {type_}()" if "<" in type_ else "null"])
                )
            )
        return self._member(found[self._decide(len(found))], depth)

    def _member(self, member: Member, depth: int) -> str:
        owner, is_static, name, kind, parameters = member
        arguments = ", ".join(self._value(each, depth + 1) for each in parameters)
        if kind == "constructor":
            return f"new {owner}({arguments})"
        subject = owner
        if not is_static:
            subject = self._value(owner, depth + 1)
            if subject.startswith(("new ", "null")):
                subject = f"(({owner}) {subject})"
            elif not re.match(r"[\w.']+$|[(\[]", subject) or subject[0].isdigit():
                subject = f"({subject})"
        dot = "?." if not is_static and self._is(15) else "."
        return f"{subject}{dot}{name}" + (f"({arguments})" if kind == "method" else "")

    def _operation(self, type_: str, depth: int) -> str:
        if type_ == "Boolean" and self._is(60):
            compared = self._choose(COMPARED)
            one, other = self._value(compared, depth), self._value(compared, depth)
            operators = ["==", "!=", "===", "!=="]
            if compared not in ("Object", "Box"):
                operators += ["<", ">=", "<", ">="]
            return f"({one} {self._choose(operators)} {other})"
        operators = ARITHMETIC.get(type_)
        if operators is None:
            return self._short(type_)
        one = self._value(type_, depth)
        operator = self._choose(operators)
        other = self._value("Object" if type_ == "String" else type_, depth)
        return f"({one} {operator} {other})"
