"""The door of the page: its files, a live stream of every chat, and what its people do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from importlib.resources import files
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.demo import people
from bot.demo.chats import Chat, MessageKind, Person, Telegram
from bot.demo.people import ImpossibleError
from bot.demo.setting import setting
from bot.demo.views import chat_view
from bot.demo.wire import Json

STATIC = files("bot.demo") / "static"
TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
}
LANGUAGES = ("fr", "en")
ROLES = ("coordinator", "lead")
KINDS: dict[str, MessageKind] = {
    "photo": "photo",
    "voice": "voice",
    "sticker": "sticker",
    "location": "location",
}
QUIET = 15.0
SAFE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}
Wish = dict[str, Json]


def routes(telegram: Telegram) -> list[BaseRoute]:
    """The routes of the page for one stand-in."""
    page = Page(telegram)
    return [
        Route("/", page.index),
        Route("/static/{name}", page.file),
        Route("/demo/pictures/{picture}", page.picture),
        Route("/demo/files/{document}", page.document),
        Route("/demo/events", page.events),
        Route("/demo/participants", page.add, methods=["POST"]),
        Route("/demo/chats/{chat:str}/invite", page.invite, methods=["POST"]),
        Route("/demo/chats/{chat:str}/{deed}", page.act, methods=["POST"]),
    ]


class Page:
    """The endpoints, over one stand-in."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    async def index(self, _request: Request) -> Response:
        """The page itself."""
        return _served("index.html")

    async def file(self, request: Request) -> Response:
        """One of the files beside the page."""
        return _served(request.path_params["name"])

    async def picture(self, request: Request) -> Response:
        """A picture that was sent, as the bot sent it."""
        found = self._telegram.pictures.get(request.path_params["picture"])
        return Response(found.content, media_type="image/png", headers=SAFE) if found else _no(404)

    async def document(self, request: Request) -> Response:
        """A file that was sent, to be saved: whatever is in it, no browser opens it as a page of ours."""
        found = self._telegram.documents.get(request.path_params["document"])
        if found is None:
            return _no(404)
        name, content = found
        disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        headers = {**SAFE, "Content-Disposition": disposition}
        return Response(content, media_type="application/octet-stream", headers=headers)

    async def events(self, _request: Request) -> Response:
        """A stream of server-sent events: each chat as it is now, then again whenever it changes."""
        return StreamingResponse(self._stream(), media_type="text/event-stream", headers=SAFE)

    async def add(self, request: Request) -> Response:
        """A new participant, in `language`; the answer names the chat."""
        wish = await _wish(request)
        language = wish.get("language") if wish else None
        if wish is None or language not in LANGUAGES:
            return _no(403 if wish is None else 400)
        name = setting().participant.name.format(number=people.next_number(self._telegram))
        chat = people.add_participant(self._telegram, name, str(language))
        return JSONResponse({"chat": chat.id}, headers=SAFE)

    async def act(self, request: Request) -> Response:
        """Something a person does in a chat; 409 where no client of Telegram could do it."""
        wish = await _wish(request)
        if wish is None:
            return _no(403)
        chat = self._chat(request)
        deed = DEEDS.get(request.path_params["deed"])
        if chat is None or deed is None:
            return _no(404)
        try:
            deed(self._telegram, chat, _actor(chat, wish), wish)
        except ImpossibleError as error:
            return _impossible(error)
        return JSONResponse({}, headers=SAFE)

    async def invite(self, request: Request) -> Response:
        """What to send to the bot to join the desk of a group in a `role`, as its operator gives it out."""
        wish, chat, inviter = await _wish(request), self._chat(request), self._telegram.inviter
        role = wish.get("role") if wish else None
        if wish is None or role not in ROLES:
            return _no(403 if wish is None else 400)
        if chat is None or not chat.key or inviter is None:
            return _no(404)
        try:
            return JSONResponse({"text": await inviter(chat.key, str(role))}, headers=SAFE)
        except ImpossibleError as error:
            return _impossible(error)

    def _chat(self, request: Request) -> Chat | None:
        number = request.path_params["chat"]
        return self._telegram.chats.get(int(number)) if number.lstrip("-").isdigit() else None

    async def _stream(self) -> AsyncIterator[str]:
        telegram, shown = self._telegram, -1
        yield "retry: 1000\n\n"
        while not telegram.changes.closed:
            now = telegram.changes.version
            for chat in [one for one in telegram.chats.values() if one.version > shown]:
                yield f"event: chat\ndata: {json.dumps(chat_view(telegram, chat))}\n\n"
            # A new stream begins by saying where it is complete, so that a page can drop what is gone.
            if shown < 0:
                yield f"event: complete\ndata: {json.dumps(list(telegram.chats))}\n\n"
            shown = now
            if not await telegram.changes.after(shown, QUIET):
                yield ": still here\n\n"


