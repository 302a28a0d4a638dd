"""Classes of the org: members, inheritance, initialization, and overloads."""

from tokenx.apex.values import EnumConstant

from . import fails, make_run, run_apex, run_in

SHAPES = """
public abstract class Shape {
    public static List<String> log = new List<String>();
    public static final Integer FIRST = 1, SECOND = FIRST + 1;
    public static String order = 'a';
    static { order = order + 'b'; }
    public static String later = order + 'c';

    public interface Named { String title(); }
    public enum Kind { ROUND, SQUARE }

    public String name = 'shape';
    public Integer counted { get; private set; }
    public Integer twice { get { return counted * 2; } set { counted = value / 2; } }
    public String cached {
        get { if (cached == null) { cached = 'computed'; } return cached; }
        set;
    }
    { counted = 10; }

    public Shape() { this('default'); }
    public Shape(String name) { this.name = this.name + ':' + name; }

    public virtual String area() { return 'none'; }
    public abstract Kind kind();
    public String describe() { return name + ' ' + area() + ' ' + helper(); }
    private String helper() { return 'Shape.helper'; }

    public virtual class Circle extends Shape implements Named {
        protected Integer radius;
        public Circle(Integer radius) { super('circle'); this.radius = radius; }
        public override String area() { return 'r' + radius; }
        public override Kind kind() { return Kind.ROUND; }
        public virtual String title() { return 'Circle ' + FIRST; }
        private String helper() { return 'Circle.helper'; }
    }
    public class Big extends Circle {
        public Big() { super(99); }
        public override String area() { return 'big ' + super.area(); }
        public override String title() { return super.title() + '!'; }
        public override String toString() { return 'Big one'; }
    }
    public class Plain { public Integer x = 5; public Plain self() { return this; } }
}
"""

RESULTS = [
    ("return Shape.later;", "abc"),
    ("return Shape.SECOND;", 2),
    ("return new Shape.Circle(3).describe();", "shape:circle r3 Shape.helper"),
    ("Shape s = new Shape.Big(); return s.area();", "big r99"),
    ("Shape.Named n = new Shape.Big(); return n.title();", "Circle 1!"),
    ("return '' + new Shape.Big();", "Big one"),
    ("Shape s = new Shape.Big(); return s instanceof Shape.Circle;", True),
    ("Object s = new Shape.Big(); return s instanceof Shape.Named;", True),
    ("Object s = new Shape.Plain(); return s instanceof Shape;", False),
    ("Shape s = new Shape.Big(); return ((Shape.Circle) s).title();", "Circle 1!"),
    ("Shape s = new Shape.Circle(1); s.twice = 8; return s.counted;", 4),
    ("Shape s = new Shape.Circle(1); return s.twice;", 20),
    ("Shape s = new Shape.Circle(1); return s.cached + s.cached;", "computedcomputed"),
    ("Shape s = new Shape.Circle(1); s.twice += 2; s.twice++; return s.counted;", 11),
    ("return new Shape.Circle(1).kind() == Shape.Kind.ROUND;", True),
    ("return Shape.Kind.SQUARE.ordinal();", 1),
    ("return Shape.Kind.valueOf('square').name();", "SQUARE"),
    ("return '' + Shape.Kind.ROUND;", "ROUND"),
    ("return Shape.Kind.values()[1] == Shape.Kind.SQUARE;", True),
    ("return SHAPE.kind.round.name();", "ROUND"),
    ("return new Shape.Plain().self().self().x;", 5),
    ("Shape.Plain p; return p?.x;", None),
    ("Shape.Plain p; return p?.self().x;", None),
    ("Shape.Plain p; return p?.self()?.x;", None),
    ("Shape.order += 'z'; return Shape.order;", "abz"),
]


def test_members(subtests):
    for code, expected in RESULTS:
        with subtests.test(code=code):
            assert run_apex(code, SHAPES) == expected


OVERLOADS = """
public class Over {
    public static String f(Object o) { return 'Object'; }
    public static String f(String s) { return 'String'; }
    public static String f(Integer i) { return 'Integer'; }
    public static String f(Decimal d) { return 'Decimal'; }
    public static String f(List<String> l) { return 'List<String>'; }
    public static String f(User u) { return 'User'; }
    public static String f(List<User> u) { return 'List<User>'; }
    public static String f(Exception e) { return 'Exception'; }
    public static String g(Long l) { return 'Long'; }
    public static String g(Double d) { return 'Double'; }
    public static String h(Object a, String b) { return 'Object, String'; }
    public static String h(Object a, Object b) { return 'Object, Object'; }
    public static String name() { return 'String'; }
    public static Object thing() { return 'text'; }
    public static Integer narrow(Long l) { return 1; }
    public static Decimal toDecimal(Decimal d) { return d; }
}
"""
CHOSEN = [
    ("f('a')", "String"),
    ("f(1)", "Integer"),
    ("f(1L)", "Decimal"),
    ("f(1.5)", "Decimal"),
    ("f(true)", "Object"),
    ("f(new List<String>())", "List<String>"),
    ("f(new User())", "User"),
    ("f(new List<User>())", "List<User>"),
    ("f(new DmlException('x'))", "Exception"),
    ("f((Object) 'a')", "Object"),
    ("f(Over.thing())", "Object"),
    ("f(Over.name())", "String"),
    ("f((String) null)", "String"),
    ("g(1)", "Long"),
    ("h(1, 'a')", "Object, String"),
    ("h('a', 1)", "Object, Object"),
]


