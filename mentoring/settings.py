"""Settings, read from the environment. The README's table lists every variable."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def database(url: str) -> dict[str, object]:
    """A Django database from `postgresql://user:password@host:port/name?host=/socket/dir`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must be a postgresql:// address.")
    query = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query["host"][0] if "host" in query else parts.hostname or "",
        "PORT": str(query["port"][0] if "port" in query else parts.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {},
    }


def live_ahead(*, days: int) -> None:
    """Put the clock of this process some days ahead: once, however often these settings are read. A number
    of days, not a date, so that all processes of a demo or of the tests agree, whenever they start."""
    import time_machine

    if not time_machine.escape_hatch.is_travelling():
        time_machine.travel(datetime.now(UTC) + timedelta(days=days), tick=True).start()


DEBUG = flag("DEBUG")
DEMO = flag("DEMO")
TESTING = flag("UPWARD_TESTING")
if (DEMO or TESTING) and os.environ.get("UPWARD_DAYS_AHEAD"):
    live_ahead(days=int(os.environ["UPWARD_DAYS_AHEAD"]))
BASE_URL = os.environ.get("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
HTTPS = BASE_URL.startswith("https://")
SECRET_KEY = os.environ.get("SECRET_KEY", "")
if SECRET_KEY.startswith("replace-me"):  # deploy/example.env as it stands: a key that everybody knows
    raise ImproperlyConfigured("SECRET_KEY is still the example's. Set it to a long random string.")
if not SECRET_KEY:
    if HTTPS or not (DEBUG or DEMO or TESTING):
        raise ImproperlyConfigured("Set SECRET_KEY to a long random string.")
    SECRET_KEY = "only-for-the-demo-and-tests-" + "0" * 32
# What was sealed or signed under these still opens: for the time after a change of SECRET_KEY.
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
_own = urlsplit(BASE_URL)
_further = os.environ.get("ALLOWED_HOSTS", "")
if not _further and (DEMO or TESTING) and _own.port:
    _further = f"127.0.0.1:{_own.port},localhost:{_own.port}"
ALLOWED_HOSTS = [str(_own.hostname), *(host for host in _further.replace(" ", "").split(",") if host)]
CSRF_TRUSTED_ORIGINS = [BASE_URL, *(f"{_own.scheme}://{host}" for host in ALLOWED_HOSTS[1:])]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "template_partials",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "mentoring.apps.MentoringConfig",
    "programs.apps.ProgramsConfig",
    "matching.apps.MatchingConfig",
    "sessions.apps.SessionsConfig",
    "outcomes.apps.OutcomesConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mentoring.middleware.RequestLog",
    "mentoring.exchange.uploads.CloseUploads",
    "csp.middleware.CSPMiddleware",
    "mentoring.middleware.PrivateAnswers",
    "mentoring.middleware.OwnHost",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mentoring.middleware.SessionLimits",
    "mentoring.middleware.UserPreferences",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "mentoring.urls"
WSGI_APPLICATION = "mentoring.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mentoring.context.shell",
            ],
            "builtins": ["mentoring.templatetags.upward"],
        },
    }
]
FORM_RENDERER = "mentoring.forms.renderer.Renderer"

DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql://upward_app@127.0.0.1/upward"))}
DATABASE_OPTIONS: dict[str, object] = {}
if flag("DATABASE_POOL"):
    DATABASE_OPTIONS["pool"] = {"min_size": 1, "max_size": int(os.environ.get("DATABASE_POOL_SIZE", "8"))}
# Set for web processes (deploy/gunicorn.py): a page that asks for longer is not worth waiting for.
if STATEMENT_SECONDS := int(os.environ.get("DATABASE_STATEMENT_SECONDS", "0")):
    DATABASE_OPTIONS["options"] = f"-c statement_timeout={STATEMENT_SECONDS}s"
