"""The token never travels where others can read it without the doctor saying so."""

from __future__ import annotations

import pytest

from bot.doctor.environment import overheard
from bot.settings import Settings
from tests.doctor_world import Installation

pytest_plugins = ["tests.doctor_world"]


def at(url: str) -> Settings:
    """Settings with this address of Telegram's."""
    return Settings.model_construct(api_url=url)


@pytest.mark.parametrize(
    "url",
    ["http://api.example.org", "http://10.0.0.7:8081", "http://[fd00::7]:8081", "HTTP://telegram", "http://0.0.0.0:1"],
)
def test_an_address_that_carries_the_token_in_the_clear_is_found_and_how_to_mend_it(url: str) -> None:
    [found] = overheard(at(url))
    assert (found.code, found.wrong) == ("api_in_the_clear", True)
    assert "SCREENER_API_URL" in str(found)
    assert "https://" in str(found)


@pytest.mark.parametrize(
    "url",
    [
        *("https://api.telegram.org", "https://api.example.org:8443", "HTTPS://example.org"),
        *("http://127.0.0.1:8081", "http://127.1.2.3", "http://localhost:8081", "http://[::1]:8081"),
        *("http://LOCALHOST", "http://bot-api.localhost:8081", "http://localhost.:8081"),
    ],
)
def test_https_and_this_computer_itself_are_safe(url: str) -> None:
    assert list(overheard(at(url))) == []


async def test_the_finding_says_where_the_token_goes_and_never_the_token(installation: Installation) -> None:
    token = installation.given["SCREENER_BOT_TOKEN"]
    installation.given["SCREENER_API_URL"] = "http://somebody:verysecret@0.0.0.0:9"
    assert "api_in_the_clear" in await installation.codes()
    said = "\n".join(str(each) for each in installation.found if each.code == "api_in_the_clear")
    assert "0.0.0.0" in said
    assert token not in said
    assert "verysecret" not in said
