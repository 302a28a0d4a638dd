"""Settings: safe by default, changed through the environment.

TOKENX_DATA_DIR       folder of the database, the secret key, and the collected files
DATABASE_URL          another database, e.g. postgres://user@localhost/tokenx
TOKENX_SECRET_KEY     signs sessions; if absent, generated in the data directory
TOKENX_ALLOWED_HOSTS  the host names it answers to, separated by commas
TOKENX_HTTPS          1 if it's served over HTTPS: secure cookies, HSTS, redirect
TOKENX_SIGNUP         who can start a practice org: open, code, or closed
TOKENX_SIGNUP_CODE    the code, if TOKENX_SIGNUP is code
TOKENX_PRACTICE_DAYS  days until an unused practice org expires; 7
TOKENX_PRACTICE_ORGS  maximum number of practice orgs; 1000. _PER_ADDRESS: 20
TOKENX_SCENARIOS      a folder with your own scenarios
TOKENX_EXERCISES      a folder with your own exercises
TOKENX_RECORD_STORES  learning record stores in a private network: host names, with commas
TOKENX_THREADS        the threads of each server process; 4. Half of them can run Apex
TOKENX_CALLOUT_HOSTS  public hosts that Apex can really call, with commas; empty: none
TOKENX_THROTTLE_TOKENS  0 to let clients send any number of bad tokens; demo does
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
# A checkout has templates and static files next to the package; a wheel has them inside.
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
    """Return the key from the environment, or generate one in the data directory."""
    if named := os.environ.get("TOKENX_SECRET_KEY"):
        return named
    file = DATA_DIR / "secret.key"
    try:
        # With "x", one of several first processes writes the key, and the others read it.
        with open(file, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as new:
            new.write(get_random_secret_key())
    except FileExistsError:
        pass
    return file.read_text()


DATA_DIR = data_dir()
# No one else on the machine can read sessions and app secrets.
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
    "tokenx.oauth",
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
    "tokenx.web.local_formats.LocalFormatsMiddleware",
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
    # IMMEDIATE takes the write lock at the start of each transaction. Otherwise, SQLite
    # refuses a transaction that reads before it writes if another one was faster.
    # docs/decisions/sqlite.md
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=wal; PRAGMA synchronous=normal;"
            "PRAGMA cache_size=-32768; PRAGMA mmap_size=1073741824"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Authentication ---------------------------------------------------------------

AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = ["tokenx.org.sign_in.PasswordBackend"]
LOGIN_URL = "org:sign-in"
LOGIN_REDIRECT_URL = "setup:home"
LOGOUT_REDIRECT_URL = "org:sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Usernames are unique within an org. Usernames that can log in are unique across orgs: a
# constraint of the model enforces that, but this check doesn't see it.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

SESSION_COOKIE_AGE = 60 * 60 * 12
# Long names and links can exceed the cookie; the rest then goes into the session.
MESSAGE_STORAGE = "django.contrib.messages.storage.fallback.FallbackStorage"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "tokenx.web.errors.csrf_failure"

# --- Security and request limits ---------------------------------------------------

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
    # Without the package, the server fails to start: a policy is required.
    CONTENT_SECURITY_POLICY = {"DIRECTIVES": _POLICY}
    MIDDLEWARE.insert(1, "csp.middleware.CSPMiddleware")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# An Apex class has up to a million characters; a form sends each as up to 12 bytes.
DATA_UPLOAD_MAX_MEMORY_SIZE = 13_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
# The files of a package that is uploaded as a folder.
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000

if flag("TOKENX_HTTPS"):
    SECURE_SSL_REDIRECT = True
    # Probes ask the server itself, not the proxy.
    SECURE_REDIRECT_EXEMPT = [r"^(livez|readyz)$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

# --- Static files ------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns if it doesn't exist.
STATICFILES_DIRS = [CONTENT_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "tokenx.web.assets.AssetFinder",
]
# Collected files are compressed and have a hash in their names; `demo` runs collectstatic.
# Other files are served unchanged, so nothing depends on collectstatic.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tokenx.web.assets.AssetStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# --- Practice orgs ----------------------------------------------------------------

# Who can start one on the login page: everyone (open), anyone who has the code (code),
# or no one (closed).
SIGNUP = os.environ.get("TOKENX_SIGNUP", "closed")
SIGNUP_CODE = os.environ.get("TOKENX_SIGNUP_CODE", "")
PRACTICE_DAYS = int(os.environ.get("TOKENX_PRACTICE_DAYS", "7"))
PRACTICE_ORGS = int(os.environ.get("TOKENX_PRACTICE_ORGS", "1000"))
PRACTICE_ORGS_PER_ADDRESS = int(os.environ.get("TOKENX_PRACTICE_ORGS_PER_ADDRESS", "20"))
# Folders with a trainer's own scenarios and exercises, in addition to those of tokenx.
SCENARIOS_DIR = os.environ.get("TOKENX_SCENARIOS", "")
EXERCISES_DIR = os.environ.get("TOKENX_EXERCISES", "")
# Other record stores must have a public IP address. docs/decisions/classes.md
RECORD_STORES = list(filter(None, os.environ.get("TOKENX_RECORD_STORES", "").split(",")))

# --- Deployments -------------------------------------------------------------------

# 1: the sender waits until it completes. Otherwise, a background thread runs it.
DEPLOY_INLINE = flag("TOKENX_DEPLOY_INLINE")

# --- Apex runs ---------------------------------------------------------------------

# The threads of each process of the server, of which runs use half.
THREADS = int(os.environ.get("TOKENX_THREADS", "4"))
# Hosts that Apex can call over the network, such as idp.example.com, idp.example.com:8443,
# or http://idp.example.com. Simulated issuers need none. docs/serving.md
CALLOUT_HOSTS = list(filter(None, os.environ.get("TOKENX_CALLOUT_HOSTS", "").split(",")))

# --- The token endpoint ------------------------------------------------------------

# Clients that send bad tokens must wait, except in practice orgs.
THROTTLE_TOKENS = os.environ.get("TOKENX_THROTTLE_TOKENS", "1") != "0"

# --- The server ----------------------------------------------------------------------

# At startup, the server resumes deployments and removes expired orgs.
STARTS_UP = True
# When a class of 50 people queues for a moment, operators needn't know.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"waitress.queue": {"level": "ERROR"}},
}

# --- Language and time zone ---------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
