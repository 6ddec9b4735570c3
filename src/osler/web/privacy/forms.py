"""Asking for one's own data, and staff doing it for somebody."""

from django import forms

from osler.web.accounts.models import Clinic
from osler.web.fields import MailField


class RequestForm(forms.Form):
    """The address, and the clinic where a site has more than one."""

    email = MailField(
        label="E-mail",
        max_length=254,
        help_text="The address that you gave. The link goes there and nowhere else.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    clinic = forms.ModelChoiceField(
        label="Clinic", queryset=Clinic.objects.order_by("name", "pk"), empty_label=None
    )


class PersonForm(forms.Form):
    """Whose data staff ask for."""

    email = MailField(label="E-mail address of the person", max_length=254)
