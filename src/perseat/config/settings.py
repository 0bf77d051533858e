"""Django's settings, made from the product's (`PERSEAT`, see product_settings.py)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured

from perseat.config import logs
from perseat.config.database import django_database
from perseat.config.product_settings import SettingsError, load
from perseat.config.product_settings import secret_key as kept_secret_key

django_stubs_ext.monkeypatch()

try:
    PERSEAT = load()
except SettingsError as error:
    raise ImproperlyConfigured(str(error)) from None

PACKAGE = Path(__file__).parents[1]
CHECKOUT = PACKAGE.parents[1]

DEBUG = PERSEAT.debug
SECRET_KEY = kept_secret_key(PERSEAT)
SECRET_KEY_FALLBACKS = [key for key in PERSEAT.former_secret_keys.get_secret_value().split(",") if key]
ALLOWED_HOSTS = [*PERSEAT.allowed_hosts, *{urlsplit(PERSEAT.base_url).hostname or "localhost"}]
CSRF_TRUSTED_ORIGINS = [PERSEAT.base_url]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "pgtrigger",
    "django_htmx",
    "allauth",
    "allauth.account",
    # In selling order; each depends only on those above it.
    "perseat.capabilities.connections",
    "perseat.capabilities.ledger",
    "perseat.capabilities.accounts",
    "perseat.capabilities.customers",
    "perseat.capabilities.catalog",
    "perseat.capabilities.subscriptions",
    "perseat.capabilities.ordering",
    "perseat.capabilities.invoicing",
    "perseat.capabilities.payments",
    "perseat.capabilities.provisioning",
    "perseat.capabilities.licensing",
    "perseat.capabilities.renewals",
    "perseat.capabilities.questions",
    "perseat.entrypoints.pages",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "perseat.config.security.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "perseat.config.urls"
WSGI_APPLICATION = "perseat.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            PACKAGE / "entrypoints" / "portal" / "templates",
            PACKAGE / "entrypoints" / "backoffice" / "templates",
            PACKAGE / "entrypoints" / "sandbox_gateway" / "templates",
        ],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "perseat.entrypoints.pages.brand.brand",
            ],
        },
    },
]

DATABASES = {"default": django_database(PERSEAT)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In PostgreSQL, so that all web processes count attempts to log in together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entry",
        # Beyond this a third is dropped: by Django's 300, strangers could make it forget whose attempts were counted.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- Signing in: by e-mail address only -----------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "perseat.entrypoints.portal.sign_in.SignInAdapter"
ACCOUNT_FORMS = {
    "login": "perseat.entrypoints.portal.sign_in.LogInForm",
    "change_password": "perseat.entrypoints.portal.sign_in.NewPasswordForm",
    "reset_password": "perseat.entrypoints.portal.sign_in.AskPasswordLinkForm",
    "reset_password_from_key": "perseat.entrypoints.portal.sign_in.ChoosePasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # nobody signs up by themselves: the invitation proves the address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "reset_password": "20/m/ip,3/10m/key",
    "reset_password_from_key": "30/m/ip",
}
# Whose attempts are counted: by what the last of so many proxies wrote, never by what a visitor may write.
ALLAUTH_TRUSTED_PROXY_COUNT = PERSEAT.trusted_proxies
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# --------------------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = PERSEAT.time_zone

STATIC_URL = "/static/"
_NODE_MODULES = CHECKOUT / "node_modules"
STATICFILES_DIRS = [
    *[
        (name, folder)
        for name, folder in [
            ("tabler", _NODE_MODULES / "@tabler" / "core" / "dist"),
            ("htmx", _NODE_MODULES / "htmx.org" / "dist"),
        ]
        if folder.exists()
    ],
    *[
        folder
        for door in ("portal", "backoffice", "webhooks")
        if (folder := PACKAGE / "entrypoints" / door / "static").exists()
    ],
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = PERSEAT.debug

DEFAULT_FROM_EMAIL = PERSEAT.email_from
if PERSEAT.smtp_url is None:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = PERSEAT.data_dir / "mail"
else:
    _smtp = urlsplit(PERSEAT.smtp_url.get_secret_value())
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _smtp.hostname or "localhost"
    EMAIL_USE_SSL = _smtp.scheme == "smtps"
    EMAIL_USE_TLS = not EMAIL_USE_SSL and _smtp.username is not None
    EMAIL_PORT = _smtp.port or (465 if EMAIL_USE_SSL else 587)
    EMAIL_HOST_USER = unquote(_smtp.username or "")
    EMAIL_HOST_PASSWORD = unquote(_smtp.password or "")
    EMAIL_TIMEOUT = 20

_HTTPS = PERSEAT.base_url.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = [
    "perseat.entrypoints.worker.tasks",
    "perseat.entrypoints.worker.billing_tasks",
    "perseat.entrypoints.worker.sandbox_tasks",
    "perseat.entrypoints.worker.tenant_tasks",
]

LOGGING_CONFIG = None
logs.set_up(level=PERSEAT.log_level)
