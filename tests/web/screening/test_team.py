"""Two reviewers blinded to each other, a third, shares, who leaves, a round of calibration."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from osler.records.model import Stage, Verdict
from osler.records.screening.progress import curve
from osler.web.accounts.models import AuditEntry
from osler.web.screening import selectors, services
from osler.web.screening.desk import Desk
from osler.web.screening.queueing import Filters
from osler.web.screening.services import Said
from osler.web.screening.tables import TableStore

BACK = "/staff/screening/back/"
STAGE = Stage.TITLE_ABSTRACT


def vote(team, who, key, verdict="exclude"):
    services.decide(team.seat(who), key, STAGE, Said(Verdict(verdict)), now=timezone.now())


def page(team, who, name=""):
    return team.client(who).get(BACK + name).content.decode()


def shown(team, who):
    screen = selectors.screen(team.seat(who), STAGE, Filters())
    return screen.shown.entry.key if screen.shown else ""


def through_http(team, by, name, /, **told):
    return team.client(by).post(BACK + name, told, follow=True).content.decode()


def test_a_vote_of_one_is_seen_by_nobody_else_before_their_own(team):
    first = shown(team, "one")
    vote(team, "one", first, "include")
    assert shown(team, "two") == first, "the second sees what the first has seen"
    assert f'name="record" value="{first}"' in page(team, "two")
    for name in ("", f"?record={first}", "history/", "search/", "conflicts/", "full-text/"):
        assert "You decided" not in page(team, "two", name)
        assert "Included" not in page(team, "two", name)
    assert "You decided" in page(team, "one", f"?record={first}")


def test_a_conflict_is_shown_to_its_parties_and_to_a_third_and_settled_by_talk(team):
    vote(team, "one", "r03", "include")
    vote(team, "two", "r03", "exclude")
    for who in ("one", "two", "three"):
        assert team.seat(who).desk.review().conflicts[STAGE]
        assert "r03" in page(team, who, "conflicts/")
    html = through_http(
        team, "two", "settle/", record="r03", stage=STAGE.value, verdict="include", note="talked"
    )
    assert "Settled." in html
    last = team.seat("one").desk.review().ledger.decisions[-1]
    assert (last.role, last.who, last.note) == ("consensus", "two", "talked")
    assert "No conflict" in page(team, "one", "conflicts/")
    assert AuditEntry.objects.filter(action="screening.settled").count() == 1


def test_a_third_reviewer_settles_and_may_take_it_back(team):
    vote(team, "one", "r03", "maybe")
    vote(team, "two", "r03", "exclude")
    services.settle(team.seat("three"), "r03", STAGE, Said(Verdict.EXCLUDE), now=timezone.now())
    review = team.seat("one").desk.review()
    assert review.ledger.decisions[-1].role == "third reviewer"
    assert review.state("r03", STAGE).value == "excluded"
    services.settle(team.seat("one"), "r03", STAGE, Said(Verdict.UNDECIDED), now=timezone.now())
    assert team.seat("one").desk.review().conflicts[STAGE]


def test_who_has_it_still_to_screen_may_not_settle_it(team):
    services.team_set(team.seat("one"), {"one": 1, "two": 1, "three": 1}, now=timezone.now())
    shares = team.seat("one").desk.review().shares
    key = next(key for key, who in shares.items() if "three" in who)
    other = next(who for who in shares[key] if who != "three")
    third = next(who for who in ("one", "two") if who != other)
    vote(team, other, key, "include")
    vote(team, third, key, "exclude")
    assert "1 more where you have not voted" in page(team, "three", "conflicts/")
    with pytest.raises(services.Refused):
        services.settle(team.seat("three"), key, STAGE, Said(Verdict.INCLUDE), now=timezone.now())


def test_two_votes_finish_a_record_where_whoever_comes_first_screens(team):
    vote(team, "one", "r03")
    vote(team, "two", "r03")
    seen = set()
    while key := shown(team, "three"):
        seen.add(key)
        vote(team, "three", key)
    assert "r03" not in seen and len(seen) == 39


def test_shares_are_screened_by_their_owners_and_handed_over_by_who_leaves(team):
    weights = {"one": 1, "two": 1, "three": 0.5}
    html = through_http(team, "one", "share/", **{f"weight {who}": w for who, w in weights.items()})
    assert "The records are shared out." in html
    shares = dict(team.seat("one").desk.review().shares)
    assert len(shares) == 40 and all(len(set(who)) == 2 for who in shares.values())
    own = {key for key, who in shares.items() if "three" in who}
    assert len(own) == 16
    done = shown(team, "three")
    assert done in own
    vote(team, "three", done)
    assert "went to the others" in through_http(team, "one", "leave/", who="three")
    after = team.seat("one").desk.review().shares
    assert {key for key, who in after.items() if "three" in who} == {done}
    seen = {"one": 0, "two": 0}
    for who in seen:
        while key := shown(team, who):
            vote(team, who, key)
            seen[who] += 1
    # Of the record that the one who left had screened, one vote more is needed.
    assert seen["one"] + seen["two"] == 79
    review = team.seat("one").desk.review()
    assert all(review.state(key, STAGE).value == "excluded" for key in review.keys)


def test_nobody_is_needed_who_has_left(team):
    services.team_set(team.seat("one"), {"one": 1, "two": 1}, now=timezone.now())
    vote(team, "one", "r00")
    services.reviewer_left(team.seat("one"), "two", now=timezone.now())
    assert "40 records have fewer reviewers" in page(team, "one", "team/")
    services.team_set(team.seat("one"), {"one": 1, "three": 1}, now=timezone.now())
    shares = team.seat("one").desk.review().shares
    assert all(set(who) == {"one", "three"} for who in shares.values()) and len(shares) == 40


def test_the_calibration_round_comes_first_for_everybody_and_hides_until_it_is_over(team):
    services.team_set(team.seat("one"), {"one": 1, "two": 1}, now=timezone.now())
    through_http(team, "one", "calibrate/", size="4")
    keys = team.seat("one").desk.review().plan.calibration
    assert len(keys) == 4
    for key in keys:
        assert shown(team, "one") == key
        vote(team, "one", key, "include")
    assert "They differ on" not in page(team, "one", "team/")
    for key in keys:
        assert shown(team, "two") == key
        vote(team, "two", key, "include" if key != keys[0] else "exclude")
    html = page(team, "one", "team/")
    assert "They differ on" in html and "talk before going on" in html
    through_http(team, "two", "calibrate/", size="0")
    assert team.seat("one").desk.review().plan.calibration == ()


def test_agreement_is_told_of_votes_before_they_were_settled(team):
    for n in range(10):
        vote(team, "one", f"r{n:02}", "include" if n < 3 else "exclude")
        vote(team, "two", f"r{n:02}", "include" if n < 2 else "exclude")
    html = page(team, "one", "progress/")
    assert "On 10 records" in html
    assert re.search(r"Percent agreement</th><td>0\.90<", html)
    assert re.search(r"Kappa</th><td>0\.74<", html)


def test_the_curve_is_that_of_the_library(team):
    for n in range(9):
        vote(team, "one", f"r{n:02}", ("exclude", "include", "maybe")[n % 3])
    review = team.seat("one").desk.review()
    assert review.curve == curve(review.ledger.of_entries)
    assert review.curve[-1].found == 6
    assert "6 found in 9 of 40 records" in page(team, "one", "progress/")


def test_one_find_is_counted_as_one(team):
    vote(team, "one", "r00", "include")
    assert "1 found in 1 of 40 records" in page(team, "one", "progress/")


def test_each_process_sees_what_the_others_wrote(team):
    other = Desk(TableStore(team.review))
    assert other.review().ledger.decisions == ()
    for n in range(5):
        vote(team, "one", f"r{n:02}")
        assert len(other.review().ledger.decisions) == n + 1
    services.words_set(team.seat("one"), services.Words(("leg",)))
    assert other.review().plan.words["one"].words_in == ("leg",)


def fails_within(seat, team):
    with seat.together():
        vote(team, "one", "r01")
        assert len(seat.desk.review().ledger.decisions) == 2
        raise RuntimeError


def test_what_came_to_nothing_is_forgotten(team):
    seat = team.seat("one")
    vote(team, "one", "r00")
    with pytest.raises(RuntimeError):
        fails_within(seat, team)
    assert len(seat.desk.review().ledger.decisions) == 1
    vote(team, "one", "r02")
    assert [d.record for d in seat.desk.review().ledger.decisions] == ["r00", "r02"]


def test_who_may_not_screen_may_not_by_a_service_either(team):
    team.users["one"].memberships.all().delete()
    with pytest.raises(PermissionDenied):
        vote(team, "one", "r00")
    assert team.client("one").get(BACK).status_code == 403
