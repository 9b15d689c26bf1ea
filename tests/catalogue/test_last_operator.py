"""Of operators who all go at once, one stays."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from harvester.catalogue import Catalogue
from harvester.errors import LastOperator


def test_of_operators_who_disable_and_demote_each_other_at_once_one_stays(catalogue: Catalogue) -> None:
    logins, accounts = [f"operator {number}" for number in range(6)], catalogue.accounts
    for login in logins:
        accounts.add(login, "a hash", "operator")
    for _ in range(3):
        together = threading.Barrier(len(logins))

        def go(place: int, together: threading.Barrier = together) -> bool:
            other = logins[(place + 1) % len(logins)]
            together.wait(10)
            try:
                if place % 3 == 0:
                    accounts.disable(other, actor=logins[place])
                elif place % 3 == 1:
                    accounts.give_role(other, "reviewer", actor=logins[place])
                else:
                    accounts.add(other, "another hash", "reviewer", actor=logins[place])
            except LastOperator:
                return False
            return True

        with ThreadPoolExecutor(len(logins)) as many:
            assert sum(many.map(go, range(len(logins)))) == len(logins) - 1
        assert sum(one.active and one.role == "operator" for one in accounts.all()) == 1
        for login in logins:
            accounts.add(login, "a hash", "operator")
