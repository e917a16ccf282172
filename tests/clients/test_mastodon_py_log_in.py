"""Mastodon.py, unmodified: registering, logging in and out, what is asked at log-in, what is refused."""

import pytest
from mastodon import Mastodon
from mastodon.errors import (
    MastodonAPIError,
    MastodonIllegalArgumentError,
    MastodonNotFoundError,
    MastodonUnauthorizedError,
)

from node.cli.demo.agents import SCOPES, Agent
from node.cli.demo.browser import Browser, NotThere
from tests.clients.village import PASSWORD, Village

pytestmark = pytest.mark.xdist_group("clients")


def test_an_application_registers_and_a_person_logs_in(village: Village) -> None:
    """The code flow ends with a token that speaks for her account, and for nobody else's."""
    client = village.citizen.log_in("Une application")
    me = client.account_verify_credentials()
    assert (me.username, me.acct, me.display_name) == ("camille", "camille", "Camille")
    assert me.source.privacy == "public", "the application does not learn the default visibility"
    assert client.app_verify_credentials().name == "Une application"
    assert client.me().id == me.id


def test_a_wrong_password_gives_no_code(village: Village) -> None:
    """The page says so, and asks again."""
    intruder = Agent(village.node, village.citizen.email, "pas le bon")
    with pytest.raises(NotThere, match="code"):
        intruder.log_in("Un intrus")


def test_a_code_is_good_once(village: Village) -> None:
    """Whoever finds a used code in a history gets nothing, and the first token ends."""
    base, session = village.node.url, village.node.session
    client_id, secret = Mastodon.create_app("Une application", scopes=SCOPES, api_base_url=base, session=session())
    client = Mastodon(client_id=client_id, client_secret=secret, api_base_url=base, session=session())
    url = client.auth_request_url(scopes=SCOPES, allow_http=True)
    code = Browser(session()).authorize(url, email=village.citizen.email, password=PASSWORD)
    client.log_in(code=code, scopes=SCOPES, allow_http=True)
    assert client.me().username == "camille"
    other = Mastodon(client_id=client_id, client_secret=secret, api_base_url=base, session=session())
    with pytest.raises((MastodonIllegalArgumentError, MastodonAPIError)):
        other.log_in(code=code, scopes=SCOPES, allow_http=True)


def test_a_person_logs_out_and_the_token_is_dead(village: Village) -> None:
    """Revocation holds at once, whatever is cached."""
    client = village.citizen.log_in("Une application")
    token = client.access_token
    client.me()
    client.revoke_access_token(allow_http=True)
    late = Mastodon(access_token=token, api_base_url=village.node.url, session=village.node.session())
    with pytest.raises(MastodonUnauthorizedError):
        late.account_verify_credentials()


def test_an_application_speaks_for_itself(village: Village) -> None:
    """Client credentials let it read what is public before anybody logs in."""
    base, session = village.node.url, village.node.session
    client_id, secret = Mastodon.create_app("Un lecteur", scopes=["read"], api_base_url=base, session=session())
    answer = session().post(
        f"{base}/oauth/token",
        data={"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, "scope": "read"},
        timeout=20,
    )
    client = Mastodon(access_token=answer.json()["access_token"], api_base_url=base, session=session())
    assert client.app_verify_credentials().name == "Un lecteur"


def test_what_applications_ask_at_log_in(village: Village, camille: Mastodon) -> None:
    """Every application asks these before it shows anything: none may fail, none may lack a field."""
    instance = camille.instance_v2()
    assert instance.domain == village.node.authority_part
    assert instance.title == "Village (exemple)"
    assert instance.thumbnail.url, "some applications crash without a picture of the instance"
    assert instance.configuration.statuses.max_characters >= 500
    assert instance.contact.email == village.agent.email
    assert camille.instance_v1().uri, "some applications, and toot, still ask version 1"
    camille.retrieve_mastodon_version()
    assert camille.verify_minimum_version("4.0.0"), "the version cannot be read"
    assert camille.instance_nodeinfo().software.name == "beffroi"
    assert camille.preferences()["posting:default:visibility"] == "public"
    assert camille.filters_v2() == []
    assert camille.filters() == []
    assert camille.lists() == []
    assert camille.announcements() == []
    assert camille.custom_emojis() == []
    assert camille.followed_tags() == []
    assert camille.follow_requests() == []
    assert camille.conversations() == []
    assert camille.mutes() == []
    assert camille.oauth_authorization_server_info().token_endpoint == f"{village.node.url}/oauth/token"


def test_refusals_are_said_in_the_words_that_applications_know(camille: Mastodon, village: Village) -> None:
    """Each of the library's exceptions stands for a status and a body that it understood."""
    stranger = Mastodon(api_base_url=village.node.url, session=village.node.session())
    with pytest.raises(MastodonUnauthorizedError):
        stranger.timeline_home()
    with pytest.raises(MastodonNotFoundError):
        camille.status(1)
    with pytest.raises(MastodonAPIError, match="422"):
        camille.status_post("x" * 100_001)
    with pytest.raises(MastodonAPIError):
        camille.media_post(b"not a picture", mime_type="image/png")
    reader = village.citizen
    client_id, secret = Mastodon.create_app(
        "Lecture seule", scopes=["read"], api_base_url=village.node.url, session=village.node.session()
    )
    limited = Mastodon(
        client_id=client_id, client_secret=secret, api_base_url=village.node.url, session=village.node.session()
    )
    url = limited.auth_request_url(scopes=["read"], allow_http=True)
    code = Browser(village.node.session()).authorize(url, email=reader.email, password=PASSWORD)
    limited.log_in(code=code, scopes=["read"], allow_http=True)
    assert limited.timeline_home() is not None
    with pytest.raises(MastodonAPIError, match="403"):
        limited.status_post("Une application qui ne doit que lire")
