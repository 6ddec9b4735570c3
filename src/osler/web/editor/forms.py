"""What staff fill in."""

from django import forms

from osler.web.editor.files import LONGEST


class PageForm(forms.Form):
    """A page's text, and what it was when it was opened."""

    text = forms.CharField(
        max_length=LONGEST,
        strip=False,
        required=False,
        label="Text of the page (Markdown)",
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "true", "autocomplete": "off"}),
    )
    base = forms.RegexField("[0-9a-f]{40}", widget=forms.HiddenInput)
    note = forms.CharField(max_length=200, required=False, label="What you changed, in a few words")
    reason = forms.CharField(
        max_length=2000,
        required=False,
        label="Reason for publishing with errors",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It is kept in the audit trail and shown among the page's versions.",
    )


class NewPageForm(forms.Form):
    """A page that is not there yet."""

    name = forms.RegexField(
        "[a-z0-9][a-z0-9_-]{0,79}",
        label="Address",
        help_text="Small letters, digits and hyphens: knee-pain",
        error_messages={"invalid": "Small letters, digits and hyphens only."},
    )
    title = forms.CharField(max_length=200, label="Title")
