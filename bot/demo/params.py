"""The parameters of a call, in any of the forms Telegram takes: query, form, multipart or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from urllib.parse import parse_qsl

from bot.demo.wire import Json, bad

TRUE = ("true", "yes", "1")
AS_JSON = (
    "reply_markup",
    "entities",
    "caption_entities",
    "commands",
    "scope",
    "allowed_updates",
    "link_preview_options",
    "reply_parameters",
    "message_ids",
)


@dataclass(frozen=True)
class Upload:
    """A file sent with a call."""

    name: str
    mime: str
    content: bytes


class Params:
    """What a call was given. Values are text from forms and typed from JSON; readers accept both."""

    def __init__(self, values: Mapping[str, Json | Upload]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """The text under `name`, empty where there is none."""
        value = self._values.get(name)
        if value is None or isinstance(value, Upload):
            return ""
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        """The whole number under `name`; Telegram reads anything else as the default."""
        try:
            return int(self.text(name))
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """The yes or no under `name`."""
        return self.text(name).lower() in TRUE

    def json(self, name: str, refusal: str = "can't parse JSON object") -> Json:
        """The value under `name`, decoded where it came as text; None where there is none."""
        value = self._values.get(name)
        if isinstance(value, Upload):
            raise bad(refusal)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            decoded: Json = json.loads(value)
        except ValueError as error:
            raise bad(refusal) from error
        return decoded

    def file(self, name: str) -> Upload | str:
        """The file under `name`: one sent with the call (also through `attach://`), or an id or address."""
        value = self._values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            value = self._values.get(value.removeprefix("attach://"))
        return value if isinstance(value, Upload) else self.text(name)

    @property
    def chat(self) -> int | None:
        """The chat that is meant, if the call has one and it is a number."""
        return self.integer("chat_id") or None

    def logged(self) -> dict[str, Json]:
        """The parameters for the log of calls, lists and objects decoded, files by their name."""
        return {name: self._shown(name, value) for name, value in self._values.items()}

    def _shown(self, name: str, value: Json | Upload) -> Json:
        if isinstance(value, Upload):
            return {"file": value.name, "type": value.mime, "size": len(value.content)}
        if name in AS_JSON and isinstance(value, str) and value[:1] in ("[", "{"):
            try:
                decoded: Json = json.loads(value)
            except ValueError:
                return value
            return decoded
        return value


def read(query: str, content_type: str, body: bytes) -> Params:
    """All parameters of a request; those of the body win over those of the address."""
    values: dict[str, Json | Upload] = dict(parse_qsl(query, keep_blank_values=True))
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json" and body:
        values.update(_from_json(body))
    elif kind == "application/x-www-form-urlencoded":
        values.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    elif kind == "multipart/form-data":
        values.update(_from_multipart(content_type, body))
    return Params(values)


def _from_json(body: bytes) -> dict[str, Json]:
    try:
        decoded: Json = json.loads(body)
    except ValueError as error:
        raise bad("can't parse JSON object") from error
    if not isinstance(decoded, dict):
        raise bad("object expected as JSON")
    return decoded


def _from_multipart(content_type: str, body: bytes) -> dict[str, Json | Upload]:
    boundary = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n").get_param("boundary")
    if not isinstance(boundary, str):
        raise bad("can't find boundary of multipart/form-data")
    values: dict[str, Json | Upload] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        head, separator, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not separator:
            continue
        header = message_from_string(head.decode("utf-8", "replace"))
        name = header.get_param("name", header="content-disposition")
        file_name = header.get_filename()
        if not isinstance(name, str):
            continue
        is_file = file_name is not None
        values[name] = (
            Upload(file_name or name, header.get_content_type(), content)
            if is_file
            else content.decode("utf-8", "replace")
        )
    return values
