"""What the pages are drawn with: nothing inline, icons that exist, colors that can be read."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.paginator import Paginator
from django.template import RequestContext, Template
from django.test import Client, RequestFactory
from django.utils import translation

from mentoring.templatetags.upward import initials, nice_ceiling, percent_of, percent_value, svg_number
from tools.vendor_static import COMMON_ICONS, icons_used

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*.html") if "emails" not in path.relative_to(ROOT).parts
)
ICONS = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (ROOT / "static/icons.svg").read_text("utf-8")))

# (text, ground): every pair of colors that carries words.
TEXT_PAIRS = [
    ("ink", "page"),
    ("ink", "surface"),
    ("ink", "sunken"),
    ("ink", "primary-pale"),
    ("ink", "neutral-bg"),
    ("soft", "page"),
    ("soft", "surface"),
    ("soft", "sunken"),
    ("soft", "primary-pale"),
    ("soft", "neutral-bg"),
    ("link", "page"),
    ("link", "surface"),
    ("link", "sunken"),
    ("link", "primary-pale"),
    ("on-primary", "primary"),
    ("on-primary", "primary-strong"),
    ("on-primary", "danger"),
    ("on-primary", "danger-strong"),
    ("danger-text", "surface"),
    ("danger-text", "page"),
    ("neutral-text", "neutral-bg"),
    ("success-text", "success-bg"),
    ("warning-text", "warning-bg"),
    ("danger-text", "danger-bg"),
    ("info-text", "info-bg"),
]
# (line or fill, ground): controls and charts, 3:1.
SHAPE_PAIRS = [("control-line", "surface"), ("control-line", "page"), ("bar", "surface"), ("link", "page")]


def theme_colors() -> dict[str, tuple[str, str]]:
    css = (ROOT / "static/theme.css").read_text("utf-8")
    found = re.findall(r"--up-([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", css)
    return {name: (light, dark) for name, light, dark in found}


def luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_contrast_of_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == 21.0


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_theme_text_can_be_read(text: str, ground: str, scheme: int) -> None:
    colors = theme_colors()
    assert contrast(colors[text][scheme], colors[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_theme_shape_can_be_seen(shape: str, ground: str, scheme: int) -> None:
    colors = theme_colors()
    assert contrast(colors[shape][scheme], colors[ground][scheme]) >= 3


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_has_nothing_inline(path: Path) -> None:
    """The Content-Security-Policy refuses it, so it would fail silently in the browser."""
    text = re.sub(r"\{%\s*comment.*?endcomment\s*%\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}", "", text, flags=re.DOTALL)
    inline_script = re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", text)
    assert inline_script is None
    assert re.search(r"<style\b|\sstyle=|\son[a-z]+=[\"']|hx-on|javascript:|[\"']js:", text) is None
    assert re.search(r"\s(?<!data-)hx-[a-z-]+=", text) is None, "write data-hx-*"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_is_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) < 200


def test_sprite_has_every_icon_used() -> None:
    """A missing one: run `python tools/vendor_static.py` and commit static/icons.svg."""
    assert icons_used() - ICONS == set()
    assert set(COMMON_ICONS.split()) - ICONS == set()


@pytest.mark.parametrize("suffix", ["css", "js"])
def test_static_file_loads_nothing_from_elsewhere(suffix: str) -> None:
    for path in sorted((ROOT / "static").rglob(f"*.{suffix}")):
        text = path.read_text("utf-8")
        assert "sourceMappingURL" not in text, path
        assert re.search(r"url\([\"']?(https?:|//|data:)", text) is None, path


def test_static_file_named_in_css_exists() -> None:
    for path in sorted((ROOT / "static").rglob("*.css")):
        for name in re.findall(r"url\([\"']?([^\"')]+)", path.read_text("utf-8")):
            assert (path.parent / name).exists(), f"{path.name} names {name}"


def render(source: str, query: str = "", **context: object) -> str:
    request = RequestFactory().get(f"/people/?{query}")
    return Template("{% load upward %}" + source).render(RequestContext(request, context))


def test_icon_without_label_is_decorative() -> None:
    use = '<use href="/static/icons.svg#home"></use>'
    assert (
        render('{% icon "home" %}') == f'<svg class="icon" aria-hidden="true" focusable="false">{use}</svg>'
    )


def test_icon_with_label_is_read_aloud() -> None:
    assert 'role="img" aria-label="Next page"' in render('{% icon "home" label="Next page" %}')


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Amara Osei", "AO"),
        ("Amara van der Osei", "AO"),
        ("Cher", "C"),
        ("éva Ó Briain", "ÉB"),
        ("", "?"),
        ("- –", "?"),
    ],
)
def test_initials(name: str, expected: str) -> None:
    assert initials(name) == expected


def test_avatar_escapes_the_name() -> None:
    assert "<b" not in render("{% avatar name %}", name="<b> <i>")


@pytest.mark.parametrize(
    ("part", "whole", "text", "value"),
    [
        (120, 148, "81%", 81.08108108108108),
        (0, 148, "0%", 0.0),
        (1, 400, "<1%", 0.25),
        (399, 400, ">99%", 99.75),
        (3, 0, "–", 0.0),
        (None, 4, "–", 0.0),
        (9, 4, "225%", 100.0),
    ],
)
def test_percent(part: float | None, whole: float, text: str, value: float) -> None:
    assert percent_of(part, whole) == text
    assert percent_value(part, whole) == value


@pytest.mark.parametrize(
    ("value", "expected"), [(81.5, "81.5"), (40, "40"), (0, "0"), ("x", "0"), (None, "0")]
)
def test_svg_number(value: object, expected: str) -> None:
    with translation.override("de"):
        assert svg_number(value) == expected


@pytest.mark.parametrize(("highest", "expected"), [(0, 1), (1, 1), (3, 4), (17, 20), (58, 60), (101, 200)])
def test_nice_ceiling(highest: float, expected: int) -> None:
    assert nice_ceiling(highest) == expected


def test_page_query_keeps_the_other_keys() -> None:
    assert render("{% page_query 3 %}", query="site=Oslo&page=2") == "?site=Oslo&amp;page=3"


def test_pagination_names_what_is_shown() -> None:
    page = Paginator(range(60), 25).page(2)
    html = render('{% include "components/pagination.html" with noun="people" %}', query="q=an", page=page)
    assert "26–50 of 60 people" in " ".join(html.split())
    assert 'aria-current="page" href="?q=an&amp;page=2"' in html


def test_pagination_of_nothing_is_silent() -> None:
    assert render('{% include "components/pagination.html" %}', page=Paginator([], 25).page(1)).strip() == ""


@pytest.mark.parametrize(
    ("query", "aria", "following"),
    [("", None, "name"), ("sort=name", "ascending", "-name"), ("sort=-name&page=4", "descending", "name")],
)
def test_sort_header_turns_round(query: str, aria: str | None, following: str) -> None:
    html = render('{% include "components/sort_header.html" with key="name" label="Name" %}', query=query)
    assert f'href="?sort={following}"' in html
    assert (f'aria-sort="{aria}"' in html) if aria else ("aria-sort" not in html)


@pytest.mark.parametrize(
    ("status", "polls"),
    [("queued", True), ("running", True), ("done", False), ("failed", False), ("cancelled", False)],
)
def test_progress_stops_asking_when_the_job_ends(status: str, polls: bool) -> None:
    job = {"pk": 7, "status": status, "error": ""}
    html = render(
        '{% include "components/progress_job.html" with poll_url="/jobs/7/" %}', job=job, progress={}
    )
    assert ("data-hx-get" in html) is polls


def test_histogram_has_title_description_and_table() -> None:
    html = render(
        '{% histogram bins "Scores" "Two pairs." "Score" "Pairs" %}', bins=[("60–69", 1), ("70–79", 4)]
    )
    assert "<title>Scores</title>" in html
    assert "<desc>Two pairs.</desc>" in html
    assert '<th scope="row">70–79</th><td class="num">4</td>' in html


PUBLIC_PAGES = [
    "/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/login/code/",
    "/accounts/password/reset/",
]


@pytest.mark.django_db
@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_public_page_has_language_title_and_main(client: Client, address: str) -> None:
    html = client.get(address).content.decode()
    assert '<html lang="en"' in html
    assert re.findall(r"<main[^>]* id=\"main\"", html) == ['<main class="plain-main" id="main"']
    assert re.search(r"<title>\s*[A-Z][^<]* · Upward</title>", html)
    assert html.count("<h1") == 1


@pytest.mark.django_db
def test_unknown_page_looks_like_ours(client: Client) -> None:
    response = client.get("/nothing-here/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()
