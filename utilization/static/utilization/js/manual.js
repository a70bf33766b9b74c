// The manual beside the page that it helps with.
//
// <a data-manual>          leads to the manual's own page; on a wide screen it opens and closes the panel instead.
// <aside data-beside>      the panel, with a place for the manual's text ([data-beside-text]), a form that looks a word
//                          up, a line for what became of it ([data-beside-said]) and a button ([data-beside-close]).
// manual:look-up           an event on the document with a word: opens the panel at what the manual says of it.
// Whether the panel is open, and at which place, is kept for this tab, so that a save leaves it as it was.
(() => {
  "use strict";
  const link = document.querySelector("a[data-manual]");
  const panel = document.querySelector("[data-beside]");
  if (!link || !panel) return;
  const OPEN = "ivig-manual-at";
  const wide = matchMedia("(min-width: 75rem)");
  const text = panel.querySelector("[data-beside-text]");
  const said = panel.querySelector("[data-beside-said]");
  let loaded;

  const load = async () => {
    await htmx.ajax("GET", link.href, { target: text, select: "#manual", swap: "innerHTML" });
    if (text.querySelector(".manual-text")) return;
    loaded = undefined;
    said.textContent = "The manual cannot be shown here. Sign in again in a second tab, or open it on its own page.";
  };

  const open = async () => {
    panel.hidden = false;
    link.setAttribute("aria-expanded", "true");
    loaded ??= load();
    await loaded;
  };
  const close = () => {
    panel.hidden = true;
    link.setAttribute("aria-expanded", "false");
    link.focus();
  };

  // Where the manual speaks of a word: a section of its name, a row of a table about it, or else its first mention.
  const placeOf = (word) => {
    const wanted = word.toLowerCase();
    const named = (selector) =>
      [...text.querySelectorAll(`.manual-text ${selector}`)].find((part) => part.textContent.toLowerCase() === wanted);
    return named("h3") ?? named("td:first-child > code") ?? named("code");
  };

  const lookUp = async (word) => {
    await open();
    text.querySelector(".is-found")?.classList.remove("is-found");
    const place = word && placeOf(word);
    if (place) {
      const around = place.closest("tr") ?? place;
      around.classList.add("is-found");
      around.scrollIntoView({ block: "center" });
    }
    if (loaded && word) said.textContent = place ? `At “${word}”.` : `The manual does not name “${word}”.`;
  };

  link.addEventListener("click", (event) => {
    if (!wide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!panel.hidden) {
      close();
      return;
    }
    open();
    panel.querySelector("h2").focus();
  });
  panel.querySelector("[data-beside-close]").addEventListener("click", close);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  panel.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    lookUp(event.target.elements.namedItem("word").value.trim());
  });
  document.addEventListener("manual:look-up", (event) => {
    if (wide.matches) lookUp(event.detail);
    else globalThis.open(link.href, "_blank", "noopener");
  });

  globalThis.addEventListener("pagehide", () => {
    if (panel.hidden) sessionStorage.removeItem(OPEN);
    else sessionStorage.setItem(OPEN, String(text.scrollTop));
  });
  const kept = sessionStorage.getItem(OPEN);
  if (kept !== null && wide.matches) open().then(() => text.scrollTop = Number(kept));
  link.setAttribute("aria-expanded", String(!panel.hidden));
})();
