"""What an ASGI server such as uvicorn loads; pages come through Django there, not from memory."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "osler.web.settings")
application = get_asgi_application()
