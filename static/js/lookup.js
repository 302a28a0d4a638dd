// A lookup: an input that lists what the server finds, and accepts only a listed option.
const partsOf = (root) => ({
  root,
  container: root.querySelector(".slds-combobox_container"),
  combobox: root.querySelector(".slds-combobox"),
  element: root.querySelector(".slds-combobox__form-element"),
  input: root.querySelector("[role=combobox]"),
  value: root.querySelector("input[type=hidden]"),
  list: root.querySelector("[data-listbox]"),
});
const partsAround = (element) => {
  const root = element.closest?.("[data-lookup]");
  return root && partsOf(root);
};
const optionsOf = ({ list }) => [...list.querySelectorAll("[role=option]")];
const isOpen = ({ combobox }) => combobox.classList.contains("slds-is-open");

const setOpen = ({ combobox, input }, open) => {
  combobox.classList.toggle("slds-is-open", open);
  input.setAttribute("aria-expanded", open);
  if (!open) input.removeAttribute("aria-activedescendant");
};
const open = (lookup) => {
  if (lookup.value.value || isOpen(lookup)) return;
  setOpen(lookup, true);
  lookup.input.dispatchEvent(new Event("lookup-opened"));
};
const close = (lookup) => setOpen(lookup, false);

const highlight = (lookup, option) => {
  for (const other of optionsOf(lookup)) {
    other.classList.toggle("slds-has-focus", other === option);
    other.setAttribute("aria-selected", other === option);
  }
  if (!option) return lookup.input.removeAttribute("aria-activedescendant");
  lookup.input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
};
const highlighted = (lookup) => lookup.list.querySelector(".slds-has-focus");

const hold = ({ root, container, element, input, value }, { id, label }) => {
  const isChosen = Boolean(id);
  value.value = id;
  input.value = label;
  input.readOnly = isChosen;
  container.classList.toggle("slds-has-selection", isChosen);
  input.classList.toggle("slds-combobox__input-value", isChosen);
  element.classList.toggle("slds-input-has-icon_left-right", isChosen);
  element.classList.toggle("slds-input-has-icon_right", !isChosen);
  root.dispatchEvent(new Event("lookup-changed", { bubbles: true }));
};
const choose = (lookup, option) => {
  close(lookup);
  hold(lookup, { id: option.dataset.value, label: option.dataset.label });
};
const clear = (lookup) => {
  hold(lookup, { id: "", label: "" });
  lookup.input.focus();
  open(lookup);
};

const step = (lookup, by) => {
  const options = optionsOf(lookup),
    at = options.indexOf(highlighted(lookup));
  const next = at < 0 && by < 0 ? options.length - 1 : (at + by + options.length) % options.length;
  highlight(lookup, options[next]);
};

// A chosen option can only be cleared. Without JavaScript, the user edits its name and searches.
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  for (const root of elt.querySelectorAll("[data-lookup]")) {
    const { input, value } = partsOf(root);
    input.readOnly = Boolean(value.value);
  }
});
// Close the list when the focus or the pointer goes elsewhere.
const closeOthers = ({ target }) => {
  for (const root of document.querySelectorAll("[data-lookup]"))
    if (!root.contains(target)) close(partsOf(root));
};
document.addEventListener("focusin", closeOthers);
document.addEventListener("mousedown", closeOthers);
document.addEventListener("click", ({ target }) => {
  const lookup = partsAround(target);
  if (!lookup) return;
  const option = target.closest("[role=option]");
  if (option) {
    choose(lookup, option);
    lookup.input.focus();
  } else if (target.closest("[data-clear-lookup]")) clear(lookup);
  else if (target === lookup.input) open(lookup);
});
// A mouse press on the list doesn't take the focus from the input.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-listbox]") && !event.target.closest("a")) event.preventDefault();
});
document.addEventListener("input", ({ target }) => {
  const lookup = target.matches("[role=combobox]") && partsAround(target);
  if (!lookup) return;
  setOpen(lookup, true);
  lookup.input.dispatchEvent(new Event("lookup-typed"));
});
document.addEventListener("keydown", (event) => {
  const lookup = event.target.matches?.("[role=combobox]") && partsAround(event.target);
  if (!lookup) return;
  const isChosen = Boolean(lookup.value.value),
    option = highlighted(lookup);
  const actions = {
    ArrowDown: () => (isOpen(lookup) ? step(lookup, 1) : open(lookup)),
    ArrowUp: () => (isOpen(lookup) ? step(lookup, -1) : open(lookup)),
    // With an open list, Enter chooses an option and doesn't submit the form.
    Enter: () => isOpen(lookup) && option && choose(lookup, option),
    Escape: () => close(lookup),
    Delete: () => clear(lookup),
    Backspace: () => clear(lookup),
  };
  if (event.key === "Tab") {
    // If nothing was found, the list has a link to the reason. Tab moves to the link.
    if (isOpen(lookup) && lookup.list.querySelector("a")) return;
    if (isOpen(lookup) && option) choose(lookup, option);
    return close(lookup);
  }
  if (["Delete", "Backspace"].includes(event.key) && !isChosen) return;
  if (["ArrowDown", "ArrowUp"].includes(event.key) && isChosen) return;
  if (event.key === "Escape" && !isOpen(lookup)) return;
  if (event.key === "Enter" && !isOpen(lookup)) return;
  if (!actions[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  actions[event.key]();
});

// A new list keeps the highlighted option if it's still listed. Until the list has settled,
// htmx copies an old option's attributes to the new option with the same ID.
document.addEventListener("htmx:afterSettle", ({ target }) => {
  const lookup = target.matches?.("[data-listbox]") && partsAround(target);
  if (!lookup) return;
  const before = lookup.input.getAttribute("aria-activedescendant");
  highlight(lookup, before && document.getElementById(before));
});

// A search sends only the entered text, without the form's other fields.
document.addEventListener("htmx:configRequest", ({ target, detail }) => {
  if (!target.matches("[role=combobox]")) return;
  for (const name of [...detail.parameters.keys()]) detail.parameters.delete(name);
  detail.parameters.set("q", target.value);
});
