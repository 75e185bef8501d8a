"""Refresh the vendored front-end files and the icon sprite: `python tools/vendor_static.py` (needs npm).

Tabler draws check marks and arrows with `data:` images, which our Content-Security-Policy refuses. They are
written out as files beside the stylesheet. The sprite holds the icons named in templates and in Python code.
"""

import hashlib
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
PACKAGES = {
    "tabler": "@tabler/core@1.6.1",
    "inter": "@fontsource-variable/inter@5.3.0",
    "icons": "@tabler/icons@3.51.0",
}
# In the sprite even before a page names them, so that drawing a page needs no network.
COMMON_ICONS = """
    activity address-book adjustments alert-circle alert-triangle archive arrow-left arrow-right
    award ban bell books building bulb calendar calendar-check calendar-event calendar-plus
    calendar-x chart-bar chart-dots check checklist chevron-down chevron-left chevron-right
    chevron-up circle-check clipboard-list clock copy device-mobile dots download external-link eye
    eye-off file-export file-import file-spreadsheet filter flag forms git-merge heart-handshake
    help-circle history home inbox info-circle key lifebuoy link list-check lock logout mail map-pin
    menu-2 message-circle messages mood-smile pencil pin player-play player-stop plus presentation
    refresh report-analytics rocket scale school search selector send settings shield-lock sparkles
    star target thumb-down thumb-up trash trending-up upload user user-check user-plus users
    users-group video world x
"""
FONT_SUBSETS = ("latin", "latin-ext")
ICON_NAME = re.compile(
    r"""(?:\{%\s*icon\s+|\bicon['"]?\s*[=:]\s*|tone_icon\s*[=:]\s*)['"]([a-z0-9-]*[a-z0-9])['"]"""
)
NAVIGATION = re.compile(r"""NavigationItem\(\s*_\([^)]*\),\s*['"]([a-z0-9-]*[a-z0-9])['"]""")
ICON_TAG_DEFAULT = re.compile(r"""\bicon\|default:['"]([a-z0-9-]*[a-z0-9])['"]""")
ICON_DICT = re.compile(r"ICONS\s*(?::[^=]+)?=\s*\{(.*?)\}", re.DOTALL)


def icons_used() -> set[str]:
    """Every icon named by `{% icon "x" %}`, `icon="x"`, `"icon": "x"` or a dictionary called ...ICONS."""
    names = set(COMMON_ICONS.split())
    folders = ("templates", "mentoring", "programs", "matching", "sessions", "outcomes")
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in {".html", ".py"}:
                continue
            text = path.read_text(encoding="utf-8")
            names.update(ICON_NAME.findall(text))
            names.update(NAVIGATION.findall(text))
            names.update(ICON_TAG_DEFAULT.findall(text))
            for body in ICON_DICT.findall(text):
                names.update(re.findall(r""":\s*['"]([a-z0-9-]+)['"]""", body))
    return names


def unpack(package: str, into: Path) -> Path:
    """Download one npm package and return the folder it was unpacked to."""
    into.mkdir()
    subprocess.run(["npm", "pack", "--silent", package], cwd=into, check=True, capture_output=True)
    with tarfile.open(next(into.glob("*.tgz"))) as archive:
        archive.extractall(into, filter="data")
    return into / "package"


def write_tabler(package: Path) -> None:
    target = STATIC / "vendor" / "tabler"
    target.mkdir(parents=True, exist_ok=True)
    css = (package / "dist/css/tabler.min.css").read_text(encoding="utf-8")
    css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)

    def to_file(match: re.Match[str]) -> str:
        svg = unquote(match.group(1))
        name = f"{hashlib.sha256(svg.encode()).hexdigest()[:10]}.svg"
        (target / name).write_text(svg, encoding="utf-8")
        return f'url("{name}")'

    css = re.sub(r'url\("data:image/svg\+xml,(.*?)"\)', to_file, css)
    (target / "tabler.min.css").write_text(css, encoding="utf-8")


def write_inter(package: Path) -> None:
    target = STATIC / "vendor" / "inter"
    target.mkdir(parents=True, exist_ok=True)
    for subset in FONT_SUBSETS:
        name = f"inter-{subset}-wght-normal.woff2"
        (target / name).write_bytes((package / "files" / name).read_bytes())
    (target / "LICENSE").write_text((package / "LICENSE").read_text(encoding="utf-8"), encoding="utf-8")


def write_sprite(package: Path) -> None:
    symbols = []
    for name in sorted(icons_used()):
        source = package / "icons/outline" / f"{name}.svg"
        if not source.exists():
            raise SystemExit(f"Tabler has no icon called {name!r}; see https://tabler.io/icons")
        svg = source.read_text(encoding="utf-8")
        body = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
        assert body, name
        inner = re.sub(r"\s+", " ", body.group(1)).replace("> <", "><").strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    (STATIC / "icons.svg").write_text(sprite, encoding="utf-8")
    # Tabler and its icons carry the same MIT licence; only the icons' package ships the text.
    (STATIC / "vendor/tabler/LICENSE").write_text(
        (package / "LICENSE").read_text(encoding="utf-8"), encoding="utf-8"
    )
    print(f"{len(symbols)} icons")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        unpacked = {name: unpack(package, Path(folder) / name) for name, package in PACKAGES.items()}
        write_tabler(unpacked["tabler"])
        write_inter(unpacked["inter"])
        write_sprite(unpacked["icons"])


if __name__ == "__main__":
    main()
