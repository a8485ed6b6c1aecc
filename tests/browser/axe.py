"""axe-core's findings, in each light."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.browser.zonepage import ZonePage

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LIGHTS = ("light", "dark", "contrast")
BY_COLOUR = ["color-contrast", "link-in-text-block"]
"""The rules that ask for a colour: only these can be broken in one light and kept in another."""

# The canvas for motion lies over everything, unseen: axe could judge no colour under it.
_RUN = """async ([light, part, rules]) => {
  document.documentElement.dataset.theme = light;
  document.querySelector('#motion').style.visibility = 'hidden';
  // What fades is measured when it has faded.
  await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})));
  const { violations } = await axe.run(part, {
    resultTypes: ['violations'], ...(rules ? { runOnly: rules } : {}),
  });
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
      `${light}, ${id}: ${html.slice(0, 120)} ${failureSummary}`));
}"""


def assert_accessible(page: ZonePage, part: str = "html", lights: Sequence[str] = LIGHTS) -> None:
    """What axe calls serious or critical is nowhere in that part, in none of these lights.

    All rules are asked in the first light, in the others those that ask for a colour.
    """
    if not page.page.evaluate("'axe' in window"):
        page.page.evaluate(AXE.read_text(encoding="utf-8"))
    chosen = page.page.evaluate("document.documentElement.dataset.theme ?? ''")
    found: list[str] = []
    for light in lights:
        rules = None if light == lights[0] else BY_COLOUR
        found += page.page.evaluate(_RUN, [light, part, rules])
    page.page.evaluate(
        """(chosen) => {
          if (chosen) document.documentElement.dataset.theme = chosen;
          else delete document.documentElement.dataset.theme;
          document.querySelector('#motion').style.visibility = '';
        }""",
        chosen,
    )
    assert not found, "\n\n".join(found)
