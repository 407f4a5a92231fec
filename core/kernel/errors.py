"""The two kinds of failure a person may see; anything else that is raised is a defect.

A fault carries a code and parameters, never a sentence: the words are in resources/words.
"""

from __future__ import annotations


class Fault(Exception):
    """A failure with words: `code` names it in the message catalogue, `params` fill the words in."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code}({shown})"


class Refusal(Fault):
    """A rule says no; the person can change what was asked."""


class Trouble(Fault):
    """A disk, network, device or file failed; it may pass."""


class Cancelled(Exception):
    """The person stopped a long piece of work; nothing of it was kept."""
