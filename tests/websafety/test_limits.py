"""What can be tried only so often: refused with the time to wait, and nobody else is shut out."""

import pytest

from tests.websafety.house import POSTS, House

LIMITED: tuple[tuple[str, dict[str, str], int], ...] = (
    ("/login", {"password": "faux mot de passe"}, 30),
    ("/login/forgotten", {}, 15),
    ("/report", {}, 12),
    ("/sign-up", {"email": "pas une adresse"}, 40),
    ("/account/email", {"present": "faux mot de passe"}, 15),
    ("/account/password", {"present": "faux mot de passe"}, 15),
    ("/account/security/confirm", {}, 30),
    ("/@{name}/follow", {"handle": "zoe@nulle-part.example"}, 30),
)


@pytest.mark.parametrize(("path", "wrong", "most"), LIMITED)
async def test_it_ends_and_says_when_it_goes_on(house: House, path: str, wrong: dict[str, str], most: int):
    """429 after so many, with a number of minutes; from another address it still works, and later from the same."""
    post = POSTS[path]
    reader, form, given = await house.form(path, post)
    if path == "/sign-up":
        house.fediverse.clock.forward(20)
    house.calm()
    statuses = []
    for number in range(most):
        data = {**form.fields, **given, **wrong}
        if path == "/login/forgotten":
            data["email"] = f"nobody{number}@poste.example"
        answer = await reader.client.request(
            "POST", form.action, data=data, headers={"origin": reader.home, "accept": "text/html"}
        )
        statuses.append(answer.status)
        if answer.status == 429:
            break
    assert statuses[-1] == 429, f"{most} times, and still {set(statuses)}"
    assert len(statuses) > 3, "who mistypes twice is shut out"
    assert "min" in answer.text, "it does not say when to come back"
    if post.who == "stranger":
        other = house.town.reader(address="198.51.100.77")
        page = await other.open(house.fill(post.page))
        fresh = page.form(form.action.partition("?")[0])
        if path == "/sign-up":
            house.fediverse.clock.forward(20)
        answer = await other.client.request(
            "POST", form.action, data={**fresh.fields, **given}, headers={"origin": other.home, "accept": "text/html"}
        )
        assert answer.status != 429, "others are shut out by one who tries without end"
    house.fediverse.clock.forward(24 * 3600 + 60)
    again, form, _ = await house.form(path, post)
    answer = await again.client.request(
        "POST",
        form.action,
        data={**form.fields, **given, **wrong},
        headers={"origin": again.home, "accept": "text/html"},
    )
    assert answer.status != 429, "it never ends"
