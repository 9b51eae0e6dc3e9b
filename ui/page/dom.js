// @ts-check
// Making elements and finding those that Gradio draws. Text goes in as text, never as HTML.

/**
 * element("p", {class: "x", onclick: f}, child, "text")
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | null | ((event: any) => unknown)>} attributes null leaves one out
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value !== null) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/**
 * What the page cannot be without.
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function find(selector) {
  const found = document.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`the page has no ${selector}`);
  return found;
}

/**
 * The field of a form that a selector names.
 * @param {string} selector
 * @returns {HTMLInputElement | HTMLTextAreaElement}
 */
export function findField(selector) {
  const found = find(selector);
  if (found instanceof HTMLInputElement || found instanceof HTMLTextAreaElement) return found;
  throw new Error(`${selector} is no field`);
}

/**
 * An id for an element that others refer to.
 * @param {string} prefix
 */
export const uniqueId = (prefix) => `${prefix}-${Math.random().toString(36).slice(2)}`;

/**
 * A field with its label, and a hint where one helps.
 * @param {string} label
 * @param {HTMLElement} field
 * @param {string} hint
 */
export const labelled = (label, field, hint = "") =>
  element("label", { class: "voice-field" }, element("span", {}, label), field, ...(hint ? [element("small", {}, hint)] : []));

/**
 * A button that opens the browser's chooser of files, and the hidden field behind it.
 * @param {string} label
 * @param {Record<string, string>} attributes
 * @param {(files: FileList) => unknown} picked
 * @returns {[HTMLButtonElement, HTMLInputElement]}
 */
export function fileButton(label, attributes, picked) {
  const input = element("input", { type: "file", hidden: "", tabindex: "-1", ...attributes });
  input.addEventListener("change", () => {
    if (input.files?.length) picked(input.files);
    input.value = "";
  });
  return [element("button", { type: "button", class: "tool", onclick: () => input.click() }, label), input];
}

/**
 * Escape within an element closes what is open there; only where nothing is does anybody else hear of it.
 * @param {HTMLElement} node
 * @param {() => boolean} close returns whether there was anything to close
 */
export function onEscape(node, close) {
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !close()) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/**
 * Typing into a field of Gradio's, which listens to the field itself.
 * @param {HTMLInputElement | HTMLTextAreaElement} field
 * @param {string} text
 */
export function type(field, text) {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * A row of radios that look like pills; `picked` hears of the key of a choice. A `note` stands small beside a label.
 * @param {string} label
 * @param {{key: string, label: string, note?: string, kind?: string}[]} entries
 * @param {string} chosen
 * @param {(key: string) => void} picked
 */
export function pills(label, entries, chosen, picked) {
  const name = uniqueId("studio-pills");
  const options = entries.map((entry) => {
    const input = element("input", { type: "radio", name, value: entry.key, onchange: () => picked(entry.key) });
    input.checked = entry.key === chosen;
    return element("label", { class: entry.kind || null }, input, element("span", {}, entry.label), ...(entry.note ? [element("small", {}, entry.note)] : []));
  });
  return element("fieldset", { class: "pills", role: "radiogroup", "aria-label": label }, element("legend", {}, label), element("div", {}, ...options));
}

/**
 * Text onto the clipboard; without leave for it, as on a page without https, through a selection.
 * @param {string} text
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = element("textarea", { readonly: "", class: "unseen" });
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}
