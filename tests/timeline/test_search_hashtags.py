"""What the last days saw of a hashtag: public posts only."""

from node.timeline import hashtags
from node.timeline.search.hashtags import DAYS, Day, history
from tests.support.town import Town

_DAY_S = 86_400


async def test_a_hashtag_tells_its_last_seven_days(town: Town) -> None:
    mairie, marie = await town.local("mairie"), await town.local("marie")
    await town.post(mairie, "#marché")
    town.later(8 * _DAY_S)
    for author in (mairie, mairie, marie):
        await town.post(author, "#marché")
    await town.post(marie, "#marché", visibility="followers")
    town.later(_DAY_S)
    await town.post(mairie, "#marché")
    tag = await hashtags.by_name(town.reader, "marche")
    assert tag is not None
    now_ms = town.ctx.clock.now_ms()
    days = (await history(town.reader, [tag.id, 0], now_ms=now_ms))[tag.id]
    today_ms = now_ms // (_DAY_S * 1000) * _DAY_S * 1000
    assert len(days) == DAYS
    assert days[:3] == [
        Day(today_ms, 1, 1),
        Day(today_ms - _DAY_S * 1000, 3, 2),
        Day(today_ms - 2 * _DAY_S * 1000, 0, 0),
    ]
    assert sum(day.uses for day in days) == 4, "a post for followers, or an old one, is counted"
    assert [day.uses for day in (await history(town.reader, [0], now_ms=now_ms))[0]] == [0] * DAYS
