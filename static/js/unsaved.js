// A dialog asks before it discards what the user entered. Long text survives sign-in.
const modal = document.getElementById("modal");
const unsaved = document.getElementById("unsaved");
const KEY = "unsaved-dialog";

// The text belongs to a dialog on a page. Another dialog of the tab replaces it.
const dialogKey = () => location.pathname + new URLSearchParams(location.search).get("open");
const stored = () => {
  const text = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  return text.of === dialogKey() ? text : null;
};
const forget = () => sessionStorage.removeItem(KEY);

modal?.addEventListener("dialog-typed", ({ detail }) => {
  sessionStorage.setItem(KEY, JSON.stringify({ of: dialogKey(), long: detail }));
});
if (modal?.open) {
  for (const [name, text] of Object.entries(stored()?.long ?? {})) {
    const control = modal.querySelector("form").elements[name];
    if (control) control.value = text;
  }
}
modal?.addEventListener("dialog-saved", forget);
modal?.addEventListener("dialog-opened", forget);
document.addEventListener("submit", ({ target }) => {
  if (target.matches("[action='/sign-out/']")) forget();
});

modal?.addEventListener("dialog-leaving", (event) => {
  if (!stored()) return;
  event.preventDefault();
  unsaved.returnValue = "";
  unsaved.showModal();
});
unsaved?.addEventListener("close", () => unsaved.returnValue && modal.close());
