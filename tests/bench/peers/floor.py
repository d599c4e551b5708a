"""The floor: the two HTTP calls of a tap, on aiohttp and uvloop, and nothing else at all."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import uvloop

from tests.bench.peers.dialog import TOKEN, api, questions


class Floor:
    """Asks for updates and makes two calls for each tap, all side by side."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        question = questions()[6]
        rows = [[{"text": label, "callback_data": said}] for label, said in question.buttons(6)]
        self._screen = {"text": question.text, "reply_markup": json.dumps({"inline_keyboard": rows})}
        self._session, self._url = session, f"{api()}/bot{TOKEN}"
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self) -> None:
        """Until stopped."""
        offset = 0
        while True:
            found = await self._call("getUpdates", {"offset": offset, "timeout": 10})
            for update in found["result"]:
                offset = update["update_id"] + 1
                self._update(update)

    def _update(self, update: dict[str, Any]) -> None:
        if query := update.get("callback_query"):
            message = query["message"]
            where = {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
            self._spawn("answerCallbackQuery", {"callback_query_id": query["id"]})
            self._spawn("editMessageText", {**where, **self._screen})
        else:
            self._spawn("sendMessage", {"chat_id": update["message"]["chat"]["id"], **self._screen})

    def _spawn(self, method: str, what: dict[str, Any]) -> None:
        task = asyncio.create_task(self._call(method, what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call(self, method: str, what: dict[str, Any]) -> Any:
        async with self._session.post(f"{self._url}/{method}", data=what) as response:
            return json.loads(await response.read())


async def main() -> None:
    """Poll until stopped."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=256)) as session:
        await Floor(session).run()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
