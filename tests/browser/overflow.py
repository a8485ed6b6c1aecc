"""Text that does not fit its box, or runs over the window's edge, without saying so."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.zonepage import ZonePage

# Words that are cut. Those that end in an ellipsis are given apart, with a place to point at: the
# page must show them whole there.
_CUT = """() => {
  const found = [];
  const ellipses = [];
  const wide = document.documentElement.clientWidth;
  const clips = (style) => style.overflowX !== 'visible' || style.overflowY !== 'visible';
  const scrolls = (style) => /auto|scroll/.test(style.overflowX + style.overflowY);
  const shown = document.querySelector('dialog[open]') ?? document.body;
  for (const element of shown.querySelectorAll('*')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility({ visibilityProperty: true })) continue;
    if (element.closest('.unseen, .skip, svg, [aria-hidden="true"]')) continue;
    const range = document.createRange();
    range.selectNodeContents(element);
    const text = range.getBoundingClientRect();
    const words = element.textContent.trim();
    let at = element;
    while (at !== document.body && !clips(getComputedStyle(at))) at = at.parentElement;
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    if (at !== document.body && !scrolls(style)) {
      if (text.right > box.right + 1 || text.left < box.left - 1
          || text.bottom > box.bottom + 2 || text.top < box.top - 2) {
        const shown = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
        const x = box.left + Math.min(8, box.width / 2);
        if (shown) ellipses.push([x, box.top + box.height / 2, words]);
        else found.push(`cut by ${at.className || at.id}: ${words}`);
      }
    } else if (at === document.body && (text.right > wide + 1 || text.left < -1)) {
      found.push(`outside the window: ${words}`);
    }
    const cell = element.closest('button, td, th, .value');
    const edge = cell?.getBoundingClientRect().right;
    if (cell && !clips(getComputedStyle(cell)) && text.right > edge + 1) {
      found.push(`wider than its box: ${words}`);
    }
  }
  return [[...new Set(found)], ellipses];
}"""
# Two texts of one panel that lie on one another.
_OVER = """() => {
  const found = [];
  const rows = document.querySelectorAll('.ledger, .block-head, .panel-head, .bar, .map-foot');
  for (const row of rows) {
    const parts = [...row.children]
      .filter((part) => part.textContent.trim() && part.checkVisibility());
    const boxes = parts.map((part) => {
      const range = document.createRange();
      range.selectNodeContents(part);
      const text = range.getBoundingClientRect();
      const box = part.getBoundingClientRect();
      const clipped = [part, ...part.querySelectorAll('*')]
        .some((one) => getComputedStyle(one).overflowX !== 'visible');
      return clipped ? box : text;
    });
    boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b, j) => {
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 1 && down > 4) {
        found.push(`${parts[i].textContent.trim()} | ${parts[i + j + 1].textContent.trim()}`);
      }
    }));
  }
  return found;
}"""


def assert_nothing_overflows(page: ZonePage) -> None:
    """No word is cut in silence, none lies on another, none is outside the window."""
    page.page.wait_for_function(
        "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    # What was asked for before is still being laid out: two looks must see the same.
    seen: object = None
    while seen != (now := page.page.evaluate(_CUT)):
        seen = now
        page.page.wait_for_timeout(250)
    found, ellipses = now
    found += page.page.evaluate(_OVER)
    assert not found, "\n".join(found)
    height = page.page.evaluate("innerHeight")
    for x, y, words in ellipses:
        if 0 < y < height:
            page.page.mouse.move(x, y)
            expect(page.page.locator("#tip")).to_contain_text(words)
    page.page.mouse.move(2, 2)
