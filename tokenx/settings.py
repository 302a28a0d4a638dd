"""The settings: safe by default, changed through the environment.

TOKENX_DATA_DIR       where the database, the secret key and collected files lie
DATABASE_URL          another database, e.g. postgres://user@localhost/tokenx
TOKENX_SECRET_KEY     signs sessions; made and kept in the data directory if absent
TOKENX_ALLOWED_HOSTS  the host names it answers to, with commas between
TOKENX_HTTPS          1 where it is served over HTTPS: secure cookies, HSTS, redirect
TOKENX_SIGNUP         who may start a practice org: open, code or closed
TOKENX_SIGNUP_CODE    the code, where it takes one
TOKENX_PRACTICE_DAYS  how long a practice org lasts without being used; 7
TOKENX_PRACTICE_ORGS  how many there may be; 1000, of them _PER_ADDRESS 20
TOKENX_SCENARIOS      a folder of scenarios of one's own
TOKENX_EXERCISES      a folder of exercises of one's own
TOKENX_RECORD_STORES  learning record stores in the own network: host names, with commas
TOKENX_DEPLOY_INLINE  1 to deploy while the sender waits, not in the background
TOKENX_DEBUG          1 to show tracebacks; never where others can reach it
"""

import os
from pathlib import Path

import dj_database_url
import django
from django.core.management.utils import get_random_secret_key
from platformdirs import user_data_path

PACKAGE_DIR = Path(__file__).resolve().parent
IS_CHECKOUT = (PACKAGE_DIR.parent / "pyproject.toml").exists()
# Templates and static files lie beside the package in a checkout, inside it in a wheel.
CONTENT_DIR = PACKAGE_DIR.parent if IS_CHECKOUT else PACKAGE_DIR


def data_dir() -> Path:
    if named := os.environ.get("TOKENX_DATA_DIR"):
        return Path(named).resolve()
    if IS_CHECKOUT:
        return CONTENT_DIR / ".data"
    return user_data_path("tokenx", appauthor=False)


def flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def secret_key() -> str:
    """The key from the environment, else the one in the data directory, made once."""
    if named := os.environ.get("TOKENX_SECRET_KEY"):
        return named
    file = DATA_DIR / "secret.key"
    try:
        # "x" lets one of several first processes make the key; the others read it.
        with open(file, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as new:
            new.write(get_random_secret_key())
    except FileExistsError:
        pass
    return file.read_text()


DATA_DIR = data_dir()
# Sessions, and the secrets of apps, are for nobody else on the machine.
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

DEBUG = flag("TOKENX_DEBUG")
SECRET_KEY = secret_key()
ALLOWED_HOSTS = os.environ.get("TOKENX_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(
    ","
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "django_filters",
    "django_htmx",
    "tokenx.web",
    "tokenx.org",
    "tokenx.handlers",
    "tokenx.metadata",
    "tokenx.training",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tokenx.web.htmx.HtmxConventionsMiddleware",
    "tokenx.training.classes.viewing.ClassMiddleware",
    "tokenx.org.permissions.SetupAccessMiddleware",
]

ROOT_URLCONF = "tokenx.urls"
WSGI_APPLICATION = "tokenx.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [CONTENT_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": [
                "django.templatetags.static",
                "django_htmx.templatetags.django_htmx",
                "tokenx.web.templatetags.components",
                "tokenx.web.templatetags.tokenx",
            ],
        },
    }
]

FORM_RENDERER = "tokenx.web.forms.SetupFormRenderer"

# --- The database -----------------------------------------------------------------

DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{(DATA_DIR / 'tokenx.sqlite3').as_posix()}",
        conn_max_age=None,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that reads before it writes takes the write lock at its
    # start, or SQLite refuses it when another one was faster. docs/decisions/sqlite.md
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=wal; PRAGMA synchronous=normal;"
            "PRAGMA cache_size=-32768; PRAGMA mmap_size=1073741824"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Who comes in -----------------------------------------------------------------

AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = ["tokenx.org.sign_in.PasswordBackend"]
LOGIN_URL = "org:sign-in"
LOGIN_REDIRECT_URL = "setup:home"
LOGOUT_REDIRECT_URL = "org:sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Usernames are unique within an org; among those who may sign in, across orgs, which
# a constraint of the model holds and this check cannot see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

SESSION_COOKIE_AGE = 60 * 60 * 12
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "tokenx.web.errors.csrf_failure"

# --- What a browser may do ---------------------------------------------------------

_POLICY = {
    "default-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "object-src": ["'none'"],
}
if django.VERSION >= (6, 0):
    SECURE_CSP = _POLICY
    MIDDLEWARE.insert(1, "django.middleware.csp.ContentSecurityPolicyMiddleware")
else:
    # Without the package this fails at start: there is no running without a policy.
    CONTENT_SECURITY_POLICY = {"DIRECTIVES": _POLICY}
    MIDDLEWARE.insert(1, "csp.middleware.CSPMiddleware")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# The code of an Apex class: a million letters, of which a form sends each as up to twelve.
DATA_UPLOAD_MAX_MEMORY_SIZE = 13_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
# Files of a package that somebody sends one by one.
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000

if flag("TOKENX_HTTPS"):
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

# --- Static files ------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns of a folder that is not there.
STATICFILES_DIRS = [CONTENT_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "tokenx.web.assets.AssetFinder",
]
# Files that collectstatic has seen, as `demo` lets it, are compressed and carry a hash in
# their names; others are served as they lie, so that nothing waits for collectstatic.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tokenx.web.assets.AssetStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# --- Practice orgs ----------------------------------------------------------------

# Who may start one on the sign-in page: everybody (open), who knows the code, or nobody
# (closed).
SIGNUP = os.environ.get("TOKENX_SIGNUP", "closed")
SIGNUP_CODE = os.environ.get("TOKENX_SIGNUP_CODE", "")
PRACTICE_DAYS = int(os.environ.get("TOKENX_PRACTICE_DAYS", "7"))
PRACTICE_ORGS = int(os.environ.get("TOKENX_PRACTICE_ORGS", "1000"))
PRACTICE_ORGS_PER_ADDRESS = int(os.environ.get("TOKENX_PRACTICE_ORGS_PER_ADDRESS", "20"))
# Folders of a trainer's own scenarios and exercises, besides those that come with tokenx.
SCENARIOS_DIR = os.environ.get("TOKENX_SCENARIOS", "")
EXERCISES_DIR = os.environ.get("TOKENX_EXERCISES", "")
# Others are reached only where their address is a public one. docs/decisions/classes.md
RECORD_STORES = list(filter(None, os.environ.get("TOKENX_RECORD_STORES", "").split(",")))

# --- Deployments -------------------------------------------------------------------

# 1: whoever sends one waits until it is done. Otherwise a thread of the process runs it.
DEPLOY_INLINE = flag("TOKENX_DEPLOY_INLINE")

# --- The server ----------------------------------------------------------------------

# A server that starts goes on with what the last one left, and removes what ran out.
STARTS_UP = True
# A class of fifty waits a moment in its queue; that is no news for who serves it.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"waitress.queue": {"level": "ERROR"}},
}

# --- Languages and times -------------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
