// Sample films show their picture alone until somebody plays them; the browser's bar would darken it.
"use strict";

for (const button of document.querySelectorAll("[data-play]")) {
  const film = button.previousElementSibling;
  film.controls = false;
  button.hidden = false;
  button.addEventListener("click", () => {
    film.controls = true;
    button.hidden = true;
    film.play();
    film.focus();
  });
}
