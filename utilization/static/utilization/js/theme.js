// Sets the theme before the first paint, so this file is loaded without defer. The choice of a
// person stays in this browser; a choice that equals the system's is not kept, so that it follows it again.
(() => {
  "use strict";
  const KEY = "ivig-theme";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  const kept = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    } // storage may be switched off
  };
  const wanted = () => kept() || (system.matches ? "dark" : "light");

  const apply = () => {
    const theme = wanted();
    root.dataset.bsTheme = theme;
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(theme === "dark"));
    }
  };

  const toggle = () => {
    const next = wanted() === "dark" ? "light" : "dark";
    try {
      if (next === (system.matches ? "dark" : "light")) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, next);
      apply();
    } catch {
      root.dataset.bsTheme = next;
    }
  };

  apply();
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-toggle]")) toggle();
  });
})();
