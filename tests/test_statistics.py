"""What may be shown of a desk's numbers, and that nobody small in number can be found in it, by any difference."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.retention import COUNTS
from bot.statistics import Figures, figures_of, first_day, summary
from bot.statistics.disclosure import DAYS, FEWEST_DECIDED, PEOPLE, released, share, shown, within
from bot.statistics.figures import Counted
from bot.texts import Renderer, read_catalogs
from bot.texts.source import source_texts
from dialogs.symbols import Say
from tests.dialogs_world import STUDY
from tests.test_counting import Tallied

BEGUN, UNTIL = date(2026, 7, 1), date(2026, 9, 1)
RENDERER = Renderer(read_catalogs(source_texts(STUDY)), lambda told, language: None)
QUESTIONS = tuple(STUDY.by_id)


def figures(*rows: Counted, until: date = UNTIL, place: str = "montreal") -> Figures:
    """The figures of these rows, which must be enough for some."""
    made = figures_of(rows, place, until, STUDY)
    assert made is not None
    return made


def on(day: date, place: str = "montreal", /, **numbers: int) -> Iterator[Counted]:
    """What was counted on a day: `fr__asked__age=3`, or `started=3` for French."""
    for name, number in numbers.items():
        yield day, f"{place}.{name.replace('__', '.') if '__' in name else f'fr.{name}'}", number


def counted(**numbers: int) -> list[Counted]:
    """What was counted on the first day, with so many who started that it is released."""
    return [*on(BEGUN, fr__started=50, en__started=50), *on(BEGUN, **numbers)]


def cells(made: Figures) -> dict[str, int | None]:
    """Every number of the figures, by name."""
    found: dict[str, int | None] = {}
    for step in made.funnel:
        name = step.total.name
        found |= {name: step.total.number} | {f"{name}.{each}": shown for each, shown in step.by_language.items()}
    lists = {"result": made.outcomes, "closed": made.closed, "source": made.sources, "stopped": made.stopped}
    for kind, listed in (lists | {"decided": made.decided}).items():
        found |= {f"{kind}.{cell.name}": cell.number for cell in listed}
    for each in made.questions:
        for kind in ("asked", "unsure", "changed", "stopped"):
            by_language = getattr(each, kind)
            found |= {f"{kind}.{each.name}.{language}": by_language[language] for language in ("fr", "en")}
    return found


# -------------------------------------------------------------------------------------------- what is shown


def test_numbers_are_lowered_to_fives_and_few_people_are_no_number() -> None:
    assert [shown(number) for number in (0, 1, 4, 5, 9, 10, 14, 1234)] == [None, None, None, 5, 5, 10, 10, 1230]
    assert [shown(number, FEWEST_DECIDED) for number in (4, 5, 9, 10, 19)] == [None, None, None, 10, 15]


def test_the_funnel_goes_from_the_start_through_each_question_to_the_study() -> None:
    steps = [step.total.name for step in figures(*counted()).funnel]
    assert steps == [
        *("started", "asked.age", "agreed"),
        *(f"asked.{question}" for question in QUESTIONS if question != "age"),
        *("result", "sent", "claimed", "contacted", "enrolled"),
    ]


def test_what_people_did_becomes_the_figures_of_their_place_and_language() -> None:
    people = [Tallied().starts("fr").consents().reviews().taps("continue", "share", "send") for _ in range(6)]
    people += [Tallied().starts("en").consents().meets_all_before("cancer").taps("unsure") for _ in range(7)]
    people += [Tallied().starts("en", "paris") for _ in range(8)]
    made = figures(*((BEGUN, name, 1) for person in people for name in person.tally))
    assert (made.step("started").total.number, made.step("started").by_language) == (10, {"fr": 5, "en": 5})
    assert (made.step("asked.pregnancy").total.number, made.step("sent").total.number) == (5, 5)
    compared = {each.name: each for each in made.questions}["cancer"]
    assert compared.unsure == {"en": 5, "fr": None}
    assert [cell.number for cell in made.outcomes] == [5, None, None]


def test_links_to_the_place_are_counted_by_source() -> None:
    rows = [*counted(fr__source__chu=6, en__source__chu=5, fr__source__rare=4), *on(BEGUN, "paris", fr__source__chu=50)]
    assert [(cell.name, cell.number) for cell in figures(*rows).sources] == [("chu", 10)]


def test_a_source_named_started_starts_nobody() -> None:
    assert figures_of([*on(BEGUN, fr__source__started=50)], "montreal", UNTIL, STUDY) is None


def test_lists_begin_with_the_most() -> None:
    made = figures(*counted(fr__stopped__cancer=7, en__stopped__consent=12, fr__decided__bmi=10, fr__decided__age=9))
    assert [(cell.name, cell.number) for cell in made.stopped][:3] == [
        ("consent", 10),
        ("cancer", 5),
        ("language", None),
    ]
    assert [(cell.name, cell.number) for cell in made.decided][:2] == [("bmi", 10), ("age", None)]


def test_shares_are_those_of_shown_numbers_and_never_more_than_all() -> None:
    assert (share(5, 20), share(None, 20), share(5, None), share(25, 20)) == (25, None, None, 100)


def test_hours_are_told_from_twenty_claims_on_and_coarsely() -> None:
    few = {f"fr__hours__{hours}": 1 for hours in range(19)}
    assert figures(*counted(**few)).hours is None
    made = figures(*counted(**few, fr__hours__168=1)).hours
    assert made is not None
    assert (made.median, made.ninetieth) == (12, 24)
    assert figures(*counted(**few, en__hours__168=4)).hours is None, "fifteen and none, as far as is shown"


def test_a_share_of_waiting_is_told_by_the_next_bound() -> None:
    assert within([1, 0, 0, 0], 50) == 1
    assert within([0, 5, 5], 50) == 2
    assert within([0, 4, 5], 50) == 4
    assert within([0] * 168 + [1], 50) is None


# ------------------------------------------------------------------------------------------- when it is shown


def test_nothing_is_shown_before_five_people_have_come_and_a_week_has_gone_by() -> None:
    four, five = [*on(BEGUN, started=4)], [*on(BEGUN, started=5)]
    assert figures_of(four, "montreal", UNTIL, STUDY) is None
    assert figures_of(five, "montreal", BEGUN + timedelta(days=6), STUDY) is None
    assert figures_of(five, "montreal", BEGUN + timedelta(days=7), STUDY) is not None


def test_who_comes_alone_moves_no_number() -> None:
    rows = [*on(BEGUN, started=8, fr__decided__cancer=9)]
    alone = [*on(BEGUN + timedelta(days=20), started=1, fr__decided__cancer=1)]
    for days in range(21, 60):
        until = BEGUN + timedelta(days=days)
        assert figures(*rows, *alone, until=until) == figures(*rows, until=until)
    four_more = [*on(BEGUN + timedelta(days=30), started=4)]
    after = figures(*rows, *alone, *four_more)
    assert {cell.name: cell.number for cell in after.decided}["cancer"] == 10


def test_the_day_itself_and_other_places_do_not_matter() -> None:
    rows = counted(fr__sent=7)
    others = [
        *on(UNTIL, started=99),
        *on(BEGUN, "paris", started=99, sent=99),
        *on(first_day(UNTIL) - timedelta(days=1)),
    ]
    assert figures(*rows, *others) == figures(*rows)


def test_figures_go_back_to_the_half_year_before_and_never_further_than_counts_are_kept() -> None:
    assert first_day(date(2026, 7, 1)) == date(2026, 1, 1)
    assert first_day(date(2026, 12, 31)) == date(2026, 1, 1)
    assert first_day(date(2027, 1, 1)) == date(2026, 7, 1)
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(3000)]
    assert all(day - first_day(day) <= COUNTS for day in days)


dailies = st.lists(st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3, 6, 20]), min_size=370, max_size=370)
YEAR = date(2026, 7, 1)


def covered(people: dict[date, int], until: date) -> frozenset[date]:
    """The days that the figures of this day are about, read from which of the days' own numbers are in them."""
    rows = [row for day in people for row in _marked(day, people[day])]
    made = figures_of(rows, "montreal", until, STUDY)
    marked = made.sources if made else ()
    return frozenset(date.fromordinal(int(cell.name)) for cell in marked)


