"""A small application behind wire(), which says what has come, for servers to serve.

`python -m tests.web.normalizer_server runserver …` serves it by Django's own.
"""

import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import re_path

from tokenx.web.request_normalizer import wire

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATA_UPLOAD_MAX_MEMORY_SIZE=None,
        # It says how long an answer is; waitress closes the connection otherwise.
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        ROOT_URLCONF="tests.web.normalizer_server",
        SECRET_KEY="only-for-tests",
        WSGI_APPLICATION="tests.web.normalizer_server.application",
    )


def say(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"path": request.path, "body": request.body.decode("latin-1")})


urlpatterns = [re_path("", say)]
application = wire(get_wsgi_application())

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
