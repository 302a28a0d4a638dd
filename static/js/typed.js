// Text typed during a request stays, even if the response replaces its field.
const sentValues = new WeakMap();
const typedValues = new WeakMap();
const textFields = (root) =>
  root?.querySelectorAll?.("input:is([type=text], [type=number]), textarea") ?? [];
const valuesIn = (root) => new Map([...textFields(root)].map(({ name, value }) => [name, value]));

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  sentValues.set(detail.xhr, valuesIn(detail.target));
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const sent = sentValues.get(detail.xhr);
  if (!sent || !detail.target.id) return;
  const typed = [...valuesIn(detail.target)].filter(
    ([name, value]) => name && sent.has(name) && sent.get(name) !== value,
  );
  if (typed.length > 0) typedValues.set(detail.xhr, new Map(typed));
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const typed = typedValues.get(detail.xhr);
  if (!typed) return;
  typedValues.delete(detail.xhr);
  for (const field of textFields(document.getElementById(detail.target.id))) {
    if (!typed.has(field.name) || field.value === typed.get(field.name)) continue;
    field.value = typed.get(field.name);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
