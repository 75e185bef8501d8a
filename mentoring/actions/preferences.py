from mentoring.models import User


def save_preferences(*, user: User, name: str, time_zone: str, language: str, theme: str) -> User:
    """One's own login settings. They belong to no organization, so no organization's audit log has them."""
    user.name = name
    user.time_zone = time_zone
    user.language = language
    user.theme = theme
    user.save(update_fields=["name", "time_zone", "language", "theme"])
    return user
