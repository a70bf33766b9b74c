// The case: a link of the bar at the foot opens its act and goes to the first field of it.
(() => {
  "use strict";
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
