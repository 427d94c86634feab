// The API documents: our own description, drawn by the Swagger UI beside this file.
window.addEventListener("load", () => {
  const place = document.getElementById("swagger-ui");
  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.description,
    deepLinking: true,
    docExpansion: "list",
    validatorUrl: null, // the default sends our description to a stranger
    persistAuthorization: false, // a token in a shared computer's storage is a token given away
  });
});
