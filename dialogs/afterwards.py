"""What a person sees once their result is sent: the code, and whether the team may write to them here."""

from __future__ import annotations

from dialogs.events import Asked, Tapped
from dialogs.session import BRIDGE, LONGEST_MESSAGE, OFFER, REPLY, SENT, Session, TeamMessage
from dialogs.symbols import Line, Option, Say, Screen, Told, taps
from dialogs.wording import voice

HELP = (Option("help", Say("frame.help"), Asked(topic="help")),)


def afterwards(session: Session) -> Screen:
    """The screen of a state after sending. Raises ValueError for any other state."""
    match session.state:
        case "sent":
            return _sent(session)
        case "offer":
            return _offer(session)
        case "bridge":
            return _bridge(session)
        case "reply":
            return _reply(session)
    raise ValueError(f"{session.state} does not come after sending")


def _sent(session: Session) -> Screen:
    return Screen(
        SENT,
        (
            (Say("sent.call"), Told("contact", session.place or "")),
            (Say("sent.code", {"code": session.code}),),
            (Say(f"sent.doctor{voice(session)}"),),
            (Say("sent.keep"),),
        ),
        (_copy(session), *taps("sent", "done", "offer"), HELP),
    )


def _offer(session: Session) -> Screen:
    """What it means that the team may write here, before anybody says yes to it."""
    return Screen(
        OFFER,
        (
            (Say("offer.what"),),
            (Say("offer.how"),),
            (Say("offer.kept"),),
            (Say("offer.not_watched", {"emergency": _emergency(session)}),),
            (Say("offer.ask"),),
        ),
        (*taps("offer", "agree", "decline"), HELP),
    )


def _bridge(session: Session) -> Screen:
    written = session.message
    return Screen(
        BRIDGE,
        (
            *(((Say("bridge.from_team"), _said(written)),) if written else ()),
            (Say("bridge.code", {"code": session.code}), Say(f"bridge.progress.{session.progress}")),
            (Say("bridge.may", {"emergency": _emergency(session)}),),
        ),
        (
            (Option("answer", Say(f"bridge.{'answer' if written else 'write'}"), Tapped(choice="answer")),),
            (Option("call", Say("bridge.call"), Asked(topic="human")),),
            _copy(session),
            (Option("close", Say("bridge.close"), Asked(topic="close")),),
            HELP,
        ),
    )


def _reply(session: Session) -> Screen:
    return Screen(
        REPLY,
        (
            *(((Say("bridge.from_team"), _said(session.message)),) if session.message else ()),
            (Say("reply.ask", {"number": LONGEST_MESSAGE}),),
            (Say("reply.who"),),
            (Say("reply.kept", {"emergency": _emergency(session)}),),
        ),
        (*taps("reply", "keep"), HELP),
    )


def _said(message: TeamMessage) -> Line:
    if message.approved:
        return Say(f"bridge.approved.{message.approved}")
    return Say("bridge.words", {"text": message.words or ""})


def _emergency(session: Session) -> Say:
    return Say(f"place.{session.place}.emergency")


def _copy(session: Session) -> tuple[Option]:
    return (Option("copy", Say("sent.copy"), copies=session.code),)
