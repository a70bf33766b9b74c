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

  // A link of the bar at the foot opens its act and goes to the first field of it.
  const open = (id) => {
    const form = document.getElementById(id);
    const act = form && form.closest("details");
    if (!act) return;
    act.open = true;
    const field = form.querySelector("input:not([type=hidden]), select, textarea, button");
    if (field) field.focus();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-act]");
    if (!link) return;
    event.preventDefault();
    open(link.hash.slice(1));
  });
  // What has the focus is never behind the bar: not every browser keeps the room that the style sheet asks for.
  const clear = (at) => {
    const bar = document.querySelector(".act-bar");
    if (!bar || bar.contains(at)) return;
    const hidden = at.getBoundingClientRect().bottom - bar.getBoundingClientRect().top;
    if (hidden > 0) window.scrollBy({ top: hidden + 8, behavior: "instant" });
  };
  document.addEventListener("focusin", (event) => {
    clear(event.target);
    requestAnimationFrame(() => clear(event.target));
  });

  if (location.hash.startsWith("#act-")) open(location.hash.slice(1));
})();
