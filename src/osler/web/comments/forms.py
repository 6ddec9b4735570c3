"""What a reader fills in; required fields say so."""

from typing import Any

from django import forms

from osler.web.comments.wording import normalised
from osler.web.fields import MailField

_LONGEST = 5000


class CommentForm(forms.Form):
    """Name, e-mail and text; ``website`` is for machines, ``stamp`` tells when it was opened."""

    required_css_class = "required"

    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="Shown with your comment. It need not be your full name.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = MailField(
        label="E-mail",
        max_length=254,
        help_text="Never published. You get a link there to confirm your comment.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    text = forms.CharField(
        label="Comment",
        max_length=_LONGEST,
        help_text="Plain text. Everybody can read it: leave out what only your doctor should know.",
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    website = forms.CharField(required=False, max_length=1000, label="Leave this empty")
    stamp = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
    parent = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        return _something(self.cleaned_data["text"])

    def clean_name(self) -> str:
        return _something(self.cleaned_data["name"])


class EditForm(forms.Form):
    """A writer's change of their own comment."""

    name = CommentForm.base_fields["name"]
    text = CommentForm.base_fields["text"]

    def clean_text(self) -> str:
        return _something(self.cleaned_data["text"])

    def clean_name(self) -> str:
        return _something(self.cleaned_data["name"])


class ReplyForm(forms.Form):
    """The clinic's answer."""

    text = forms.CharField(
        label="Answer", max_length=_LONGEST, widget=forms.Textarea(attrs={"rows": 6})
    )


def _something(text: Any) -> str:
    shown = normalised(str(text))
    if not any(c.isalnum() for c in shown):
        raise forms.ValidationError("There are no words in it.")
    return shown
