import os

from django.core.checks.urls import check_url_config
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
application = get_wsgi_application()

# Else the first page of each process imports all views, which takes two seconds on a busy machine; before the
# processes part, it is done once for all of them.
check_url_config(None)
