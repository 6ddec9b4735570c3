"""Jinja2 for Django, with what every page of the site needs."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, StrictUndefined

from osler.web.naming import SiteName


def environment(**options: Any) -> Environment:
    """The environment of the static build, with Django's ``url`` and ``static``.

    ``site`` and ``root`` are what the public templates ask for; a template that is given
    its own uses those.
    """
    env = Environment(**options | {"autoescape": True, "undefined": StrictUndefined})
    env.globals |= {
        "url": _url(),
        "static": static,
        "version": version("osler"),
        "site": SiteName(),
        "root": "/",
    }
    return env


def _url() -> Callable[..., str]:
    def url(name: str, *args: object, **kwargs: object) -> str:
        return reverse(name, args=args or None, kwargs=kwargs or None)

    return url
