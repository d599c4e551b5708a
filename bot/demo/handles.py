"""A phone, a group and its members, as objects that act and see like people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bot.demo import groups, people
from bot.demo.chats import Chat, Message, MessageKind, Person, Status, Tap, Telegram, Toast
from bot.demo.keyboards import Button
from bot.demo.people import ImpossibleError
from bot.demo.server import Server

T = TypeVar("T")
PATIENCE = 5.0


class Seat:
    """One person in one chat. What a person must first see (a button, a text) is waited for, up to `patience`."""

    def __init__(self, server: Server, chat_id: int, person_id: int, patience: float = PATIENCE) -> None:
        self._server = server
        self._sat_in = chat_id
        self.person_id = person_id
        self.patience = patience

    # -- what the person does ------------------------------------------------------------------------------

    def types(self, text: str, reply_to: Message | None = None) -> Message:
        """Sends a text."""
        number = reply_to.id if reply_to else None
        return self._act(lambda: people.write(self._telegram, self._chat, self.person, text, number))

    def taps(self, button: str | int, on: Message | None = None) -> Tap:
        """Taps a button by its label (whole, or how it begins) or index, once it is there.

        Without `on`, the newest message of the bot that has such a button is meant.
        """
        message, data = self._aims(button, on)
        return self.forges(data, message)

    def forges(self, data: str, on: Message | None = None) -> Tap:
        """Sends callback data as a modified client can: any data, by default on the bot's newest message."""
        number = (on or self.last).id
        return self._act(lambda: people.tap(self._telegram, self._chat, self.person, number, data))

    def sends(self, kind: MessageKind, caption: str = "") -> Message:
        """Sends a `photo`, `voice`, `sticker` or `location`."""
        return self._act(lambda: people.send(self._telegram, self._chat, self.person, kind, caption))

    def rewrites(self, message: Message, text: str) -> Message:
        """Changes an own message that was sent before."""
        return self._act(lambda: people.rewrite(self._telegram, self._chat, self.person, message.id, text))

    # -- what the person sees ------------------------------------------------------------------------------

    @property
    def chat_id(self) -> int:
        """The chat this is, wherever it has moved since."""
        return self._chat.id

    @property
    def messages(self) -> list[Message]:
        """All messages that are visible now, oldest first."""
        return self._act(lambda: self._chat.visible)

    @property
    def from_bot(self) -> list[Message]:
        """The bot's messages that are visible now, oldest first."""
        return [one for one in self.messages if one.from_bot]

    @property
    def last(self) -> Message:
        """The bot's newest visible message, waited for."""
        return self._until(lambda: next(iter(self._newest()), None), lambda: "a message of the bot")

    @property
    def toasts(self) -> list[Toast]:
        """All that answers to this person's taps have shown for a moment."""
        return self._act(lambda: [one for one in self._chat.toasts if one.person == self.person_id])

    @property
    def commands(self) -> list[tuple[str, str]]:
        """The menu of commands as this person sees it here."""
        return self._act(lambda: self._telegram.commands_for(self._chat, self.person))

    @property
    def person(self) -> Person:
        """Who sits here."""
        return self._telegram.people[self.person_id]

    def sees(self, text: str | Callable[[Message], bool]) -> Message:
        """The bot's newest visible message that contains `text` (or that the function accepts), once it is there."""

        def newest() -> Message | None:
            fitting = (one for one in self._newest() if (text(one) if callable(text) else text in one.text))
            return next(fitting, None)

        return self._until(newest, lambda: f"a message with {text!r}")

    def sees_toast(self, text: str) -> Toast:
        """The newest toast of this person that contains `text`, once it was shown."""

        def newest() -> Toast | None:
            own = (one for one in reversed(self._chat.toasts) if one.person == self.person_id)
            return next((one for one in own if text in one.text), None)

        return self._until(newest, lambda: f"a toast with {text!r}")

    def sees_no_more(self, text: str) -> None:
        """Waits until no visible message contains `text`."""
        self._until(
            lambda: all(text not in one.text for one in self._chat.visible) or None,
            lambda: f"no message with {text!r}",
        )

    def settles(self) -> None:
        """Waits until the bot has reacted to all that was done here: no unanswered tap, nothing in the queue."""
        self._until(
            lambda: not (self._chat.waiting or self._chat.taps or self._telegram.queue.ready) or None,
            lambda: "the bot to have reacted",
        )

    def shown(self) -> str:
        """The chat as plain text, for a failing test or a transcript."""
        return self._act(self._transcript)

    # -- inside --------------------------------------------------------------------------------------------

    @property
    def _telegram(self) -> Telegram:
        return self._server.telegram

    @property
    def _chat(self) -> Chat:
        chat = self._telegram.chats[self._sat_in]
        return chat if chat.moved_to is None else self._telegram.chats[chat.moved_to]

    def _act(self, act: Callable[[], T]) -> T:
        return self._server.do(act)

    def _until(self, probe: Callable[[], T | None], what: Callable[[], str]) -> T:
        return self._server.until(
            probe, self.patience, lambda: f"waited for {what()} in vain; seen:\n{self._transcript()}"
        )

    def _newest(self) -> list[Message]:
        return [one for one in reversed(self._chat.visible) if one.from_bot]

    def _aims(self, button: str | int, on: Message | None) -> tuple[Message, str]:
        """The message with this button, once it is there, and what the button would send."""
        message, aimed = self._until(lambda: self._find(button, on), lambda: f"a button {button!r}")
        if aimed.data is None:
            raise ImpossibleError(f"the button {aimed.label!r} sends nothing: it is a {aimed.action}")
        return message, aimed.data

    def _find(self, button: str | int, on: Message | None) -> tuple[Message, Button] | None:
        candidates = self._newest() if on is None else [self._chat.messages[on.id]]
        for message in candidates:
            pressed = _pressed(message, button)
            if pressed is not None:
                return message, pressed
        return None

    def _transcript(self) -> str:
        lines = []
        for one in self._chat.visible:
            lines.append(f"{one.sender.name}: {one.text or one.kind}")
            lines.extend(f"    [{label}]" for label in one.labels)
        return "\n".join(lines)


