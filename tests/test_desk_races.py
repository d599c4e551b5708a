"""Coordinators who tap whatever they like, on cards as they are or as they were: never two claims, nothing lost."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.records import Referral
from bot.store import Store
from bot.tables import audit
from dialogs.referral import REASONS
from tests.desk_world import Coordinator, DeskWorld
from tests.postgres import Shell, kept

NAMES = ("First", "Second", "Third")
WHO = st.integers(0, len(NAMES) - 1)
STALE = st.integers(0, 2)
VERBS = ("claim", "contact", "release", "closing", "card", "undo")


class Desk(RuleBasedStateMachine):
    """Three coordinators, one referral, and a model of it so simple that one sees it is right."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.directory = Path(tempfile.mkdtemp())
        url = f"sqlite+aiosqlite:///{self.directory / 'screener.db'}"
        self.store = Store(url)
        self.shell = Shell(self.store, url)
        self.state, self.claimer, self.reason = "new", "", ""
        self.undo: tuple[str, str, str] | None = None
        self.by, self.age, self.deeds = "", 0, 0

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def opens(self) -> None:
        self.do(self.store.prepare())
        self.do(self.shell.opened())
        world = DeskWorld(self.shell)
        self.people: list[Coordinator] = self.do(world.desk(*NAMES))
        self.code = self.do(world.referral())
        self.joined = len(kept(self.shell.database, audit))

    @rule(who=WHO, verb=st.sampled_from(VERBS), behind=STALE)
    def presses(self, who: int, verb: str, behind: int) -> None:
        now = self.referral.wanted
        seen = max(now - behind, 1)
        toast = self.do(self.people[who].acts(verb, self.code, version=seen))
        self.follows(who, verb, seen != now, toast)

    @rule(who=WHO, reason=st.sampled_from([each for each in REASONS if each != "screen_failure"]))
    def closes(self, who: int, reason: str) -> None:
        toast = self.do(self.people[who].acts("close", self.code, reason))
        if self.state == "closed":
            assert toast == "desk.toast.closed"
        else:
            self.changes(who, "closed", self.claimer or NAMES[who], reason)

    @rule(seconds=st.sampled_from([1, 30, 59]))
    def time_passes(self, seconds: int) -> None:
        self.shell.clock.passes(seconds=seconds)
        self.age += seconds

    def follows(self, who: int, verb: str, stale: bool, toast: str | None) -> None:
        name = NAMES[who]
        if toast == "desk.toast.changed":
            assert stale
        elif stale and not (verb == "claim" and self.state == "claimed"):
            raise AssertionError(f"{verb} on an old card was taken: {toast}")
        elif verb == "undo":
            if self.undo is None or self.age >= 60:
                assert toast == "desk.toast.too_late"
            elif self.by != name:
                assert toast == "desk.toast.not_yours"
            else:
                assert toast is None
                (self.state, self.claimer, self.reason), self.undo = self.undo, None
                self.deeds += 1
        elif self.state == "closed":
            assert toast == "desk.toast.closed"
        elif verb == "claim" and self.state == "new":
            assert toast is None
            self.changes(who, "claimed", name, "")
        elif verb == "claim":
            assert toast == ("desk.toast.not_now" if self.claimer == name else "desk.toast.taken")
        elif verb == "release":
            if self.state != "claimed":
                assert toast == "desk.toast.not_now"
            elif self.claimer != name:
                assert toast == "desk.toast.not_yours"
            else:
                self.changes(who, "new", "", "")
        elif verb == "contact":
            assert toast is None
            self.changes(who, "contacted", self.claimer or name, "")

    def changes(self, who: int, state: str, claimer: str, reason: str) -> None:
        self.undo = (self.state, self.claimer, self.reason)
        self.state, self.claimer, self.reason = state, claimer, reason
        self.by, self.age = NAMES[who], 0
        self.deeds += 1

    @property
    def referral(self) -> Referral:
        return self.do(self.people[0].shell_referral(self.code))  # type: ignore[no-any-return]

    @invariant()
    def what_is_kept_is_what_happened(self) -> None:
        if not hasattr(self, "people"):
            return
        life, keys = (
            DeskWorld(self.shell).life(self.code),
            [self.shell.vault.key(each.id).hex() for each in self.people],
        )
        claimer = NAMES[keys.index(life.claimer)] if life.claimer else ""
        assert (life.state, claimer, life.reason or "") == (self.state, self.claimer, self.reason)
        assert len(kept(self.shell.database, audit)) - self.joined == self.deeds, "every change, once"

    @invariant()
    def the_card_says_what_is_kept(self) -> None:
        if not hasattr(self, "people"):
            return
        names = {self.shell.vault.key(each.id).hex(): each.name for each in self.people}
        text = self.shell.views.card(self.referral, names).text
        named = self.by if self.state == "closed" else self.claimer
        assert (named in text.splitlines()[0]) if named else not any(name in text for name in NAMES)

    def teardown(self) -> None:
        self.do(self.store.close())
        self.loop.close()
        shutil.rmtree(self.directory)


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=7, stateful_step_count=16, deadline=None)
