"""What keepers do, as named operations: the commands now, the web console later, the same code.

An operation is `async def (ctx, **arguments) -> list[str]`: plain values in, lines for a person out. It refuses with
a `BeffroiError` that says what to do, and changes nothing then.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from admin import (
    actors,
    agreements,
    announcements,
    audit,
    cases,
    deliveries,
    domains,
    emojis,
    federation,
    health,
    invitations,
    keyring,
    lists,
    mail,
    moderation,
    moves,
    people,
    posts,
    relays,
    replies,
    reports,
    rules,
    search,
    set_up,
    sign_ups,
    storage,
    territories,
    waves,
    witness,
    work,
)
from node.moderation.audit import MACHINE, Hand
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, Invalid
from node.runtime.i18n import Language, translator
from node.runtime.i18n.sentences import Sentence

Operation = Callable[..., Awaitable[list[str]]]

OPERATIONS: Mapping[str, Operation] = {
    "set_up.init": set_up.init,
    "set_up.begin": set_up.begin,
    "set_up.found": set_up.found,
    "domain.add": domains.add,
    "domain.list": domains.list_all,
    "domain.describe": domains.describe,
    "domain.legal": domains.legal_notice,
    "user.create": people.create,
    "user.list": people.list_all,
    "user.password": people.password,
    "user.disable": people.disable,
    "user.enable": people.enable,
    "user.delete": people.delete,
    "user.duty": people.duty,
    "user.reset_factor": people.reset_factor,
    "user.log_out": people.log_out,
    "audit.list": audit.list_all,
    "audit.verify": audit.verify,
    "audit.page": audit.page,
    "territory.create": territories.create,
    "territory.show": territories.show,
    "territory.list": territories.list_all,
    "agreement.propose": agreements.propose,
    "agreement.accept": agreements.accept,
    "agreement.reject": agreements.reject,
    "agreement.limit": agreements.limit,
    "agreement.end": agreements.end,
    "agreement.withdraw": agreements.withdraw,
    "agreement.show": agreements.show,
    "agreement.list": agreements.list_all,
    "actor.create": actors.create,
    "actor.list": actors.list_all,
    "actor.member": actors.member,
    "actor.replies": replies.who_may,
    "actor.unmember": actors.unmember,
    "actor.delete": actors.delete,
    "actor.rotate_keys": actors.rotate_keys,
    "actor.move": moves.move,
    "actor.unmove": moves.unmove,
    "actor.alias_add": moves.add_alias,
    "actor.alias_remove": moves.remove_alias,
    "actor.alias_list": moves.list_aliases,
    "actor.suspend": moderation.suspend,
    "actor.judge": moderation.judge,
    "actor.unsuspend": moderation.unsuspend,
    "block.add": moderation.block,
    "block.remove": moderation.unblock,
    "block.list": moderation.list_blocks,
    "block.preview": lists.preview,
    "block.take": lists.take,
    "block.export": lists.write,
    "block.subscribe": lists.subscribe,
    "block.unsubscribe": lists.unsubscribe,
    "block.lists": lists.show,
    "block.answer": lists.answer,
    "wave.list": waves.list_all,
    "wave.freeze": waves.freeze,
    "wave.let_go": waves.let_go,
    "allow.add": moderation.allow,
    "allow.only_listed": moderation.only_listed,
    "federation.ignored": federation.ignored,
    "reports.list": reports.list_all,
    "reports.show": reports.show,
    "reports.classify": reports.classify,
    "reports.reopen": reports.reopen,
    "case.list": cases.list_all,
    "case.show": cases.show,
    "case.open": cases.open_file,
    "case.assign": cases.assign,
    "case.note": cases.note,
    "case.decide": cases.decide,
    "case.lift": cases.lift,
    "case.judge": cases.judge,
    "keyring.rotate": keyring.rotate,
    "deliveries.list": deliveries.list_dead,
    "deliveries.retry": deliveries.retry,
    "deliveries.drop": deliveries.drop,
    "deliveries.hosts": deliveries.hosts,
    "post.deliveries": posts.deliveries,
    "relay.add": relays.add,
    "relay.remove": relays.remove,
    "relay.list": relays.list_all,
    "mail.list": mail.list_all,
    "mail.retry": mail.retry,
    "mail.drop": mail.drop,
    "mail.test": mail.test,
    "invite.create": invitations.create,
    "invite.list": invitations.list_all,
    "invite.withdraw": invitations.withdraw,
    "signup.list": sign_ups.list_all,
    "signup.approve": sign_ups.approve,
    "signup.refuse": sign_ups.refuse,
    "signup_rule.list": sign_ups.list_rules,
    "signup_rule.add": sign_ups.add_rule,
    "signup_rule.remove": sign_ups.remove_rule,
    "user.traces": sign_ups.read_traces,
    "work.show": work.show,
    "work.retry": work.retry,
    "work.drop": work.drop,
    "search.show": search.show,
    "search.rebuild": search.rebuild,
    "storage.show": storage.show,
    "storage.keep": storage.keep,
    "storage.prune": storage.prune,
    "storage.show_posts": storage.show_posts,
    "storage.keep_posts": storage.keep_posts,
    "storage.prune_posts": storage.prune_posts,
    "health.show": health.show,
    "rule.list": rules.list_all,
    "rule.add": rules.add,
    "rule.change": rules.change,
    "rule.move": rules.move,
    "rule.remove": rules.remove,
    "emoji.list": emojis.list_all,
    "emoji.add": emojis.add,
    "emoji.put": emojis.put,
    "emoji.disable": emojis.disable,
    "emoji.enable": emojis.enable,
    "emoji.remove": emojis.remove,
    "announcement.list": announcements.list_all,
    "announcement.add": announcements.add,
    "announcement.change": announcements.change,
    "announcement.publish": announcements.publish,
    "announcement.withdraw": announcements.withdraw,
    "announcement.remove": announcements.remove,
}
"""Every operation by name."""


async def perform(ctx: Context, name: str, arguments: Mapping[str, Any], by: Hand = MACHINE) -> list[str]:
    """Do *name* by command: as `done`, and what is refused is in the keeper's language too."""
    try:
        return await done(ctx, name, arguments, by)
    except BeffroiError as error:
        if error.args and isinstance(error.args[0], Sentence):
            error.args = (translator(ctx.settings.language)(error.args[0]),)
        raise


async def done(
    ctx: Context, name: str, arguments: Mapping[str, Any], by: Hand, *, language: Language | None = None
) -> list[str]:
    """Do *name* and return what there is to say, in *language* or the node's; the log says that *by* did it.

    Raises:
        Invalid: there is no such operation, or its arguments are not these.
        BeffroiError: what the operation refuses.
    """
    operation = OPERATIONS.get(name)
    if operation is None:
        raise Invalid(f"there is no operation called {name}")
    watched = witness.watched(ctx, act=name, by=by, arguments=arguments)
    if language is not None and language != ctx.settings.language:
        watched = replace(watched, settings=ctx.settings.model_copy(update={"language": language}))
    signature = inspect.signature(operation)
    asked = signature.parameters.get("by")
    if asked is not None and asked.annotation is Hand:  # what is decided says for ever who decided it
        arguments = {**arguments, "by": by}
    try:
        signature.bind(watched, **arguments)
    except TypeError as error:
        raise Invalid(f"{name}: {error}") from None
    return await operation(watched, **arguments)


__all__ = ["OPERATIONS", "BeffroiError", "done", "perform"]
