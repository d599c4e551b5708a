"""The one thing an operator does from a shell that the desk cannot do without: inviting, on the page as well."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping, Sequence

from bot.demo.chats import Inviter
from bot.demo.people import ImpossibleError


def inviter(command: Sequence[str], environment: Mapping[str, str], directory: os.PathLike[str]) -> Inviter:
    """Runs the operator's command and passes on what it prints. Raises `ImpossibleError` where it fails."""

    async def invite(place: str, role: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *command, "--place", place, "--role", role, env=environment, cwd=directory, stdout=PIPE, stderr=DEVNULL
        )
        said, _ = await process.communicate()
        if process.returncode != 0:
            raise ImpossibleError(f"the operator's command failed (exit code {process.returncode})")
        return said.decode("utf-8").strip()

    return invite
