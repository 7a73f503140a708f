"""Does what was asked of the platform with orders.

`claiming` takes what is due, `kinds` knows how each is sent and how one sees whether it
is done, `outcomes` keeps what became of it, `working` goes through a shop's.
"""

from apps.sync.services.actions.claiming import is_due, put_back_dead, shops_due
from apps.sync.services.actions.working import Worked, work_action, work_actions

__all__ = [
    "Worked",
    "is_due",
    "put_back_dead",
    "shops_due",
    "work_action",
    "work_actions",
]
