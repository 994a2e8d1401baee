// What every page shares. Without it everything still works: forms are sent, links lead on, pages load themselves anew.
"use strict";

const HIDDEN_POLL_MS = 15_000;
let lastPoll = 0;

// A page that nobody looks at asks less often. htmx's own filters would need eval.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches("[data-polls]")) return;
  const now = performance.now();
  if (document.hidden && now - lastPoll < HIDDEN_POLL_MS) event.preventDefault();
  else lastPoll = now;
});

// A lost connection or an answer that failed is said once, and taken back when the next request comes through.
const connection = document.getElementById("connection");
document.addEventListener("htmx:sendError", () => say(connection.dataset.lost));
document.addEventListener("htmx:responseError", () => say(connection.dataset.failed));
document.addEventListener("htmx:afterOnLoad", (event) => (connection.hidden = !event.detail.failed));

function say(words) {
  if (connection.textContent !== words) connection.textContent = words;
  connection.hidden = false;
}

// A refusal that is a whole page, of a form that is too old or of a proxy, has no place in a piece of one.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status < 400 || !/<html/i.test(detail.serverResponse)) return;
  detail.shouldSwap = false;
  detail.isError = true;
});

// What has the focus may go with the piece that it is in. Then the heading gets it: not the top of the document.
let focusMayGo = false;
document.addEventListener("htmx:beforeSwap", (event) => {
  const focused = document.activeElement;
  focusMayGo = focused !== document.body && event.detail.target.contains(focused);
});
document.addEventListener("htmx:afterSettle", () => {
  if (!focusMayGo || document.activeElement !== document.body) return;
  focusMayGo = false;
  const heading = document.querySelector("main h1");
  heading.tabIndex = -1;
  heading.focus();
});

// A piece that comes late must not take back what was chosen while it was under way.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  for (const choice of event.detail.fragment.querySelectorAll("[type='radio'], [type='checkbox']")) {
    const shown = document.getElementById(choice.id);
    if (shown) choice.checked = shown.checked;
  }
});

// Only one thing is heard at a time.
document.addEventListener(
  "play",
  (event) => {
    for (const other of document.querySelectorAll("audio, video")) if (other !== event.target) other.pause();
  },
  true,
);

// Light or dark without loading the page again.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-switch]")) return;
  event.preventDefault();
  const chosen = event.submitter.value;
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  for (const button of event.target.querySelectorAll("button")) button.setAttribute("aria-pressed", button === event.submitter);
  fetch(event.target.action, { method: "POST", body: new FormData(event.target, event.submitter), redirect: "manual" });
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-seek]");
  if (button === null) return;
  event.preventDefault();
  if (button.dataset.seek) seek(Number(button.dataset.seek));
  else await copy(button, document.querySelector(button.dataset.copy));
});

function seek(seconds) {
  const player = document.getElementById("player");
  player.currentTime = seconds;
  player.play();
}

async function copy(button, source) {
  await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
  const words = button.querySelector("[data-words]") ?? button;
  const before = words.textContent;
  words.textContent = "Copied";
  setTimeout(() => (words.textContent = before), 2000);
}

navigator.serviceWorker?.register("/sw.js").catch(() => {});
