"""The door to Telegram, and the only user of python-telegram-bot: updates in, messages out, errors translated."""

from bot.telegram.api import Api
from bot.telegram.polling import Poller

__all__ = ["Api", "Poller"]
