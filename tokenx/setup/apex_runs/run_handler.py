"""Runs a handler class on a token: validates it, and finds the user that it's about."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tokenx.apex.runtime.budget import Budget
from tokenx.apex.runtime.ports import Clock, DmlOutcome
from tokenx.apex.runtime.trace import Trace
from tokenx.apex.types import ApexType
from tokenx.apex.values import Instance, PlatformObject, Record, Value
from tokenx.org.models import ApexClass, Org, User
from tokenx.setup.compile_classes import compile_body

from .running import ENDS_RUN, RunError, Started, started

VALIDATE, FIND_USER = "validateIncomingToken", "getUserForTokenSubject"
_TOKEN_TYPE = ApexType("Auth.OAuth2TokenExchangeType")
_APP_TYPE = ApexType("Auth.IntegratingAppType")
_USER_DATA = (
    "identifier",
    "firstName",
    "lastName",
    "fullName",
    "email",
    "link",
    "username",
    "locale",
    "provider",
    "siteLoginUrl",
    "attributeMap",
)


@dataclass(frozen=True)
class Validation:
    """The result of validateIncomingToken, with its values as text."""

    is_valid: bool
    custom_error: str = ""
    # The names and values of Auth.UserData; values that are null are left out.
    user_data: tuple[tuple[str, str], ...] = ()
    data: str = ""


@dataclass
class HandlerRun:
    """The outcome of a run. Without a refusal, `user` is the user of the token."""

    trace: Trace
    budget: Budget
    validation: Validation | None = None
    user: User | None = None
    # The record that the class returned, and whether it was a new user.
    user_record: Record | None = None
    is_new_user: bool = False
    # The methods that the class doesn't override: the base method returns null.
    missing_overrides: tuple[str, ...] = ()
    error: RunError | None = None
    # Why there's no user, in plain English; empty if there's one.
    refusal: str = ""
    started_by: User | None = None

    @property
    def is_successful(self) -> bool:
        """Say whether the token is valid and its user can log in."""
        return self.user is not None and not self.refusal


@dataclass
class _Request:
    """The call of a handler: both methods get parts of it."""

    class_name: str
    token: str
    token_type: str
    app_developer_name: str
    app_type: str
    can_create_users: bool
    result: HandlerRun = field(repr=False)


def run_handler(
    *,
    org: Org,
    apex_class: ApexClass,
    run_as: User,
    token: str,
    token_type: str,
    app_developer_name: str,
    app_type: str,
    can_create_users: bool,
    user: User | None = None,
    commit: bool = False,
    my_domain: str = "",
    trace: Trace | None = None,
    clock: Clock | None = None,
) -> HandlerRun:
    """Run a class on a token, as a handler of an app does. Raise NoPlaceError.

    `token_type` is a value of Auth.OAuth2TokenExchangeType, and `app_type` is CA or ECA.
    `user` is the person who starts the run. With `commit`, the changes of a run that finds
    a user are saved; otherwise, nothing is.
    """
    result = HandlerRun(trace if trace is not None else Trace(), Budget(), started_by=user)
    if reason := _why_not(apex_class, run_as):
        result.refusal = reason
        return result
    call = _Request(
        apex_class.name,
        token,
        token_type,
        app_developer_name,
        app_type,
        can_create_users,
        result,
    )
    with started(
        org=org, user=run_as, trace=result.trace, my_domain=my_domain, clock=clock
    ) as at:
        result.budget = at.budget
        try:
            _run(at, call)
        except ENDS_RUN as error:
            result.error = at.failure(error)
            result.refusal = result.error.sentence
            result.user = None
        at.commits = commit and result.is_successful
    return result


def _why_not(apex_class: ApexClass, run_as: User) -> str:
    """Return why the class can't run, or an empty string."""
    if not run_as.is_active:
        return f"{run_as.name} is inactive. Activate this user or select another one."
    if not apex_class.is_compiled:
        apex_class.set_compiled(
            compile_body(org=apex_class.org_id, body=apex_class.body, name=apex_class.name)
        )
    return apex_class.why_not_ready


def _run(at: Started, call: _Request) -> None:
    result, run = call.result, at.run
    instance = run.start(call.class_name)
    result.missing_overrides = tuple(
        name for name in (VALIDATE, FIND_USER) if not run.declares(call.class_name, name)
    )
    app_type = run.enum_value(_APP_TYPE, call.app_type)
    arguments: list[Value] = [
        call.app_developer_name,
        app_type,
        call.token,
        run.enum_value(_TOKEN_TYPE, call.token_type),
    ]
    found = _call(at, call, instance, VALIDATE, arguments)
    if not isinstance(found, PlatformObject):
        result.refusal = _returned_null(call, VALIDATE)
        return
    result.validation = _validation(at, found)
    if not result.validation.is_valid:
        error = result.validation.custom_error
        result.refusal = f"The token isn't valid{f': {error}' if error else '.'}"
        return
    arguments = [
        None,
        found,
        call.can_create_users,
        call.app_developer_name,
        app_type,
    ]
    record = _call(at, call, instance, FIND_USER, arguments)
    if not isinstance(record, Record):
        result.refusal = _returned_null(call, FIND_USER)
        return
    result.user_record = record
    _find_user(at, call, record)


def _call(
    at: Started, call: _Request, instance: Instance, name: str, arguments: Sequence[Value]
) -> Value:
    """Call a method of the handler, which is a code unit of the log."""
    if name in call.result.missing_overrides:
        return None
    with at.unit(f"{call.class_name}.{name}", call.class_name):
        return at.run.call_method(instance, name, arguments)


def _returned_null(call: _Request, name: str) -> str:
    if name in call.result.missing_overrides:
        return (
            f"{call.class_name} doesn't override {name}, and the base method returned null."
        )
    return f"{name} returned null."


def _validation(at: Started, found: PlatformObject) -> Validation:
    run = at.run
    data, user_data = run.get_field(found, "data"), run.get_field(found, "userData")
    pairs = (
        [(name, run.get_field(user_data, name)) for name in _USER_DATA] if user_data else []
    )
    return Validation(
        is_valid=run.get_field(found, "isValid") is True,
        custom_error=run.get_field(found, "customErrorMsg") or "",
        user_data=tuple(
            (name, run.to_text(value)) for name, value in pairs if value is not None
        ),
        data="" if data is None else run.to_text(data),
    )


def _find_user(at: Started, call: _Request, record: Record) -> None:
    """Set the user of a returned record, or the reason why it's refused."""
    result = call.result
    id_ = record.id
    if id_ is None:
        if not call.can_create_users:
            result.refusal = (
                f"{FIND_USER} returned a new user, but the handler isn't allowed to create "
                "users."
            )
            return
        outcome = at.records.insert_for_platform(record)
        if outcome.errors or outcome.id is None:
            result.refusal = _why_not_inserted(outcome)
            return
        id_, result.is_new_user = outcome.id, True
    user = at.records.find_user(id_)
    if user is None:
        result.refusal = f"{FIND_USER} returned {id_}, which isn't a user of this org."
    elif not user.is_active:
        result.refusal = f"{FIND_USER} returned {user.name}, who is inactive."
    else:
        result.user = user


def _why_not_inserted(outcome: DmlOutcome) -> str:
    reasons = "; ".join(f"{each.status_code}, {each.message}" for each in outcome.errors)
    return f"The new user couldn't be created: {reasons}"
