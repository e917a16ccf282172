"""Compares what was acknowledged with what is there: nothing lost, nothing doubled, nothing that was deleted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from mastodon import Mastodon

from node.cli.demo.agents import home, text
from tests.faults.load import Writer


def expected(writers: Iterable[Writer]) -> set[str]:
    """The words of all posts that were acknowledged and not deleted since."""
    return {
        words
        for each in writers
        for words in each.ledger.posts
        if words not in each.ledger.deleted and words not in each.ledger.uncertain
    }


def counted(client: Mastodon, writers: Sequence[Writer]) -> Counter[str]:
    """How often each writer's words stand in the home timeline."""
    names = tuple(f"{each.name} " for each in writers)
    return Counter(words for words in map(text, home(client)) if words.startswith(names))


def differences(client: Mastodon, writers: Sequence[Writer], where: str) -> list[str]:
    """What is wrong with the home timeline of *client*, who follows the author or is her."""
    found, wanted = counted(client, writers), expected(writers)
    deleted = {words for each in writers for words in each.ledger.deleted}
    known = {words for each in writers for words in each.ledger.posts}
    wrong = []
    for title, some in (
        ("lost", wanted - set(found)),
        ("doubled", {words for words, times in found.items() if times > 1}),
        ("deleted and still there", deleted & set(found)),
        ("never acknowledged", set(found) - known),
    ):
        if some:
            wrong.append(f"{where}: {len(some)} {title}: {', '.join(sorted(some)[:6])}")
    return wrong


def favourites(author: Mastodon) -> dict[str, int]:
    """How many favourites each post of the author's home timeline has, by its URI."""
    return {each.uri: each.favourites_count for each in home(author)}


def favourite_differences(
    counted: Mapping[str, int], writers: Sequence[Writer], readers: Sequence[Writer]
) -> list[str]:
    """Whether each favourite that a reader's application was promised is counted at the author's, once."""
    promised = {uri for each in readers for uri in each.ledger.favourites}
    standing = expected(writers)
    return [
        f"{words} has {counted.get(status.uri, 0)} favourites, {int(status.uri in promised)} promised"
        for each in writers
        for words, status in each.ledger.posts.items()
        if words in standing and counted.get(status.uri, 0) != (status.uri in promised)
    ]