def _marked(day: date, number: int) -> Iterator[Counted]:
    yield day, "montreal.fr.started", number
    yield day, f"montreal.fr.source.{day.toordinal()}", 5


@settings(max_examples=25, deadline=None)
@given(dailies, st.integers(1, 369), st.integers(1, 369))
def test_two_pictures_are_the_same_or_differ_by_five_people_and_seven_days(
    daily: list[int], one: int, another: int
) -> None:
    people = {YEAR + timedelta(days=number): came for number, came in enumerate(daily)}
    first, second = (covered(people, YEAR + timedelta(days=number)) for number in (one, another))
    for different in (first - second, second - first):
        if different:
            assert sum(people[day] for day in different) >= PEOPLE
            assert len(different) >= DAYS


@given(st.lists(st.integers(0, 6), max_size=60))
def test_what_is_released_stays_released_and_ends_with_a_whole_span(daily: list[int]) -> None:
    people = {BEGUN + timedelta(days=number): came for number, came in enumerate(daily)}
    ends = [released(people, BEGUN, BEGUN + timedelta(days=days)) for days in range(len(daily) + 1)]
    assert ends == sorted(ends)
    assert all(end <= BEGUN + timedelta(days=days) for days, end in enumerate(ends))


# --------------------------------------------------------------------------- that nobody can be recovered
#
# A world is what really happened; what is published of it is all that anybody sees. For every way of publishing,
# all worlds that are published that way are compared: a hidden number must be able to be many things in them.
# Worlds hold whole steps of five, so that none is missing from those that are compared.

