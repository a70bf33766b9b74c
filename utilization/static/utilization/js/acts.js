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
  if (location.hash.startsWith("#act-")) open(location.hash.slice(1));
})();
