"""Runs a handler class on a token: validates it, and finds the user that it's about."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NotRequired, TypedDict, Unpack

from tokenx.apex.runtime.budget import Budget
from tokenx.apex.runtime.ports import Clock, DmlOutcome
from tokenx.apex.runtime.trace import Trace
from tokenx.apex.types import ApexType
from tokenx.apex.values import Id, Instance, PlatformObject, Record, Value
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
    inactive_user: User | None = None
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


class HandlerInputs(TypedDict):
    """The inputs of a run.

    `token_type` is a value of Auth.OAuth2TokenExchangeType, and `app_type` is CA or ECA.
    `user` is the person who starts the run.
    """

    org: Org
    apex_class: ApexClass
    run_as: User
    token: str
    token_type: str
    app_developer_name: str
    app_type: str
    can_create_users: bool
    user: NotRequired[User | None]
    my_domain: NotRequired[str]
    trace: NotRequired[Trace | None]
    clock: NotRequired[Clock | None]


def run_handler(*, commit: bool = False, **inputs: Unpack[HandlerInputs]) -> HandlerRun:
    """Run a class on a token, as a handler of an app does. Raise NoPlaceError.

    With `commit`, the changes of a run that finds a user are saved; otherwise, nothing is.
    """
    result = new_run(inputs)
    if result.refusal:
        return result
    with handler_call(result, inputs) as call:
        call.validate()
        call.find_user()
        call.check_user()
        call.commits = commit and result.is_successful
    return result


def new_run(inputs: HandlerInputs) -> HandlerRun:
    """Return a run that hasn't started. It has a refusal if the class can't run."""
    trace = inputs.get("trace")
    result = HandlerRun(
        trace if trace is not None else Trace(), Budget(), started_by=inputs.get("user")
    )
    run_as = inputs["run_as"]
    result.refusal = (
        why_not_runnable(inputs["apex_class"])
        if run_as.is_active
        else f"{run_as.name} is inactive. Activate this user or select another one."
    )
    return result


@contextmanager
def handler_call(result: HandlerRun, inputs: HandlerInputs) -> Iterator["HandlerCall"]:
    """Start a run whose methods the caller calls one by one. Raise NoPlaceError.

    The run's place and its transaction end with the block. Set the call's `commits` to
    keep its changes; what the caller changes in the block is part of the transaction that
    the run has opened, if it has.
    """
    apex_class = inputs["apex_class"]
    with started(
        org=inputs["org"],
        user=inputs["run_as"],
        trace=result.trace,
        my_domain=inputs.get("my_domain", ""),
        clock=inputs.get("clock"),
        bodies={apex_class.name: apex_class.body},
    ) as at:
        result.budget = at.budget
        call = HandlerCall(at, inputs, result)
        yield call
        at.commits = call.commits


def why_not_runnable(apex_class: ApexClass) -> str:
    """Return why the class can't run, or an empty string."""
    if not apex_class.is_compiled:
        apex_class.set_compiled(
            compile_body(org=apex_class.org_id, body=apex_class.body, name=apex_class.name)
        )
    return apex_class.why_not_ready


class HandlerCall:
    """The methods of a handler class in a run. Each sets its part of the result.

    A method does nothing once there's a refusal.
    """

    def __init__(self, at: Started, inputs: HandlerInputs, result: HandlerRun) -> None:
        self._at, self._inputs, self.result = at, inputs, result
        self._class_name = inputs["apex_class"].name
        self._instance: Instance | None = None
        self._validated: PlatformObject | None = None
        self.commits = False

    def validate(self) -> None:
        """Call validateIncomingToken. Set the validation, or the refusal."""
        self._attempt(self._validate)

    def find_user(self) -> None:
        """Call getUserForTokenSubject. Set the record that it returns, or the refusal."""
        self._attempt(self._find_user)

    def check_user(self) -> None:
        """Set the user of the returned record, or the refusal; insert a new user."""
        self._attempt(self._check_user)

    def _attempt(self, step: Callable[[], None]) -> None:
        if self.result.refusal:
            return
        try:
            step()
        except ENDS_RUN as error:
            self.result.error = self._at.failure(error)
            self.result.refusal = self.result.error.sentence
            self.result.user = None

    def _validate(self) -> None:
        run, inputs, result = self._at.run, self._inputs, self.result
        self._instance = run.start(self._class_name)
        result.missing_overrides = tuple(
            name
            for name in (VALIDATE, FIND_USER)
            if not run.declares(self._class_name, name)
        )
        found = self._call(
            VALIDATE,
            [
                inputs["app_developer_name"],
                run.enum_value(_APP_TYPE, inputs["app_type"]),
                inputs["token"],
                run.enum_value(_TOKEN_TYPE, inputs["token_type"]),
            ],
        )
        if not isinstance(found, PlatformObject):
            result.refusal = self._returned_null(VALIDATE)
            return
        self._validated = found
        result.validation = _validation(self._at, found)
        if not result.validation.is_valid:
            error = result.validation.custom_error
            result.refusal = f"The token isn't valid{f': {error}' if error else '.'}"

    def _find_user(self) -> None:
        inputs = self._inputs
        record = self._call(
            FIND_USER,
            [
                None,
                self._validated,
                inputs["can_create_users"],
                inputs["app_developer_name"],
                self._at.run.enum_value(_APP_TYPE, inputs["app_type"]),
            ],
        )
        if isinstance(record, Record):
            self.result.user_record = record
        else:
            self.result.refusal = self._returned_null(FIND_USER)

    def _check_user(self) -> None:
        result = self.result
        id_ = result.user_record.id if result.user_record else None
        if id_ is None:
            id_ = self._insert_user()
        if id_ is None:
            return
        user = self._at.records.find_user(id_)
        if user is None:
            result.refusal = f"{FIND_USER} returned {id_}, which isn't a user of this org."
        elif not user.is_active:
            result.refusal = f"{FIND_USER} returned {user.name}, who is inactive."
            result.inactive_user = user
        else:
            result.user = user

    def _insert_user(self) -> Id | None:
        """Insert the new user and return the ID, or set the refusal."""
        result = self.result
        if result.user_record is None:
            return None
        if not self._inputs["can_create_users"]:
            result.refusal = (
                f"{FIND_USER} returned a new user, but the handler isn't allowed to create "
                "users."
            )
            return None
        outcome = self._at.records.insert_for_platform(result.user_record)
        if outcome.errors or outcome.id is None:
            result.refusal = _why_not_inserted(outcome)
            return None
        result.is_new_user = True
        return outcome.id

    def _call(self, name: str, arguments: Sequence[Value]) -> Value:
        """Call a method of the handler, which is a code unit of the log."""
        if name in self.result.missing_overrides or self._instance is None:
            return None
        with self._at.unit(f"{self._class_name}.{name}", self._class_name):
            return self._at.run.call_method(self._instance, name, arguments)

    def _returned_null(self, name: str) -> str:
        if name in self.result.missing_overrides:
            return (
                f"{self._class_name} doesn't override {name}, and the base method "
                "returned null."
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


def _why_not_inserted(outcome: DmlOutcome) -> str:
    reasons = "; ".join(f"{each.status_code}, {each.message}" for each in outcome.errors)
    return f"The new user couldn't be created: {reasons}"
