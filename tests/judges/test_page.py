"""The page of waivers says what the tables say."""

import os

from tests.judges import page


def test_the_page_of_waivers_is_made_from_the_tables() -> None:
    if os.environ.get("MLOPS_IAC_FREEZE"):
        page.PAGE.write_text(page.text())

    assert page.PAGE.read_text() == page.text()
