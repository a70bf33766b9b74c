// The request form: small courtesies that it also works without.
//
// [data-not-known]   a box "not known" beside a field that is typed into: one clears the other.
// [data-checked]     a form that is judged while it is filled in: Enter in a field does not send it.
(() => {
  "use strict";

  // Before htmx reads the form for a live check.
  document.addEventListener("input", (event) => {
    const box = event.target;
    if (box.matches("[data-not-known]")) {
      const field = document.getElementById(box.dataset.notKnown);
      if (field && box.checked) field.value = "";
    } else if (box.id) {
      const beside = document.getElementById(`${box.id}_not_known`);
      if (beside && box.value.trim()) beside.checked = false;
    }
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("form[data-checked] input:not([type=submit])")) {
      event.preventDefault();
    }
  });

  // A check replaces the panel and may move questions: what was unfolded stays so, and the cursor stays where it was.
  let unfolded = new Set();
  let cursor = null;
  // Without its count, which a check may change.
  const name = (fold) => fold.querySelector("summary").textContent.replace(/\d+/g, "").trim();
  const folds = () => document.querySelectorAll("#live-judgement details");

  document.addEventListener("htmx:beforeSwap", () => {
    unfolded = new Set([...folds()].filter((fold) => fold.open).map(name));
    const field = document.activeElement;
    cursor = field?.id ? { id: field.id, start: field.selectionStart, end: field.selectionEnd } : null;
  });

  document.addEventListener("htmx:afterSettle", () => {
    for (const fold of folds()) if (unfolded.has(name(fold))) fold.open = true;
    if (!cursor || document.activeElement?.id === cursor.id) return;
    const field = document.getElementById(cursor.id);
    if (!field) return;
    field.focus({ preventScroll: true });
    if (typeof cursor.start === "number") field.setSelectionRange(cursor.start, cursor.end);
  });
})();
