"""Formulas as MathML, which browsers draw themselves: no script, nothing from elsewhere."""

import re

from docutils import nodes
from docutils.utils.math import MathError, latex2mathml
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.writers.html5 import HTML5Translator

# Sizes that docutils does not know; browsers stretch brackets by themselves.
_SIZES = re.compile(r"\\[Bb]igg?[lrm]?(?![A-Za-z])")


def _mathml(source: str, *, block: bool) -> str:
    plain = _SIZES.sub("", source).replace(r"\tfrac", r"\frac")
    try:
        tree = latex2mathml.tex2mathml(plain, as_block=block)
    except MathError as trouble:
        raise ExtensionError(f"formula {source!r}: {trouble}") from trouble
    return str(tree)


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(_mathml(node.astext(), block=False))
    raise nodes.SkipNode


def visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="formula">{_mathml(node.astext(), block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
