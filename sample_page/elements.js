/** Elements of the page. Text stays text: nothing that comes from data is ever read as HTML. */

/** properties: of the element, but for `class`; children: elements and texts. */
export function element(tag, { class: classes = "", ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  if (classes) made.className = classes;
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** A button that can be pressed once; afterwards it says `done`, and keeps the focus. */
export function onceButton(name, done, label, act) {
  const button = element("button", { type: "button" }, name);
  button.setAttribute("aria-label", `${name}: ${label}`);
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    button.setAttribute("aria-label", `${done}: ${label}`);
    button.textContent = done;
    act(button);
  });
  return button;
}

export const nothing = (text) => element("li", { class: "empty" }, text);
