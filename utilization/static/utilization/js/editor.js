// The editor of a draft's file.
//
// <textarea data-editor>   holds the text, and is what the form sends. With a mouse or a trackpad, Ace stands in its
//                          place, with line numbers and colours, and writes every change back into it at once. On a
//                          touch screen, and where Ace is not there, the textarea itself is typed in.
// <a data-line="12">       leads to its line; a fault, within [data-faults], is marked there too. Without a script the
//                          link leads to the numbered text below the editor, which says the same.
// [data-editor-help]       the keys, shown where they work; [data-editor-place] tells where the cursor is, and
//                          [data-editor-fault] what is wrong with its line.
// form[data-faults-from]   where a pause in typing asks what is wrong by now; it comes into [data-faults], and its count
//                          into [data-faults-told].
// Where the cursor stood is kept over a save, in this tab alone; what was typed is not.
(() => {
  "use strict";
  const area = document.querySelector("textarea[data-editor]");
  if (!area) return;
  const CURSOR = "ivig-editor-cursor";
  const file = area.form.elements.namedItem("path").value;
  const box = document.querySelector("[data-faults]");
  const PAUSE = 1500;

  const inTextarea = () => ({
    goTo(line) {
      const lines = area.value.split("\n");
      const last = Math.min(Math.max(line, 1), lines.length);
      const from = lines.slice(0, last - 1).reduce((sum, text) => sum + text.length + 1, 0);
      area.focus();
      area.setSelectionRange(from, from + lines[last - 1].length);
      area.scrollTop = Math.max(0, (last - 4) * parseFloat(getComputedStyle(area).lineHeight));
    },
  });

  // Ace loads these by scripts of their own, which are not served, or takes keys that belong to the browser.
  const UNUSED = ["showSettingsMenu", "openCommandPalette", "gotoline", "goToNextError", "goToPreviousError"];

  const edited = () => {
    ace.config.set("useStrictCSP", true);
    const place = document.createElement("div");
    place.className = "editor-rich";
    area.before(place);
    const session = ace.createEditSession(area.value.split("\n"));
    session.setOptions({ useWorker: false, tabSize: 2, useSoftTabs: true, wrap: true, newLineMode: "unix" });
    session.setMode("ace/mode/yaml");
    const label = document.querySelector(`label[for="${area.id}"]`);
    const editor = ace.edit(place, {
      session,
      minLines: 14,
      maxLines: 34,
      behavioursEnabled: false,
      showPrintMargin: false,
      showFoldWidgets: false,
      textInputAriaLabel: label.textContent.trim(),
    });
    editor.setTheme({ cssClass: "editor-theme", cssText: "", isDark: false });
    for (const name of UNUSED) editor.commands.removeCommand(name);
    // Tab leaves the editor, as it leaves every other field.
    editor.commands.bindKeys({ Tab: null, "Shift-Tab": null });
    // Ace names its field when it is made, before it knows the label.
    editor.textInput.setAriaLabel();
    label.addEventListener("click", () => editor.focus());
    area.hidden = true;
    document.getElementById("numbered")?.closest("section").classList.add("only-printed");
    return editor;
  };

  const keepTogether = (editor) => {
    editor.session.on("change", () => {
      area.value = editor.getValue();
      area.dispatchEvent(new Event("input", { bubbles: true }));
    });
    // A browser that brings the page back fills the textarea with what was typed before.
    globalThis.addEventListener("pageshow", () => {
      if (area.value !== editor.getValue()) editor.setValue(area.value, -1);
    });
  };

  // Each fault stays with its line while lines are typed above it.
  const marked = (editor) => {
    const { session } = editor;
    const faults = [];
    const { Range } = ace.require("ace/range");
    let shown = [];
    const mark = () => {
      for (const id of shown) session.removeMarker(id);
      const rows = faults.map((fault) => fault.anchor.row);
      shown = rows.map((row) => session.addMarker(new Range(row, 0, row, 1), "editor-fault", "fullLine"));
      session.setAnnotations(faults.map(({ text }, n) => ({ row: rows[n], column: 0, text, type: "error" })));
    };
    const read = () => {
      for (const fault of faults) fault.anchor.detach();
      faults.length = 0;
      for (const link of box.querySelectorAll("a[data-line]")) {
        const anchor = session.doc.createAnchor(Number(link.dataset.line) - 1, 0);
        anchor.on("change", mark);
        faults.push({ link, anchor, text: link.closest("li").querySelector(".fault-message").textContent.trim() });
      }
      mark();
    };
    read();
    return { faults, read };
  };

  const tellPlace = (editor, faults) => {
    const place = document.querySelector("[data-editor-place]");
    const wrong = document.querySelector("[data-editor-fault]");
    const tell = () => {
      const { row, column } = editor.getCursorPosition();
      place.textContent = `Line ${row + 1} of ${editor.session.getLength()}, column ${column + 1}`;
      const here = faults.filter((fault) => fault.anchor.row === row).map((fault) => fault.text).join(" ");
      if (wrong.textContent !== here) wrong.textContent = here;
    };
    editor.selection.on("changeCursor", tell);
    tell();
    return tell;
  };

  // The word at the cursor; where there is none, the first key of its line.
  const wordAt = (editor) => {
    const { row, column } = editor.getCursorPosition();
    const word = editor.session.getTextRange(editor.session.getWordRange(row, column)).trim();
    return /\w/.test(word) ? word : /\w+(?=:)/.exec(editor.session.getLine(row))?.[0] ?? "";
  };

  const addKeys = (editor, faults) => {
    const step = (forward) => {
      const rows = faults.map((fault) => fault.anchor.row).sort((a, b) => a - b);
      const { row } = editor.getCursorPosition();
      const next = forward ? rows.find((at) => at > row) ?? rows[0] : rows.findLast((at) => at < row) ?? rows.at(-1);
      if (next !== undefined) editor.gotoLine(next + 1, 0);
    };
    const add = (name, win, mac, exec) => editor.commands.addCommand({ name, bindKey: { win, mac }, exec });
    add("save", "Ctrl-S", "Command-S", () => area.form.requestSubmit());
    add("nextFault", "F8", "F8", () => step(true));
    add("previousFault", "Shift-F8", "Shift-F8", () => step(false));
    add(
      "lookUp",
      "F1",
      "F1",
      () => document.dispatchEvent(new CustomEvent("manual:look-up", { detail: wordAt(editor) })),
    );
  };

  // After a save the page is a new one: the cursor is where it was.
  const keepCursor = (editor) => {
    area.form.addEventListener("submit", () => {
      const at = {
        file,
        ...editor.getCursorPosition(),
        top: editor.session.getScrollTop(),
        typing: editor.isFocused(),
      };
      sessionStorage.setItem(CURSOR, JSON.stringify(at));
    });
    const kept = JSON.parse(sessionStorage.getItem(CURSOR) ?? "null");
    sessionStorage.removeItem(CURSOR);
    if (kept?.file !== file) return;
    editor.moveCursorTo(kept.row, kept.column);
    editor.session.setScrollTop(kept.top);
    if (kept.typing && !document.getElementById("error-summary")) editor.focus();
  };

  const inAce = () => {
    const editor = edited();
    const { faults, read } = marked(editor);
    keepTogether(editor);
    const tell = tellPlace(editor, faults);
    addKeys(editor, faults);
    keepCursor(editor);
    const help = document.querySelector("[data-editor-help]");
    help.hidden = false;
    editor.textInput.getElement().setAttribute("aria-describedby", help.id);
    const goTo = (line) => {
      editor.focus();
      editor.gotoLine(line, 0);
      editor.container.scrollIntoView({ block: "nearest" });
    };
    return {
      // The line of a fault moves with what is typed above it; that of a criterion is the one of the last save.
      goTo: (line, link) => goTo(1 + (faults.find((fault) => fault.link === link)?.anchor.row ?? line - 1)),
      focus: () => editor.focus(),
      told: () => {
        read();
        tell();
      },
    };
  };
  const typing = globalThis.ace && matchMedia("(pointer: fine)").matches ? inAce() : inTextarea();

  // What is wrong by now, once nobody has typed for a moment; one question at a time.
  const from = area.form.dataset.faultsFrom;
  let due = 0;
  let asking = false;
  const later = () => {
    clearTimeout(due);
    due = setTimeout(ask, PAUSE);
  };
  const show = (written, many) => {
    const { top } = area.form.getBoundingClientRect();
    box.innerHTML = written;
    // The text stays where it stood on the screen.
    scrollBy(0, area.form.getBoundingClientRect().top - top);
    document.querySelector("[data-faults-told]").textContent = many === "0" ? "It can be read." : `Faults: ${many}.`;
    typing.told?.();
  };
  const ask = async () => {
    if (asking) {
      later();
      return;
    }
    asking = true;
    const sent = area.value;
    try {
      const answer = await fetch(from, { method: "POST", body: new FormData(area.form) });
      const many = answer.headers.get("X-Faults");
      const written = await answer.text();
      // What was typed since, or somebody who reads the faults, is not disturbed by an answer to what stood before.
      if (many !== null && area.value === sent && !box.contains(document.activeElement)) show(written, many);
    } catch {
      // Without an answer, what is told stays.
    } finally {
      asking = false;
    }
  };
  if (from) {
    document.documentElement.style.overflowAnchor = "none";
    area.addEventListener("input", later);
    area.form.addEventListener("submit", () => clearTimeout(due));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (link) {
      event.preventDefault();
      typing.goTo(Number(link.dataset.line), link);
    } else if (typing.focus && event.target.closest(`a[href="#${area.id}"]`)) {
      event.preventDefault();
      typing.focus();
    }
  });

  const followHash = () => {
    const line = /^#L(\d+)$/.exec(location.hash);
    if (line) typing.goTo(Number(line[1]));
  };
  globalThis.addEventListener("hashchange", followHash);
  followHash();
})();
