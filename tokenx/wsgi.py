"""The application for WSGI servers: waitress, gunicorn, …"""

import os

from django.core.wsgi import get_wsgi_application

from .web.request_normalizer import normalize_requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenx.settings")
application = normalize_requests(get_wsgi_application())

from .org.start_up import start_up

start_up()
