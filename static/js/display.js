// The server saved a theme or a look. The page takes it without a reload.
document.addEventListener("display-chosen", ({ detail: { theme, look } }) => {
  Object.assign(document.documentElement.dataset, { theme, look });
});
