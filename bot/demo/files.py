"""The methods that send a picture or a file."""

from __future__ import annotations

import mimetypes
import secrets
from collections.abc import Callable

from bot.demo.chats import Telegram
from bot.demo.messages import caption, sent
from bot.demo.params import Params, Upload
from bot.demo.pictures import Picture, read_picture
from bot.demo.wire import ApiError, Json, JsonObject, bad

LARGEST_FILE = 50 * 1024 * 1024


def send_photo(telegram: Telegram, params: Params) -> Json:
    """sendPhoto: a picture of its own, or one that was sent before, by its id"""
    picture = _picture(telegram, _file(params, "photo"))
    telegram.pictures[picture.id] = picture
    return sent(telegram, params, caption(params), "photo", {"photo": picture.sizes()}, picture)


def send_document(telegram: Telegram, params: Params) -> Json:
    """sendDocument"""
    file = _file(params, "document")
    if isinstance(file, str):
        raise _unknown_file()
    number = secrets.token_hex(8)
    telegram.documents[number] = (file.name, file.content)
    return sent(telegram, params, caption(params), "document", {"document": _document(file, number)})


def _file(params: Params, name: str) -> Upload | str:
    file = params.file(name)
    if not file:
        raise bad(f"there is no {name} in the request")
    if isinstance(file, Upload) and not file.content:
        raise bad("file must be non-empty")
    if isinstance(file, Upload) and len(file.content) > LARGEST_FILE:
        raise ApiError(413, "Request Entity Too Large")
    return file


def _picture(telegram: Telegram, file: Upload | str) -> Picture:
    if isinstance(file, Upload):
        return read_picture(file.content)
    known = telegram.pictures.get(file.partition("-")[0])
    if known is None:
        raise _unknown_file()
    return known


def _unknown_file() -> ApiError:
    # Addresses on the web are among them: the stand-in fetches nothing.
    return bad("wrong file identifier/HTTP URL specified")


def _document(file: Upload, number: str) -> JsonObject:
    guessed = mimetypes.guess_type(file.name)[0]
    return {
        "file_id": f"{number}-file",
        "file_unique_id": number,
        "file_name": file.name,
        "mime_type": guessed or file.mime,
        "file_size": len(file.content),
    }


METHODS: dict[str, Callable[[Telegram, Params], Json]] = {
    "sendphoto": send_photo,
    "senddocument": send_document,
}
