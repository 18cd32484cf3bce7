"""The page that says where things are is what the code says of itself."""

from tests.house.page import PAGE, page


def test_the_page_about_rooms_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make rooms"
