"""The page in Debian's Chromium: what a reader sees, at two widths, in light and dark.

Limit: one browser; contrast is judged for HTML text on plain colours, not inside drawings.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_iac.page import write
from tests.support.browser import PROGRAM, Tab, browser
from tests.support.stack_records import nothing_yet, whole_loop

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(PROGRAM is None, reason="Chromium is not installed: apt install chromium"),
]

LOOKS = [(400, False), (400, True), (1280, False), (1280, True)]

# WCAG 2.2, 1.4.3: relative luminance and contrast ratio; 4.5 for text, 3 from 24 px or bold 18.66.
CONTRAST = """(() => {
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => [0, 1, 2].map((at) => rgb[at] / 255).map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *:not(svg, svg *, script)")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.getClientRects().length) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const [one, two] = [light(numbers(style.color)), light(ground(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05);
    const name = element.textContent.trim().slice(0, 40);
    if (ratio < (isLarge ? 3 : 4.5)) faint.push(name + " " + ratio);
  }
  return faint;
})()"""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture
def page(tab: Tab, tmp_path: Path) -> Path:
    tab.size(1280)
    tab.ask("Emulation.setScriptExecutionDisabled", value=False)
    return write(whole_loop(), tmp_path / "page.html")


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_it_fits_its_window_in_readable_colours(
    tab: Tab, page: Path, width: int, dark: bool, tmp_path: Path
) -> None:
    tab.size(width, dark=dark)
    tab.go(page)
    tab.run("document.querySelectorAll('details').forEach((item) => { item.open = true; })")

    assert tab.run("document.documentElement.scrollWidth") <= width
    assert tab.run(CONTRAST) == []
    assert len(tab.picture(tmp_path / "page.png")) > 50_000


def test_the_judges_of_contrast_and_width_can_say_no(tab: Tab, page: Path) -> None:
    tab.go(page)
    tab.run("document.documentElement.style.setProperty('--soft', '#99a3ae')")
    tab.run("document.querySelector('.tiles').style.width = '1400px'")

    assert any("none waiting for approval" in text for text in tab.run(CONTRAST))
    assert tab.run("document.documentElement.scrollWidth") > 1280


def test_it_opens_without_a_complaint_and_asks_for_nothing(tab: Tab, page: Path) -> None:
    tab.go(page)

    assert tab.complaints() == []
    assert tab.requests() == [page.as_uri()]


def test_its_own_policy_keeps_other_scripts_and_addresses_out(tab: Tab, page: Path) -> None:
    text = page.read_text()
    page.write_text(text.replace("<main>", "<main><script>alert(1)</script><img src='x.png'>", 1))
    tab.go(page)

    refused = " ".join(tab.complaints())
    assert "inline script violates" in refused
    assert "x.png' violates" in refused


@pytest.mark.parametrize("has_script", [True, False])
def test_what_matters_is_seen_with_and_without_script(
    tab: Tab, page: Path, has_script: bool
) -> None:
    tab.ask("Emulation.setScriptExecutionDisabled", value=not has_script)
    tab.go(page)
    seen = tab.run("document.body.innerText")

    for fact in ("score serves late version 2", "watch: ALARM", "retrain refused its candidate",
                 "0.1 ms to 0.25 ms", "0.5811", "2.31", "auc 0.671"):  # fmt: skip
        assert fact in seen
    # 07:22 UTC is 12:52 in Kolkata, where this browser thinks that it is.
    assert ("2026-11-21 12:52:00" in seen) is has_script
    assert ("2026-11-21 07:22:00 UTC" in seen) is not has_script


def test_runs_are_filtered_by_what_is_typed(tab: Tab, page: Path) -> None:
    tab.go(page)
    tab.run("""{
      const input = document.querySelector("input[data-filters]");
      input.value = "pipeline retrain";
      input.dispatchEvent(new Event("input"));
    }""")

    rows = "[...document.querySelectorAll('#runs-table tbody tr')].filter((row) => !row.hidden)"
    assert tab.run(f"{rows}.length") == 2
    assert tab.run("document.querySelector('.tool output').textContent") == "2 of 10"


def test_a_table_is_sorted_by_number_from_the_keyboard(tab: Tab, page: Path) -> None:
    tab.go(page)
    values = (
        "[...document.querySelectorAll('#versions tbody tr')].map((row) => row.cells[1].innerText)"
    )
    tab.run("document.querySelectorAll('#versions th button')[1].focus()")
    tab.press("Enter")

    assert tab.run(values) == ["1", "2"]
    tab.press("Enter")
    assert tab.run(values) == ["2", "1"]
    assert tab.run("document.activeElement.closest('th').ariaSort") == "descending"


def test_the_keyboard_comes_first_to_a_link_past_the_head(tab: Tab, page: Path) -> None:
    tab.go(page)
    tab.press("Tab")
    tab.press("Enter")

    assert tab.run("location.hash") == "#happened"


def test_what_is_folded_is_printed_too(tab: Tab, page: Path) -> None:
    tab.go(page)
    folded = "document.querySelectorAll('details:not([open])').length"
    assert tab.run(folded) > 0

    assert tab.ask("Page.printToPDF")["data"]
    assert tab.run(folded) == 0


def test_a_stack_on_which_nothing_has_run_says_so(tab: Tab, page: Path) -> None:
    write(nothing_yet(), page)
    tab.go(page)

    assert "Nothing has run yet" in tab.run("document.body.innerText")
    assert tab.complaints() == []