DATABASES["default"]["OPTIONS"] = DATABASE_OPTIONS
# Migrations run as the owner, who is not held by row level security (management/commands/migrate.py).
OWNER_DATABASE_URL = os.environ.get("OWNER_DATABASE_URL", "")

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ.get("CACHE_URL", "redis://127.0.0.1:6379/1"),
        "KEY_PREFIX": os.environ.get("CACHE_PREFIX", "upward"),
    }
}
SESSION_ENGINE = "mentoring.sealed_sessions"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Who you are ---------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "mentoring.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "front"
PASSWORD_MIN_LENGTH = 12
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "mentoring.passwords.MaximumLengthValidator"},
    {"NAME": "mentoring.passwords.GuessableValidator"},
]
if TESTING:  # a slow hash protects real passwords; the tests' cast has none
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_ADAPTER = "mentoring.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "mentoring.forms.signup.OrganizationSignupForm"
ACCOUNT_FORMS = {
    "login": "mentoring.forms.signing_in.LoginForm",
    "signup": "mentoring.forms.signing_in.SignupForm",
    "add_email": "mentoring.forms.signing_in.AddEmailForm",
    "change_password": "mentoring.forms.signing_in.ChangePasswordForm",
    "set_password": "mentoring.forms.signing_in.SetPasswordForm",
    "reset_password": "mentoring.forms.signing_in.ResetPasswordForm",
    "reset_password_from_key": "mentoring.forms.signing_in.ResetPasswordKeyForm",
    "request_login_code": "mentoring.forms.signing_in.RequestLoginCodeForm",
    "reauthenticate": "mentoring.forms.signing_in.ReauthenticateForm",
    "confirm_login_code": "mentoring.forms.signing_in.ConfirmCodeForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
# Else an address that is invited meanwhile could be taken away, and who has an account would show.
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = False  # `start_over` instead
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# The code waits in the outbox for a worker, and then in a mail server's greylisting.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
# Nobody is mailed: mentoring.accounts.adapter does the same work and throws it away.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "mentoring.accounts.tokens.ResetTokens"
PASSWORD_RESET_TIMEOUT = 24 * 3600
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = (
    False if flag("UPWARD_NO_RATE_LIMITS") else {"enter_code": "6/m/key"}  # beside allauth's own
)
MFA_ADAPTER = "mentoring.accounts.adapter.MFAAdapter"
SIGN_UP = os.environ.get("SIGN_UP", "open")
if SIGN_UP not in {"open", "invited", "closed"}:
    raise ImproperlyConfigured("SIGN_UP must be open, invited or closed.")
# Invitations to become a member, within a day: of one member, of one organization, one of them again.
INVITATIONS_PER_MEMBER = int(os.environ.get("INVITATIONS_PER_MEMBER", "50"))
INVITATIONS_PER_ORGANIZATION = int(os.environ.get("INVITATIONS_PER_ORGANIZATION", "200"))
INVITATION_RESENDS = int(os.environ.get("INVITATION_RESENDS", "3"))
# Unanswered ones of an organization at a time.
INVITATIONS_OPEN = int(os.environ.get("INVITATIONS_OPEN", "500"))
# People of the roster whom one organization invites into its cohorts within a day.
PEOPLE_INVITED_A_DAY = int(os.environ.get("PEOPLE_INVITED_A_DAY", "25000"))
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

# Language and time ---------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files --------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT: Path | None = Path(os.environ.get("STATIC_ROOT", BASE_DIR / "staticfiles"))
if DEBUG or DEMO or TESTING:
    STATIC_ROOT = None  # served from where they lie, nothing is collected
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = DEBUG
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
else:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

# Mail ----------------------------------------------------------------------------------------------------
EMAIL_BACKEND = os.environ.get(
    "EMAIL_BACKEND",
    "django.core.mail.backends.dummy.EmailBackend" if DEMO else "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_HOST = os.environ.get("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Upward <upward@localhost>")

ACCOUNT_MAIL_KEPT = DEMO  # what codes and reset links said, after they were sent: for the demo's mailbox

# Uploads -------------------------------------------------------------------------------------------------
UPLOAD_LIMIT_BYTES = int(os.environ.get("UPLOAD_LIMIT_BYTES", str(50 * 1024 * 1024)))
FILE_UPLOAD_HANDLERS = ["mentoring.exchange.uploads.LimitedUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Security ------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation",
        "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
        "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip
# `__Host-`: a cookie that no other host of our domain can set, over https alone.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = (
    ("__Host-session", "__Host-csrf") if HTTPS else ("upward_session", "upward_csrf")
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
ORGANIZER_SESSION_HOURS = float(os.environ.get("ORGANIZER_SESSION_HOURS", "12"))
SECURE_SSL_HOST = _own.netloc
SECURE_SSL_REDIRECT = HTTPS and not flag("BEHIND_PLAIN_PROXY")
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if flag("TRUST_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Else every visitor has the proxy's address, and the limits per address would lock out all at once.
    ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXIES", "1"))
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "frame-src": ["'self'"],
        "manifest-src": ["'self'"],
    }
}
SIGNED_LINK_DAYS = int(os.environ.get("SIGNED_LINK_DAYS", "60"))

# Workers -------------------------------------------------------------------------------------------------
# A page must not wait for a broker: who sends a task tries to connect once, and the sweep sends it again.
# Workers and the scheduler go by `CELERY_BROKER_CONNECTION_MAX_RETRIES` instead and try for ever.
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "max_retries": 0,
    "socket_connect_timeout": 0.4,
    "socket_timeout": 30,
    "global_keyprefix": os.environ.get("CELERY_PREFIX", ""),
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TRACK_STARTED = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_DEFAULT_QUEUE = "upward"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# Logging -------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "mentoring.logs.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "propagate": False},
        "waitress": {"level": "ERROR"},  # else it names pages whose reader left, and each request that waits
    },
}
MESSAGE_TAGS = {40: "danger"}
