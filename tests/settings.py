"""The product's own settings, away from the data of whoever runs the tests."""

import os
import tempfile

os.environ["TOKENX_DATA_DIR"] = tempfile.mkdtemp(prefix="tokenx-tests-")
os.environ["TOKENX_SECRET_KEY"] = "only-for-tests"
if postgres := os.environ.get("TOKENX_TEST_POSTGRES"):
    os.environ["DATABASE_URL"] = postgres

from tokenx.settings import *
from tokenx.settings import DATA_DIR, DATABASES, MIDDLEWARE

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in production: the shared database in memory locks in another way.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}

# A database that somebody is still connected to cannot be dropped, and the threads of a
# live server stay as long as their clients.
DATABASES["default"]["CONN_MAX_AGE"] = 0

# Quicker, and no less true: files are looked up when asked for, and hashes are cheap.
WHITENOISE_AUTOREFRESH = True
# Tests that want the thread in the background ask for it.
DEPLOY_INLINE = True
STARTS_UP = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# All SQL of requests is checked: see the module.
MIDDLEWARE = ["tests.sql_guard.SqlGuardMiddleware", *MIDDLEWARE]
