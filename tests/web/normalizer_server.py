"""An application behind normalize_requests() that returns what it received.

`python -m tests.web.normalizer_server runserver …` serves it with Django's server.
"""

import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import re_path

from tokenx.web.request_normalizer import normalize_requests

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATA_UPLOAD_MAX_MEMORY_SIZE=None,
        # It sets Content-Length; without it, waitress closes the connection.
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        ROOT_URLCONF="tests.web.normalizer_server",
        SECRET_KEY="only-for-tests",
        WSGI_APPLICATION="tests.web.normalizer_server.application",
    )


def say(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"path": request.path, "body": request.body.decode("latin-1")})


urlpatterns = [re_path("", say)]
application = normalize_requests(get_wsgi_application())

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
