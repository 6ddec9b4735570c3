"""The local classifier's word."""

from osler.web.comments.layers.finding import Finding
from osler.web.comments.layers.letters import as_read
from osler.web.comments.spam.model import SpamModel, score


def judge_by_model(text: str, model: SpamModel) -> Finding:
    """Whether the text looks more like spam than like what was shown."""
    found = score(model, as_read(text))
    chance = f"{found.value:+.1f}, held above {model.threshold:+.1f}"
    if not found.is_spam:
        return Finding("classifier", "clean", f"not like spam ({chance})")
    words = ", ".join(f'"{_shortened(word)}"' for word in found.words)
    because = f"; most by {words}" if words else ""
    return Finding("classifier", "hold", f"like spam ({chance}){because}")


_LONGEST_SHOWN = 40


def _shortened(word: str) -> str:
    return word if len(word) <= _LONGEST_SHOWN else f"{word[: _LONGEST_SHOWN - 1]}…"
