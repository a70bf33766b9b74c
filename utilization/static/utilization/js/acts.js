// The acts of the decision panel by single keys (keys.js): a key opens its act, and where it is open already leaves it
// open, and sets the focus on the first thing to fill in, which for a plain approval is the signature. Nothing is
// signed by a key. Whoever opens an act by its heading keeps the focus there.
(() => {
  "use strict";
  const FIRST = "select, textarea, input:not([type=hidden]), button[data-passkey]";

  document.addEventListener("click", (event) => {
    const heading = event.target.closest(".act > summary");
    // A press of Enter or of the mouse has set the focus on the heading before.
    if (!heading || event.detail !== 0 || document.activeElement === heading) return;
    const act = heading.parentElement;
    if (act.open) event.preventDefault();
    setTimeout(() => {
      const first = [...act.querySelectorAll(FIRST)].find((field) => field.checkVisibility() && !field.disabled);
      first?.focus();
      act.scrollIntoView({ block: "nearest" });
    });
  });
})();
