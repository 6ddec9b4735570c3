"""What people fill in about accounts."""

from django import forms

from osler.web.accounts.models import Role


class TokenForm(forms.Form):
    """The number of the app, or a recovery code."""

    token = forms.CharField(
        max_length=16,
        label="Number from the app",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )

    def clean_token(self) -> str:
        return str(self.cleaned_data["token"]).replace(" ", "").lower()


class AnyTokenForm(TokenForm):
    """As asked for at the login."""

    token = forms.CharField(
        max_length=20,
        label="Number from the app, or a recovery code",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


class InviteForm(forms.Form):
    """A new member."""

    username = forms.CharField(
        max_length=150, label="User name", help_text="Letters, digits and @ . + - _"
    )
    name = forms.CharField(max_length=150, required=False, label="Name")
    roles = forms.MultipleChoiceField(
        choices=Role.choices, widget=forms.CheckboxSelectMultiple, label="Roles"
    )

    def clean_name(self) -> str:
        """Without characters that nobody sees: some turn round what stands behind them."""
        return "".join(c for c in self.cleaned_data["name"] if c.isprintable()).strip()


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(choices=Role.choices, required=False)


class ActiveForm(forms.Form):
    active = forms.BooleanField(required=False)


class ClinicForm(forms.Form):
    clinic = forms.SlugField()