World = tuple[int, ...]


def least_possible(worlds: Iterable[World], published: Callable[[World], Hashable]) -> int:
    """How many numbers a part below five can be, at the least, for somebody who sees all that is published."""
    alike: dict[Hashable, tuple[set[int], ...]] = {}
    for world in worlds:
        possible = alike.setdefault(published(world), tuple(set() for _ in world))
        for number, numbers in zip(world, possible, strict=True):
            numbers.add(number)
    return min(len(numbers) for possible in alike.values() for numbers in possible if min(numbers) < 5)


@cache
def seen(number: int) -> int | None:
    """What figures show of one thing in one language."""
    return figures(*counted(fr__sent=number)).step("sent").by_language["fr"]


def each_seen(world: World) -> tuple[int | None, ...]:
    """What figures show of several things, each in one language."""
    return tuple(seen(number) for number in world)


def growing(*steps: World) -> bool:
    """Whether no number is smaller at the later time."""
    return all(before <= after for one, other in pairwise(steps) for before, after in zip(one, other, strict=True))


def test_a_total_tells_nothing_that_its_languages_do_not() -> None:
    """Whatever happened, it is the sum of what is shown: there is no difference to take."""
    for fr, en in product(range(15), repeat=2):
        made = figures(*counted(fr__sent=fr, en__sent=en, fr__stopped__cancer=fr, en__stopped__cancer=en))
        step, compared = made.step("sent"), {each.name: each.stopped for each in made.questions}["cancer"]
        stopped = {cell.name: cell.number for cell in made.stopped}["cancer"]
        assert step.by_language == compared == {"fr": seen(fr), "en": seen(en)}
        assert step.total.number == stopped == ((seen(fr) or 0) + (seen(en) or 0) or None)


