// Marks the line of the transcript that is being said and keeps it in sight, unless somebody reads elsewhere in it.
"use strict";

function follow(event) {
  const transcript = document.getElementById("transcript");
  if (transcript === null || event.target.id !== "player") return;
  const now = event.target.currentTime + 0.05;
  const said = [...transcript.querySelectorAll("[data-seek]")].findLast((line) => Number(line.dataset.seek) <= now);
  const before = transcript.querySelector("[aria-current]");
  if (said === (before ?? undefined)) return;
  before?.removeAttribute("aria-current");
  said?.setAttribute("aria-current", "true");
  if (said === undefined || transcript.matches(":hover, :focus-within")) return;
  transcript.scrollTop += said.getBoundingClientRect().top - transcript.getBoundingClientRect().top - 60;
}

// Events of players do not bubble; caught on their way down they are heard of players that came later, too.
for (const kind of ["seeking", "timeupdate"]) document.addEventListener(kind, follow, true);
