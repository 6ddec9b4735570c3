// The text area becomes an editor with the checker beside it. Without this file the page works
// as a plain form.
import {
  EditorState, EditorView, HighlightStyle, Language, defaultKeymap, defineLanguageFacet,
  drawSelection, highlightActiveLine, highlightSpecialChars, history, historyKeymap, keymap,
  lineNumbers, lintGutter, lintKeymap, markdownParser, search, searchKeymap, setDiagnostics,
  syntaxHighlighting, tags,
} from "./codemirror.js";

const PAUSE = 350; // ms after the last key: long enough to type a word in
const WEIGHTS = { error: "error", warning: "warning", note: "info" };

const form = document.getElementById("editor");
const area = form.querySelector("textarea[name=text]");
const list = document.getElementById("findings");
const count = document.getElementById("findings-count");
let began = area.value;
let leaving = false;
let asked = null;
let waiting = 0;

const style = HighlightStyle.define([
  { tag: tags.heading, fontWeight: "700" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.strong, fontWeight: "700" },
  { tag: [tags.link, tags.url], color: "var(--accent)" },
  { tag: [tags.processingInstruction, tags.meta], color: "var(--quiet)" },
]);
const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--paper)" },
  "&.cm-focused": { outline: "2px solid var(--accent)" },
  ".cm-scroller": { fontFamily: "ui-monospace, monospace", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--paper)", color: "var(--quiet)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--accent-wash)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 30%, transparent)" },
  ".cm-tooltip, .cm-panels": { color: "var(--ink)", backgroundColor: "var(--paper)", border: "1px solid var(--quiet)" },
  ".cm-tooltip": { maxWidth: "min(34rem, 90vw)" },
  ".cm-diagnostic p": { margin: "0.2rem 0" },
  ".cm-diagnosticAction": { backgroundColor: "var(--accent)", color: "var(--paper)" },
});
const markdown = new Language(defineLanguageFacet(), markdownParser, [], "markdown");

const view = new EditorView({
  parent: area.parentElement,
  state: EditorState.create({
    doc: area.value,
    extensions: [
      EditorView.cspNonce.of(form.dataset.nonce),
      lineNumbers(), lintGutter(), history(), drawSelection(), highlightActiveLine(),
      highlightSpecialChars(), EditorView.lineWrapping, markdown, syntaxHighlighting(style), look,
      search({ top: true }),
      keymap.of([
        { key: "Mod-s", run: () => { press("save"); return true; }, preventDefault: true },
        ...defaultKeymap, ...historyKeymap, ...searchKeymap, ...lintKeymap,
      ]),
      EditorView.contentAttributes.of({
        "aria-label": "Text of the page (Markdown)", spellcheck: "true", autocorrect: "on",
        autocapitalize: "on", tabindex: "0",
      }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        area.value = update.state.doc.toString();
        clearTimeout(waiting);
        waiting = setTimeout(check, PAUSE);
      }),
    ],
  }),
});
area.classList.add("is-replaced");
area.parentElement.querySelector("label").addEventListener("click", () => view.focus());
form.querySelector("button[value=check]").hidden = true;

function press(what) {
  form.querySelector(`button[value=${what}]`)?.click();
}

async function check() {
  asked?.abort();
  asked = new AbortController();
  const text = area.value;
  try {
    const answer = await fetch(form.dataset.check, {
      method: "POST",
      body: new URLSearchParams({ text }),
      headers: { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value },
      signal: asked.signal,
    });
    if (answer.redirected || !answer.ok) throw new Error("refused");
    const told = await answer.json();
    if (text === area.value) show(told);
  } catch (error) {
    if (error.name !== "AbortError") {
      count.textContent = "The check did not answer. Save your text; you may have been logged out.";
    }
  }
}

function show({ findings, problem }) {
  const length = view.state.doc.length;
  const within = (at) => Math.min(at, length);
  view.dispatch(setDiagnostics(view.state, findings.map((f) => ({
    from: within(f.from),
    to: within(f.to),
    severity: WEIGHTS[f.severity],
    message: f.message,
    source: f.code,
    renderMessage: () => told(f),
    actions: f.fix ? [{ name: named(f.fix), apply: () => mend(f.fix) }] : [],
  }))));
  const n = findings.length;
  count.textContent = problem || (n ? `${n} finding${n === 1 ? "" : "s"}.` : "Nothing found.");
  list.replaceChildren(...findings.map(listed));
}

const named = (fix) => (fix.text ? `Write “${fix.text}”` : "Take the words out");

function mend(fix) {
  view.dispatch({ changes: { from: fix.from, to: fix.to, insert: fix.text } });
  view.focus();
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function told(f) {
  const box = element("div");
  box.append(element("p", f.message));
  if (f.found) box.append(element("p", f.found));
  if (f.so) box.append(element("p", `So: ${f.so}.`));
  if (f.help) box.append(element("p", `What to do: ${f.help}.`));
  return box;
}

function listed(f) {
  const item = element("li", "", f.severity);
  const there = element("button", `line ${f.line}`, "link");
  there.type = "button";
  there.addEventListener("click", () => {
    view.dispatch({ selection: { anchor: f.from, head: f.to }, scrollIntoView: true });
    view.focus();
  });
  item.append(element("strong", `${f.severity} ${f.code} `), there, ...told(f).childNodes);
  if (f.fix) {
    const button = element("button", named(f.fix));
    button.type = "button";
    button.addEventListener("click", () => mend(f.fix));
    item.append(button);
  }
  return item;
}

form.addEventListener("submit", (event) => { leaving = event.submitter?.id !== "show"; });
window.addEventListener("beforeunload", (event) => {
  if (!leaving && area.value !== began) event.preventDefault();
});
check();
