// Menus, the live panel and filters are details elements and work without this file. It adds what a
// details element lacks: a menu closes on Escape and on a click elsewhere, and what takes the place of
// the page on a phone is folded there.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  const wide = window.matchMedia("(min-width: 62rem)");
  const fold = () => {
    for (const panel of document.querySelectorAll("details[data-panel]")) {
      panel.open = wide.matches;
      // On a desktop the panel is always open: its bar is a heading then, not a control to stop at.
      const bar = panel.querySelector("summary");
      if (wide.matches) bar.setAttribute("tabindex", "-1");
      else bar.removeAttribute("tabindex");
    }
  };
  // On a phone a link of the panel leads to a field that the open panel would cover.
  document.addEventListener("click", (event) => {
    const panel = event.target.closest("[data-panel] a[href^='#']")?.closest("[data-panel]");
    if (panel && !wide.matches) panel.open = false;
  });
  wide.addEventListener("change", fold);
  fold();
})();