def test_a_hidden_total_says_how_many_it_may_be() -> None:
    made = figures(*counted(fr__sent=4, en__sent=4, fr__result__likely_eligible=4, en__result__needs_review=4))
    assert (made.step("sent").total.number, made.step("sent").total.below) == (None, 10)
    assert (made.step("result").total.number, made.step("result").total.below) == (None, 15)


def test_a_step_cannot_be_recovered_from_the_steps_around_it_nor_at_another_time() -> None:
    """Three steps, nobody in one who was not in the one before, in two pictures."""
    steps = [each for each in product(range(10), repeat=3) if each[0] >= each[1] >= each[2]]
    worlds = ((*before, *after) for before, after in product(steps, repeat=2) if growing(before, after))
    assert least_possible(worlds, each_seen) == 5


def test_who_stopped_cannot_be_recovered_from_who_was_asked_next() -> None:
    """Who was asked, who was asked the next question, who stopped in between; at two times."""
    asked = [each for each in product(range(10), range(10), range(10)) if each[0] >= each[1] + each[2]]
    worlds = ((*before, *after) for before, after in product(asked, repeat=2) if growing(before, after))
    assert least_possible(worlds, each_seen) == 5


def test_a_number_cannot_be_recovered_from_three_pictures() -> None:
    worlds = (each for each in product(range(15), repeat=3) if each[0] <= each[1] <= each[2])
    assert least_possible(worlds, each_seen) == 5


def outcomes_and_sent(world: World) -> tuple[int | None, ...]:
    """What figures show of three outcomes, and of those sent in two languages."""
    *outcomes, fr, en = world
    return (*(shown(number) for number in outcomes), shown(fr), shown(en))


def test_a_result_cannot_be_recovered_from_the_others_and_from_those_sent() -> None:
    happened = {"fr__result__likely_eligible": 3, "en__result__needs_review": 7, "fr__result__likely_ineligible": 4}
    made = figures(*counted(**happened, fr__sent=6, en__sent=2))
    sent, result = made.step("sent").by_language, made.step("result")
    own = (*(cell.number for cell in made.outcomes), sent["fr"], sent["en"])
    assert own == outcomes_and_sent((3, 7, 4, 6, 2)), "this is what figures show"
    assert (result.total.number, result.by_language) == (5, {}), "and their sum"
    worlds = (each for each in product(range(10), repeat=5) if sum(each[:3]) >= sum(each[3:]))
    assert least_possible(worlds, outcomes_and_sent) >= 3


def test_nor_at_two_times() -> None:
    results = [each for each in product(range(10), range(5), range(15)) if each[0] + each[1] >= each[2]]
    worlds = ((*before, *after) for before, after in product(results, repeat=2) if growing(before, after))
    assert least_possible(worlds, each_seen) >= 3


def test_a_language_cannot_be_recovered_from_why_referrals_were_closed() -> None:
    """Two reasons in all languages, and those claimed in each: nobody is closed who was not claimed."""
    worlds = (each for each in product(range(10), repeat=4) if each[0] + each[1] <= each[2] + each[3])
    assert least_possible(worlds, each_seen) >= 4


def test_a_criterion_cannot_be_recovered_from_all_others_and_the_results() -> None:
    """Whoever has a result that may not match has one criterion that decided: many parts, one total."""

    def see(world: World) -> tuple[int | None, ...]:
        return (shown(sum(world)), *(shown(number, FEWEST_DECIDED) for number in world))

    names = ("bmi", "cancer", "infection")
    rows = {f"fr__decided__{name}": number for name, number in zip(names, (4, 11, 19), strict=True)}
    made = {cell.name: cell.number for cell in figures(*counted(**rows)).decided}
    assert tuple(made[name] for name in names) == see((4, 11, 19))[1:], "this is what figures show"
    assert least_possible(product(range(15), repeat=3), see) >= 5
    assert least_possible(product(range(10), repeat=5), see) >= 5


