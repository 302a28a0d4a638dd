"""The Streaming API, which tokenx doesn't have: it refuses subscriptions in a sentence.

`sf apex tail log` shows the sentence only if the handshake succeeds and its subscription is
refused (docs/salesforce/oauth.md, "Log commands of sf").
"""

import json
from typing import Any

from django.http import HttpRequest

from tokenx.api.caller import Caller
from tokenx.api.records.values import RestError
from tokenx.api.request_body import body_stream

from .base import MAX_JSON, check_size, rest_view

NOT_AVAILABLE = (
    "Tailing debug logs isn't available in tokenx. Use `sf apex list log` and "
    "`sf apex get log`."
)
_MAX_MESSAGES = 50
_STOP = {"reconnect": "none"}
# No message is ever sent, so the ID of the client means nothing.
_CLIENT = "tokenx"
Message = dict[str, Any]


@rest_view("POST")
def cometd(caller: Caller, request: HttpRequest) -> list[Message]:
    """Answer the messages of a Bayeux client."""
    return [_answer(message) for message in _messages(request)]


def _messages(request: HttpRequest) -> list[Message]:
    check_size(request, MAX_JSON)
    try:
        messages = json.loads(body_stream(request).read(MAX_JSON + 1))
    except (ValueError, RecursionError) as error:
        raise RestError("JSON_PARSER_ERROR", "The body isn't valid JSON") from error
    messages = messages if isinstance(messages, list) else [messages]
    if (
        not all(isinstance(each, dict) for each in messages)
        or len(messages) > _MAX_MESSAGES
    ):
        raise RestError("JSON_PARSER_ERROR", "The body must be a list of messages")
    return messages


def _answer(message: Message) -> Message:
    match message.get("channel"):
        case "/meta/handshake":
            return {
                **_reply(message, successful=True),
                "version": "1.0",
                "minimumVersion": "1.0",
                "supportedConnectionTypes": ["long-polling"],
                "advice": {"reconnect": "retry", "interval": 0, "timeout": 0},
            }
        case "/meta/connect":
            # Ask the client to wait until its subscription was refused.
            advice = {"reconnect": "retry", "interval": 5_000, "timeout": 0}
            return {**_reply(message, successful=True), "advice": advice}
        case "/meta/disconnect":
            return _reply(message, successful=True)
    refused = {
        **_reply(message, successful=False),
        "error": f"403::{NOT_AVAILABLE}",
        "advice": _STOP,
    }
    if "subscription" in message:
        refused["subscription"] = message["subscription"]
    return refused


def _reply(message: Message, *, successful: bool) -> Message:
    reply = {"channel": message.get("channel"), "successful": successful}
    if successful:
        reply["clientId"] = _CLIENT
    return reply | ({"id": message["id"]} if "id" in message else {})
