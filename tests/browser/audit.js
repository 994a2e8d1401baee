// What a look at a page finds wrong, in sentences. Runs in the page; the policy there forbids inline styles, not sheets.
(() => {
  const FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, video[controls], audio[controls]";

  const name = (element) => {
    const words = (element.getAttribute("aria-label") ?? element.textContent).trim().replace(/\s+/g, " ").slice(0, 40);
    return `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""} “${words}”`;
  };
  // The button that Enter in a field presses: no pointer, no Tab and no reader gets to it.
  const ENTER = ".visually-hidden[aria-hidden='true'][tabindex='-1']";
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && !element.matches(`:disabled, ${ENTER}`);
  const all = () => [...document.querySelectorAll(FOCUSABLE)].filter(isShown);
  // What can be pressed for it: a label is as good as its field.
  const pressed = (element) => [element, ...(element.labels ?? [])].filter((each) => each.checkVisibility());

  const audit = {
    frame() {
      const count = (selector) => document.querySelectorAll(selector).length;
      const found = [];
      if (!document.documentElement.lang) found.push("the page has no lang");
      if (count("h1") !== 1) found.push(`${count("h1")} h1 on the page`);
      if (count("[role=status]") > 1) found.push(`${count("[role=status]")} role=status on the page`);
      if (count("main") !== 1) found.push(`${count("main")} main on the page`);
      if (!/\S.* – CanvasCast$/.test(document.title)) found.push(`title is “${document.title}”`);
      return found;
    },

    sideways() {
      const { scrollWidth, clientWidth } = document.documentElement;
      if (scrollWidth <= clientWidth) return [];
      const wide = [...document.body.querySelectorAll("*")].filter((each) => {
        const { right, width } = each.getBoundingClientRect();
        return width > 0 && right + scrollX > clientWidth + 0.5;
      });
      return [`page is ${scrollWidth} px wide in a window of ${clientWidth}: ${wide.slice(-3).map(name).join(", ")}`];
    },

    targets() {
      return all().flatMap((element) => {
        if (isInLine(element)) return [];
        const boxes = pressed(element).map((each) => each.getBoundingClientRect());
        if (boxes.some((box) => box.width >= 24 && box.height >= 24) || isWiderThanItsBox(element)) return [];
        return [`${name(element)} is ${Math.round(boxes[0].width)} × ${Math.round(boxes[0].height)} px`];
      });
    },

    // Each in turn gets the focus, as by the Tab key; the browser scrolls it into view.
    covered() {
      const found = all().filter((element) => {
        element.focus();
        return document.activeElement === element && isCovered(element);
      });
      document.activeElement.blur();
      scrollTo(0, 0);
      return found.map((element) => `${name(element)} has the focus and is covered`);
    },

    // https://www.w3.org/TR/WCAG22/#text-spacing
    space() {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
        p { margin-block-end: 2em !important; }`);
      document.adoptedStyleSheets.push(sheet);
    },
  };

  // A link among words may be as high as its line: https://www.w3.org/TR/WCAG22/#target-size-minimum
  function isInLine(element) {
    if (!element.matches("a") || getComputedStyle(element).display !== "inline") return false;
    const block = element.closest("p, li, dd, dt, td, pre, figcaption, legend, label, div");
    return block.textContent.trim().length > element.textContent.trim().length;
  }

  // A link that lies over the whole of its row.
  function isWiderThanItsBox(element) {
    element.scrollIntoView({ block: "center" });
    const { left, top, width, height } = element.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    const around = [[x - 11, y], [x + 11, y], [x, y - 11], [x, y + 11]];
    return around.every(([left, top]) => element.contains(document.elementFromPoint(left, top)));
  }

  function isCovered(element) {
    const box = element.getBoundingClientRect();
    const points = [
      [box.left + box.width / 2, box.top + box.height / 2],
      [box.left + 3, box.top + 3],
      [box.right - 3, box.bottom - 3],
    ].filter(([x, y]) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight);
    const over = points.filter(([x, y]) => {
      const top = document.elementFromPoint(x, y);
      return top !== null && !pressed(element).some((each) => each.contains(top) || top.contains(each)) && isStuck(top);
    });
    // A text to write in scrolls to its caret and need not be seen whole, nor what is taller than a few lines.
    return element.matches("textarea") || box.height > 100 ? over.length === points.length && points.length > 0 : over.length > 0;
  }

  function isStuck(element) {
    for (let each = element; each; each = each.parentElement)
      if (["fixed", "sticky"].includes(getComputedStyle(each).position)) return true;
    return false;
  }

  window.audit = audit;
})();
