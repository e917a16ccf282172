"""Somebody at a browser without JavaScript: pages are read, forms filled in and sent, redirects followed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from tests.support.client import Answer, Client

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_DRAWING = frozenset({"svg", "path", "rect"})


@dataclass
class Element:
    """One element as it stands in the page."""

    tag: str
    attributes: dict[str, str]
    words: str = ""


@dataclass
class Form:
    """A form and what stands in its fields."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    """Of its radio buttons."""


class Page(HTMLParser):
    """A page, read; `faults` is what a browser would have to guess."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.forms: list[Form] = []
        self.faults: list[str] = []
        self._open: list[Element] = []
        self.doctype = ""
        self.feed(html)
        self.close()
        self.faults += [f"<{each.tag}> is never closed" for each in self._open]

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID | _DRAWING:
            self.faults.append(f"<{tag}/> is no void element")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            self.faults.append(f"<{tag}> has an attribute twice: {names}")
        element = Element(tag, {name: value or "" for name, value in attrs})
        if tag == "p" and any(each.tag == "p" for each in self._open):
            self.faults.append("a <p> inside a <p>")
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)
        got = element.attributes
        if tag == "form":
            self.forms.append(Form(got.get("action", ""), got.get("method", "get")))
        elif tag == "input" and self.forms and any(each.tag == "form" for each in self._open):
            name = got.get("name", "")
            if got.get("type") == "radio":
                self.forms[-1].choices.setdefault(name, []).append(got["value"])
                if "checked" in got:
                    self.forms[-1].fields[name] = got["value"]
            elif got.get("type") != "checkbox":
                self.forms[-1].fields[name] = got.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1].tag if self._open else 'nothing'}")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for each in self._open:
            each.words += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements of that name that have these attributes (`class_`, `aria_label`…)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            each
            for each in self.elements
            if each.tag == tag and all(each.attributes.get(name) == value for name, value in wanted.items())
        ]

    @property
    def words(self) -> str:
        """What can be read between <main> and </main>, spaces made one."""
        return " ".join(self.all("main")[0].words.split())

    @property
    def title(self) -> str:
        return self.all("title")[0].words

    def form(self, action: str) -> Form:
        """The form that goes to that path."""
        for each in self.forms:
            if urlsplit(each.action).path == action:
                return each
        raise AssertionError(f"no form goes to {action}; the page says: {self.words[:500]}")


class Reader:
    """A browser, its cookies and the page it shows."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.address = ""
        self.answer: Answer = Answer(0, {}, b"")

    @property
    def page(self) -> Page:
        return Page(self.answer.text)

    @property
    def home(self) -> str:
        return f"{self.client.scheme}://{self.client.host}"

    async def open(self, path: str, **headers: str) -> Page:
        """Go to a page; follows redirects on this host."""
        await self._follow(await self._get(path, headers), path, headers)
        return self.page

    async def send(self, form: Form, given: Mapping[str, str] | None = None, **headers: str) -> Page:
        """Fill in *form* and press its button; follows redirects on this host."""
        sent = {"origin": self.home, "accept": "text/html", **headers}
        path = form.action
        answer = await self.client.request("POST", path, data={**form.fields, **(given or {})}, headers=sent)
        await self._follow(answer, path, {})
        return self.page

    async def log_in(self, email: str, password: str, next_: str = "/account") -> Page:
        """As a person does it."""
        page = await self.open(f"/login?next={next_}")
        return await self.send(page.form("/login"), {"email": email, "password": password})

    async def _get(self, path: str, headers: Mapping[str, str]) -> Answer:
        return await self.client.request("GET", path, headers={"accept": "text/html", **headers})

    async def _follow(self, answer: Answer, path: str, headers: Mapping[str, str]) -> None:
        self.answer, self.address = answer, urljoin(f"{self.home}/", path)
        for _ in range(5):
            if self.answer.status not in (301, 302, 303):
                return
            self.address = urljoin(self.address, self.answer.headers["location"])
            if not self.address.startswith(f"{self.home}/"):
                return  # away: to an application, to another server
            self.answer = await self._get(self.address.removeprefix(self.home), headers)
        raise AssertionError(f"redirected without end, at last to {self.address}")