def _pressed(message: Message, button: str | int) -> Button | None:
    buttons = message.buttons
    if isinstance(button, int):
        return buttons[button] if -len(buttons) <= button < len(buttons) else None
    exact = [one for one in buttons if one.label == button]
    beginning = [one for one in buttons if one.label.startswith(button)]
    return next(iter(exact or beginning), None)


class Phone(Seat):
    """A participant's phone, in a private chat with the bot."""

    def starts(self, payload: str = "") -> Message:
        """Taps START (or RESTART after a block), perhaps through a link with a payload."""
        return self._act(lambda: people.start(self._telegram, self._chat, payload))

    def blocks(self) -> None:
        """Stops the bot."""
        self._act(lambda: people.block(self._telegram, self._chat))

    def unblocks(self) -> None:
        """Lets the bot write again, without START."""
        self._act(lambda: people.unblock(self._telegram, self._chat))

    def clears_chat(self) -> None:
        """Deletes the chat on the phone: the bot is not told, and its edits of old messages are seen by nobody."""
        self._act(lambda: people.clear(self._telegram, self._chat))

    def deletes(self, message: Message) -> None:
        """Deletes a message for both sides."""
        self._act(lambda: people.delete(self._telegram, self._chat, message.id))

    def speaks(self, language: str | None) -> None:
        """Changes the language of the phone."""
        self._act(lambda: people.speak(self._telegram, self._chat, language))

    @property
    def description(self) -> str:
        """What the empty chat shows above START."""
        return self._act(lambda: self._telegram.description_for(self.person.language))


class Member(Seat):
    """One member of a group: sees what everybody there sees, and the toasts that are meant for nobody else."""

    def leaves(self) -> None:
        """Leaves the group: whatever they try there from now on raises `ImpossibleError`."""
        self._act(lambda: groups.leave(self._telegram, self._chat, self.person))

    def removes(self, other: Member) -> None:
        """Throws another member out."""
        self._act(lambda: groups.remove(self._telegram, self._chat, other.person, self.person))

    def returns(self) -> None:
        """Comes back after leaving."""
        self._act(lambda: groups.join(self._telegram, self._chat, self.person))

    def private(self) -> Phone:
        """The same person's private chat with the bot, not started yet unless they did."""
        opened = self._act(lambda: people.open_phone(self._telegram, self.person))
        return Phone(self._server, opened.id, self.person_id, self.patience)


class Group(Member):
    """A coordinators' group; acts as its first member, `member` gives the others a seat."""

    def member(self, who: str | Seat, language: str | None = None, status: Status = "member") -> Member:
        """The member of that name, or the person who sits there: joins where they are not in the group."""
        person = self._act(lambda: self._joined(who, language, status))
        return Member(self._server, self.chat_id, person.id, self.patience)

    def all_tap(self, button: str | int, *members: Seat, on: Message | None = None) -> list[Tap]:
        """Several members tap the same button at once: the bot is told of all before it can react to one."""
        message, data = self._aims(button, on)
        return self._act(
            lambda: [people.tap(self._telegram, self._chat, one.person, message.id, data) for one in members]
        )

    def kicks_bot(self) -> None:
        """Throws the bot out."""
        self._act(lambda: groups.kick(self._telegram, self._chat, self.person))

    def invites_bot(self) -> None:
        """Brings the bot back."""
        self._act(lambda: groups.invite(self._telegram, self._chat, self.person))

    def promotes_bot(self) -> None:
        """Makes the bot an administrator, who reads everything that is written."""
        self._act(lambda: groups.promote(self._telegram, self._chat, self.person))

    def becomes_supergroup(self, new_id: int) -> None:
        """Moves the group to a new id, as Telegram does by itself; all handles follow."""
        self._act(lambda: groups.upgrade(self._telegram, self._chat, new_id))

    def _joined(self, who: str | Seat, language: str | None, status: Status) -> Person:
        found = who.person if isinstance(who, Seat) else self._named(who)
        person = found or people.new_person(self._telegram, str(who), language or self.person.language)
        groups.join(self._telegram, self._chat, person, status)
        return person

    def _named(self, name: str) -> Person | None:
        known = (self._telegram.people[number] for number in self._chat.statuses)
        return next((one for one in known if one.name == name), None)
