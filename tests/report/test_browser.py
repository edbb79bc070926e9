"""The page in a browser: drawn without an error or a request, for the mouse, the keyboard and a phone."""

from __future__ import annotations

import csv
import json
import time

import pytest

from skcrystal.report import write_report
from tests.models.runs import example_run
from tests.report.browser import AXE, browser, open_page
from tests.report.runs import HOSTILE, hostile_run, repeated


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Pages by name, written once."""
    folder = tmp_path_factory.mktemp("pages")
    runs = {"numbers": example_run(80), "classes": example_run(60, kind="classes"), "hostile": hostile_run()}
    runs["large"] = repeated(runs["numbers"], 1335)
    for name, run in runs.items():
        write_report(run, folder / f"{name}.html")
    return folder


@pytest.fixture(scope="module")
def window():
    with browser() as one:
        yield one


@pytest.fixture
def show(window, pages):
    def open_one(name, *, anew=False):
        path = pages / f"{name}.html"
        if anew or window.current_url != path.as_uri():
            open_page(window, path)
        return window

    return open_one


def parity_point(window, row):
    """Return where on the screen a crystal is drawn in the first parity plot."""
    return window.execute_script(
        """
        const plot = document.querySelector('[data-figure="parity-0"]');
        plot.scrollIntoView({block: 'center', behavior: 'instant'});
        const points = plot.data[1], k = points.customdata.indexOf(arguments[0]);
        const {xaxis, yaxis} = plot._fullLayout, box = plot.getBoundingClientRect();
        const x = box.left + xaxis._offset + xaxis.l2p(points.x[k]);
        return [x, box.top + yaxis._offset + yaxis.l2p(points.y[k])];
        """,
        row,
    )


def violations(window):
    """Return what axe finds against WCAG 2.1 A and AA, contrast included: rule and elements."""
    window.execute_script(AXE.read_text(encoding="utf-8"))
    found = window.execute_async_script(
        """
        const done = arguments[arguments.length - 1];
        const rules = {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']};
        axe.run(document, {runOnly: rules}).then((found) => done(found.violations));
        """
    )
    return [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found]


@pytest.mark.parametrize("name", ["numbers", "classes", "hostile", "large"])
def test_all_is_drawn_without_an_error_or_a_request(show, name):
    window = show(name, anew=True)
    assert [one for one in window.get_log("browser") if one["level"] in ("SEVERE", "WARNING")] == []
    messages = [json.loads(one["message"])["message"] for one in window.get_log("performance")]
    asked = [
        one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"
    ]
    assert [url[:60] for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert any(url.endswith(f"{name}.html") for url in asked)
    plots = window.find_elements("css selector", ".chart")
    assert len(plots) >= 7
    assert all(plot.find_elements("css selector", ".cartesianlayer .xy") for plot in plots)


def test_every_one_of_1335_crystals_is_a_point(show):
    window = show("large")
    count = "return document.querySelectorAll('[data-figure=\"%s\"] path.point').length"
    for figure in ("parity-0", "parity-1", "sorted", "domain"):
        assert window.execute_script(count % figure) == 1335


def test_texts_of_the_data_run_nothing_and_make_no_element(show):
    window = show("hostile")
    assert window.execute_script("return window.hacked === undefined")
    assert window.execute_script("return document.querySelectorAll('img, a[href^=javascript]').length") == 0
    assert HOSTILE[0] in window.find_element("css selector", "h1").text


def test_the_pointer_tells_id_formula_and_prediction(show):
    from selenium.webdriver import ActionChains

    window = show("numbers")
    run = example_run(80)
    row = int(run.y.argmax())
    x, y = parity_point(window, row)
    label = "return document.querySelector('[data-figure=\"parity-0\"] .hovertext')?.textContent || ''"
    found = ""
    for k in range(40):
        chain = ActionChains(window)
        chain.w3c_actions.pointer_action.move_to_location(round(x) + k % 2, round(y))
        chain.perform()
        found = window.execute_script(label)
        if found:
            break
    assert run.ids[row] in found
    assert run.formulas[row] in found.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))
    assert f"predicted {run.splits[0].predictions['model'][row]:.4g} eV" in found


def test_the_tab_key_goes_through_the_page_in_order_and_enter_shows_a_crystal(show):
    from selenium.webdriver import ActionChains, Keys

    window = show("numbers", anew=True)
    about = """
        const one = document.activeElement;
        const {row, step} = one.dataset, text = one.textContent.trim().slice(0, 20);
        return [one.id || row || step || one.name || text,
                [...document.querySelectorAll('*')].indexOf(one), one.getClientRects().length > 0];
    """
    seen = []
    for _ in range(120):
        ActionChains(window).send_keys(Keys.TAB).perform()
        seen.append(window.execute_script(about))
        if seen[-1][0] == "spin":
            break
    names = [name for name, _, _ in seen]
    assert names[:6] == ["Skip to the content", "Data", "Models", "Errors", "Trust", "Card"]
    assert {"model", "find", "save-predictions", "worst", "viewer", "spin"} <= set(names)
    assert [place for _, place, _ in seen] == sorted(place for _, place, _ in seen)
    assert all(drawn for _, _, drawn in seen)

    second = window.find_elements("css selector", ".worst:not([hidden]) [data-row]")[1]
    window.execute_script("arguments[0].focus()", second)
    ActionChains(window).send_keys(Keys.ENTER).perform()
    row = second.get_attribute("data-row")
    assert window.find_element("id", "viewer").get_attribute("data-row") == row
    assert example_run(80).ids[int(row)] in window.find_element("id", "viewer-title").text
    assert window.find_elements("css selector", "#viewer canvas, #viewer svg")


def test_crystals_are_found_and_ringed_and_models_and_splits_change(show):
    window = show("numbers")
    run = example_run(80)
    wanted = [row for row in range(80) if "mgo" in run.formulas[row].lower() or "mgo" in run.ids[row].lower()]
    assert wanted
    window.execute_script(
        """
        const find = document.getElementById('find');
        find.value = 'MgO';
        find.dispatchEvent(new Event('input'));
        """
    )
    window.execute_async_script("setTimeout(arguments[arguments.length - 1], 600)")
    ringed = "return document.querySelector('[data-figure=\"parity-0\"]').data[2].customdata"
    assert window.execute_script(ringed) == wanted
    assert len(window.find_elements("css selector", "#found tbody tr")) == len(wanted)

    window.execute_script("document.querySelectorAll('input[name=model]')[2].click()")
    heights = "return document.querySelector('[data-figure=\"parity-0\"]').data[1].y"
    assert window.execute_script(heights) == pytest.approx(
        run.splits[0].predictions["mean"].tolist(), rel=1e-4
    )
    window.execute_script("document.querySelectorAll('input[name=worst]')[1].click()")
    shown = window.find_elements("css selector", ".worst:not([hidden])")
    assert [one.get_attribute("data-split") for one in shown] == ["1"]


@pytest.mark.parametrize("name", ["numbers", "classes"])
def test_everybody_can_read_it(show, name):
    assert violations(show(name)) == []


def test_a_phone_shows_all_without_scrolling_sideways(pages):
    with browser(phone=True) as phone:
        size = "return [document.documentElement.scrollWidth, window.innerWidth]"
        for name in ("hostile", "numbers"):
            open_page(phone, pages / f"{name}.html")
            assert phone.execute_script(size) == [390, 390]
        wide = "return [...document.querySelectorAll('.chart')].filter((one) => one.clientWidth > 390).length"
        assert phone.execute_script(wide) == 0
        assert violations(phone) == []


def test_paper_has_drawings_of_crystals_and_no_buttons(show):
    window = show("numbers")
    window.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        heights = (
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.getBoundingClientRect().height)"
        )
        assert set(window.execute_script(heights, "nav, .viewer, .choice, .search")) == {0}
        assert sum(height > 30 for height in window.execute_script(heights, ".worst .crystal")) == 40
    finally:
        window.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_figures_and_predictions_are_saved_as_files(show, tmp_path):
    window = show("numbers")
    allowed = {"behavior": "allow", "downloadPath": str(tmp_path)}
    window.execute_cdp_cmd("Browser.setDownloadBehavior", allowed)
    window.execute_script("document.querySelector('[data-figure=parity-0] .modebar-btn').click()")
    window.execute_script("document.getElementById('save-predictions').click()")
    names = {"band_gap-parity-0.svg", "band_gap-predictions.csv"}
    end = time.monotonic() + 30
    while {one.name for one in tmp_path.iterdir()} != names and time.monotonic() < end:
        time.sleep(0.1)
    assert (tmp_path / "band_gap-parity-0.svg").read_text().startswith("<svg")
    rows = list(csv.DictReader((tmp_path / "band_gap-predictions.csv").read_text().splitlines()))
    run = example_run(80)
    assert [row["id"] for row in rows] == list(run.ids)
    found = [float(row["model, new formulas"]) for row in rows]
    assert found == pytest.approx(run.splits[1].predictions["model"].tolist(), rel=1e-4)
