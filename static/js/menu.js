// Menus are <details> elements, which work without JavaScript. This adds keyboard control.
const menus = "details.menu";
const itemsOf = (menu) => [...menu.querySelectorAll("[role=menuitem]")];

document.addEventListener("toggle", ({ target: menu }) => {
  if (!menu.matches?.(menus) || !menu.open) return;
  for (const other of document.querySelectorAll(`${menus}[open]`)) other.open = other === menu;
  if (!menu.contains(document.activeElement) || document.activeElement.matches("summary"))
    itemsOf(menu)[0]?.focus();
}, true);

const closeAll = () => {
  for (const menu of document.querySelectorAll(`${menus}[open]`)) menu.open = false;
};
document.addEventListener("click", (event) => {
  const menu = event.target.closest(menus);
  if (!menu) closeAll();
  // The chosen item opens a dialog, which later returns the focus to the menu's button.
  else if (event.target.closest("[role=menuitem]")) {
    menu.querySelector("summary").focus();
    menu.open = false;
  }
}, true);
document.addEventListener("focusin", (event) => {
  for (const menu of document.querySelectorAll(`${menus}[open]`))
    if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(menus);
  if (!menu || event.ctrlKey || event.metaKey || event.altKey) return;
  const items = itemsOf(menu),
    at = items.indexOf(document.activeElement);
  const go = (index) => {
    event.preventDefault();
    menu.open = true;
    items.at(index % items.length)?.focus();
  };
  if (event.key === "Tab" && menu.open && items.length) {
    // From the menu's button, Tab moves to the element after the menu.
    menu.querySelector("summary").focus();
    menu.open = false;
  } else if (event.key === "Escape" && menu.open) {
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (items.length === 0) return;
  else if (event.key === "ArrowDown") go(at + 1);
  else if (event.key === "ArrowUp") go(at < 0 ? -1 : at - 1 + items.length);
  else if (event.key === "Home" && menu.open) go(0);
  else if (event.key === "End" && menu.open) go(-1);
  else if (event.key === " " && at >= 0) {
    event.preventDefault();
    document.activeElement.click();
  } else if (event.key.length === 1 && at >= 0) {
    const letter = event.key.toLowerCase();
    const next = [...items.slice(at + 1), ...items.slice(0, at + 1)]
      .find((item) => item.textContent.trim().toLowerCase().startsWith(letter));
    next?.focus();
  }
});