def test_overloads(subtests):
    for call, expected in CHOSEN:
        with subtests.test(call=call):
            assert run_apex(f"return Over.{call};", OVERLOADS) == expected


def test_overloads_by_the_declared_type_of_a_variable():
    assert run_apex("Object o = 'a'; return Over.f(o);", OVERLOADS) == "Object"
    assert run_apex("String s; return Over.f(s);", OVERLOADS) == "String"


def test_converts_arguments():
    assert str(run_apex("return Over.toDecimal(5);", OVERLOADS)) == "5"


OUTER = """
public class Outer {
    private static Integer secret = 7;
    private static Integer twice(Integer n) { return n * 2; }
    public class Inner {
        public Integer get() { return twice(secret); }
        public Integer set(Integer n) { secret = n; return Outer.secret; }
    }
}
"""


def test_inner_classes_use_static_members_of_the_outer_one():
    assert run_apex("return new Outer.Inner().get();", OUTER) == 14
    assert run_apex("return new Outer.Inner().set(3);", OUTER) == 3


ORDER = """
public virtual class Base {
    public static String log = '';
    public static Integer note(String s) { log += s + ' '; return 0; }
    Integer a = note('Base.field');
    { note('Base.block'); }
    public Base() { note('Base()'); hook(); }
    public virtual void hook() { note('Base.hook'); }
    public virtual class Middle extends Base {
        Integer a = note('Middle.field');
        public Middle(Integer n) { super(); note('Middle(Integer)'); }
        public Middle() { this(1); note('Middle()'); }
    }
}
"""
DERIVED = """
public class Derived extends Base.Middle {
    String value = 'set';
    { note('Derived.block'); }
    public Derived() { note('Derived()'); }
    public override void hook() { note('hook:' + value); }
}
"""


def test_initializes_instances_superclass_first():
    log = run_apex("new Derived(); return Base.log;", ORDER, DERIVED)

    assert log.split() == [
        "Base.field", "Base.block", "Base()", "hook:null", "Middle.field",
        "Middle(Integer)", "Middle()", "Derived.block", "Derived()",
    ]  # fmt: skip


HIDING = """
public virtual class Hiding {
    private Integer a = 1;
    public Integer mine() { return a + this.a; }
    public class Sub extends Hiding {
        private Integer a = 10;
        public Integer own() { return a + this.a; }
    }
}
"""


def test_private_fields_of_the_same_name_are_separate():
    code = "Hiding.Sub s = new Hiding.Sub(); return '' + s.own() + ' ' + s.mine();"

    assert run_apex(code, HIDING) == "20 2"


STATICS = """
public class Statics {
    public static Integer count = Other.start + 1;
    public static Integer touch() { return count; }
}
"""
OTHER = """
public class Other {
    public static Integer start = 41;
    public static Integer seen = Statics.count;
}
"""


def test_initializes_static_variables_on_first_use_even_in_a_cycle():
    assert run_apex("return Statics.touch();", STATICS, OTHER) == 42
    assert run_apex("Statics.touch(); return Other.seen;", STATICS, OTHER) is None


def test_static_variables_live_as_long_as_the_run():
    run = make_run(STATICS, OTHER)
    run_in(run, "Statics.count = 5;")

    assert run_in(run, "return Statics.count;") == 5


HANDLER = """
public class Handler extends Auth.Oauth2TokenExchangeHandler {
    public override Auth.TokenValidationResult validateIncomingToken(
        String app, Auth.IntegratingAppType appType, String token,
        Auth.OAuth2TokenExchangeType tokenType
    ) {
        return super.validateIncomingToken(app, appType, token, tokenType);
    }
}
"""


def test_methods_of_the_handlers_base_class_return_null():
    run = make_run(HANDLER)
    handler = run.start("Handler")

    assert run.call_method(handler, "validateIncomingToken", [None] * 4) is None
    assert run.call_method(handler, "getUserForTokenSubject", [None] * 5) is None
    assert run.declares("handler", "validateIncomingToken")
    assert not run.declares("Handler", "getUserForTokenSubject")


def test_enum_values_of_the_platform():
    code = "return Auth.OAuth2TokenExchangeType.JWT;"

    value = run_apex(code)

    assert isinstance(value, EnumConstant)
    assert value.name == "JWT"
    assert run_apex("return Auth.OAuth2TokenExchangeType.jwt == null;") is False


def test_the_orgs_class_hides_the_platforms():
    assert_class = "public class Assert { public static Integer one() { return 1; } }"

    assert run_apex("return Assert.one();", assert_class) == 1


def test_names_code_that_does_not_run_here():
    assert fails("Integer x = 1;\nEventBus.publish(null);") == (
        "tokenx doesn't run `EventBus.publish` (line 2)."
    )
