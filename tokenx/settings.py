"""Settings: safe by default, changed through the environment.

environment.py declares all of them, and docs/settings.md lists them.
"""

from pathlib import Path

import django
from platformdirs import user_data_path

from tokenx import environment, storage

PACKAGE_DIR = Path(__file__).resolve().parent
IS_CHECKOUT = (PACKAGE_DIR.parent / "pyproject.toml").exists()
# A checkout has templates and static files next to the package; a wheel has them inside.
CONTENT_DIR = PACKAGE_DIR.parent if IS_CHECKOUT else PACKAGE_DIR


def data_dir() -> Path:
    if named := environment.DATA_DIR.read():
        return Path(named).resolve()
    if IS_CHECKOUT:
        return CONTENT_DIR / ".data"
    return user_data_path("tokenx", appauthor=False)


DATA_DIR = storage.private_folder(data_dir())

DEBUG = environment.DEBUG.read()
SECRET_KEY = environment.SECRET_KEY.read() or storage.secret_key(DATA_DIR / "secret.key")
if environment.SIGNUP.read() == "code" and not environment.SIGNUP_CODE.is_set:
    raise environment.SettingError("Set TOKENX_SIGNUP_CODE: TOKENX_SIGNUP is “code”.")
ALLOWED_HOSTS = environment.ALLOWED_HOSTS.read()

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

DATABASES = {"default": storage.database(environment.DATABASE_URL.read(), DATA_DIR)}
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
# The usernames in the README, and those that `demo --scenario` logs in instead.
SIGN_IN_NAMES: dict[str, str] = {}
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

if environment.HTTPS.read():
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
storage.private_folder(STATIC_ROOT)  # WhiteNoise warns if it doesn't exist.
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
# Like everything in the data folder, collected files are private.
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# --- Practice orgs ----------------------------------------------------------------

# Who can start one on the login page: everyone (open), anyone who has the code (code),
# or no one (closed).
SIGNUP = environment.SIGNUP.read()
SIGNUP_CODE = environment.SIGNUP_CODE.read()
PRACTICE_DAYS = environment.PRACTICE_DAYS.read()
PRACTICE_ORGS = environment.PRACTICE_ORGS.read()
PRACTICE_ORGS_PER_ADDRESS = environment.PRACTICE_ORGS_PER_ADDRESS.read()
# Folders with a trainer's own scenarios and exercises, in addition to those of tokenx.
SCENARIOS_DIR = environment.SCENARIOS_DIR.read()
EXERCISES_DIR = environment.EXERCISES_DIR.read()
# Other record stores must have a public IP address. docs/decisions/classes.md
RECORD_STORES = environment.RECORD_STORES.read()

# --- Deployments -------------------------------------------------------------------

# 1: the sender waits until it completes. Otherwise, a background thread runs it.
DEPLOY_INLINE = environment.DEPLOY_INLINE.read()

# --- Apex runs ---------------------------------------------------------------------

# The threads of each process of the server, of which runs use half.
THREADS = environment.THREADS.read()
# Hosts that Apex can call over the network, such as idp.example.com, idp.example.com:8443,
# or http://idp.example.com. Simulated issuers need none. docs/serving.md
CALLOUT_HOSTS = environment.CALLOUT_HOSTS.read()

# --- The token endpoint ------------------------------------------------------------

# Clients that send bad tokens must wait, except in practice orgs.
THROTTLE_TOKENS = environment.THROTTLE_TOKENS.read()

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
