// Forms: one submission for one press, and an honest line about what is saved.
//
// <form data-once>            its submit buttons are switched off after the first press.
// <form data-unsaved>         leaving the page with changes that no answer has confirmed asks first.
// <p data-save-status>        tells "Saving…", "Saved 14:03" or what went wrong, from the htmx
//                             requests of elements inside [data-autosave]; what failed for want of a session or a
//                             connection is sent again by the event save-again.
// <input data-unheard>        carries what was sent without an answer (web/prescribing/form_data.py reads it).
// #messages                   tells what came of a button elsewhere whose answer did not come, or that found the session
//                             over: nothing is put into the page then.
// #error-summary              takes the focus; its links, and links to #div_id_…, put the cursor into the field.
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
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
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

  const KEPT = "What you typed is still on this page.";
  const SIGNED_OUT =
    `Not saved: you have been signed out. Sign in again in a second tab; this page then saves by itself. ${KEPT}`;
  const OLD_PAGE = `Not saved: this page is older than your sign-in. Reload it. ${KEPT}`;
  const REFUSED = `Not saved: you may not change this. ${KEPT}`;
  const WORDS = {
    401: SIGNED_OUT,
    403: REFUSED,
    404: REFUSED,
    409: "Not saved: this was changed in another window. Copy what you need, then reload the page.",
    503: `Not saved: the server cannot write at the moment. ${KEPT} It is tried again by itself.`,
  };
  const FAULT = `Not saved: a fault on our side. ${KEPT} The next change tries again.`;
  const OFFLINE = `Not saved: no connection. ${KEPT} It is tried again by itself.`;

  const NO_ANSWER = `No answer came from the server. ${KEPT} Try again in a minute.`;
  const NOT_DONE = `The server could not do it. ${KEPT} Try again in a minute.`;
  const AGAIN = `You have signed in since this page was loaded. ${KEPT} Do it once more.`;
  const NOT_TAKEN = `The server did not take it. ${KEPT} Copy what you need, then reload the page.`;
  const LEFT_OUT = `You have been signed out. ${KEPT} Sign in again in a second tab, then do it once more here.`;

  // A lost session answers with the sign-in page, reached by a redirect that the browser follows unseen.
  const ledAway = ({ xhr, requestConfig }) =>
    Boolean(xhr.responseURL) &&
    new URL(xhr.responseURL).pathname !== new URL(requestConfig.path, location.href).pathname;

  // What could not be saved for want of a session, a connection or a database is sent again: every ten seconds, and at
  // once when the person comes back from the tab in which they signed in.
  const waiting = new Set();
  const later = (form) => {
    if (form) waiting.add(form);
  };
  const again = () => {
    for (const form of waiting) {
      waiting.delete(form);
      if (form.isConnected) htmx.trigger(form, "save-again");
    }
  };
  setInterval(again, 10_000);
  window.addEventListener("focus", again);
  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) again();
  });

  // Signing in again changes the token that proves where a form comes from; the refusal brings the new one along.
  const renewToken = (token) => {
    const held = document.body.getAttribute("hx-headers");
    if (held) document.body.setAttribute("hx-headers", JSON.stringify({ ...JSON.parse(held), "X-CSRFToken": token }));
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
  };
  let renewed = 0;

  // An answer that was sent without a word from the server may have been kept all the same. The page says so with its
  // next one, or it would take its own answer for another window's.
  const unheard = (form, parameters) => {
    const field = form?.querySelector("[data-unheard]");
    if (!field || !parameters) return;
    const sent = new URLSearchParams();
    for (const [name, value] of parameters.entries()) {
      if (!["base", "sent", "csrfmiddlewaretoken"].includes(name)) sent.append(name, value);
    }
    const before = field.value ? JSON.parse(field.value) : [];
    field.value = JSON.stringify([...before, sent.toString()].slice(-5));
  };
  const heard = (form) => {
    const field = form?.querySelector("[data-unheard]");
    if (field) field.value = "";
  };
  const sentBy = ({ requestConfig }) => requestConfig?.formData;

  document.addEventListener("htmx:beforeRequest", (event) => tell(event.detail.elt, "Saving…"));

  document.addEventListener("htmx:beforeSwap", (event) => {
    // Swapping the sign-in page into the form would wipe what was typed.
    if (!ledAway(event.detail)) return;
    const saves = event.detail.requestConfig.elt.closest("[data-autosave]");
    const signedOut = new URL(event.detail.xhr.responseURL).pathname.startsWith("/account/");
    if (saves || signedOut) event.detail.shouldSwap = false;
    if (signedOut && !saves) tellOnPage(LEFT_OUT);
  });

  // What a button outside of [data-autosave] came to, where it came to nothing.
  const pressed = ({ elt, requestConfig }) =>
    !elt.closest("[data-autosave]") && ["change", "click", "submit"].includes(requestConfig?.triggeringEvent?.type);
  const tellOnPage = (text) => {
    const messages = document.getElementById("messages");
    messages?.querySelector("[data-no-answer]")?.remove();
    if (!text || !messages) return;
    const notice = document.createElement("div");
    notice.className = "notice is-weigh";
    notice.dataset.noAnswer = "";
    const words = document.createElement("p");
    words.className = "notice-text";
    words.textContent = text;
    notice.append(words);
    messages.append(notice);
    notice.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr, successful } = event.detail;
    if (!successful) return;
    const form = elt.closest("form");
    if (pressed(event.detail) && !ledAway(event.detail)) tellOnPage("");
    if (ledAway(event.detail)) {
      tell(elt, SIGNED_OUT, true);
      later(form);
      return;
    }
    if (form) {
      // Only a form that saves itself is saved by an answer; one that brings a new row has changed the page alone.
      if (form.matches("[data-autosave]")) unsaved.delete(form);
      waiting.delete(form);
    }
    heard(form);
    renewed = 0;
    // The server's own time names the site's zone; this browser's clock is the second best.
    const at = xhr.getResponseHeader("X-Saved-At") || clock.format(new Date());
    tell(elt, `Saved ${at}`, at.includes("except"));
  });

  const failedUnheard = (event) => {
    const form = event.detail.elt.closest("form");
    unheard(form, sentBy(event.detail));
    later(form);
    tell(event.detail.elt, OFFLINE, true);
    if (pressed(event.detail)) tellOnPage(NO_ANSWER);
  };
  document.addEventListener("htmx:sendError", failedUnheard);
  document.addEventListener("htmx:timeout", failedUnheard);

  document.addEventListener("htmx:responseError", (event) => {
    const { elt, xhr } = event.detail;
    const form = elt.closest("form");
    const token = xhr.getResponseHeader("X-New-Token");
    if (token && pressed(event.detail)) {
      renewToken(token);
      tellOnPage(AGAIN);
      return;
    }
    if (token && form?.matches("[data-autosave]")) {
      if (renewed > 2) {
        tell(elt, OLD_PAGE, true);
        return;
      }
      renewed += 1;
      renewToken(token);
      setTimeout(() => htmx.trigger(form, "save-again"));
      return;
    }
    if (xhr.status >= 500) unheard(form, sentBy(event.detail));
    if (xhr.status === 401 || xhr.status === 503) later(form);
    tell(elt, WORDS[xhr.status] || (xhr.status >= 500 ? FAULT : REFUSED), true);
    const cameTo = xhr.status >= 500 ? NOT_DONE : xhr.status === 401 ? LEFT_OUT : NOT_TAKEN;
    if (pressed(event.detail)) tellOnPage(cameTo);
  });

  // A link to a question puts the cursor into its field, wherever it is folded away.
  const goTo = (place) => {
    const around = place.matches("span") && !place.children.length ? place.parentElement : place;
    for (let fold = around.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    around.scrollIntoView({ block: "center" });
    const field = "input:not([type=hidden]), select, textarea, button:not([tabindex='-1']), a";
    (around.matches(field) ? around : around.querySelector(field))?.focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#div_id_'], .error-summary a[href^='#']");
    const place = link && document.getElementById(link.hash.slice(1));
    if (!place) return;
    event.preventDefault();
    goTo(place);
  });
  const asked = location.hash.startsWith("#div_id_") && document.getElementById(location.hash.slice(1));
  if (asked) goTo(asked);

  // What is wrong is read first: the summary takes the focus, as `autofocus` has it where no script runs.
  const summary = document.getElementById("error-summary");
  summary?.focus();
  // Where the address names a part of the page, the browser gives the focus to that part as it is shown: it is taken
  // back from there, and from nowhere else.
  const takeBack = () => document.activeElement?.id === location.hash.slice(1) && summary.focus();
  if (summary && location.hash) addEventListener("load", () => requestAnimationFrame(takeBack));
})();
