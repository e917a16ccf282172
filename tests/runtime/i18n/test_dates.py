"""A meeting is on 'samedi 12 décembre à 20 h', for those who live there."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from node.runtime.i18n.dates import ago, day, hour, moment, short


def ms(*when: int, zone: str = "Europe/Paris") -> int:
    return int(datetime(*when, tzinfo=ZoneInfo(zone)).timestamp() * 1000)  # type: ignore[misc, arg-type]


NOW = ms(2026, 11, 22, 12)


def plain(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("at", "french", "english"),
    [
        (ms(2026, 12, 12, 20), "samedi 12 décembre à 20 h", "Saturday 12 December at 20:00"),
        (ms(2026, 12, 1, 8, 5), "mardi 1er décembre à 8 h 05", "Tuesday 1 December at 08:05"),
        (ms(2027, 1, 1, 0), "vendredi 1er janvier 2027 à 0 h", "Friday 1 January 2027 at 00:00"),
        (ms(2026, 12, 31, 23, 30), "jeudi 31 décembre à 23 h 30", "Thursday 31 December at 23:30"),
        (ms(2026, 7, 1, 18), "mercredi 1er juillet à 18 h", "Wednesday 1 July at 18:00"),
    ],
)
def test_a_moment_is_said_as_people_say_it(at, french, english):
    assert plain(moment(at, "fr", now_ms=NOW)) == french
    assert moment(at, "en", now_ms=NOW) == english


def test_the_year_is_said_when_nobody_knows_the_present_one():
    assert day(ms(2026, 12, 12), "fr") == "samedi 12 décembre 2026"


def test_the_hour_is_that_of_the_town():
    """20:00 in Paris is 15:00 in Martinique and already the next day in Nouméa."""
    at = ms(2026, 12, 12, 20)
    assert plain(moment(at, "fr", zone="America/Martinique", now_ms=NOW)) == "samedi 12 décembre à 15 h"
    assert plain(moment(at, "fr", zone="Pacific/Noumea", now_ms=NOW)) == "dimanche 13 décembre à 6 h"


def test_an_hour_does_not_break_over_two_lines():
    assert hour(ms(2026, 12, 12, 20, 30), "fr") == "20\xa0h\xa030"


def test_what_was_recent_is_said_as_time_passed():
    assert ago(NOW - 3 * 3_600_000, "fr", now_ms=NOW) == "il y a 3 heures"
    assert ago(NOW - 3 * 3_600_000, "en", now_ms=NOW) == "3 hours ago"
    assert ago(NOW + 24 * 3_600_000, "fr", now_ms=NOW) == "dans 1 jour"
    assert ago(ms(2026, 10, 1), "fr", now_ms=NOW) == short(ms(2026, 10, 1), "fr") == "1 oct. 2026"
    assert short(ms(2026, 12, 12), "en") == "12 Dec 2026"
