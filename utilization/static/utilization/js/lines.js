// A fault names its line: its link puts the cursor there in the editor. Without a script the link leads to the numbered
// text below the editor, which says the same.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    const editor = document.querySelector("textarea[data-editor]");
    if (!link || !editor) return;
    event.preventDefault();
    const lines = editor.value.split("\n");
    const line = Math.min(Math.max(Number(link.dataset.line), 1), lines.length);
    const from = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    editor.focus();
    editor.setSelectionRange(from, from + lines[line - 1].length);
    editor.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(editor).lineHeight));
  });
})();
