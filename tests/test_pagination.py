"""What stands under a list: how many of how many, in the words of that number."""

import pytest
from django.core.paginator import Paginator

from tests.test_look import render


@pytest.mark.parametrize(("count", "words"), [(1, "1 pair"), (2, "2 pairs"), (26, "1–25 of 26 pairs")])
def test_pagination_names_what_is_shown_in_words_of_its_number(count: int, words: str) -> None:
    count_in = "{% load i18n %}{% blocktranslate asvar noun count number=page.paginator.count %}"
    noun = count_in + "pair{% plural %}pairs{% endblocktranslate %}"
    page = Paginator(range(count), 25).page(1)
    html = render(noun + '{% include "components/pagination.html" %}', page=page)
    assert f"> {words} </span>" in " ".join(html.split())
