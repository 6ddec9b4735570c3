"""False alarms on plain-language summaries, and misses among sentences that sell.

The summaries under tests/cases/summaries were written for this test in the way of careful
reviewers; their figures are made up. What is still found on them is listed word for word, so
that every change is seen.
"""

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from osler.claims.alone import judge_alone
from osler.claims.document.page import parse_page
from osler.cli.alone import page_of_text
from osler.core.diagnostics import Diagnostic, Severity
from tests.cases.reading import Case, check_case, read_case, told
from tests.unit.claims.sample import codes_in

FOLDER = Path(__file__).parents[2] / "cases" / "summaries"
SUMMARIES = sorted(path.name for path in FOLDER.glob("*.md"))
UNSEEN = sorted(f"unseen/{path.name}" for path in (FOLDER / "unseen").glob("*.md"))
FOLDERS = sorted(path.name for path in (FOLDER / "folders").glob("*.md"))
TODAY = date(2026, 11, 23)

# True: how common an illness is, without a source (twice), and a comparison of treatments that
# the review did not make. False: "cures" where most women said that they were cured, and
# "can ease the pain" of a common painkiller.
STILL_FOUND = """
bowel-screening.md:11:7 CLM012 warning 5 in 100
massage-labour.md:11:240 CLM010 error takes away
pelvic-floor-training.md:7:33 CLM006 error cures
pelvic-floor-training.md:13:7 CLM012 warning one in three
sore-throat-antibiotics.md:35:30 CLM010 error ease
"""

# On four more, written when the word lists had been mended, and measured before any more was
# changed. The first is true; the second words a wide interval.
STILL_FOUND_UNSEEN = """
unseen/falls-balance.md:13:18 CLM012 warning one in three
unseen/gout-tablets.md:16:98 PLN006 warning The trials leave room for no differe
"""

