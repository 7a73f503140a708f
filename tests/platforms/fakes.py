"""A token host made of prepared answers."""

from collections.abc import Callable
from dataclasses import dataclass, field

from apps.integrations.contracts import TokenPair


@dataclass
class FakeTokens:
    """Answers each refresh with `answers` in turn: a pair, or an error to raise.

    `meanwhile` runs during the call: what another process does at that moment.
    """

    answers: list[TokenPair | Exception]
    meanwhile: Callable[[], None] = lambda: None
    spent: list[str] = field(default_factory=list)

    def exchange_code(self, code: str) -> TokenPair:
        raise NotImplementedError

    def refresh(self, refresh_token: str) -> TokenPair:
        self.spent.append(refresh_token)
        self.meanwhile()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer
