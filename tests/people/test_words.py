import pytest

from mentoring.exchange.refusals import BadValue
from mentoring.people.columns import clean_email, clean_language
from mentoring.people.words import clean_level, clean_status, clean_time_zone


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Active", "active"),
        ("FULL-TIME", "active"),
        ("On Leave", "active"),
        ("Active - Payroll Eligible", "active"),
        ("Terminated", "left"),
        ("Ausgeschieden", "left"),
        ("Inactive", "left"),
        (1, "active"),
        (False, "left"),
        ("", ""),
    ],
)
def test_clean_status(word: object, status: str):
    assert clean_status(word) == status


@pytest.mark.parametrize(
    ("text", "level"), [("3", 3), (3.0, 3), ("Level 4", 4), ("L5", 5), ("M3 - Director", 3), ("", None)]
)
def test_clean_level(text: object, level: int | None):
    assert clean_level(text) == level


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("europe/warsaw", "Europe/Warsaw"),
        ("(GMT+01:00) Central European Time (Berlin)", "Europe/Berlin"),
        ("(UTC+01:00) Amsterdam, Berlin, Rome", "Europe/Amsterdam"),
        ("Eastern Standard Time", "America/New_York"),
        ("India Standard Time", "Asia/Kolkata"),
        ("UTC", "UTC"),
    ],
)
def test_clean_time_zone(text: str, zone: str):
    assert clean_time_zone(text) == zone


def test_clean_email():
    assert clean_email(" Noor.Lopez@X.Example ") == "noor.lopez@x.example"
    assert clean_email("o'neil@x.example") == "o'neil@x.example"
    for bad in ("noor", "a@b", "a b@x.example", "a@x.example, b@x.example"):
        with pytest.raises(BadValue, match="is not an e-mail address"):
            clean_email(bad)


def test_clean_language():
    assert [clean_language(text) for text in ("German", "fr_FR", "")] == ["de", "fr-FR", ""]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (word, status)
        for status, words in {
            "active": "WAHR; ja; VRAI; actif; VERDADERO; activo; sí; Attivo; VERO; Ativo; sim; in dienst",
            "left": "FALSCH; FAUX; sorti; FALSO; baja; Cessato; Desligado; uit dienst; Disabled",
        }.items()
        for word in words.split("; ")
    ],
)
def test_clean_status_in_the_languages_of_the_field(text: str, status: str):
    assert clean_status(text) == status
