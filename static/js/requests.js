// Events that the server sends with its responses.

// Download a file. The page stays open.
// Going to the file would be stopped by going back, which closing a dialog does.
document.addEventListener("download", ({ detail: { url } }) => {
  const link = document.createElement("a");
  link.href = url;
  link.download = "";
  link.click();
});

// A request that an event triggers sends the event's `shown`, the row that the list must show.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const { shown } = detail.triggeringEvent?.detail ?? {};
  if (shown) detail.parameters.set("shown", shown);
});
