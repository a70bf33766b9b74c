// <fieldset data-checklist> with one [data-row] a question and [data-rest], one answer for the rows that are left:
// counts the rows that are answered, before the server says the same, and folds the rest away once none is left.
// Without this file the server counts, and everything can be answered.
(() => {
  "use strict";
  const answered = (row) => row.querySelector("input[type=radio]:checked") !== null;

  const count = (list) => {
    const rows = [...list.querySelectorAll("[data-row]")];
    const open = rows.filter((row) => !answered(row)).length;
    const rest = list.querySelector("[data-rest]");
    const single = rest?.querySelector("input[type=radio]:checked:not([data-each])") != null;
    const told = list.querySelector(".safety-count");
    if (told) told.textContent = `${single ? rows.length : rows.length - open} of ${rows.length} answered`;
    if (rest) rest.hidden = open === 0;
  };

  document.addEventListener("change", (event) => {
    const list = event.target.closest?.("[data-checklist]");
    if (list) count(list);
  });
  document.addEventListener("htmx:afterSettle", () => document.querySelectorAll("[data-checklist]").forEach(count));
  document.querySelectorAll("[data-checklist]").forEach(count);
})();
