"""The command ``osler``."""

import click

from osler.cli.lazily import LazyGroup

COMMANDS = {
    "new": "osler.cli.new:new_command",
    "check": "osler.cli.check:check_command",
    "confirm": "osler.cli.confirm:confirm_command",
    "rules": "osler.cli.rules:rules_command",
    "build": "osler.cli.build:build_command",
    "summary": "osler.cli.summary:summary_command",
    "serve": "osler.cli.serve:serve_command",
    "records": "osler.cli.records.group:records_group",
    "screen": "osler.web.commands.screen:screen_command",
    "prisma": "osler.cli.prisma:prisma_command",
    "pool": "osler.cli.pool:pool_command",
    "network": "osler.cli.network:network_command",
    "batch": "osler.cli.batch:batch_command",
    "audit": "osler.cli.audit:audit_command",
    "site": "osler.web.commands.site:site_command",
    "import-revman": "osler.cli.revman:revman_command",
    "import-wordpress": "osler.web.wordpress.command:import_wordpress_command",
    "language-server": "osler.cli.language_server.command:language_server_command",
    "explain": "osler.cli.explain:explain_command",
    "demo": "osler.cli.demo:demo_command",
    "completion": "osler.cli.completion:completion_command",
}
"""Every command and where it stands, in the order of ``osler --help``."""

EPILOG = """\b
Examples:
  osler new back-pain            start a review folder that builds
  osler check back-pain          is every claim carried by the evidence?
  osler build back-pain          write the pages
  osler serve back-pain          look at them while writing
  osler summary back-pain -o findings.docx   tables of certainty, for Word
  osler records add hits.ris back-pain --database PubMed --date 2026-01-05   from searches on
  osler screen back-pain         screen them in the browser, the likely ones first
  osler prisma back-pain -o flow.svg   the flow diagram, counted
  osler audit practice.csv       what became of a clinic's own patients
  osler site back-pain           the clinic's live site: comments, questionnaires, editing
  osler import-wordpress export.xml -o clinic   bring a WordPress site along
  osler import-revman review.rm5 back-pain   bring a review of RevMan along
  osler pool trials.csv          one meta-analysis from a table
  osler network trials.csv       all treatments of a table at once
  osler batch in.parquet out.parquet   a million of them

Every message has a code; 'osler explain CODE' says what it means.
"""


@click.group("osler", cls=LazyGroup, commands_at=COMMANDS, epilog=EPILOG)
@click.version_option(package_name="osler", prog_name="osler")
def main() -> None:
    """From a folder of trial data and an article to a page whose claims are checked.

    A review folder holds osler.toml (the question), tables of studies and results as
    CSV, and pages/*.md. Nothing is hidden: everything else is made from it.
    """
