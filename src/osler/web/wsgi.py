"""What a WSGI server loads: ``granian --interface wsgi osler.web.wsgi:application``."""

import os
from typing import cast

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "osler.web.settings")
_django = get_wsgi_application()

from osler.web.entry import read_as_utf8  # noqa: E402 - settings are there by now
from osler.web.pages.serving import Application, Published  # noqa: E402 - models need Django to be set up

application = Published(cast(Application, read_as_utf8(_django)))
