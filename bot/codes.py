"""Reference codes: short enough to read over the phone, with a check character that catches any one slip."""

from __future__ import annotations

import secrets

from dialogs.session import ReferralCode

# No 0 O 1 I L: they are misheard and misread. 31 is prime, so one wrong or two swapped characters never go unnoticed.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8
GROUP = 3


def new_code() -> ReferralCode:
    """A random code, such as K7M-4P2-XW9."""
    number, characters = secrets.randbelow(len(ALPHABET) ** LENGTH), ""
    for _ in range(LENGTH):
        number, index = divmod(number, len(ALPHABET))
        characters += ALPHABET[index]
    return written(characters)


def written(characters: str) -> ReferralCode:
    """These characters with their check character, in groups of three."""
    whole = characters + check_character(characters)
    return ReferralCode("-".join(whole[start : start + GROUP] for start in range(0, len(whole), GROUP)))


def check_character(characters: str) -> str:
    """The character that makes the weighted sum of all come out even: weights differ, so swaps are caught too."""
    total = sum(weight * ALPHABET.index(each) for weight, each in enumerate(characters, start=2))
    return ALPHABET[total % len(ALPHABET)]


def read_code(text: str) -> ReferralCode | None:
    """The code somebody wrote, whatever their capitals, hyphens and spaces; None when it is not one of ours."""
    characters = "".join(each for each in text.upper() if each.isalnum())
    code = written(characters[:-1]) if set(characters) <= set(ALPHABET) and len(characters) > 1 else ReferralCode("")
    return code if valid(code) and code.replace("-", "") == characters else None


def valid(code: str) -> bool:
    """Whether this is a code as we write them, with the right check character."""
    whole = code.replace("-", "")
    if len(whole) != LENGTH + 1 or any(each not in ALPHABET for each in whole):
        return False
    return written(whole[:-1]) == code


def near_codes(text: str) -> list[ReferralCode]:
    """Every code of ours that is one slip away from what somebody wrote: one character wrong, missing, or too many, or
    two that changed places. The check character leaves few of them."""
    typed = "".join(each for each in text.upper() if each.isalnum())
    if not LENGTH <= len(typed) <= LENGTH + 2:
        return []
    cuts = [(typed[:at], typed[at:]) for at in range(len(typed) + 1)]
    slips = {before + after[1:] for before, after in cuts if after}
    slips |= {before + after[1] + after[0] + after[2:] for before, after in cuts if len(after) > 1}
    slips |= {before + each + after[1:] for before, after in cuts if after for each in ALPHABET}
    slips |= {before + each + after for before, after in cuts for each in ALPHABET}
    return sorted(code for slip in slips if (code := read_code(slip)))