async def _wish(request: Request) -> Wish | None:
    """The JSON object of a request of the page itself; None for one that another web page might have made."""
    # A foreign page can post forms and plain text without asking, but not JSON.
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return None
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        return None
    try:
        wish: Json = json.loads(await request.body())
    except ValueError:
        return None
    return wish if isinstance(wish, dict) else None


def _served(name: str) -> Response:
    found = STATIC / name
    kind = TYPES.get(name.rpartition(".")[2])
    if kind is None or "/" in name or "\\" in name or not found.is_file():
        return _no(404)
    return Response(found.read_bytes(), media_type=kind, headers=SAFE)


def _no(code: int) -> Response:
    return Response(str(code), status_code=code, headers=SAFE)


def _impossible(error: ImpossibleError) -> Response:
    return JSONResponse({"error": str(error)}, status_code=409, headers=SAFE)


def _actor(chat: Chat, wish: Wish) -> Person:
    number = wish.get("person")
    person = chat.people.get(number) if isinstance(number, int) else next(iter(chat.people.values()), None)
    if person is None:
        raise ImpossibleError("nobody is there, or not this person")
    return person


def _text(wish: Wish, name: str) -> str:
    value = wish.get(name)
    return value if isinstance(value, str) else ""


def _number(wish: Wish, name: str) -> int:
    value = wish.get(name)
    return value if isinstance(value, int) else 0


def _start(telegram: Telegram, chat: Chat, _person: Person, wish: Wish) -> None:
    people.start(telegram, chat, _text(wish, "payload"))


def _write(telegram: Telegram, chat: Chat, person: Person, wish: Wish) -> None:
    people.write(telegram, chat, person, _text(wish, "text"), _number(wish, "reply") or None)


def _rewrite(telegram: Telegram, chat: Chat, person: Person, wish: Wish) -> None:
    people.rewrite(telegram, chat, person, _number(wish, "message"), _text(wish, "text"))


def _send(telegram: Telegram, chat: Chat, person: Person, wish: Wish) -> None:
    if _text(wish, "kind") not in KINDS:
        raise ImpossibleError("nothing of that kind can be sent")
    people.send(telegram, chat, person, KINDS[_text(wish, "kind")])


def _tap(telegram: Telegram, chat: Chat, person: Person, wish: Wish) -> None:
    people.tap(telegram, chat, person, _number(wish, "message"), _text(wish, "data"))


def _speak(telegram: Telegram, chat: Chat, _person: Person, wish: Wish) -> None:
    if _text(wish, "language") in LANGUAGES:
        people.speak(telegram, chat, _text(wish, "language"))


def _private(telegram: Telegram, _chat: Chat, person: Person, _wish: Wish) -> None:
    people.open_phone(telegram, person)


DEEDS: dict[str, Callable[[Telegram, Chat, Person, Wish], None]] = {
    "start": _start,
    "write": _write,
    "rewrite": _rewrite,
    "send": _send,
    "tap": _tap,
    "speak": _speak,
    "private": _private,
    "block": lambda telegram, chat, _person, _wish: people.block(telegram, chat),
    "unblock": lambda telegram, chat, _person, _wish: people.unblock(telegram, chat),
    "clear": lambda telegram, chat, _person, _wish: people.clear(telegram, chat),
}
