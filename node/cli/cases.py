"""`beffroi case`: the files in which reports are decided, and appeals judged."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="Case files: read, decide, judge appeals.")
Number = Annotated[str, typer.Argument(help="the number of a file, as 2026-12")]
Why = Annotated[str, typer.Option("--why", help="the facts, or the reasons: those concerned read them")]


@commands.command("list")
def list_all(
    which: Annotated[str, typer.Argument(help="open, appeals or closed")] = "open",
) -> None:
    """The files that wait, the oldest first."""
    operate("case.list", which=which)


@commands.command()
def show(number: Number) -> None:
    """All that is in a file."""
    operate("case.show", number=number)


@commands.command("open")
def open_file(handle: Annotated[str, typer.Argument(help="@name@host")]) -> None:
    """Open a file about an account that nobody told of."""
    operate("case.open", handle=handle)


@commands.command()
def assign(
    number: Number, email: Annotated[str, typer.Argument(help="who looks after it; nothing: nobody")] = ""
) -> None:
    """Give a file to somebody who judges."""
    operate("case.assign", number=number, email=email)


@commands.command()
def note(number: Number, words: Annotated[str, typer.Argument(help="for those who judge only")]) -> None:
    """Write something down in a file."""
    operate("case.note", number=number, words=words)


@commands.command()
def decide(
    number: Number,
    kind: Annotated[str, typer.Argument(help="none, warn, sensitive, hide, delete, limit, freeze or suspend")],
    why: Why,
    ground: Annotated[str, typer.Option(help="one that is known: hatred, insult, harassment, 'rule: attacks'…")] = "",
    words: Annotated[str, typer.Option(help="the rule or the law with its article, in words")] = "",
    about: Annotated[str, typer.Option("--posts", help="numbers or addresses of posts, or 'reported'")] = "",
    days: Annotated[str, typer.Option(help="for how many days; nothing: without an end")] = "",
) -> None:
    """Decide; the author and who reported are told why."""
    operate("case.decide", number=number, kind=kind, why=why, ground=ground, words=words, about=about, days=days)


@commands.command()
def lift(decision: Annotated[str, typer.Argument(help="the number of a decision")]) -> None:
    """Take a decision back before its time."""
    operate("case.lift", decision=decision)


@commands.command()
def judge(
    appeal: Annotated[str, typer.Argument(help="the number of an appeal")],
    verdict: Annotated[str, typer.Argument(help="uphold or reverse")],
    why: Why,
    by: Annotated[str, typer.Option("--by", help="the e-mail address of who judges: not who decided")],
) -> None:
    """Judge an appeal; both sides are told why."""
    operate("case.judge", appeal=appeal, verdict=verdict, why=why, judge_email=by)
