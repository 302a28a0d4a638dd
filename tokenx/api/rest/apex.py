"""The Tooling API's executeAnonymous."""

from django.http import HttpRequest, HttpResponse

from tokenx.api.caller import Caller
from tokenx.api.calls import execute_anonymous as calls
from tokenx.api.records.values import RestError
from tokenx.setup.apex_runs.places import RETRY_AFTER, NoPlaceError

from .base import error_response, rest_view


@rest_view("GET")
def execute_anonymous(caller: Caller, request: HttpRequest) -> HttpResponse | object:
    """Run the code of the parameter anonymousBody, and return what happened."""
    code = request.GET.get("anonymousBody")
    if code is None:
        message = "The anonymousBody parameter is required"
        raise RestError("MALFORMED_QUERY", message)
    try:
        return calls.result_of(calls.run(caller, code, {}))
    except NoPlaceError as error:
        response = error_response(503, "SERVER_UNAVAILABLE", str(error))
        response["Retry-After"] = str(RETRY_AFTER)
        return response
