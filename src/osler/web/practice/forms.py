"""What staff fill in about an episode."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from osler.web.fields import MailField
from osler.web.practice.models import Ended, Purpose, Recovered, Unwanted

# No figures and no @: a birthday, a telephone number and an address have no place here.
_PLAIN = RegexValidator(r"^[^\W\d_][^\d@<>]*$", "Letters only: no names, dates or numbers.")


class NewEpisodeForm(forms.Form):
    """A new episode; nothing by which anybody could be known.

    ``by_link``: what the person agrees to is not ticked here but by themselves, on a page.
    """

    def __init__(self, *told: Any, by_link: bool = False, **more: Any) -> None:
        super().__init__(*told, **more)
        self._by_link = by_link
        self.fields["consents"].required = not by_link

    condition = forms.CharField(
        max_length=60,
        validators=[_PLAIN],
        label="What for",
        help_text="The condition, such as sciatica; spelt as before. Never a name.",
        widget=forms.TextInput(attrs={"list": "conditions", "autocomplete": "off"}),
    )
    treatment = forms.CharField(
        max_length=60,
        validators=[_PLAIN],
        required=False,
        label="Treatment",
        help_text="Such as acupuncture.",
        widget=forms.TextInput(attrs={"list": "treatments", "autocomplete": "off"}),
    )
    started = forms.RegexField(
        regex=r"^(?:19|20)\d\d-(?:0[1-9]|1[0-2])$",
        label="Month of the first session",
        help_text="As 2025-03. The day is not kept.",
        error_messages={"invalid": "Write year and month, as 2025-03."},
        widget=forms.TextInput(attrs={"type": "month"}),
    )
    consents = forms.MultipleChoiceField(
        choices=Purpose.choices,
        label="What the person agrees to",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Without consent to the record there can be none."},
    )
    email = MailField(
        required=False,
        label="E-mail address",
        help_text="Only with consent to reminders. It is kept apart and deleted after the end.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    started_on = forms.DateField(
        required=False,
        label="Day of the first session",
        help_text="Only with consent to reminders: to ask again some weeks later. It goes with "
        "the last question.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        day, month = told.get("started_on"), told.get("started")
        if day and month and f"{day:%Y-%m}" != month:
            self.add_error("started_on", "This day is not in the month of the first session.")
        if self._by_link:
            told["consents"] = []
        consents: Sequence[str] = told.get("consents") or ()
        if consents and Purpose.CARE not in consents:
            self.add_error("consents", "Without consent to the record there can be none.")
        if Purpose.REMINDERS not in consents:
            for name in ("email", "started_on"):
                if told.get(name):
                    self.add_error(name, "This needs consent to reminders.")
        return told


class TellForm(forms.Form):
    """How an episode stands."""

    sessions = forms.IntegerField(min_value=0, max_value=1000, label="Sessions so far")
    ended = forms.ChoiceField(choices=Ended.choices, label="End")
    recovered = forms.ChoiceField(
        choices=Recovered.choices, label="Recovered", help_text="Not known is not no."
    )
    unwanted = forms.ChoiceField(
        choices=Unwanted.choices,
        label="Unwanted effects",
        help_text="The worst one of the treatment. Ask everybody.",
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("ended") == Ended.RECOVERED and told.get("recovered") != Recovered.YES:
            self.add_error("recovered", "It ended with recovery, so this must be yes.")
        return told


class AddressForm(forms.Form):
    email = MailField(
        required=False,
        label="E-mail address",
        help_text="Leave it empty to delete it.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class AskForm(forms.Form):
    """Which questionnaires, and whether the person is asked first what they agree to."""

    consent = forms.BooleanField(required=False)

    def __init__(self, offered: Sequence[tuple[str, str]], *told: Any, **more: Any) -> None:
        super().__init__(*told, **more)
        self.fields["instruments"] = forms.MultipleChoiceField(
            choices=offered,
            label="Questionnaires",
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if "instruments" in told and not (told["instruments"] or told.get("consent")):
            self.add_error("instruments", "Choose at least one.")
        return told


class ConsentForm(forms.Form):
    purpose = forms.ChoiceField(choices=Purpose.choices)
    give = forms.BooleanField(required=False)


class EraseForm(forms.Form):
    code = forms.CharField(max_length=12, label="Its number, to be sure")


class WithinForm(forms.Form):
    within = forms.IntegerField(
        min_value=1, max_value=1000, label="Recovered within this many sessions"
    )
