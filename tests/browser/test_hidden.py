"""A tab that nobody looks at draws nothing, piles nothing up, and is right once seen again."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.service import Service

# A browser asks a hidden tab for no animation frame: here none is given until it is let go.
_HOLD = """() => new Promise((held) => {
  const give = window.requestAnimationFrame.bind(window);
  window.__waiting = [];
  window.__drawn = 0;
  window.requestAnimationFrame = (draw) => window.__waiting.push(draw);
  for (const at of ['#lists-chart', '#history-chart']) {
    document.querySelector(at).on('plotly_afterplot', () => { window.__drawn += 1; });
  }
  window.__seen = () => new Promise((done) => {
    window.requestAnimationFrame = give;
    window.__waiting.forEach((draw) => give(draw));
    give(() => give(() => done([document.body.dataset.op, window.__drawn].map(Number))));
  });
  // Frames asked for before come still.
  give(() => give(() => {
    window.__drawn = 0;
    held(true);
  }));
})"""


def test_a_hidden_tab_has_no_backlog_on_return(service: Service, show: Show) -> None:
    with service.session() as zone:
        page = show(zone)
        zone.result("rate", ops_per_second=2000)
        page.at("play").click()
        page.page.wait_for_function("() => Number(document.body.dataset.op) > 5000")
        page.page.evaluate(_HOLD)
        left = page.op
        while zone.look()["op"] < left + 6000:
            page.hear_frames(10)
        # All that waits to be drawn: a picture of each kind, not one a frame.
        assert page.page.evaluate("window.__waiting.length") <= 4
        assert page.page.evaluate("window.__drawn") == 0
        assert page.op == left
        before = zone.look()["op"]
        shown, charts = page.page.evaluate("window.__seen()")
        assert shown > left + 3000
        assert shown >= before - 2000
        assert charts <= 2
        expect(page.page.locator("body")).to_have_attribute("data-state", "live")
        page.pause()
        page.agrees()
