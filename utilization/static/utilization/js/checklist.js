// <fieldset data-checklist> with some boxes marked data-alone ("none of these", "not known"):
// an answer that stands alone clears the others, and any other answer clears it.
// Without this file the server refuses a contradictory pair with a message.
(() => {
  "use strict";
  document.addEventListener("change", (event) => {
    const box = event.target;
    const list = box.closest("[data-checklist]");
    if (!list || box.type !== "checkbox" || !box.checked) return;
    const alone = box.hasAttribute("data-alone");
    for (const other of list.querySelectorAll("input[type=checkbox]")) {
      if (other !== box && (alone || other.hasAttribute("data-alone"))) other.checked = false;
    }
  }, true); // before htmx reads the form for a live check
})();
