// Forms: one submission for one press, and an honest line about what is saved.
//
// <form data-once>            its submit buttons are switched off after the first press.
// <form data-unsaved>         leaving the page with changes that no answer has confirmed asks first.
// <p data-save-status>        tells "Saving…", "Saved 14:03" or what went wrong, from the htmx
//                             requests of elements inside [data-autosave].
// What was typed is never put into the browser's storage: it is patient data on a shared desk. It stays
// in the form on screen, which no failed answer is allowed to replace.
(() => {
  "use strict";
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
  const unsaved = new WeakSet();
  let leaving = false;

  const tell = (source, text, trouble) => {
    const scope = source.closest("[data-autosave]");
    if (!scope) return;
    for (const line of document.querySelectorAll("[data-save-status]")) {
      line.textContent = text;
      line.classList.toggle("is-trouble", Boolean(trouble));
      // Trouble is read out at once; a quiet "Saved" waits for its turn.
      line.setAttribute("role", trouble ? "alert" : "status");
    }
  };

  const buttons = (form) => form.querySelectorAll("button[type=submit], button:not([type]), input[type=submit]");

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (form.matches("[data-once]")) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      // After this tick, so that the pressed button's own name and value still go along.
      setTimeout(() => {
        for (const button of buttons(form)) {
          if (button.disabled) continue;
          button.disabled = true;
          button.dataset.held = "yes";
        }
      });
    }
    leaving = true;
  });

  // The back button may bring the page back from memory with its buttons still off.
  window.addEventListener("pageshow", () => {
    leaving = false;
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[data-held]")) {
        button.disabled = false;
        delete button.dataset.held;
      }
    }
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-unsaved]");
    if (form) unsaved.add(form);
  });

  window.addEventListener("beforeunload", (event) => {
    if (leaving) return;
    if ([...document.querySelectorAll("form[data-unsaved]")].some((form) => unsaved.has(form))) event.preventDefault();
  });

  const SIGNED_OUT = "Not saved: you have been signed out. Sign in again in a second tab; what you typed is still on this page.";
  const REFUSED = "Not saved: the server refused it. What you typed is still on this page.";
  const WORDS = {
    401: SIGNED_OUT,
    403: SIGNED_OUT,
    409: "Not saved: this was changed in another window. Copy what you need, then reload the page.",
    503: "Not saved: the server cannot write at the moment. What you typed is still on this page; try again shortly.",
  };

  // A lost session answers with the sign-in page, reached by a redirect that the browser follows unseen.
  const ledAway = ({ xhr, requestConfig }) =>
    Boolean(xhr.responseURL) && new URL(xhr.responseURL).pathname !== new URL(requestConfig.path, location.href).pathname;

  document.addEventListener("htmx:beforeRequest", (event) => tell(event.detail.elt, "Saving…"));

  document.addEventListener("htmx:beforeSwap", (event) => {
    // Swapping the sign-in page into the form would wipe what was typed.
    if (ledAway(event.detail) && event.detail.requestConfig.elt.closest("[data-autosave]")) event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr, successful } = event.detail;
    if (!successful) return;
    if (ledAway(event.detail)) { tell(elt, SIGNED_OUT, true); return; }
    const form = elt.closest("form");
    if (form) unsaved.delete(form);
    // The server's own time names the site's zone; this browser's clock is the second best.
    tell(elt, `Saved ${xhr.getResponseHeader("X-Saved-At") || clock.format(new Date())}`);
  });

  document.addEventListener("htmx:sendError", (event) => {
    tell(event.detail.elt, "Not saved: no connection. What you typed is still on this page; the next change tries again.", true);
  });

  document.addEventListener("htmx:responseError", (event) => {
    tell(event.detail.elt, WORDS[event.detail.xhr.status] || REFUSED, true);
  });
})();
