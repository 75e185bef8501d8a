"""Which passwords are taken, and what a very long one may cost."""

import time
from typing import Any

import pytest
from django import forms
from django.conf import settings as site
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils.module_loading import import_string

from mentoring.models import User
from tests.accounts.test_signup import FORM, verified
from tests.cast import PASSWORD, Cast

WEAK = [
    "P@ssw0rd12", "P@ssw0rd1234", "p4$$w0rdp4$$w0rd", "Password2026!!", "Summer2026!!", "Welcome12345!",
    "qwertyuiop12", "123456789012", "aaaaaaaaaaaa", "iloveyou1234", "upwardupward1", "short7words",
]  # fmt: skip
GOOD = [
    "correct horse battery",
    "blue trousers walk",
    "kX9#mQ2$vL7pRw",
    "Ich mag Kaffee am Fjord",
    "海山川空風花鳥月雪星雲雨",
    "grün 🌲 fjord ☕ mond",
]


@pytest.mark.parametrize("password", WEAK)
def test_weak_password_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize("password", GOOD)
def test_good_password_is_taken(password: str) -> None:
    validate_password(password, User(email="ada@x.example", name="Ada Okafor"))


def test_own_name_and_address_are_no_password() -> None:
    user = User(email="wilhelmina@oceanographic.example", name="Wilhelmina Oceanographic")
    with pytest.raises(ValidationError):
        validate_password("Wilhelmina2026", user)


def test_judging_a_long_password_costs_no_more_than_hashing_one() -> None:
    """The signs that make zxcvbn try the most; without a limit 70 of them took seconds."""
    from mentoring.passwords import JUDGED_LENGTH, GuessableValidator

    worst = "4@8({[<3691!|0$5+7%2"

    def cost(password: str) -> float:
        before = time.process_time()
        GuessableValidator().validate(password)
        return time.process_time() - before

    few, many = cost((worst * 50)[:JUDGED_LENGTH]), cost(worst * 50)
    assert many < 5 * few + 1


def password_forms() -> list[type[forms.Form]]:
    return [import_string(path) for path in site.ACCOUNT_FORMS.values()]


def test_every_form_with_a_password_is_ours() -> None:
    from allauth.account import forms as allauth

    ours = tuple(password_forms())
    for name, form in vars(allauth).items():
        fields = getattr(form, "base_fields", {})
        takes_one = any(isinstance(field.widget, forms.PasswordInput) for field in fields.values())
        if takes_one and name not in {"BaseSignupForm"}:
            assert any(issubclass(our, form) for our in ours), name


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("/accounts/login/", {"login": "owner@northwind.example", "password": "LONG"}),
        ("/accounts/signup/", {**FORM, "password1": "LONG"}),
    ],
)
def test_password_of_a_thousand_and_one_is_refused_before_it_is_hashed(
    url: str, form: dict[str, str], client: Client, northwind: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_to_hash(monkeypatch)
    answer = client.post(url, {key: "x" * 1001 if value == "LONG" else value for key, value in form.items()})
    assert "at most 1000 letters" in answer.content.decode()


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("/accounts/password/change/", {"oldpassword": "LONG", "password1": "LONG", "password2": "LONG"}),
        ("/accounts/reauthenticate/", {"password": "LONG"}),
    ],
)
def test_password_of_a_thousand_and_one_is_refused_inside_too(
    url: str, form: dict[str, str], northwind: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(verified(northwind.owner))
    refuse_to_hash(monkeypatch)
    answer = browser.post(url, dict.fromkeys(form, "x" * 1001))
    assert "at most 1000 letters" in answer.content.decode()


def refuse_to_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    def hashed(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("A password that is too long was hashed.")

    monkeypatch.setattr("django.contrib.auth.hashers.MD5PasswordHasher.encode", hashed)


def test_password_of_a_thousand_is_taken(northwind: Cast, sign_in: Any) -> None:
    browser = sign_in(verified(northwind.owner))
    long = ("correct horse battery " * 50)[:999] + "!"
    form = {"oldpassword": PASSWORD, "password1": long, "password2": long}
    assert browser.post("/accounts/password/change/", form).status_code == 302
    northwind.owner.refresh_from_db()
    assert northwind.owner.check_password(long)
