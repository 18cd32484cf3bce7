"""The pages that are made of the code say what it says."""

from operations.regions import runbook
from tests.house import constructs_page, page


def test_the_page_about_rooms_is_up_to_date() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), "make rooms"


def test_the_page_about_constructs_is_up_to_date() -> None:
    assert constructs_page.PAGE.read_text(encoding="utf-8") == constructs_page.page(), "make rooms"


def test_the_page_about_switches_is_up_to_date() -> None:
    assert runbook.PAGE.read_text(encoding="utf-8") == runbook.page(), "make rooms"
