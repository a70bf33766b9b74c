// Single keys for a page with a list. The page is worked without this file; it adds shorter ways. To use it:
//
// 1. {% include "_parts/keys.html" only %} where the button that shows the keys is to stand, and
//    <script src="{% static 'utilization/js/keys.js' %}" defer></script> in the block `scripts`.
// 2. data-key="c"         on a link, button, box or field: the key presses it, or sets the cursor in it. data-key="1"
//                         may be any sign that is typed alone. Where several stand in view, the first counts.
// 3. data-key-row         on each row of the list, with one data-key-open within, the link that opens the row: J and K
//                         go from row to row by setting the focus on that link, so that Enter opens it.
// 4. data-row-key="c"     on a control within a row: as data-key, but of the row in which the focus is; where the focus
//                         is in none, of the first row.
// 5. data-key-words="…"   beside data-key or data-row-key: what the list of keys says. Else the control's own text.
// 6. data-key-start       on one row: the page opens with the focus there.
//
// "?" shows the keys of the page as it stands, read anew each time, so that what htmx swaps in is known. No key counts
// while somebody types, chooses from a list, or holds Ctrl, Alt or Meta, nor while a dialog is open. Whoever speaks to
// their browser or strikes keys by accident turns them off in that dialog; this browser keeps that (WCAG 2.1.4).
(() => {
  "use strict";
  const KEPT = "ivig-keys";
  const TYPED = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=submit])";
  const FIELD = "input:not([type=submit]), textarea, select";

  let off = false;
  try {
    off = localStorage.getItem(KEPT) === "off";
  } catch { /* storage may be switched off */ }

  const keep = () => {
    try {
      if (off) localStorage.setItem(KEPT, "off");
      else localStorage.removeItem(KEPT);
    } catch { /* as above */ }
  };

  const shown = (element) => element.getClientRects().length > 0 && !element.disabled;
  const visible = (selector, within = document) => [...within.querySelectorAll(selector)].filter(shown);
  const rows = () => visible("[data-key-row]");
  const rowAtHand = () => document.activeElement?.closest("[data-key-row]") ?? null;

  const press = (control) => {
    if (control.matches(FIELD)) control.focus();
    if (!control.matches(TYPED)) control.click();
  };

  const go = (step) => {
    const all = rows();
    const here = all.indexOf(rowAtHand());
    const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step];
    next?.querySelector("[data-key-open]")?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };

  const find = (key) => {
    const row = rowAtHand() ?? rows()[0];
    const inRow = row ? visible("[data-row-key]", row).find((control) => control.dataset.rowKey === key) : undefined;
    return inRow ?? visible("[data-key]").find((control) => control.dataset.key === key);
  };

  const line = (list, key, words) => {
    const sign = document.createElement("kbd");
    sign.textContent = key.toUpperCase();
    const term = document.createElement("dt");
    term.append(sign);
    const meaning = document.createElement("dd");
    meaning.textContent = words;
    list.append(term, meaning);
  };

  const told = (control) =>
    control.dataset.keyWords ?? (control.labels?.[0] ?? control).textContent.replace(/\s+/g, " ").trim();

  const show = () => {
    const sheet = document.getElementById("keys-sheet");
    if (!sheet || sheet.open) return;
    const list = sheet.querySelector("dl");
    list.replaceChildren();
    if (rows().length > 0) {
      line(list, "j", "Next row");
      line(list, "k", "Row before");
      line(list, "Enter", "Open the row");
    }
    const first = rowAtHand() ?? rows()[0];
    const seen = new Set();
    for (const control of [...(first ? visible("[data-row-key]", first) : []), ...visible("[data-key]")]) {
      const key = control.dataset.rowKey ?? control.dataset.key;
      if (!seen.has(key)) line(list, key, told(control));
      seen.add(key);
    }
    line(list, "?", "Show these keys");
    sheet.querySelector("[data-keys-on]").checked = !off;
    sheet.showModal();
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest?.(TYPED) || document.querySelector("dialog[open]")) return;
    // With a letter, Shift is another key; with a sign such as "?" or, on some keyboards, "1", it is how it is typed.
    const letter = /^\p{Letter}$/u.test(event.key);
    if (off || (letter && event.shiftKey)) return;
    const key = letter ? event.key.toLowerCase() : event.key;
    const step = { j: 1, k: -1 }[key];
    const control = find(key);
    if (key === "?") show();
    else if (control && !event.repeat) press(control);
    else if (!control && step && rows().length > 0) go(step);
    else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-show]")) show();
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-keys-on]")) return;
    off = !event.target.checked;
    keep();
  });

  for (const button of document.querySelectorAll("[data-keys-show]")) button.hidden = false;
  document.querySelector("[data-key-start] [data-key-open]")?.focus();
})();
