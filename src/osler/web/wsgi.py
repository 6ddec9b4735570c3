"""What a WSGI server such as gunicorn loads: ``gunicorn osler.web.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "osler.web.settings")
application = get_wsgi_application()
