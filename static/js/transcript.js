// Marks the line of the transcript that is being said and keeps it in sight, unless somebody reads elsewhere in it.
"use strict";

document.addEventListener(
  "timeupdate",
  (event) => {
    const transcript = document.getElementById("transcript");
    if (transcript === null || event.target.id !== "player") return;
    const now = event.target.currentTime + 0.05;
    const said = [...transcript.querySelectorAll("[data-seek]")].findLast((line) => Number(line.dataset.seek) <= now);
    const before = transcript.querySelector("[aria-current]");
    if (said === (before ?? undefined)) return;
    before?.removeAttribute("aria-current");
    said?.setAttribute("aria-current", "true");
    if (said && !transcript.matches(":hover, :focus-within")) transcript.scrollTop = said.offsetTop - 60;
  },
  true,
);
