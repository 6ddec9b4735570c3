"""What programs are promised in JSON."""

import json

from osler.core.rendering import render_report
from tests.unit.core.rendering.sample import REPORT


def test_rewriting_rule_and_reason_are_fields() -> None:
    shown = json.loads(render_report(REPORT, "json", show_set_aside=True))
    by_code = {item["code"]: item for item in shown}
    assert by_code["CLM005"]["fix"] == {
        "line": 12,
        "column": 11,
        "end_column": 25,
        "text": "may reduce",
    }
    assert by_code["CLM011"]["rule"] == "house/safe"
    assert by_code["CLM006"]["set_aside"] == {
        "by": "page",
        "because": "it is a quotation",
        "line": 19,
    }
    assert by_code["CLM005"]["set_aside"] is None


def test_what_is_set_aside_is_left_out_unless_asked_for() -> None:
    codes = [item["code"] for item in json.loads(render_report(REPORT, "json"))]
    assert codes == ["EFF030", "CLM005", "CLM011"]
