"""Somebody who has a keyboard and nothing else, and sees where they are."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

_STOPS_MAX = 150
# The focus is shown when the element, its label or its tile has an outline that it has not without the focus, and that
# nothing cuts off. Within a player it is the browser's own button that has the focus, and shows it.
_SHOWS_FOCUS = """() => {
  const element = document.activeElement;
  if (element.matches("video, audio") && !element.matches(":focus")) return true;
  const around = [element, ...(element.labels ?? []), element.closest(".frame")].filter(Boolean);
  const isCutOff = (each, beyond) => {
    const box = each.getBoundingClientRect();
    for (let over = each.parentElement; over !== document.body && over !== null; over = over.parentElement) {
      if (getComputedStyle(over).overflow === "visible") continue;
      const room = over.getBoundingClientRect();
      if (box.left - beyond < room.left || box.right + beyond > room.right) return true;
    }
    return false;
  };
  const outlines = () => around.map((each) => {
    const { outlineStyle, outlineWidth, outlineOffset, outlineColor } = getComputedStyle(each);
    const beyond = parseFloat(outlineWidth) + parseFloat(outlineOffset);
    if (outlineStyle === "none" || parseFloat(outlineWidth) < 2 || isCutOff(each, beyond)) return "";
    return `${outlineWidth} ${outlineColor}`;
  });
  const focused = outlines();
  element.blur();
  const blurred = outlines();
  element.focus({ preventScroll: true });
  return focused.some((outline, index) => outline !== "" && outline !== blurred[index]);
}"""
_NAME = "document.activeElement.outerHTML.slice(0, 120)"


class Keyboard:
    """Presses keys on a page. Every element that gets the focus must show it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def tab_to(self, wanted: Locator) -> None:
        """Press Tab until it has the focus. Raises AssertionError when it never gets it or hides it."""
        target = wanted.element_handle()
        for _ in range(_STOPS_MAX):
            self.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"Tab does not lead to {wanted}")

    def press(self, key: str) -> None:
        self._page.keyboard.press(key)
        if key == "Tab" and self._page.evaluate("document.activeElement !== document.body"):
            assert self._page.evaluate(_SHOWS_FOCUS), f"focus is not shown: {self._page.evaluate(_NAME)}"

    def write(self, text: str) -> None:
        """Type over what the field with the focus has."""
        self._page.keyboard.press("ControlOrMeta+a")
        self._page.keyboard.type(text)

    def choose(self, wanted: Locator) -> None:
        """From the checked button of its group, go on with the arrow until the wanted one is checked."""
        group = wanted.get_attribute("name")
        self.tab_to(self._page.locator(f"[name={group}]:checked"))
        for _ in range(self._page.locator(f"[name={group}]").count()):
            if wanted.is_checked():
                return
            self.press("ArrowRight")
        raise AssertionError(f"the arrow does not lead to {wanted}")
