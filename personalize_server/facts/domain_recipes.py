"""Recipes of recommenders: name, type, recipe whose model it uses, events it is about, description."""

_POPULAR, _RELATED, _PERSONAL = "POPULAR_ITEMS", "RELATED_ITEMS", "USER_PERSONALIZATION"
DOMAIN_RECIPES: tuple[tuple[str, str, str, str | None, str], ...] = (
    ("ecomm-popular-items-by-views", _POPULAR, "aws-popularity-count", "View", "The most viewed items."),
    (
        "ecomm-popular-items-by-purchases",
        _POPULAR,
        "aws-popularity-count",
        "Purchase",
        "The best-selling items.",
    ),
    (
        "ecomm-frequently-bought-together",
        _RELATED,
        "aws-sims",
        "Purchase",
        "Items bought together with a given one.",
    ),
    (
        "ecomm-customers-who-viewed-x-also-viewed",
        _RELATED,
        "aws-sims",
        "View",
        "Items viewed by viewers of a given one.",
    ),
    (
        "ecomm-recommended-for-you",
        _PERSONAL,
        "aws-user-personalization-v2",
        None,
        "Items a user is likely to interact with.",
    ),
    ("vod-most-popular", _POPULAR, "aws-popularity-count", "Watch", "The most watched videos."),
    ("vod-trending-now", _POPULAR, "aws-trending-now", "Watch", "Videos whose popularity grows fastest."),
    (
        "vod-because-you-watched-x",
        _RELATED,
        "aws-sims",
        "Watch",
        "Videos watched by watchers of a given one.",
    ),
    ("vod-more-like-x", _RELATED, "aws-similar-items", None, "Videos like a given one."),
    ("vod-top-picks", _PERSONAL, "aws-user-personalization-v2", None, "Videos a user is likely to watch."),
)
LEFT_OUT = {
    "ecomm-recommended-for-you": "Purchase",
    "ecomm-customers-who-viewed-x-also-viewed": "Purchase",
    "vod-top-picks": "Watch",
    "vod-because-you-watched-x": "Watch",
    "vod-more-like-x": "Watch",
}
"""recipes that do not recommend again what the user has had such an event with"""
EXPLORING = ("ecomm-recommended-for-you", "vod-top-picks")
"""recipes that put some new items into their lists"""
