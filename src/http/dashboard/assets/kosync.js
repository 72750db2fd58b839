// Behind a proxy that takes a prefix off, only the browser knows the whole address of this server.
document.querySelectorAll("[data-base]").forEach(function (element) {
  element.textContent = new URL(element.getAttribute("data-base"), location.href).href.replace(/\/$/, "");
});
