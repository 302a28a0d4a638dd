"""The product's settings with a separate data directory for tests."""

import os
import tempfile

os.environ["TOKENX_DATA_DIR"] = tempfile.mkdtemp(prefix="tokenx-tests-")
os.environ["TOKENX_SECRET_KEY"] = "only-for-tests"
if postgres := os.environ.get("TOKENX_TEST_POSTGRES"):
    os.environ["DATABASE_URL"] = postgres

from tokenx.settings import *
from tokenx.settings import DATA_DIR, DATABASES, MIDDLEWARE

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in production. The shared in-memory database locks differently.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}

# A database with open connections can't be dropped, and a live server's threads stay as
# long as their clients.
DATABASES["default"]["CONN_MAX_AGE"] = 0

# For speed: look up static files when they're requested, and use a cheap hash.
WHITENOISE_AUTOREFRESH = True
# Tests that need the background thread turn this off.
DEPLOY_INLINE = True
STARTS_UP = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Checks the SQL of all requests; see the module.
MIDDLEWARE = ["tests.sql_guard.SqlGuardMiddleware", *MIDDLEWARE]
