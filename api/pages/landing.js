const form = document.getElementById("example");
const answer = document.getElementById("answer");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  answer.textContent = answer.dataset.waiting;
  try {
    const response = await fetch(form.action, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Accept": "application/graphql-response+json, application/json",
        "Accept-Language": document.documentElement.lang,
      },
      body: JSON.stringify({ query: form.elements.query.value }),
    });
    answer.textContent = JSON.stringify(await response.json(), null, 2);
  } catch {
    answer.textContent = answer.dataset.unreachable;
  }
});
