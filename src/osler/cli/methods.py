"""The options of every command that pools: how tau2 and the intervals are had, and the form."""

import click

from osler.synthesis.intervals import CI_METHODS
from osler.synthesis.tau2 import TAU2_METHODS

TAU2 = click.option(
    "--tau2",
    "tau2_method",
    type=click.Choice(list(TAU2_METHODS), case_sensitive=False),
    default="REML",
    show_default=True,
    help="Estimator of the variance between studies.",
)
CI = click.option(
    "--ci",
    "ci_method",
    type=click.Choice(list(CI_METHODS), case_sensitive=False),
    default="auto",
    show_default=True,
    help="Interval of the random-effects estimate; auto is HKSJ with three or more studies "
    "and tau2 above 0, else Wald.",
)
LEVEL = click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Level of every interval.",
)
STYLE = click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, or JSON on the analysis scale for programs.",
)
