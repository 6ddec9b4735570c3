"""Fields that several parts ask for."""

from django import forms


class MailField(forms.EmailField):
    """An e-mail address to which a message can be sent.

    Django's own field takes names of domains that have no form in which a mail server could
    be asked for them.

    Examples
    --------
    >>> MailField().clean("a.reader@site.example")
    'a.reader@site.example'
    >>> MailField().clean(f"a@{'é' * 63}.example")
    Traceback (most recent call last):
    ...
    django.core.exceptions.ValidationError: ['Enter a valid email address.']
    """

    def clean(self, value: object) -> str:
        told = str(super().clean(value))
        try:
            told.rpartition("@")[2].encode("idna")
        except UnicodeError:
            raise forms.ValidationError("Enter a valid email address.") from None
        return told
