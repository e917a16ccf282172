"""The state that follows from two last words is the same on both sides, whatever the messages went through."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from node.agreements.terms import Terms, narrower
from node.agreements.words import SILENCE, Party, Standing, Word, agree, later, recall, refuse, standing

CATEGORIES = st.frozensets(st.sampled_from(["agenda", "culture", "voirie"]), max_size=3)
DATES = st.one_of(st.none(), st.integers(0, 3).map(lambda day: 1_790_000_000_000 + day * 86_400_000))
TERMS = st.builds(
    Terms,
    categories=CATEGORIES.map(lambda names: tuple(sorted(names))),
    direction=st.sampled_from(["toTerritory", "both"]),
    from_ms=DATES,
    until_ms=DATES,
    moderation=st.sampled_from(["each", "territory", "member"]),
)
PARTIES: tuple[Party, Party] = ("territory", "member")


def opposite(party: Party) -> Party:
    return "member" if party == "territory" else "territory"


@given(TERMS, TERMS, TERMS)
def test_narrower_is_an_order(a: Terms, b: Terms, c: Terms) -> None:
    assert narrower(a, a) == a
    assert narrower(a, b) == narrower(b, a)
    if narrower(a, b) == a and narrower(b, c) == b:
        assert narrower(a, c) == a


@given(TERMS)
def test_terms_travel_unchanged(terms: Terms) -> None:
    from node.agreements import terms as terms_of
    from node.federation.vocab import dates

    raw = terms.as_json()
    if terms.from_ms is None or terms.until_ms is None or terms.from_ms < terms.until_ms:
        read = terms_of.read(raw, {name: dates.instant_ms(raw.get(name)) for name in ("from", "until")})
        assert read == terms
        assert read.hash == terms.hash
    assert terms_of.stored(terms.text) == terms


class Machine(RuleBasedStateMachine):
    """Two parties who speak whenever they like, over a post that loses, doubles, delays and reorders."""

    @initialize()
    def begin(self) -> None:
        self.views: dict[Party, dict[Party, Word]] = {party: dict.fromkeys(PARTIES, SILENCE) for party in PARTIES}
        self.post: list[tuple[Party, Word]] = []
        self.consents: set[tuple[Party, Terms]] = set()
        self.clock = 0

    def says(self, party: Party, word: Word) -> None:
        self.views[party][party] = word
        if word.stance == "agree" and word.terms is not None:
            self.consents.add((party, word.terms))
        elif word.stance in ("reject", "end"):
            self.consents = {each for each in self.consents if each[0] != party}
        self.post.append((party, word))

    def seen_by(self, party: Party) -> Standing:
        return standing(self.views[party]["territory"], self.views[party]["member"])

    @rule(party=st.sampled_from(PARTIES), terms=TERMS)
    def agrees(self, party: Party, terms: Terms) -> None:
        self.clock += 1
        mine, theirs = self.views[party][party], self.views[party][opposite(party)]
        self.says(party, agree(mine, theirs, terms, self.clock))

    @rule(party=st.sampled_from(PARTIES))
    def accepts(self, party: Party) -> None:
        self.clock += 1
        mine, theirs = self.views[party][party], self.views[party][opposite(party)]
        if theirs.terms is not None:
            self.says(party, agree(mine, theirs, theirs.terms, self.clock))

    @rule(party=st.sampled_from(PARTIES))
    def refuses(self, party: Party) -> None:
        self.clock += 1
        mine, theirs = self.views[party][party], self.views[party][opposite(party)]
        said = refuse(mine, theirs, self.clock)
        assert (said is mine) == (self.seen_by(party).state not in ("proposed", "active"))
        self.says(party, said)

    @rule(data=st.data())
    def arrives(self, data: st.DataObject) -> None:
        """Any message, also one that came before; it may stay in the post and come again."""
        if self.post:
            where = data.draw(st.integers(0, len(self.post) - 1))
            party, word = self.post[where]
            reader = opposite(party)
            self.views[reader][party] = later(self.views[reader][party], word)
            if data.draw(st.booleans()):
                del self.post[where]

    @rule(data=st.data())
    def is_lost(self, data: st.DataObject) -> None:
        if self.post:
            del self.post[data.draw(st.integers(0, len(self.post) - 1))]

    @invariant()
    def nothing_is_shared_that_a_party_did_not_agree_to(self) -> None:
        """Also while messages are under way: each node asks its own party's present consent."""
        if not hasattr(self, "views"):
            return
        for party in PARTIES:
            now = self.seen_by(party)
            if now.state == "active":
                assert now.terms is not None
                own = [terms for who, terms in self.consents if who == party]
                assert any(narrower(now.terms, terms) == now.terms for terms in own), f"{party} never agreed to this"
                assert self.views[party][party].stance == "agree"

    def teardown(self) -> None:
        if not hasattr(self, "views"):
            return
        for party in PARTIES:  # what is repeated until it is confirmed arrives in the end
            reader = opposite(party)
            self.views[reader][party] = later(self.views[reader][party], self.views[party][party])
        assert self.views["territory"] == self.views["member"]
        assert self.seen_by("territory") == self.seen_by("member")
        if self.seen_by("member").state == "active":
            assert {self.views[party][party].stance for party in PARTIES} == {"agree"}


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)


