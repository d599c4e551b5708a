"""What the page's door lets in and out, and the words of the page: no browser is needed to see it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.demo.invitations import inviter
from bot.demo.page import STATIC
from bot.demo.standin import StandIn


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


def test_the_page_forbids_inline_scripts_and_everything_from_elsewhere(standin: StandIn) -> None:
    answer = httpx.get(standin.url)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|https?://", answer.text)


def test_another_web_page_cannot_act(standin: StandIn) -> None:
    url = f"{standin.url}/demo/participants"
    assert httpx.post(url, data={"language": "fr"}).status_code == 403
    foreign = {"Origin": "https://example.org"}
    assert httpx.post(url, json={"language": "fr"}, headers=foreign).status_code == 403
    own = {"Origin": standin.url}
    assert httpx.post(url, json={"language": "fr"}, headers=own).status_code == 200


def test_only_the_page_invites_and_only_where_the_operator_can(standin: StandIn) -> None:
    url = f"{standin.url}/demo/chats/{standin.group('paris').chat_id}/invite"
    assert httpx.post(url, json={"role": "lead"}).status_code == 404
    standin.telegram.inviter = inviter([sys.executable, "-c", "raise SystemExit('no')"], {}, Path())
    assert httpx.post(url, json={"role": "lead"}).status_code == 409
    assert httpx.post(url, json={"role": "owner"}).status_code == 400
    assert httpx.post(url, data={"role": "lead"}).status_code == 403
    phone = standin.participant()
    assert httpx.post(f"{standin.url}/demo/chats/{phone.chat_id}/invite", json={"role": "lead"}).status_code == 404


def test_no_file_outside_the_pages_own_is_served(standin: StandIn) -> None:
    for name in ("..%2Fdemo.toml", "%2e%2e%2frun.py", "words.toml", ""):
        assert httpx.get(f"{standin.url}/static/{name}").status_code == 404


def test_both_languages_have_the_same_words_with_french_spacing() -> None:
    words = json.loads(STATIC.joinpath("words.json").read_text("utf-8"))
    assert words["fr"].keys() == words["en"].keys()
    for text in words["fr"].values():
        assert not re.search(r"(?<!\u202f)[?!;]|(?<!\u00a0):|['\"]", text)
