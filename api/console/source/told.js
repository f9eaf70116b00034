// What the server told: language, texts, examples, and where people sign in.
export const { language, texts, examples, login } = JSON.parse(
  document.getElementById("told").textContent,
);