def test_crossed_equal_offers_are_an_agreement() -> None:
    ours, theirs = agree(SILENCE, SILENCE, Terms(), 1), agree(SILENCE, SILENCE, Terms(), 2)
    assert standing(ours, theirs) == Standing("active", Terms())


def test_crossed_offers_of_which_one_shares_less() -> None:
    """Both offered at least the narrower one."""
    less = Terms(categories=("culture",))
    assert standing(agree(SILENCE, SILENCE, Terms(), 1), agree(SILENCE, SILENCE, less, 2)) == Standing("active", less)


def test_crossed_offers_that_differ_share_nothing() -> None:
    one, other = Terms(categories=("culture",)), Terms(categories=("voirie",))
    now = standing(agree(SILENCE, SILENCE, one, 1), agree(SILENCE, SILENCE, other, 2))
    assert (now.state, now.proposed_by) == ("proposed", "both")


def test_a_consent_does_not_outlive_a_refusal() -> None:
    """Ended and offered again under the same terms: the old yes of the other is void, its new one counts."""
    territory = agree(SILENCE, SILENCE, Terms(), 1)
    member = agree(SILENCE, territory, Terms(), 2)
    assert standing(territory, member).state == "active"
    ended = refuse(territory, member, 3)
    assert standing(ended, member).state == "ended"
    again = agree(ended, member, Terms(), 4)
    assert standing(again, member).state == "proposed", "a consent was renewed without the member"
    assert standing(again, agree(member, again, Terms(), 5)).state == "active"


def test_an_accept_that_crosses_the_withdrawal_of_the_offer() -> None:
    offer = agree(SILENCE, SILENCE, Terms(), 1)
    accepted = agree(SILENCE, offer, Terms(), 2)
    withdrawn = refuse(offer, SILENCE, 2)
    assert standing(withdrawn, accepted).state == "ended"


def test_a_node_that_lost_its_memory_ends_the_agreement() -> None:
    """Restored from a backup of before it ended: it must not renew what it had taken back."""
    told = recall(agree(SILENCE, SILENCE, Terms(), 1), 5, 9)
    assert (told.stance, told.sequence) == ("end", 6)
    assert told.possible
    assert recall(told, 6, 10) is told


def test_what_cannot_be_said() -> None:
    word = agree(SILENCE, SILENCE, Terms(), 1)
    assert word.possible
    for changed in (
        {"sequence": 0}, {"sequence": 2**53}, {"heard": -1}, {"refused": 1}, {"terms": None}, {"stance": "end"},
        {"stance": "silent"}, {"at_ms": -1},
    ):  # fmt: skip
        assert not replace(word, **changed).possible, f"{changed} was believed"
