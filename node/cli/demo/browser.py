"""As much of a browser as logging in takes: pages are fetched, their forms are filled in and sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

_PAGES_AT_MOST = 6
_TIMEOUT_S = 20


class NotThere(RuntimeError):
    """A page lacks what a person would look for; the message says what the page showed."""


@dataclass(slots=True)
class Field:
    """One input of a form."""

    name: str
    kind: str
    value: str
    checked: bool = False


@dataclass(slots=True)
class Form:
    """A form as it stands on the page."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    def kinds(self) -> set[str]:
        """Of its inputs: text, email, password, radio, submit and so on."""
        return {each.kind for each in self.fields}

    def filled(self, given: Mapping[str, str], button: tuple[str, str] | None) -> dict[str, str]:
        """What a browser would send: what stood there, then what the person typed, then the button she pressed."""
        sent = {
            each.name: each.value
            for each in self.fields
            if each.name and (each.kind not in ("submit", "radio", "checkbox") or each.checked)
        }
        return {**sent, **given, **dict([button] if button else [])}


class _Reader(HTMLParser):
    """Forms, and the words of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self.codes: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append(Form(got.get("action", ""), got.get("method", "get").lower()))
        elif tag in ("input", "button", "select") and self.forms:
            kind = got.get("type", "submit" if tag == "button" else "text").lower()
            self.forms[-1].fields.append(
                Field(got.get("name", ""), kind, got.get("value", ""), checked="checked" in got)
            )
        if tag not in ("input", "img", "meta", "link", "br", "hr"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if {"style", "script"}.isdisjoint(self._inside) and data.strip():
            self.words.append(data.strip())
            if "code" in self._inside:
                self.codes.append(data.strip())


class Browser:
    """A person at a screen, with cookies."""

    def __init__(self, session: requests.Session) -> None:
        self._session = session
        self._session.headers["Accept"] = "text/html,application/xhtml+xml"

    def authorize(self, url: str, *, email: str, password: str, actor: str = "") -> str:
        """The code that an application gets: log in if asked, choose *actor* (its handle) if asked, consent.

        Raises:
            NotThere: the pages do not lead to a code.
        """
        answer = self._session.get(url, timeout=_TIMEOUT_S)
        for _ in range(_PAGES_AT_MOST):
            page = self._read(answer)
            found = parse_qs(urlsplit(answer.url).query).get("code")
            if found or page.codes:
                return found[0] if found else page.codes[-1]
            answer = self._answer(answer, page, email, password, actor)
        raise NotThere(f"no code after {_PAGES_AT_MOST} pages; the last says: {self._words(answer)}")

    def fill(self, answer: requests.Response, field: str, given: Mapping[str, str]) -> requests.Response:
        """Fill in and send the first form of a page that has an input called *field*.

        Raises:
            NotThere: the page has none.
        """
        for form in self._read(answer).forms:
            if any(each.name == field for each in form.fields):
                return self._send(answer, form, given, None)
        raise NotThere(f"{answer.url} does not ask for {field}: {self._words(answer)}")

    def codes(self, answer: requests.Response) -> list[str]:
        """What stands on a page to be copied."""
        return self._read(answer).codes

    def _answer(
        self, answer: requests.Response, page: _Reader, email: str, password: str, actor: str
    ) -> requests.Response:
        for form in page.forms:
            if "password" in form.kinds():
                typed = {each.name: password for each in form.fields if each.kind == "password"}
                typed |= {each.name: email for each in form.fields if each.kind in ("email", "text")}
                return self._send(answer, form, typed, None)
        for form in page.forms:
            buttons = [(each.name, each.value) for each in form.fields if each.kind == "submit"]
            agree = [
                each for each in buttons if re.search("allow|authori|accept|yes|grant", " ".join(each), re.IGNORECASE)
            ]
            if agree or "consent" in form.action or "authorize" in form.action:
                choice = {
                    each.name: each.value for each in form.fields if each.kind == "radio" and actor in each.value
                } if actor else {}  # fmt: skip
                return self._send(answer, form, choice, (agree or buttons)[0])
        raise NotThere(f"{answer.url} ({answer.status_code}) asks for nothing: {self._words(answer)}")

    def _send(
        self, answer: requests.Response, form: Form, given: Mapping[str, str], button: tuple[str, str] | None
    ) -> requests.Response:
        target = urljoin(answer.url, form.action)
        sent = form.filled(given, button if button and button[0] else None)
        if form.method == "get":
            return self._session.get(target, params=sent, timeout=_TIMEOUT_S)
        parts = urlsplit(answer.url)
        headers = {"Origin": f"{parts.scheme}://{parts.netloc}", "Referer": answer.url}
        return self._session.post(target, data=sent, headers=headers, timeout=_TIMEOUT_S)

    def _read(self, answer: requests.Response) -> _Reader:
        reader = _Reader()
        reader.feed(answer.text)
        return reader

    def _words(self, answer: requests.Response) -> str:
        return " ".join(self._read(answer).words)[:400]