# The first 60, then 30 and 20 more, each lot written after the last had been looked at.
SOLD = """
Acupuncture is suitable for sciatica.
We use needles for back pain.
Acupuncture can safely be used for the following conditions: migraine, asthma and insomnia.
Conditions that respond to acupuncture include hay fever, eczema and depression.
Our osteopaths are experts in treating colic in babies.
Reflexology supports fertility naturally.
Cupping draws out toxins and leaves your immune system stronger.
Research suggests that homeopathy relieves hay fever.
As the World Health Organization lists, acupuncture is effective for over 100 conditions.
Our treatments have helped thousands of women to conceive.
Book your course of acupuncture for anxiety today.
Reiki can heal at every level, from migraine to cancer.
Say no to painkillers: osteopathy puts your back right.
Chiropractic care gets to the source of your headaches rather than masking them.
Spinal manipulation corrects the cause of asthma.
After just three sessions of dry needling you will be back to running.
Nine out of ten of our patients are free of pain after six weeks.
Studies prove that acupuncture beats tablets.
Massage detoxifies the body and flushes away inflammation.
Homeopathic remedies have no side effects and can be taken by everyone.
Acupuncture is a natural alternative to antidepressants.
There is strong evidence for acupuncture in the treatment of infertility.
Acupuncture doubles your chance of IVF success.
Moxibustion turns breech babies in most cases.
Laser therapy melts fat away and keeps it off.
Vitamin drips boost your energy and prevent colds.
Zinc stops a cold in its tracks.
Hypnotherapy is the fastest way to stop smoking for good.
CBD oil is nature's answer to anxiety.
Craniosacral therapy releases birth trauma and calms colicky babies.
You can throw away your inhaler once you start our breathing course.
Our herbal medicine is an excellent treatment for psoriasis.
Acupuncture rebalances your hormones and restores your cycle.
Patients travel from all over the country for our migraine treatment because it works.
"I had sciatica for years and after four visits it was gone", says Anna.
Acupuncture releases endorphins, which is why it relieves pain.
Scientists have confirmed that reflexology lowers blood pressure.
Kinesiology finds out what your body is allergic to.
Ear acupuncture takes away the craving for cigarettes.
Shockwave therapy repairs damaged tendons.
Statins are pointless: a good diet lowers cholesterol just as well.
Colonic hydrotherapy cleanses the bowel and improves your skin.
Ozone therapy kills viruses and strengthens the immune system.
Acupuncture has been used for thousands of years to treat headaches.
Acupuncture is recognised by the NHS as a treatment for migraine.
We specialise in treating long covid with acupuncture.
Fertility acupuncture gives you the best chance of a baby.
The vaccine is completely safe for every child.
Exercise cures osteoarthritis of the knee.
Yoga reverses diabetes.
Our patients recover twice as fast as others.
Acupuncture cuts the number of migraines by half.
Osteopathy will sort out your baby's reflux.
With reflexology, hot flushes become a thing of the past.
Sciatica? We can fix it.
Acupuncture is effective, gentle and free from risk.
Tai chi prevents falls in everyone over 65.
There is nothing better for back pain than chiropractic.
Aromatherapy is perfect for treating stress, insomnia and PMS.
Hearing aids prevent dementia.
Acupuncture is widely used for arthritis and gives long-lasting results.
Osteopathy gently realigns your baby's skull and settles wind.
We see great results with eczema.
Chinese herbs clear eczema from within.
Hypnotherapy rewires your brain so that anxiety fades.
Feel your stress melt away with our hot stone massage.
Acupuncture is now accepted by doctors as a treatment for depression.
Tired of migraine? Acupuncture could change everything.
Women who have acupuncture get pregnant faster.
Reflexology triggers the body's own healing of asthma.
Chiropractic adjustments keep your nervous system free of interference so that you stay healthy.
Cupping speeds muscle repair and wards off injury.
A course of six treatments is enough to clear most cases of tennis elbow.
Homeopathy treats the whole person and tackles the cause of hay fever.
Ibuprofen only hides the problem, while acupuncture solves it.
Dry needling switches off trigger points and banishes neck pain.
Bioresonance detects allergies without needles.
CBD oil fights inflammation.
With Bowen technique, frozen shoulder frees up in two sessions.
Traditional Chinese medicine offers answers where doctors have none.
Acupuncture boosts sperm quality.
Everyone feels the benefit of shockwave therapy within days.
Yoga keeps dementia away.
Ear seeds help you lose weight without dieting.
Probiotics strengthen your child's immunity.
Reiki is scientifically validated for chronic pain.
Our pain clinic has a 95% success rate.
Acupuncture outperforms physiotherapy in every study.
Massage helps the heart, the lungs and the mind.
IV drips are the smart way to beat a cold.
Acupuncture brings down swelling in arthritic joints.
We help people with migraine every day using acupuncture.
Chiropractic is the drug-free answer to headaches.
Reflexology is known for its calming effect on anxiety.
Homeopathy for asthma works on the immune system at the deepest level.
Our clients swear by cupping for back pain.
Osteopathy is highly effective for infant colic.
Relieve your sciatica today with acupuncture.
Thousands have already beaten insomnia with hypnotherapy.
Shockwave therapy has a proven record in plantar fasciitis.
Herbal medicine can shrink fibroids.
Vitamin C infusions protect you against cancer.
Massage improves circulation and boosts the immune system.
It is well established that yoga lowers blood pressure.
Acupuncture helps IVF succeed.
No more hay fever thanks to homeopathy.
With craniosacral therapy your baby will sleep through the night.
Red light therapy rebuilds collagen and heals joints.
Pilates makes back pain disappear for good.
Statins do more harm than good, so try garlic instead.
"""

# No treatment is named that is known by name, or no word of effect that is known.
MISSED = """
Laser therapy melts fat away and keeps it off.
You can throw away your inhaler once you start our breathing course.
Patients travel from all over the country for our migraine treatment because it works.
Sciatica? We can fix it.
Chinese herbs clear eczema from within.
Tired of migraine? Acupuncture could change everything.
A course of six treatments is enough to clear most cases of tennis elbow.
Ibuprofen only hides the problem, while acupuncture solves it.
Bioresonance detects allergies without needles.
Everyone feels the benefit of shockwave therapy within days.
Ear seeds help you lose weight without dieting.
Herbal medicine can shrink fibroids.
No more hay fever thanks to homeopathy.
Statins do more harm than good, so try garlic instead.
"""


