"""What goes to the terminal or the journal: no address that is the key to something."""

import logging
import re

_KEY = re.compile(r"(/(?:questions|comments/mine|privacy/mine|staff/invitation)/)[^\s'\"?]+")


def hide_keys(record: logging.LogRecord) -> bool:
    """Takes the key out of an address; as a filter of logging it lets everything pass.

    Django writes the address of what it refused, and who reads the log could open the link.

    Examples
    --------
    >>> said = logging.LogRecord("x", 30, "", 0, "Gone: %s", ("/questions/aZ-9.xY/agree/",), None)
    >>> hide_keys(said), said.getMessage()
    (True, 'Gone: /questions/(key)')
    """
    message = record.getMessage()
    hidden = _KEY.sub(r"\1(key)", message)
    if hidden != message:
        record.msg, record.args = hidden, ()
    return True


def hiding_keys() -> object:
    """For the settings, which name what makes a filter."""
    return hide_keys
