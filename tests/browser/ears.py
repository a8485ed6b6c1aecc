"""What the page says to those who hear it."""

from __future__ import annotations

from tests.browser.zonepage import ZonePage


def listen(page: ZonePage) -> None:
    """Keep all that the region says from now on."""
    page.page.evaluate(
        """() => {
          window.__heard = [];
          const region = document.querySelector('[data-testid="announcer"]');
          new MutationObserver(() => window.__heard.push(region.textContent))
            .observe(region, { childList: true, characterData: true, subtree: true });
        }"""
    )


def heard(page: ZonePage) -> list[str]:
    said: list[str] = page.page.evaluate("window.__heard")
    return said


def until_heard(page: ZonePage, words: str) -> None:
    page.page.wait_for_function(
        "(words) => window.__heard.some((said) => said.includes(words))", arg=words
    )