@cache
def text_of(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def findings(text: str, name: str = "page.md") -> list[Diagnostic]:
    """The errors and warnings of a page without a folder."""
    page, while_reading = page_of_text(name, text)
    found = [*while_reading, *judge_alone(page, TODAY)]
    return [d for d in found if d.severity is not Severity.NOTE]


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


def test_there_are_twenty_summaries_of_a_fair_length() -> None:
    assert len(SUMMARIES) == 20
    assert [n for n in SUMMARIES if not 300 <= len(text_of(n).split()) <= 700] == []
    assert [n for n in SUMMARIES if "every figure in it are made up" not in text_of(n)] == []


@pytest.mark.parametrize("names", [SUMMARIES, UNSEEN])
def test_fewer_than_one_finding_in_500_words(names: list[str]) -> None:
    words = sum(len(text_of(name).split()) for name in names)
    found = [d for name in names for d in findings(text_of(name), name)]
    assert words > 1000
    assert len(found) / words * 500 < 1


@pytest.mark.parametrize(
    ("names", "expected"), [(SUMMARIES, STILL_FOUND), (UNSEEN, STILL_FOUND_UNSEEN)]
)
def test_what_is_still_found_on_the_summaries(names: list[str], expected: str) -> None:
    found = [told(d) for name in names for d in findings(text_of(name), name)]
    assert [line[:80] for line in found] == lines(expected)


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_claim_among_careful_words_is_found_all_the_same(name: str) -> None:
    text = f"{text_of(name)}\nReflexology is completely safe and cures asthma.\n"
    before, after = findings(text_of(name), name), findings(text, name)
    codes = {d.code for d in after if d.place.line == len(text.splitlines())}
    assert {"CLM006", "CLM011"} <= codes
    assert len(after) > len(before)


def test_selling_sentences_are_found_but_for_these() -> None:
    sentences = lines(SOLD)
    assert len(sentences) == 110
    assert [s for s in sentences if not findings(s)] == lines(MISSED)


# Plain words that stand close to those that sell.
PEACE = """
Surgery stops the disc from pressing on the nerve.
Exercise targets the muscles of the back.
If the pain settles, surgery is not needed.
Good evidence for surgery is lacking.
There is no strong evidence for acupuncture.
Acupuncture has been used in China for thousands of years.
Not everyone is suitable for surgery.
It can take up to a year to recover fully from an operation.
Most people get better within a week whether or not they take tablets.
We wanted to know whether exercise, such as walking or yoga, reduces back pain.
We are uncertain which kind of exercise works best.
A person who feels better after massage cannot know what made the difference.
"""


@pytest.mark.parametrize("sentence", lines(PEACE))
def test_plain_words_are_left_in_peace(sentence: str) -> None:
    assert findings(sentence) == []
    assert codes_in(sentence) == []


COUNTED = "In 9 trials with 800 people, 4 in 10 people with yoga still had pain."


def test_numbers_need_no_link_where_the_studies_and_the_certainty_are_told() -> None:
    assert [d.code for d in findings(COUNTED)] == ["CLM012"]
    assert findings(f"{COUNTED}\n\nOur confidence in the evidence is low.") == []


def test_how_common_an_illness_is_needs_a_source_even_there() -> None:
    text = f"{COUNTED} The certainty is low.\n\nMigraine affects 1 in 7 people."
    assert [d.place.line for d in findings(text)] == [3]


def test_a_plain_verb_passes_where_certainty_is_called_high_and_not_where_it_is_low() -> None:
    top = "We found 9 trials with 800 people. Yoga reduces back pain. The certainty is "
    assert [d.code for d in findings(f"{top}low.")] == ["CLM010"]
    assert findings(f"{top}high.") == []
    notes = [d for d in judge_alone(parse_page(f"{top}high.", "a.md")[0], TODAY) if d.rule == ""]
    assert [d.code for d in notes] == ["CLM010"]


@pytest.mark.parametrize("name", FOLDERS)
def test_a_summary_in_a_folder_gives_what_it_expects(name: str) -> None:
    case = read_case(FOLDER / "folders" / name)
    judged, found = check_case(case)
    assert len(judged) >= 5
    assert [told(d) for d in found if d.severity is not Severity.NOTE] == case.expected
    page = case.blocks["pages/summary.md"].replace(" slightly", " greatly")
    _, found = check_case(Case({**case.blocks, "pages/summary.md": page}))
    assert [d.code for d in found if d.code.startswith("CLM")] != []


def test_there_are_summaries_in_folders() -> None:
    assert len(FOLDERS) == 3
