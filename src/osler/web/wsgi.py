"""What a WSGI server such as gunicorn loads: ``gunicorn osler.web.wsgi``."""

import os
from typing import cast

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "osler.web.settings")
_django = get_wsgi_application()

from osler.web.pages.serving import Application, Published  # noqa: E402 - models need Django to be set up

application = Published(cast(Application, _django))
