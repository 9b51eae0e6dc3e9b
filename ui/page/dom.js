// What every part of the page needs: to make elements and to ask the server. Text goes in as text, never as HTML.
(() => {
  "use strict";

  // element("p", {class: "x", onclick: f}, child, "text")
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== null) made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  // JSON, or the bytes of a File or Blob; an answer that tells of an error is thrown as that error.
  async function send(url, body, method = "POST") {
    const binary = body instanceof Blob;
    const type = binary ? "application/octet-stream" : "application/json";
    const answer = await fetch(url, { method, headers: { "Content-Type": type }, body: binary ? body : JSON.stringify(body) });
    const content = await answer.json();
    if (!answer.ok) throw new Error(content.error.message);
    return content;
  }

  // A button that opens the browser's chooser of files.
  function fileButton(label, attributes, picked) {
    const input = element("input", { type: "file", hidden: "", tabindex: "-1", ...attributes });
    input.addEventListener("change", () => {
      if (input.files.length) picked(input.files);
      input.value = "";
    });
    return [element("button", { type: "button", class: "tool", onclick: () => input.click() }, label), input];
  }

  // Typing into a field of Gradio's, which listens to the field itself.
  function type(field, text) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  Object.assign(window.polyphone, { element, fileButton, send, type });
})();