def test_many_parts_shown_from_five_on_would_tell_all_of_them() -> None:
    """Why criteria are shown from ten on: five parts of four are twenty, and nothing else is."""

    def naive(world: World) -> tuple[int | None, ...]:
        return (shown(sum(world)), *(shown(number) for number in world))

    assert least_possible(product(range(5), repeat=5), naive) == 1


def test_totals_of_their_own_would_tell_of_a_language() -> None:
    """Why totals are sums: at one step it is little, and from step to step it adds up."""

    def naive(world: World) -> tuple[int | None, ...]:
        return (*each_seen(world), shown(sum(world)))

    assert least_possible(product(range(15), repeat=2), naive) < 5


def test_exact_numbers_would_be_found_by_these_tests() -> None:
    """Hiding small parts beside an exact total and another exact part hides nothing."""

    def exact(world: World) -> tuple[int | None, ...]:
        return tuple(number if number >= 5 else None for number in (*world, sum(world)))

    assert least_possible(product(range(13), repeat=2), exact) == 1


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_numbers_that_are_not_shown_leave_no_trace(data: st.DataObject) -> None:
    """Neither their order nor that there are any: with none of them, the figures are the same."""
    kinds = [*(f"fr__stopped__{each}" for each in QUESTIONS), *(f"en__decided__{each}" for each in QUESTIONS)]
    kinds += ["fr__source__one", "en__source__two", "fr__closed__declined", "en__unsure__age", "fr__changed__bmi"]
    numbers = {kind: data.draw(st.integers(0, 4), label=kind) for kind in kinds}
    assert figures(*counted(**numbers)) == figures(*counted())


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(("sent", "claimed", "agreed", "asked__bmi")), st.integers(0, 60), min_size=1))
def test_every_number_in_the_figures_is_a_multiple_of_five_or_none(numbers: dict[str, int]) -> None:
    rows = counted(**{f"{language}__{name}": number for language in ("fr", "en") for name, number in numbers.items()})
    assert all(number is None or (number >= 5 and number % 5 == 0) for number in cells(figures(*rows)).values())


# ---------------------------------------------------------------------------------------------- in words


def lines(made: Figures | None) -> list[Say]:
    """All lines of the summary, whatever block they stand in."""
    return [line for block in summary(made) for line in block]


@pytest.mark.parametrize("locale", ["en", "fr", "fr_CA", "fr_FR"])
def test_the_summary_is_said_in_every_locale(locale: str) -> None:
    rich = figures(*counted(fr__stopped__cancer=30, en__decided__bmi=14, **{f"fr__hours__{n}": 2 for n in range(20)}))
    for made in (rich, figures(*counted()), None):
        said = [RENDERER.say(line, locale) for line in lines(made)]
        assert all(said)
        assert all("{" not in line for line in said)


def test_the_summary_says_what_matters_and_hides_what_is_hidden() -> None:
    made = figures(*counted(fr__agreed=12, en__agreed=9, fr__sent=3, fr__stopped__cancer=30, en__decided__bmi=14))
    said = "\n".join(RENDERER.say(line, "en") for line in lines(made))
    assert "100 people started, 15 agreed to the questions, <15 had a result and <10 sent it to you." in said
    assert "Most people stop here: Cancer (30)." in said
    assert "The criterion most often not met: Weight for height (10)." in said
    assert "From July 1, 2026 to July 7, 2026" in said
    assert not re.search(r"\b(12|14|9)\b", said)


def test_french_numbers_are_written_the_french_way() -> None:
    said = "\n".join(RENDERER.say(line, "fr_CA") for line in lines(figures(*on(BEGUN, started=1234, sent=2))))
    assert "1\u202f230 personnes" in said.replace("\u00a0", "\u202f")
    assert "<\u00a010 vous" in said


def test_without_figures_the_summary_says_why() -> None:
    [line] = lines(None)
    assert "five people" in RENDERER.say(line, "en")


def test_statistics_are_loaded_without_what_draws_them() -> None:
    asked = "import sys, bot.statistics; print(sorted({'matplotlib', 'numpy', 'PIL'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
