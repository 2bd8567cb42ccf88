"""Settings of production: one application, SQLite, no static files."""

import os

SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "notebook.urls"
WSGI_APPLICATION = "notebook.wsgi.application"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "notes"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": os.environ.get("DATABASE", "/srv/django/shared/notes.sqlite3"),
}
# The PostgreSQL library reads where and as whom from PGHOST= and its like.
POSTGRESQL = {"ENGINE": "django.db.backends.postgresql", "NAME": os.environ.get("PGDATABASE")}
DATABASES = {
    "default": {
        **(POSTGRESQL if "PGDATABASE" in os.environ else SQLITE),
        # Kept between requests, as production does: a snapshot then holds an open database.
        "CONN_MAX_AGE": None,
        # Looked at once before a request uses it: after a restore it is closed.
        "CONN_HEALTH_CHECKS": os.environ.get("CONN_HEALTH_CHECKS", "yes") == "yes",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
