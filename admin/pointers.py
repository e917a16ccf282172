"""Where a refusal sends somebody on: whoever typed a command to another command, at the console to one of its pages."""

from node.runtime.errors import BeffroiError
from node.runtime.i18n import Sentence, sentence


class Pointer(str):
    """A value of a sentence: the command, for whoever reads it in a terminal."""

    __slots__ = ("page",)

    page: Sentence
    """What it is called in the console's navigation."""


def pointer(command: str, page: Sentence) -> Pointer:
    """`'beffroi user list'`; at the console, the page *page*."""
    made = Pointer(f"'{command}'")
    made.page = page
    return made


def at_the_console(error: BeffroiError) -> None:
    """Let *error* name pages where it names commands."""
    said = error.args[0] if error.args else ""
    if isinstance(said, Sentence):
        values = {name: _page(value) for name, value in said.values.items()}
        error.args = (sentence(said.message, **values),)


def _page(value: object) -> object:
    return sentence("the page %(name)s", name=value.page) if isinstance(value, Pointer) else value
